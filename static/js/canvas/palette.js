// The list of steps: find one by its name, click to add it beside what is selected, or drag it to its place or onto a connection.
// At a loose end the same steps are offered where the pointer is.

import { connect } from "./connect.js";
import { before, keyOf, near } from "./edges.js";
import { follow } from "./gesture.js";
import { snap } from "./geometry.js";
import { goalsOf } from "./goals.js";
import { addStep, besideOf, freePlace, insertOn, stayAt } from "./insert.js";

/** A dragged step is held this far from its corner. */
const REACH = 14, GRIP = 20;
/** A finger that has rested on a step for so long draws it out in any direction. */
const HOLD = 300;

export class Palette {
  constructor(canvas) {
    this.canvas = canvas;
    this.el = document.querySelector("[data-palette]");
    const buttons = [...(this.el?.querySelectorAll("[data-kind]") ?? [])];
    this.kinds = buttons.map((button) => ({ ...kindOf(button), button }));
    for (const kind of this.kinds) {
      kind.button.addEventListener("click", () => this.addBeside(kind));
      kind.button.addEventListener("pointerdown", (event) => event.button === 0 && this.drag(event, kind));
    }
    if (!this.el) return;
    this.el.querySelector("[data-act=paste]").addEventListener("click", () => this.open(false));
    this.field = this.el.querySelector("input");
    this.none = this.el.querySelector("[data-none]");
    this.field.addEventListener("input", () => this.filter());
    this.opener = this.el.querySelector("[data-open]");
    this.opener.addEventListener("click", () => this.open(!this.isOpen));
    document.addEventListener("pointerdown", ({ target }) => this.el.contains(target) || this.open(false), true);
    this.el.addEventListener("keydown", (event) => this.key(event));
    this.el.addEventListener("touchmove", (event) => this.isTaken(event) && event.preventDefault(), { passive: false });
    this.el.addEventListener("contextmenu", (event) => this.touch?.isTaken && event.preventDefault());
    this.el.addEventListener("focusout", ({ relatedTarget }) => this.el.contains(relatedTarget) || this.none.hidden || this.showAll());
  }

  /** Its field, where it shows one; else the same steps are offered by themselves. */
  focus() {
    if (!this.field.checkVisibility()) return this.choose();
    this.field.focus();
    this.field.select();
  }

  /** Which step comes to a spot by itself; where none is meant, on the picked connection or beside the selected step? */
  choose(spot) {
    const { board, chooser, viewport } = this.canvas, isBetween = board.edge && !spot, fitting = this.kinds.filter((kind) => kind.port || !isBetween);
    chooser.open({
      label: isBetween ? "Put a step in between" : "Add a step", placeholder: "Which step?", at: spot && viewport.toScreen(spot.x, spot.y),
      items: fitting.map((kind) => ({ text: kind.label, group: kind.group, icon: kind.icon, kind })),
      pick: ({ kind }) => (spot ? addStep(this.canvas, kind, freePlace(this.canvas, spot), null) : this.addBeside(kind)),
    });
  }

  get isOpen() {
    return this.el.classList.contains("is-open");
  }

  /** On a phone on its side the list is opened by a button; elsewhere it is always there. */
  open(isOpen) {
    this.el.classList.toggle("is-open", isOpen);
    this.opener.setAttribute("aria-expanded", isOpen);
  }

  filter() {
    const wanted = this.field.value.trim().toLowerCase();
    for (const kind of this.kinds) kind.button.hidden = !`${kind.label} ${kind.group}`.toLowerCase().includes(wanted);
    for (const group of this.el.querySelectorAll("[role=group]")) group.hidden = !group.querySelector("button:not([hidden])");
    this.none.hidden = this.kinds.some((kind) => !kind.button.hidden);
  }

  showAll() {
    this.field.value = "";
    this.filter();
  }

  /** Arrows walk the list, Enter in the field adds the first one that is left, Escape empties the field and then leaves. */
  key(event) {
    const shown = this.kinds.filter((kind) => !kind.button.hidden).map((kind) => kind.button);
    const at = shown.indexOf(document.activeElement);
    if (event.key === "ArrowDown") shown[Math.min(at + 1, shown.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? shown[at - 1] : this.field).focus();
    else if (event.key === "Enter" && event.target === this.field) shown[0]?.click();
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }

  leave() {
    const wasEmpty = this.field.value === "";
    this.showAll();
    if (!wasEmpty) return this.field.focus();
    if (this.canvas.here) this.canvas.focusCard(this.canvas.here);
  }

  /** On the picked connection, or right of the selected step and connected with its first free answer. */
  addBeside(kind) {
    const { board } = this.canvas;
    this.showAll();
    this.open(false);
    if (board.edge && kind.port) return insertOn(this.canvas, kind, board.edge);
    const { at, from } = besideOf(this.canvas);
    addStep(this.canvas, kind, at, from);
  }

  /** A finger came down on a step: it will swipe through the list, or take the step. */
  touched({ clientX, clientY, pointerType, pointerId }, button) {
    if (pointerType !== "touch") return;
    const touch = { x: clientX, y: clientY, isTaken: undefined };
    this.touch = touch;
    const hold = setTimeout(() => {
      touch.isTaken ??= true;
      button.classList.toggle("is-held", touch.isTaken);
    }, HOLD);
    const over = (event) => {
      if (event.pointerId !== pointerId) return;
      clearTimeout(hold);
      button.classList.remove("is-held");
      for (const type of ["pointerup", "pointercancel"]) window.removeEventListener(type, over);
    };
    for (const type of ["pointerup", "pointercancel"]) window.addEventListener(type, over);
  }

  /** Its first move decides: out of the list, even if aslant, or along it. */
  isTaken({ touches: [{ clientX, clientY }] }) {
    const { touch } = this, list = this.el.querySelector(".palette-list");
    if (!touch) return false;
    const dx = clientX - touch.x, dy = clientY - touch.y, isRow = list.scrollWidth > list.clientWidth;
    return (touch.isTaken ??= isRow ? -dy > Math.abs(dx) / 2 : dx > Math.abs(dy) / 2);
  }

  drag(event, kind) {
    const { board, viewport } = this.canvas;
    event.preventDefault();
    this.touched(event, kind.button);
    kind.button.focus({ preventScroll: true });
    const ghost = kind.button.cloneNode(true);
    ghost.className = "palette-ghost";
    let edge = null;
    const aim = (next) => {
      edge?.path.classList.remove("is-target");
      edge = next;
      edge?.path.classList.add("is-target");
    };
    const inside = (last) => document.elementsFromPoint(last.clientX, last.clientY).every((el) => !el.closest("[data-palette]"));
    follow(board, event, {
      name: "palette",
      start: () => document.body.append(ghost),
      move: (last) => {
        ghost.style.transform = `translate(${last.clientX - GRIP * viewport.k}px,${last.clientY - GRIP * viewport.k}px) scale(${viewport.k})`;
        aim(kind.port ? near(board, viewport.toPlane(last.clientX, last.clientY), REACH / viewport.k) : null);
      },
      drop: (last) => {
        const at = viewport.toPlane(last.clientX, last.clientY), onto = edge;
        aim(null);
        ghost.remove();
        if (!inside(last)) return;
        this.open(false);
        if (onto) insertOn(this.canvas, kind, onto, at);
        else addStep(this.canvas, kind, { x: snap(at.x - GRIP), y: snap(at.y - GRIP) }, null);
      },
      abort: () => (aim(null), ghost.remove()),
    });
  }

  /** What an answer led to comes after a new step there; but what others lead to, too, stays theirs alone. */
  comesAfter(edge, kind) {
    return edge && kind.port && this.canvas.board.nodes.get(edge.target).ins.size === 1;
  }

  /** The next step at an answer, chosen in the panel. */
  addNext(node, port, name) {
    const { canvas } = this, edge = canvas.board.edges.get(keyOf(node.id, port));
    const kind = this.kinds.find((one) => one.kind === name);
    if (this.comesAfter(edge, kind)) return insertOn(canvas, kind, edge, null, stayAt(node, port));
    addStep(canvas, kind, freePlace(canvas, besideOf(canvas, node).at), { node, port }, stayAt(node, port));
  }

  /** Which step comes next, a new one or one that is there? Asked where a connection was dropped in the open, or by the key for it. */
  offer(clientX, clientY, { node, port, answered = () => {} }) {
    const { canvas } = this, { viewport } = canvas;
    const at = viewport.toPlane(clientX, clientY);
    const isBeside = Math.abs(at.x - node.x - node.w) < 40;
    const place = () => (isBeside ? freePlace(canvas, besideOf(canvas, node).at) : { x: snap(at.x), y: snap(at.y - 24) });
    const edge = canvas.board.edges.get(keyOf(node.id, port));
    const add = (kind) => (this.comesAfter(edge, kind) ? insertOn(canvas, kind, edge, isBeside ? null : at) : addStep(canvas, kind, place(), { node, port }));
    canvas.chooser.open({
      label: "Add or connect the next step", placeholder: "What comes next?", at: { x: clientX + 8, y: clientY - 20 },
      items: this.nexts(node),
      pick: ({ kind, there }) => (answered(), there ? connect(canvas, node, port, there) : add(kind)),
      cancel: () => (answered(), node.ports.get(port)?.el.focus({ preventScroll: true })),
    });
  }

  /** In the words of the lists in the panel; new steps first, since they are asked for most. */
  nexts(node) {
    const { board, choices } = this.canvas, of = (name) => this.kinds.find((one) => one.kind === name);
    const fresh = choices.new.flatMap(({ heading, steps }) => steps.map((one) => ({ text: one.words, group: heading, kind: of(one.kind), icon: of(one.kind).icon })));
    const circling = before(board, node.id);
    const known = [...goalsOf(this.canvas, node.id)].filter(([id]) => !circling.has(id)).map(([id, text]) => ({ text, group: choices.existing, there: board.nodes.get(id), icon: of(board.nodes.get(id).kind)?.icon }));
    return [...fresh, ...known];
  }
}

/** `port` is the way out through which a step leads on when it is put in between. */
function kindOf(button) {
  const { kind, label, blank, port, group } = button.dataset;
  return { kind, label, group, port, isApart: button.dataset.apart !== undefined, blank: JSON.parse(blank), icon: button.querySelector(".step-icon") };
}
