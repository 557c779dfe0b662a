// Variables in a text of the panel: chosen in the list below it, or offered while one writes, after "{{". And the fields that name one.

import { watchNames } from "./naming.js";
import { Walk } from "./walk.js";

const BEGUN = /\{\{\s*([\w.]*)$/;

export class Variables {
  constructor(el) {
    watchNames(el);
    const giveUp = (select) => (select.value = "");
    this.walk = new Walk(el, "[data-insert]", { take: insert, giveUp, left: giveUp });
    this.list = Object.assign(document.createElement("ul"), { className: "completions", id: "completions", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Variables");
    document.body.append(this.list);
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => this.pick(target.closest("[role=option]")));
    el.addEventListener("change", ({ target }) => target.matches("[data-insert]") && this.walk.changed(target));
    el.addEventListener("input", ({ target }) => this.look(target));
    el.addEventListener("keydown", (event) => this.field && this.key(event), true);
    for (const type of ["focusout", "pointerdown"]) el.addEventListener(type, () => this.close(), true);
  }

  /** Offer what fits the name that is begun before the caret. */
  look(field) {
    this.close();
    const known = document.querySelector(`[data-insert="${field.id}"]`);
    const begun = known && field.value.slice(0, field.selectionStart).match(BEGUN);
    if (!begun) return;
    const fitting = [...known.options].map((option) => option.value).filter((name) => name && name.startsWith(begun[1]));
    if (fitting.length === 0) return;
    this.list.replaceChildren(...fitting.map(row));
    this.field = field;
    this.list.hidden = false;
    this.follow();
    field.setAttribute("aria-controls", this.list.id);
    this.aim(0);
  }

  /** The field moves while one writes: what is found, and what is saved, changes the panel above it. */
  follow() {
    if (!this.field) return;
    if (!this.field.isConnected) return this.close();
    this.place();
    requestAnimationFrame(() => this.follow());
  }

  place() {
    const { left, bottom, top, width } = this.field.getBoundingClientRect(), height = this.list.offsetHeight;
    this.list.style.width = `${width}px`;
    this.list.style.transform = `translate(${left}px,${bottom + height + 4 > window.innerHeight ? top - height - 4 : bottom + 4}px)`;
  }

  aim(at) {
    const { children } = this.list;
    this.at = (at + children.length) % children.length;
    [...children].forEach((option, number) => option.setAttribute("aria-selected", String(number === this.at)));
    children[this.at].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", children[this.at].id);
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.aim(this.at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter" || event.key === "Tab") this.pick(this.list.children[this.at]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  pick(option) {
    const { field } = this, end = field.selectionStart;
    const begun = field.value.slice(0, end).match(BEGUN)[1].length, isClosed = field.value.startsWith("}}", end);
    this.close();
    put(field, `${option.textContent}}}`, end - begun, isClosed ? end + 2 : end);
  }

  close() {
    if (!this.field) return;
    this.list.hidden = true;
    for (const name of ["aria-activedescendant", "aria-controls"]) this.field.removeAttribute(name);
    this.field = null;
  }
}

/** Put the chosen variable where the caret is. */
function insert(select) {
  const field = document.getElementById(select.dataset.insert), name = select.value;
  select.value = "";
  if (field && name) put(field, `{{${name}}}`, field.selectionStart, field.selectionEnd);
}

function put(field, text, from, to) {
  field.setRangeText(text, from, to, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function row(name, at) {
  const el = document.createElement("li");
  el.id = `completion-${at}`;
  el.setAttribute("role", "option");
  el.textContent = name;
  return el;
}
