// The history panel: what was done, by whom and when; back to any moment, as far as one's own changes go.

import { leaveAside } from "./asides.js";
import { fragment } from "./fragment.js";

const PAUSE = 250;

export class History {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el, due: 0 });
    this.body = el.querySelector("[data-history-body]");
    this.button = document.querySelector("[data-act=history]");
    this.closer = el.querySelector("[data-close-history]");
    this.closer.addEventListener("click", () => this.toggle(false));
    el.addEventListener("click", (event) => this.pick(event.target.closest("[data-go-to], [data-older]")));
    el.addEventListener("keydown", (event) => this.key(event));
    canvas.board.on("patched", () => this.later());
  }

  toggle(open = this.el.hidden) {
    if (!open) leaveAside(this);
    this.el.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    this.canvas.viewport.aside = open ? this.el.offsetWidth + 16 : 0;
    if (open) this.load().then(() => this.enter());
  }

  enter() {
    this.closer.focus();
  }

  /** Arrows walk what can be pressed, from the newest change on; above that is what closes the panel. */
  key(event) {
    if (event.key === "Escape") return this.toggle(false);
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [this.closer, ...this.body.querySelectorAll("ol :is(button, a)")], at = stops.indexOf(document.activeElement);
    event.preventDefault();
    stops[Math.max(at + (event.key === "ArrowDown" ? 1 : -1), 0)]?.focus();
  }

  later() {
    if (this.el.hidden) return;
    clearTimeout(this.due);
    this.due = setTimeout(() => this.load(), PAUSE);
  }

  /** As many changes as are shown already, unless more are asked for. */
  async load(shown = this.body.querySelector("[data-shown]")?.dataset.shown ?? "") {
    await this.canvas.settled();
    const text = await fragment(`${this.canvas.urls.history}?shown=${shown}`);
    if (text === null) return this.canvas.failed();
    const row = this.body.contains(document.activeElement) ? document.activeElement.closest("li") : null;
    const at = row ? [...row.parentElement.children].indexOf(row) : -1;
    await window.htmx.swap({ text, sourceElement: this.body, target: this.body, swap: "innerMorph", transition: false });
    if (at >= 0 && !this.body.contains(document.activeElement)) this.goOn(at);
  }

  /** The keys go on with the next row that can be pressed. */
  goOn(at) {
    const next = [...this.body.querySelectorAll("ol > li")].slice(at).find((row) => row.querySelector("button, a"));
    (next?.querySelector("button, a") ?? this.closer).focus();
  }

  pick(button) {
    if (!button) return;
    if (button.dataset.older) return this.showOlder(button);
    this.canvas.sync.hurry();
    this.canvas.sync.send({ kind: "go_to", revision: Number(button.dataset.goTo) });
  }

  /** The keys go on with the first of the older changes. */
  async showOlder(button) {
    const at = [...button.closest("ol").children].indexOf(button.closest("li"));
    await this.load(button.dataset.older);
    this.goOn(at);
  }
}
