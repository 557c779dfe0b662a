// Keys of the outline: from step to step, moved, copied and removed; what the clipboard is told goes by its own events.

import { copy, listenClipboard, paste } from "./clipboard.js";
import { isTyping } from "./typing.js";

const FIELDS = "input, textarea, select";

export function listenRows(outline) {
  outline.root.addEventListener("keydown", (event) => onKey(outline, event));
  outline.actions = {
    copy: () => copy(outline, chosen(outline)),
    cut: async () => (await outline.actions.copy()) && chosen(outline).forEach((id) => outline.remove(id)),
    paste: (event) => paste(outline, event),
  };
  listenClipboard(outline);
}

/** The step whose row has the focus, otherwise the one whose panel is open; never the one that opens the flow. */
function chosen({ board, panel }) {
  const id = document.activeElement?.closest("[data-step]")?.dataset.step ?? panel.shown;
  return board.nodes.has(id) && !board.nodes.get(id).isStart ? [id] : [];
}

function onKey(outline, event) {
  const row = event.target.closest("[data-step]");
  if (event.ctrlKey || event.metaKey) return withCtrl(outline, event, row);
  if (event.key === "Escape" && event.target.closest(".outline-lead")) outline.list.querySelector("[data-give-up]").click();
  if (!event.target.matches(".outline-name")) return;
  const isUp = event.key === "ArrowUp", { step } = row.dataset;
  if (isUp || event.key === "ArrowDown") {
    event.preventDefault();
    if (event.altKey) return row.querySelector(isUp ? "[value=up]" : "[value=down]")?.click();
    outline.focusName(outline.ids[outline.ids.indexOf(step) + (isUp ? -1 : 1)]);
  } else if (event.key === "Delete" && !outline.board.nodes.get(step).isStart) {
    event.preventDefault();
    outline.remove(step);
  }
}

function withCtrl(outline, event, row) {
  const key = event.key.toLowerCase();
  const kind = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
  if (event.target.closest(FIELDS) && (!kind || isTyping(event.target))) return;
  if (key === "d" && row) (event.preventDefault(), outline.duplicate(row.dataset.step));
  else if (kind) (event.preventDefault(), outline.sync.send({ kind }));
}
