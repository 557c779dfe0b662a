// A field with a list below it, from which one thing is chosen by its name: what comes next, an action, a step.
// Arrow keys, Enter and Escape; whoever opens it says what can be chosen and what is done with the choice.

import { TOUCH } from "./gesture.js";

const SHOWN = 80, APART = 8;

export class Chooser {
  constructor(el) {
    this.el = el;
    this.field = el.querySelector("input");
    this.list = el.querySelector("[role=listbox]");
    this.none = el.querySelector("[data-none]");
    this.field.addEventListener("input", () => this.show());
    el.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointermove", (event) => this.aim(rowOf(event)));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.pick(rowOf(event)));
    document.addEventListener("pointerdown", (event) => this.isOpen && !el.contains(event.target) && this.close({ refocus: false }), true);
    el.addEventListener("focusout", (event) => event.relatedTarget && !el.contains(event.relatedTarget) && this.close({ refocus: false }));
  }

  get isOpen() {
    return !this.el.hidden;
  }

  /** `items` have text, and may have group, detail, key (shown), icon (an element) and also, by which they are found too; `at` is a point on the screen, or the middle. */
  open({ label, placeholder, items, at = null, pick, cancel = null }) {
    this.close({ refocus: false });
    Object.assign(this, { items: items.map((item) => ({ ...item, words: plain(`${item.text} ${item.also ?? item.detail ?? ""} ${item.group ?? ""}`) })), picked: pick, cancelled: cancel });
    this.before = document.activeElement;
    this.field.value = "";
    this.field.placeholder = placeholder;
    for (const part of [this.el, this.field, this.list]) part.setAttribute("aria-label", label);
    this.el.hidden = false;
    this.el.classList.toggle("is-central", !at);
    this.el.classList.remove("is-above");
    for (const name of ["inset", "width", "max-height"]) this.el.style.removeProperty(name);
    this.show();
    if (at) this.place(at);
    (TOUCH.matches ? this.el : this.field).focus({ preventScroll: true });
  }

  /** The field stays at the point, however few rows are left: the list is below it, or above it where there is more room. */
  place({ x, y }) {
    const { innerWidth, innerHeight } = window, { el, field } = this, width = el.offsetWidth, high = field.offsetHeight;
    const left = Math.max(APART, Math.min(x, innerWidth - width - APART)), top = Math.max(APART, Math.min(y, innerHeight - high - APART));
    const below = innerHeight - top - APART, above = top + high - APART, isAbove = el.offsetHeight > below && above > below;
    el.classList.toggle("is-above", isAbove);
    el.style.inset = isAbove ? `auto auto ${innerHeight - top - high}px ${left}px` : `${top}px auto auto ${left}px`;
    el.style.maxHeight = `min(440px, ${isAbove ? above : below}px)`;
    el.style.width = `${width}px`;
  }

  show() {
    const wanted = plain(this.field.value).split(/\s+/).filter(Boolean);
    const found = this.items.filter((item) => wanted.every((word) => item.words.includes(word)));
    if (wanted.length) found.sort((a, b) => rank(a, wanted) - rank(b, wanted));
    this.found = found.slice(0, SHOWN);
    let group = null;
    const rows = [];
    this.found.forEach((item, at) => {
      if (item.group && item.group !== group && !wanted.length) rows.push(heading(item.group));
      group = item.group;
      rows.push(row(item, at));
    });
    this.list.replaceChildren(...rows);
    this.none.hidden = this.found.length > 0;
    this.aim(this.list.querySelector("[role=option]"));
  }

  aim(option) {
    if (option === undefined) return;
    this.list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const options = [...this.list.querySelectorAll("[role=option]")];
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") this.aim(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp") this.aim(options.at(at - 1));
    else if (event.key === "Enter") this.pick(options[at]);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  pick(option) {
    if (!option) return;
    const item = this.found[Number(option.dataset.at)], { picked } = this;
    this.cancelled = null;
    this.close();
    picked(item);
  }

  close({ refocus = true } = {}) {
    if (!this.isOpen) return;
    this.el.hidden = true;
    if (refocus && this.before?.isConnected) this.before.focus({ preventScroll: true });
    const { cancelled } = this;
    this.cancelled = null;
    cancelled?.();
  }
}

function rowOf(event) {
  return event.target.closest("[role=option]") ?? undefined;
}

/** Small letters without accents. */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function rank({ words }, [first]) {
  return words.startsWith(first) ? 0 : words.includes(` ${first}`) ? 1 : 2;
}

function heading(text) {
  const el = document.createElement("li");
  el.className = "chooser-group";
  el.setAttribute("role", "presentation");
  el.textContent = text;
  return el;
}

function row(item, at) {
  const el = document.createElement("li");
  el.id = `choice-${at}`;
  el.dataset.at = at;
  el.setAttribute("role", "option");
  el.setAttribute("aria-selected", "false");
  if (item.icon) el.append(item.icon.cloneNode(true));
  const text = document.createElement("span");
  text.className = "chooser-text";
  text.textContent = item.text;
  el.append(text);
  if (item.detail) el.append(small("small", item.detail));
  if (item.key) el.append(small("kbd", item.key));
  return el;
}

function small(name, text) {
  const el = document.createElement(name);
  el.textContent = text;
  return el;
}
