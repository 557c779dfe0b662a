// Fields of the panel: their values as data, their length as WhatsApp counts it, variables at the caret.

import { isTyping } from "./typing.js";

const held = new WeakMap(), strayed = new WeakSet();

document.addEventListener("focusin", ({ target: field }) => {
  if (field.dataset.number === undefined || !field.validity.valid) return;
  held.set(field, field.value);
  strayed.delete(field);
});

/** After a morph: fields hold what the server says, though somebody typed in them before; but not the one that is half typed now. */
export function settle(body) {
  for (const field of body.querySelectorAll("input, textarea")) {
    if (field === document.activeElement && isTyping(field) && !field.validity.valid) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = field.defaultChecked;
    else if (field.value !== field.defaultValue) field.value = field.defaultValue;
  }
  for (const select of body.querySelectorAll("select[name], select[data-key], select[data-unit]")) {
    const right = [...select.options].find((option) => option.defaultSelected);
    if (right) select.value = right.value;
  }
}

/** What a field tells the server: its name with its value, or nothing while it is not in order. */
export function valueOf(field) {
  if (!field.name) return null;
  const value = valueIn(field);
  return value === undefined ? null : { [field.name]: value };
}

/** The value of a field as data: null for an optional one that is empty, undefined while it is not in order. Of a number that is refused
 * no beginning is kept: once one has gone out, what the field held before goes out again. */
export function valueIn(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.type === "radio" && !field.checked) return undefined;
  if (field.value === "" && field.dataset.optional !== undefined) return null;
  if (field.dataset.number === undefined) return field.value;
  if (field.value === "" || !field.checkValidity()) return strayed.has(field) ? heldBy(field) : undefined;
  strayed.add(field);
  return numberOf(field, field.value);
}

/** A number that has got another unit was never another number in it. */
export function forget(field) {
  held.delete(field);
  strayed.delete(field);
}

/** What a number was before somebody began to type in it. */
export function heldBy(field) {
  const value = held.get(field);
  return value === "" ? null : value && numberOf(field, value);
}

/** A number of a field in the unit in which the server keeps it. */
export function numberOf(field, value) {
  return Number(value) * Number(field.dataset.number || 1);
}

/** What is wrong with a field that is not in order: of a number in our words, which say all of what it may be. */
export function wrongIn({ type, min, max, step, validationMessage }) {
  const kind = step > 1 ? `multiple of ${step}` : "whole number";
  return type === "number" ? `Enter a ${kind} from ${min} to ${Number(max).toLocaleString("en")}.` : validationMessage;
}

/** Another type of answer has limits of its own, be it none: those of the type before stay in the form for who comes back to it. */
export function limitsOf(form, select) {
  const all = select.dataset.limited === undefined ? [] : [...form.querySelectorAll("[data-limits] input")];
  if (!all.some((field) => field.value)) return {};
  const none = Object.fromEntries(all.map((field) => [field.name, null]));
  return Object.assign(none, ...all.filter((field) => field.closest("[data-limits]").dataset.limits === select.value).map(valueOf));
}

/** What belongs to some choices is seen while one of them is made. */
export function showBeside(select) {
  for (const el of select.form.querySelectorAll(`[data-beside="${select.id}"]`)) {
    el.hidden = !el.dataset.when.split(" ").some((beginning) => select.value.startsWith(beginning));
  }
}

/** Length as WhatsApp counts it at least: a variable is one character. */
export function countField(field) {
  const length = [...field.value.replace(/\{\{[^{}\n]{1,80}\}\}/g, "x")].length;
  const { limit, limitList, limitOther } = field.dataset;
  const { style, type } = field.form?.dataset ?? {};
  const most = Number((style === "list" && limitList) || (type !== "text" && limitOther) || limit);
  const place = field.closest("[data-counted]")?.querySelector("[data-counter]");
  if (!place) return;
  place.textContent = `${length.toLocaleString("en")} / ${most.toLocaleString("en")}`;
  place.classList.toggle("is-over", length > most);
  place.hidden = most <= 80 && length < most * 0.75;
}
