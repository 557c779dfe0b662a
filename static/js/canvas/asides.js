// The list of checks and the history: both open at the same place, so one at a time.

/** Asked for from elsewhere while it is open, the keys go there. */
export function openAside(one, other) {
  if (!one.el.hidden && !one.el.contains(document.activeElement) && document.activeElement !== one.button) return one.enter();
  if (!other.el.hidden) other.toggle(false);
  const { sheet } = one.canvas.panel;
  if (one.el.hidden && sheet.isOver) sheet.hide(); // There is no room for both.
  one.before = document.activeElement;
  one.toggle();
}

/** Close whichever is open. */
export function closeAsides(...all) {
  for (const one of all) if (!one.el.hidden) one.toggle(false);
}

/** The keys go on where they were before it was opened. */
export function leaveAside({ el, before, button }) {
  if (!el.contains(document.activeElement)) return;
  before?.focus({ preventScroll: true });
  if (el.contains(document.activeElement)) button.focus();
}
