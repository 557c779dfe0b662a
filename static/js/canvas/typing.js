// Whether somebody is at words in a field: then keys that undo mean these words, and everywhere else the flow.

const WORDS = "textarea, input:not([type=checkbox], [type=radio], [type=file]), [contenteditable]";
const begun = new WeakMap(), typed = new WeakSet();

document.addEventListener("focusin", ({ target }) => {
  begun.set(target, target.value);
  typed.delete(target);
}, true);
document.addEventListener("input", ({ target }) => {
  if (target.value === begun.get(target)) typed.delete(target);
  else typed.add(target);
}, true);

/** True from the first letter typed into a field until it is left, or holds what it held before. */
export function isTyping(field) {
  return field.matches(WORDS) && typed.has(field);
}
