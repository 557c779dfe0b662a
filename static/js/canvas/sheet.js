// Where the panel has no place of its own beside the canvas it is shown only while something is open in it: as a sheet from below on a
// phone, at the right of a phone on its side. The view makes room, and goes back when it is closed.

import { closeAsides } from "./asides.js";
import { GoBack } from "./goback.js";

/** A phone on its side. */
const LOW = window.matchMedia("(max-height: 480px)");

export class Sheet {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el });
    this.goBack = new GoBack(() => canvas.panel.leave());
  }

  /** Whether it lies over the canvas. */
  get isOver() {
    return getComputedStyle(this.el).position === "absolute";
  }

  /** Whether it takes room from the flow when it is shown. */
  get takesRoom() {
    return this.isOver || LOW.matches;
  }

  /** How much of what is below `node` it covers, of a canvas so high. What is shown of a step grows while it comes, and while one writes. */
  covered(node, height) {
    if (!this.el.classList.contains("has-step") || !this.isOver) return 0;
    return node ? (height * parseFloat(getComputedStyle(this.el).maxHeight)) / 100 : this.el.offsetHeight;
  }

  /** `before` is the step that it showed until now. */
  show(isOpen, before) {
    const { canvas, el } = this;
    if (el.classList.toggle("has-step", isOpen) === this.wasOpen) return;
    this.wasOpen = isOpen;
    this.goBack.show(isOpen && this.takesRoom);
    canvas.viewport.rect = null;
    if (isOpen) el.scrollTop = 0;
    if (isOpen && this.isOver) closeAsides(canvas.findings, canvas.history);
    if (!isOpen && !el.checkVisibility()) canvas.viewport.comeBack(before);
  }

  hide() {
    this.canvas.board.select([]);
    this.show(false);
  }
}
