// Where an answer leads, chosen in the panel: a step that is there, or a new one. Leaving the list decides, too, but adds no step: a key
// that was meant for something else chooses one easily.

import { connect, disconnect } from "./connect.js";
import { before, keyOf } from "./edges.js";
import { whenIdle } from "./frame.js";
import { nameWays } from "./saved.js";
import { Walk } from "./walk.js";

/** Before the kind of a step that is not there yet. */
const NEW = "new ";
/** From so many steps on the lists are written when nobody waits, or when somebody goes to one. */
const MANY = 200;

export class Goals {
  constructor(panel) {
    Object.assign(this, { panel, canvas: panel.canvas, due: 0 });
    const { el } = panel, take = (select) => this.take(select);
    this.walk = new Walk(el, "[data-goes]", { take, giveUp: () => this.show(), left: (select) => this.leave(select) });
    for (const type of ["pointerdown", "focusin"]) el.addEventListener(type, ({ target }) => this.due && target.matches("[data-goes]") && this.fill(), true);
  }

  /** The step that follows, by the button beside its name. */
  follow(select) {
    const edge = this.canvas.board.edges.get(keyOf(this.panel.shown, select.dataset.goes));
    if (edge) this.canvas.open(edge.target);
  }

  changed(select) {
    this.of = this.panel.shown;
    this.walk.changed(select);
  }

  take(select) {
    const { board } = this.canvas;
    const node = board.nodes.get(this.of), port = select.dataset.goes; // The panel may show another step already.
    if (!node || !select.isConnected) return;
    if (select.value === "") disconnect(this.canvas, node.id, port);
    else if (select.value.startsWith(NEW)) this.canvas.addNext(node, port, select.value.slice(NEW.length));
    else connect(this.canvas, node, port, board.nodes.get(select.value));
    this.show();
  }

  leave(select) {
    if (!select.value.startsWith(NEW)) return this.take(select);
    this.canvas.toast("No step was added: Enter adds the one that is chosen in the list.");
    this.show();
  }

  show() {
    if (this.canvas.board.nodes.size < MANY) return this.fill();
    this.due ||= whenIdle(() => this.due && this.fill());
  }

  fill() {
    this.due = 0;
    nameWays(this.canvas.board, this.panel.body);
    const { board } = this.canvas, { shown } = this.panel;
    const names = goalsOf(this.canvas, shown), circling = before(board, shown);
    const { existing, new: fresh } = this.canvas.choices;
    for (const select of this.panel.body.querySelectorAll("select[data-goes]")) {
      if (select === this.walk.open) continue;
      const now = board.edges.get(keyOf(shown, select.dataset.goes))?.target ?? "";
      const there = [...names].map(([id, name]) => optionOf(id, name, { isNow: id === now, isBefore: circling.has(id) }));
      const known = there.length ? [group(existing, there)] : [];
      const adds = fresh.map(({ heading, steps }) => group(heading, steps.map(({ kind, words }) => new Option(words, NEW + kind))));
      select.replaceChildren(new Option(select.dataset.nowhere, "", false, now === ""), ...adds, ...known);
      select.classList.toggle("is-open", now === "");
      select.nextElementSibling.title = `Open ${names.get(now) ?? "the step that follows"}`;
      select.nextElementSibling.setAttribute("aria-label", select.nextElementSibling.title);
    }
  }
}

/** The steps that are there to which another may lead, by their ids. */
export function goalsOf(canvas, from) {
  const names = namesOf(canvas.order().filter((node) => node.takesIn));
  names.delete(from);
  return names;
}

/** The name of each step; those that would read alike are counted in the order in which they were made, as in the outline. */
export function namesOf(nodes) {
  const seen = new Map(), names = new Map(nodes.map(({ id, el }) => [id, el.getAttribute("aria-label")]));
  for (const id of [...names.keys()].sort()) {
    const name = names.get(id), count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    if (count > 1) names.set(id, `${name} (${count})`);
  }
  return names;
}

/** A conversation only goes on: what comes before is shown, but cannot be chosen. */
function optionOf(id, name, { isNow, isBefore }) {
  const option = new Option(isBefore ? `${name} (comes before)` : name, id, false, isNow);
  option.disabled = isBefore && !isNow;
  return option;
}

function group(label, options) {
  const el = document.createElement("optgroup");
  el.label = label;
  el.append(...options);
  return el;
}
