// Where an answer leads, chosen in the panel: a step that is there, or a new one. Keys only walk a closed list: Enter, or leaving
// the field, decides; Escape does not.

import { connect, disconnect } from "./connect.js";
import { keyOf } from "./edges.js";

/** Before the kind of a step that is not there yet. */
const NEW = "new ";
const WALKS = /^(Arrow|Page|Home$|End$)/;

export class Goals {
  constructor(panel) {
    Object.assign(this, { panel, canvas: panel.canvas, isWalking: false, open: null });
    const { el } = panel;
    el.addEventListener("keydown", (event) => this.key(event));
    el.addEventListener("keypress", (event) => event.target.matches("[data-goes]") && event.key !== "Enter" && this.walks());
    el.addEventListener("focusout", (event) => event.target === this.open && this.take());
  }

  key(event) {
    if (!event.target.matches("[data-goes]")) return;
    if (WALKS.test(event.key) && !event.altKey) this.walks();
    if (!this.open || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Enter") return this.take();
    this.open = null;
    this.show();
  }

  /** The change that a key makes on a closed list comes with it; one that comes alone was chosen in the open list. */
  walks() {
    this.isWalking = true;
    setTimeout(() => (this.isWalking = false));
  }

  changed(select) {
    Object.assign(this, { open: select, of: this.panel.shown });
    if (!this.isWalking) this.take();
  }

  take() {
    const select = this.open, { board } = this.canvas;
    const node = board.nodes.get(this.of), port = select.dataset.goes; // The panel may show another step already.
    this.open = null;
    if (!node || !select.isConnected) return;
    if (select.value === "") disconnect(this.canvas, node.id, port);
    else if (select.value.startsWith(NEW)) this.canvas.addNext(node, port, select.value.slice(NEW.length));
    else connect(this.canvas, node, port, board.nodes.get(select.value));
    this.show();
  }

  show() {
    const { board } = this.canvas, { shown } = this.panel;
    const choices = this.canvas.order().filter((node) => node.takesIn && node.id !== shown);
    const kinds = byGroup(this.canvas.kinds);
    for (const select of this.panel.body.querySelectorAll("select[data-goes]")) {
      if (select === this.open) continue;
      const now = board.edges.get(keyOf(shown, select.dataset.goes))?.target ?? "";
      const there = choices.map((node) => new Option(node.el.getAttribute("aria-label"), node.id, false, node.id === now));
      const fresh = [...kinds].map(([group, some]) => heading(`New step: ${group}`, some.map(({ kind, label }) => new Option(label, NEW + kind))));
      const known = there.length ? [heading("Steps that are there", there)] : [];
      select.replaceChildren(new Option(select.dataset.nowhere, "", false, now === ""), ...known, ...fresh);
      select.classList.toggle("is-open", now === "");
    }
  }
}

function byGroup(kinds) {
  const groups = new Map();
  for (const one of kinds) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return groups;
}

function heading(label, options) {
  const group = document.createElement("optgroup");
  group.label = label;
  group.append(...options);
  return group;
}
