// Comments below the panel's form and their count on cards; who else has the flow open, and at which step.

import { sign } from "./cards.js";
import { fragment } from "./fragment.js";

/** Where a comment is written that is not there yet; one's own is corrected in a field of its own. */
const WRITTEN = "textarea:not([data-own])";
/** Among the comments of a step: where to write, and where the first one that is open is answered or resolved. */
const NEW = "#comment-new", OPEN = ".comment:not(.is-resolved)", REPLY = `${OPEN} ${WRITTEN}`, RESOLVE = `${OPEN} [data-resolve]`;
const BEAT = 10000, BEAT_TOGETHER = 3000, COLOURS = 6;

export class Comments {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el, counts: {}, said: 0, told: 0, shown: null, drafts: new Drafts(`comments ${location.pathname}`) });
    el.addEventListener("input", ({ target }) => target.matches(WRITTEN) && this.drafts.keep(this.shown, target));
    el.addEventListener("toggle", ({ target }) => (target.open ? focusEnd(target.querySelector(":scope > form > [data-own]")) : this.catchUp()), true);
    el.addEventListener("keydown", (event) => isSending(event) && event.target.form?.requestSubmit());
    el.addEventListener("reset", (event) => giveUp(event));
    el.addEventListener("submit", ({ target }) => (this.sent = { step: this.shown, field: target.elements.text }));
    el.addEventListener("focusout", () => setTimeout(() => this.catchUp()));
    document.addEventListener("htmx:after:swap", () => this.restore());
    el.addEventListener("htmx:after:request", () => document.dispatchEvent(new Event("flow:changed")));
    canvas.board.on("selection", () => this.follow());
    canvas.board.on("patched", ({ patch }) => this.changed(patch.comments));
  }

  /** What was typed and not sent stands there again; what was sent is gone. */
  restore() {
    const { sent, shown } = this;
    if (sent && !sent.field.isConnected) {
      if (sent.step === shown) this.drafts.drop(shown, sent.field); // Else nobody knows whether it arrived.
      this.sent = null;
    }
    for (const field of this.el.querySelectorAll(WRITTEN)) this.drafts.bring(this.shown, field);
  }

  follow() {
    const id = this.canvas.board.selected?.id ?? null;
    if (id === this.shown) return;
    this.shown = id;
    this.el.replaceChildren();
    if (id) this.load();
  }

  async load(swap = "innerHTML") {
    const asked = this.shown;
    await this.canvas.settled();
    const { said } = this;
    const text = await fragment(this.canvas.urls.comments.replace("__step__", encodeURIComponent(asked)));
    if (text === null || this.shown !== asked || (swap === "innerMorph" && this.isBegun)) return;
    this.told = said;
    await window.htmx.swap({ text, sourceElement: this.el, target: this.el, swap, transition: false });
    if (this.sought) this.seek(this.sought);
  }

  /** What is open as the server has it. */
  changed(news) {
    if (!news) return;
    this.show(news);
    this.catchUp();
  }

  /** Where anything was said since it was shown, it is drawn anew, unless something is begun there. */
  catchUp() {
    if (this.shown && this.told !== this.said && !this.isBegun) this.load("innerMorph");
  }

  get isBegun() {
    return Boolean(this.el.querySelector("details[open]")) || [...this.el.querySelectorAll("textarea")].some(isBegun);
  }

  show({ open, said }) {
    const { board } = this.canvas;
    for (const id of Object.keys({ ...this.counts, ...open })) {
      const node = board.nodes.get(id);
      const count = open[id] ?? 0;
      if (node) sign(node, "step-talk", count || "", count === 1 ? "An open comment" : `${count} open comments`);
    }
    Object.assign(this, { counts: open, said });
  }

  write = () => this.seek(NEW);
  reply = () => this.seek(REPLY);
  resolve = () => this.seek(RESOLVE);

  /** To a field, or on a button, as soon as they are there. */
  seek(place) {
    const isThere = this.el.querySelector("#comments");
    this.sought = isThere ? null : this.shown && place;
    if (!isThere) return;
    const found = this.el.querySelector(place);
    if (!found) return this.canvas.toast("This step has no open comment.", "info");
    if (found.matches("button")) return found.click();
    found.focus();
    found.scrollIntoView({ block: "nearest" });
  }
}

/** Comments that are not sent yet, by step and field, for as long as the window is open. */
class Drafts {
  constructor(name) {
    this.name = name;
    this.texts = JSON.parse(sessionStorage.getItem(name) ?? "{}");
  }

  keep(step, field) {
    this.texts[`${step} ${field.id}`] = field.value;
    sessionStorage.setItem(this.name, JSON.stringify(this.texts));
  }

  drop(step, field) {
    this.keep(step, { id: field.id, value: "" });
  }

  /** What came back refused stands in its field, and is kept like what is being typed. */
  bring(step, field) {
    if (field.value) this.keep(step, field);
    else field.value = this.texts[`${step} ${field.id}`] ?? "";
  }
}

function isSending(event) {
  return event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea");
}

function isBegun(field) {
  return field.value !== (field.matches(WRITTEN) ? "" : field.defaultValue);
}

/** One's comment stays as it was, also where what was put in its place was refused. */
function giveUp(event) {
  event.preventDefault();
  const details = event.target.closest("details"), field = event.target.elements.text;
  field.value = field.defaultValue = details.parentElement.previousElementSibling.textContent;
  field.removeAttribute("aria-invalid");
  event.target.querySelector(".field-error")?.remove();
  details.open = false;
  details.querySelector("summary").focus();
}

function focusEnd(field) {
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

export class Presence {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el, people: [], told: undefined, at: 0 });
    canvas.board.on("selection", () => this.beat());
    setInterval(() => this.beat(), BEAT_TOGETHER);
  }

  /** Told when one goes to another step, and from time to time; more often while somebody else is here. */
  async beat() {
    const step = this.canvas.board.selected?.id ?? null;
    const pause = this.people.length || step !== this.told ? BEAT_TOGETHER : BEAT;
    if (document.hidden || Date.now() - this.at < pause) return;
    this.at = Date.now();
    this.told = step;
    const { token } = this.canvas.sync;
    const answer = await fetch(this.canvas.urls.presence, {
      method: "POST", redirect: "manual", body: JSON.stringify({ step }),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" },
    }).catch(() => null);
    if (answer?.ok) this.show((await answer.json()).people);
  }

  show(people) {
    if (JSON.stringify(people) === JSON.stringify(this.people)) return;
    const { board } = this.canvas;
    for (const { step } of this.people) delete board.nodes.get(step)?.el.dataset.visitor;
    this.people = people;
    for (const { name, step } of people) if (board.nodes.has(step)) board.nodes.get(step).el.dataset.visitor = name;
    this.el.replaceChildren(...people.map((person, at) => face(person, at, board.nodes.get(person.step))));
  }
}

function face({ name, step }, at, node) {
  const el = document.createElement("button");
  el.type = "button";
  el.className = `visitor is-${at % COLOURS}`;
  el.textContent = name.slice(0, 1).toUpperCase();
  const where = node ? `${name} is at ${node.el.getAttribute("aria-label")}` : `${name} is here`;
  el.title = where;
  el.setAttribute("aria-label", where);
  if (node) el.dataset.showStep = step;
  return el;
}
