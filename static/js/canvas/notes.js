// Notes are drawn to any size by an edge, their corner or by keys, along the grid of the canvas; a longer text makes them taller by itself.

import { measure } from "./cards.js";
import { follow } from "./gesture.js";
import { clamp } from "./geometry.js";

const NAMES = { x: "width", y: "height" }, GATHER = 250;

/** `grip` is what it is held by: "x" the right edge, "y" the lower one, "xy" the corner between them. */
export function resizeNote(canvas, event, node, grip) {
  const { board, viewport } = canvas;
  let begun = null, size = null, drawn = {};

  follow(board, event, {
    name: "resize",
    start() {
      board.select([node.id]);
      begun = viewport.toPlane(event.clientX, event.clientY);
      const paper = paperOf(node);
      size = { x: paper.offsetWidth, y: paper.offsetHeight };
    },
    move(last) {
      const at = viewport.toPlane(last.clientX, last.clientY), paper = paperOf(node), next = {};
      if (grip !== "y") next.width = along(paper, "x", size.x + at.x - begun.x);
      if (grip !== "x") next.height = along(paper, "y", size.y + at.y - begun.y);
      draw(board, node, (drawn = next));
    },
    drop() {
      canvas.panel.remade = node.id;
      canvas.sync.send({ kind: "change", node: node.id, data: drawn });
    },
    abort: () => draw(board, node, {}),
    click: () => board.select([node.id]),
  });
}

/** By one line of the grid, from what was asked for last: the card may have come meanwhile as it was before. Keys that follow one
 * another become one change. */
export function growNote(canvas, way, by) {
  const { board, sync, panel } = canvas, node = board.selected;
  const paper = node && paperOf(node);
  if (!paper) return canvas.toast("Only a note can be made wider or taller. Select one first.", "info");
  const step = Number(paper.dataset[way].split(" ")[2]);
  const asked = sync.queue.asked(node.id), name = NAMES[way], now = asked[name] ?? (way === "x" ? paper.offsetWidth : paper.offsetHeight);
  asked[name] = along(paper, way, now + by * step);
  draw(board, node, asked);
  canvas.viewport.reveal(node);
  panel.remade = node.id;
  sync.send({ kind: "change", node: node.id, data: { [name]: asked[name] } }, { wait: GATHER });
}

function paperOf(node) {
  return node.el.querySelector(".note-text");
}

function along(paper, way, length) {
  const [least, most, step] = paper.dataset[way].split(" ").map(Number);
  return clamp(Math.round(length / step) * step, least, most);
}

function draw(board, node, { width, height }) {
  const paper = paperOf(node);
  paper.style.width = width ? `${width}px` : "";
  paper.style.minHeight = height ? `${height}px` : "";
  measure([node]);
  board.say("moved");
}
