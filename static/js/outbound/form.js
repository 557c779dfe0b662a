// The form of an outbound message, in its page and in the panel of a flow. The server draws and checks; here is only
// what it can't know: where the caret is, which fields somebody has been in, and what was typed while it answered.

import "./leaving.js";

import { asName, faultOf } from "../names.js";

const BEGINNING = /^[a-z_]/;
/** The fields that may have customizable words. */
const TAKES_WORDS = '[name=body], [name=header], [name^="actions."][name$=".url"]';
/** How long a word stays half typed before that is told. */
const PAUSE = 1500;
const form = () => document.getElementById("ob-form");
const ahead = new Map();
let wish = null, half = null, pause = 0;

function say(text, state) {
  const sign = document.getElementById("ob-saved");
  if (!sign || sign.dataset.state === state) return;
  sign.dataset.state = state;
  sign.textContent = text;
}

function save() {
  form()?.dispatchEvent(new Event("input", { bubbles: true }));
}

// ---- customizable words

function pressed({ dataset: { word, example } }) {
  const body = document.getElementById("field-body");
  if (word === "new") openWord({ was: "", field: body, from: body.selectionStart, to: body.selectionEnd });
  else openWord({ was: word }, example);
}

/** A new word goes between two places of a field; one that has a name already gets another. */
function openWord(wanted, known = "") {
  const dialog = document.getElementById("ob-word");
  wish = wanted;
  dialog.querySelector("h2").textContent = wish.was ? `Rename ${wish.was}` : "Insert customizable word";
  dialog.querySelector("#ob-word-do span").textContent = wish.was ? "Rename" : "Insert";
  const [name, example] = wordFields(dialog);
  name.value = wish.was;
  example.value = known;
  for (const field of [name, example]) complain(field, "");
  dialog.showModal();
  name.select();
}

function wordFields(dialog) {
  return [dialog.querySelector("[name=word-name]"), dialog.querySelector("[name=word-example]")];
}

function complain(field, text) {
  const place = document.getElementById(`${field.id}-error`);
  place.replaceChildren();
  if (text) place.append(window.flowbuilder.icon("alert-circle"), Object.assign(document.createElement("span"), { textContent: text }));
  field.toggleAttribute("aria-invalid", Boolean(text));
  field.closest(".field").classList.toggle("has-error", Boolean(text));
  if (text) field.focus();
}

function takeWord(event) {
  const dialog = event.target.closest("#ob-word");
  if (!dialog) return;
  event.preventDefault();
  const [nameField, exampleField] = wordFields(dialog);
  const name = asName(nameField.value), fault = faultOf(name, BEGINNING);
  const taken = document.querySelector(`#part-words [name="variables.${CSS.escape(name)}.example"]`);
  const isDouble = wish.was && wish.was !== name && taken;
  const isBare = !wish.was && !taken && !exampleField.value.trim() && !nameField.value.endsWith("}}");
  complain(nameField, fault || (isDouble ? "Another word has this name already. Choose a different one." : ""));
  complain(exampleField, !fault && isBare ? "Enter an example." : "");
  if (fault || isDouble || isBare) return;
  dialog.close();
  if (wish.was) rename(wish.was, name, exampleField.value);
  else insert(name, exampleField.value);
}

function setExample(name, value) {
  const field = document.querySelector(`#part-words [name="variables.${name}.example"]`);
  if (field) {
    if (value) field.value = value;
    return;
  }
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: `variables.${name}.example`, value });
  document.getElementById("part-words").append(hidden);
}

function insert(name, example) {
  const { field, from, to } = wish;
  setExample(name, example);
  field.focus();
  field.setRangeText(`{{${name}}}`, from, to, "end");
  if (!example) touch(`variables.${name}.example`);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Who knows the name writes on: closing braces end the word, and what can be no name goes on in the text as it was written. */
function writeOn({ target }) {
  if (!half || target.name !== "word-name") return;
  const { value, maxLength } = target;
  if (value.endsWith("}}") && !faultOf(asName(value), BEGINNING)) target.form.requestSubmit();
  else if (value.includes("}}") || value.length >= maxLength) leaveWritten();
}

/** Nothing is made of what was written after the braces. */
function leaveWritten() {
  const dialog = document.getElementById("ob-word"), [name] = wordFields(dialog), { field, to } = wish, { value } = name;
  name.value = "";
  dialog.close();
  if (!value) return wait();
  field.focus();
  field.setRangeText(value, to, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function rename(was, now, example) {
  setExample(was, example);
  form().elements["word.was"].setAttribute("value", was);
  form().elements["word.now"].setAttribute("value", now);
  save();
}

/** Whether the caret stands in a word that nothing closes yet. */
function isHalf({ value, selectionStart: at }) {
  return /\{\{[^{}\n]*$/.test(value.slice(0, at)) && !/^[^{}\n]*\}\}/.test(value.slice(at));
}

/** After the opening braces the word is asked for; what stays half is told after a pause, or when the field is left. */
function look({ target, inputType }) {
  if (!form()?.contains(target)) return;
  noteTyped(target);
  clearTimeout(pause);
  half = target.matches(TAKES_WORDS) && isHalf(target) ? target : null;
  if (!half) return;
  const at = target.selectionStart, isTyped = /^insert(Composition)?Text$/.test(inputType);
  if (isTyped && /(^|[^{])\{\{$/.test(target.value.slice(0, at))) openWord({ was: "", field: target, from: at - 2, to: at });
  else wait();
}

function wait() {
  clearTimeout(pause);
  pause = setTimeout(tell, PAUSE);
}

function tell() {
  clearTimeout(pause);
  half = null;
  save();
}

const isAsking = () => document.getElementById("ob-word").open;

document.addEventListener("input", look);
document.addEventListener("input", writeOn);
document.addEventListener("focusout", ({ target }) => target === half && !isAsking() && tell());
document.addEventListener("close", ({ target }) => target.id === "ob-word" && half && leaveWritten(), true);
document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, sourceEvent } = event.detail.ctx;
  if (half?.isConnected && sourceElement === form() && sourceEvent.type === "input") event.preventDefault();
});

// ---- which fields somebody has been in

function touch(name) {
  const field = form()?.elements.touched;
  if (!field) return false;
  const names = new Set(field.value.split(",").filter(Boolean));
  const isNew = !names.has(name);
  field.value = [...names.add(name)].join(",");
  return isNew;
}

// ---- what the server said, for assistive technology too

function mark() {
  for (const box of form()?.querySelectorAll("[data-field]") ?? []) {
    const error = box.querySelector(":scope > .field-error");
    const control = box.querySelector(":scope > .form-control, :scope > .form-select");
    const isWrong = Boolean(error?.querySelector(".is-error"));
    box.classList.toggle("has-error", isWrong);
    if (!control) continue;
    if (isWrong) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    const words = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    if (error?.hasChildNodes()) words.add(error.id);
    else words.delete(error?.id);
    if (words.size) control.setAttribute("aria-describedby", [...words].join(" "));
    else control.removeAttribute("aria-describedby");
  }
}

function noteTyped(field) {
  say("Saving…", "waiting");
  if (field.name && field.matches("input:not([type=radio], [type=checkbox], [type=hidden], [type=file]), textarea")) ahead.set(field.name, field.value);
}

function keepTypedAhead() {
  for (const [name, value] of ahead) {
    const control = form()?.elements[name];
    if (control instanceof HTMLElement && control.value !== value) control.value = value;
  }
}

// The part of the preview above a narrow form: all of it, or its beginning.
function peek(button) {
  const preview = document.getElementById(button.dataset.peek);
  const isOpen = preview.classList.toggle("is-open");
  button.setAttribute("aria-expanded", String(isOpen));
  button.querySelector("span").textContent = isOpen ? "Show less" : "Show all";
  if (isOpen) preview.tabIndex = 0;
  else preview.removeAttribute("tabindex");
}

// Of a preview that shows a part, the part that is written.
document.addEventListener("focusin", ({ target }) => {
  if (form()?.contains(target)) document.getElementById("ob-preview").classList.toggle("is-at-end", Boolean(target.closest("#part-options, #part-actions")));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-word], [data-peek]");
  if (button?.dataset.word) pressed(button);
  else if (button) peek(button);
});
document.addEventListener("submit", takeWord);
document.addEventListener("focusout", ({ target, relatedTarget }) => {
  const name = form()?.contains(target) && target.matches("input, textarea, select") && target.closest("[data-field]")?.dataset.field;
  if (!name || !touch(name)) return;
  const isDraft = document.getElementById("ob-saved")?.dataset.state !== "new";
  if (isDraft && !target.value && !relatedTarget?.matches("[type=submit]")) save();
});
document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement === form()) ahead.clear();
});
// A refused submission: go to the first field that needs another look.
function goToFault() {
  const refusal = document.querySelector("#outbound-editor [data-refusal]");
  if (!refusal) return;
  delete refusal.dataset.refusal;
  const control = form().querySelector("[aria-invalid]:not([type=hidden]), .has-error input, .has-error textarea");
  (control ?? refusal).focus();
  if (!control) refusal.scrollIntoView({ block: "center" });
}

// After a fix the form is drawn anew: go on in the field that was put right.
function goToCured() {
  const done = document.querySelector("#ob-undo[data-cured]");
  if (!done) return;
  const control = document.getElementById(done.dataset.cured) ?? done.querySelector("button");
  delete done.dataset.cured;
  control?.focus();
}

// An added action is written next; the place of a removed one is taken by the buttons that add one.
let actions = null;
const drawn = () => document.querySelectorAll(".ob-action");
document.addEventListener("click", ({ target }) => {
  if (target.closest?.('.ob-actions [name="do"]')) actions = drawn().length;
});

function goToAction() {
  const now = [...drawn()];
  if (actions === null || now.length === actions) return;
  const isMore = now.length > actions;
  actions = null;
  (isMore ? now.at(-1).querySelector('[name$=".label"]') : document.querySelector('.ob-actions [value="add_call"]'))?.focus();
}

document.addEventListener("htmx:after:swap", () => {
  keepTypedAhead();
  mark();
  goToFault();
  goToCured();
  goToAction();
  if (ahead.size) say("Saving…", "waiting");
});
for (const failure of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail?.ctx?.sourceElement === form()) say("Not saved yet", "failed");
  });
}
mark();
goToFault();
