// From the canvas to the outline and back one goes on at the same step: its id goes along in the address, and is taken out of that again.

const LINKS = "[data-outline], [data-canvas-page]", STEP = "step";

/** The step at which somebody was on the other page, if it is there. */
export function cross({ board }) {
  document.addEventListener("click", ({ target }) => {
    const link = target.closest(LINKS), id = board.selected?.id ?? idOf(document.activeElement);
    if (link) link.search = id ? new URLSearchParams({ [STEP]: id }) : "";
  }, true);
  const { pathname, search, hash } = location;
  if (search) history.replaceState(history.state, "", pathname + hash);
  return board.nodes.get(new URLSearchParams(search).get(STEP));
}

/** The step that has the focus, on the canvas or in the list. */
function idOf(el) {
  return el.closest("[data-step]")?.dataset.step ?? el.closest(".step")?.dataset.id;
}
