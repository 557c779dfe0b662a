// What can be done with what lies under the pointer: a menu at the right button, and at the menu key for what has the focus. What is
// added or pasted by it comes to where the button was pressed.

import { meantBy } from "./ways.js";

const RIM = 8;

export class Menu {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el });
    canvas.board.root.addEventListener("contextmenu", (event) => this.asked(event));
    el.addEventListener("click", (event) => this.clicked(event));
    el.addEventListener("keydown", (event) => this.key(event));
    el.addEventListener("focusout", ({ relatedTarget }) => el.contains(relatedTarget) || this.close(false));
    el.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.board.root.addEventListener("wheel", () => this.close(), { passive: true });
  }

  /** A long press of a finger is the beginning of something else. */
  asked(event) {
    const { board } = this.canvas;
    if (event.pointerType === "touch" || event.target.closest("[data-overlay], input, textarea") || board.gesture || this.canvas.keyConnect.running) return;
    event.preventDefault();
    this.open(this.take(event), event);
  }

  /** What the menu is for is selected, unless it is among what is selected already. */
  take(event) {
    const { board } = this.canvas, node = board.nodes.get(event.target.closest(".step")?.dataset.id), edge = node ? null : meantBy(this.canvas, event);
    if (edge) board.selectEdge(edge);
    else if (node && !board.selection.has(node.id)) board.select([node.id]);
    return edge ? "way" : node ? (board.selection.size > 1 ? "several" : "step") : "ground";
  }

  open(on, { clientX, clientY, button }) {
    const { el } = this, { board } = this.canvas;
    const isOpening = on === "step" && board.selected?.isStart;
    for (const item of el.children) item.hidden = !item.dataset.on.split(" ").includes(on) || (isOpening && "besides" in item.dataset);
    this.before = document.activeElement;
    this.spot = on === "ground" && button === 2 ? this.canvas.viewport.toPlane(clientX, clientY) : null;
    el.hidden = false;
    const { width, height } = el.getBoundingClientRect();
    el.style.left = `${Math.max(RIM, Math.min(clientX, innerWidth - width - RIM))}px`;
    el.style.top = `${Math.max(RIM, Math.min(clientY, innerHeight - height - RIM))}px`;
    this.items()[0].focus();
  }

  /** The keys go back to where they were, before what was chosen takes them elsewhere. */
  close(isLeft = true) {
    if (this.el.hidden) return;
    this.el.hidden = true;
    if (isLeft) this.before.focus({ preventScroll: true });
  }

  clicked(event) {
    const item = event.target.closest("button");
    if (!item) return;
    this.close();
    this.canvas.actions[item.dataset.does](event, this.spot);
  }

  items() {
    return [...this.el.children].filter((item) => !item.hidden);
  }

  key(event) {
    const items = this.items(), at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) items.at(to % items.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== " ") event.preventDefault();
  }
}
