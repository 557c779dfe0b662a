// Whoever stands on a control that an answer of the server draws anew, or takes away, goes on in its place, at what is next
// there. So the keys never fall back to the top of the page.
(() => {
  const NEXT = {
    "[data-field]": [".field-error button", ".form-control, .form-select"],
    "#initial-message": ["[name=name]", "a, button"],
    "[data-comments]": ["#comment-new"],
    dialog: [".btn-primary", "button"],
  };
  /** Of several fixes one goes on at the same one. */
  const SAME = "[data-field]";
  const named = (control) => control.getAttribute("aria-label") ?? control.textContent.trim();
  let stood = null;

  function stand({ target }) {
    const control = target.closest?.("a, button, summary");
    const kind = control && Object.keys(NEXT).find((place) => control.closest(place));
    stood = kind ? { control, kind, name: named(control), place: control.closest(kind) } : null;
  }

  // A pressed button has no focus in every browser.
  document.addEventListener("focusin", stand);
  document.addEventListener("click", stand);

  function drawnAnew({ id, dataset: { field } }) {
    return id ? document.getElementById(id) : document.querySelector(`[data-field="${CSS.escape(field ?? "")}"]`);
  }

  document.addEventListener("htmx:after:swap", () => {
    if (!stood || stood.control.isConnected || document.activeElement !== document.body) return;
    const { kind, name, place } = stood, here = place.isConnected ? place : drawnAnew(place);
    if (!here) return;
    const same = kind === SAME && [...here.querySelectorAll("a, button, summary")].find((one) => named(one) === name);
    const next = NEXT[kind].map((one) => here.querySelector(one)).find(Boolean);
    (same || next)?.focus();
  });

  // A dialog whose content comes from the server begins there, not at the button that closes it.
  let opened = null;
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest?.("[data-dialog]");
    opened = opener ? document.getElementById(opener.dataset.dialog) : null;
  });
  document.addEventListener("keydown", ({ key }) => key === "Tab" && (opened = null));
  document.addEventListener("htmx:after:swap", () => {
    if (!opened?.open || !document.activeElement?.matches("dialog > header [data-close]")) return;
    const first = NEXT.dialog.map((one) => opened.querySelector(`.dialog-body ${one}`)).find(Boolean);
    if (!first) return;
    first.focus({ preventScroll: true });
    opened = null;
  });
})();
