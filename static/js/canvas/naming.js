// Fields of the panel that hold the name of a variable: what was typed is made a name when the field is left, and where it cannot be
// one, what is wrong stands below it.

import { asName, faultOf } from "../names.js";
import { newKey } from "./queue.js";

const NAMES = "[data-names]", OF_CONTACT = "contact.";
const notes = new WeakMap();

export function watchNames(el) {
  el.addEventListener("change", ({ target }) => target.matches(NAMES) && neaten(target), true);
  el.addEventListener("input", ({ target }) => target.matches(NAMES) && complain(target, ""), true);
}

function neaten(field) {
  const name = asName(field.value);
  if (name !== field.value) {
    field.value = name;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  complain(field, name && wrong(name, field.dataset.names));
}

/** A step of one's `own` names a variable; others may be an attribute of the `contact`; what is `read` may be a customizable word. */
function wrong(name, where) {
  const bare = where !== "own" && name.startsWith(OF_CONTACT) ? name.slice(OF_CONTACT.length) : name;
  return faultOf(bare, where === "read" ? /^[a-z_]/ : undefined);
}

/** A finding that is explained at the field says the same already. */
function complain(field, text) {
  if (notes.has(field)) field.removeAttribute("aria-invalid");
  notes.get(field)?.remove();
  notes.delete(field);
  if (!text || field.getAttribute("aria-describedby")?.includes("finding-note")) return;
  const note = Object.assign(document.createElement("p"), { id: `fault-${newKey()}`, className: "field-error", role: "alert", textContent: text });
  field.closest(".with-prefix, .row-line, .test-row, .pair-row").after(note);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-errormessage", note.id);
  notes.set(field, note);
}
