// Notes are drawn to any size by an edge or their corner, along the grid of the canvas; a longer text makes them taller by itself.

import { measure } from "./cards.js";
import { follow } from "./gesture.js";
import { clamp } from "./geometry.js";

/** `grip` is what it is held by: "x" the right edge, "y" the lower one, "xy" the corner between them. */
export function resizeNote(canvas, event, node, grip) {
  const { board, viewport } = canvas;
  const paper = node.el.querySelector(".note-text");
  let begun = null, size = null, drawn = {};

  function draw(next) {
    drawn = next;
    paper.style.width = next.width ? `${next.width}px` : "";
    paper.style.minHeight = next.height ? `${next.height}px` : "";
    measure([node]);
    board.say("moved");
  }

  function to(length, way) {
    const [least, most, step] = paper.dataset[way].split(" ").map(Number);
    return clamp(Math.round(length / step) * step, least, most);
  }

  follow(board, event, {
    name: "resize",
    start() {
      board.select([node.id]);
      begun = viewport.toPlane(event.clientX, event.clientY);
      size = { x: paper.offsetWidth, y: paper.offsetHeight };
    },
    move(last) {
      const at = viewport.toPlane(last.clientX, last.clientY), next = {};
      if (grip !== "y") next.width = to(size.x + at.x - begun.x, "x");
      if (grip !== "x") next.height = to(size.y + at.y - begun.y, "y");
      draw(next);
    },
    drop() {
      canvas.panel.remade = node.id;
      canvas.sync.send({ kind: "change", node: node.id, data: drawn });
    },
    abort: () => draw({}),
    click: () => board.select([node.id]),
  });
}
