// The whole flow, small: a canvas drawn when things moved and nobody is in a hurry; pressing on it goes there.

import { whenIdle } from "./frame.js";
import { around } from "./geometry.js";

const PAD = 80;

export class Minimap {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el, due: 0, scale: 1, box: null });
    this.paper = el.querySelector("canvas");
    this.frame = el.querySelector("[data-frame]");
    const { board } = canvas;
    board.on("moved structure selection", () => this.later());
    board.on("view", () => (this.box ? this.showFrame() : this.later()));
    el.addEventListener("pointerdown", (event) => this.go(event));
    el.addEventListener("pointermove", (event) => event.buttons === 1 && this.go(event));
    whenIdle(() => this.later());
  }

  toggle() {
    this.el.hidden = !this.el.hidden;
    this.later();
  }

  later() {
    if (this.due || this.el.hidden) return;
    this.due = setTimeout(() => {
      this.due = 0;
      if (this.canvas.board.gesture) this.later();
      else this.draw();
    }, 120);
  }

  draw() {
    const { board } = this.canvas;
    const box = around(board.nodes.values());
    const width = this.el.clientWidth, height = this.el.clientHeight;
    if (!box || !width) return;
    this.box = { x: box.x - PAD, y: box.y - PAD, w: box.w + 2 * PAD, h: box.h + 2 * PAD };
    this.scale = Math.min(width / this.box.w, height / this.box.h);
    this.left = (width - this.box.w * this.scale) / 2;
    this.top = (height - this.box.h * this.scale) / 2;
    const ratio = window.devicePixelRatio || 1;
    this.paper.width = width * ratio;
    this.paper.height = height * ratio;
    const pen = this.paper.getContext("2d");
    pen.scale(ratio, ratio);
    const style = getComputedStyle(this.el);
    const colour = (name) => style.getPropertyValue(name).trim() || style.color;
    [pen.strokeStyle, pen.lineWidth] = [style.color, 2];
    for (const node of board.nodes.values()) {
      pen.fillStyle = colour(`--step-${node.kind.replaceAll("_", "-")}`);
      const [x, y] = [this.left + (node.x - this.box.x) * this.scale, this.top + (node.y - this.box.y) * this.scale];
      pen.beginPath();
      pen.roundRect(x, y, Math.max(node.w * this.scale, 2), Math.max(node.h * this.scale, 2), 1.5);
      pen.fill();
      if (board.selection.has(node.id)) pen.stroke();
    }
    this.showFrame();
  }

  showFrame() {
    if (!this.box || this.el.hidden) return;
    const { x, y, k, frame } = this.canvas.viewport;
    const left = this.left + (-x / k - this.box.x) * this.scale, top = this.top + (-y / k - this.box.y) * this.scale;
    this.frame.style.transform = `translate(${left}px,${top}px)`;
    this.frame.style.width = `${(frame.width / k) * this.scale}px`;
    this.frame.style.height = `${(frame.height / k) * this.scale}px`;
  }

  go(event) {
    if (!this.box) return;
    event.preventDefault();
    const here = this.el.getBoundingClientRect();
    const { viewport } = this.canvas;
    const x = (event.clientX - here.left - this.left) / this.scale + this.box.x;
    const y = (event.clientY - here.top - this.top) / this.scale + this.box.y;
    viewport.set(viewport.frame.width / 2 - x * viewport.k, viewport.frame.height / 2 - y * viewport.k, viewport.k);
  }
}
