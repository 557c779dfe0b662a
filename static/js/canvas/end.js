// The arriving end of the picked connection as a thing of its own, which a finger can take hold of: it lies on a step, which would move.

import { ends } from "./edges.js";

export class End {
  constructor({ board, viewport }) {
    Object.assign(this, { board, viewport, el: document.createElement("i") });
    this.el.className = "edge-end";
    this.el.dataset.end = "";
    this.el.hidden = true;
    board.marks.append(this.el);
    board.on("selection moved structure view", () => this.show());
  }

  show() {
    const { edge } = this.board;
    if (this.el.hidden === Boolean(edge)) this.el.hidden = !edge;
    if (!edge) return;
    const [, , x, y] = ends(this.board, edge);
    this.el.style.transform = `translate(${x}px,${y}px) scale(${1 / this.viewport.k})`;
  }
}
