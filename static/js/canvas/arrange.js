// Aligning and spacing the selected cards: pure sums on boxes, and the gesture that tells the server.

import { place } from "./cards.js";
import { sendMove } from "./drag.js";
import { around } from "./geometry.js";

const ALIGN = {
  left: (box, all) => ({ x: all.x, y: box.y }),
  centre: (box, all) => ({ x: all.x + (all.w - box.w) / 2, y: box.y }),
  right: (box, all) => ({ x: all.x + all.w - box.w, y: box.y }),
  top: (box, all) => ({ x: box.x, y: all.y }),
  middle: (box, all) => ({ x: box.x, y: all.y + (all.h - box.h) / 2 }),
  bottom: (box, all) => ({ x: box.x, y: all.y + all.h - box.h }),
};

/** Where boxes go so that one edge or the middle of all is in one line. */
export function aligned(boxes, how) {
  const all = around(boxes);
  return boxes.map((box) => rounded(ALIGN[how](box, all)));
}

/** Where boxes go so that the gaps between neighbours are the same; the outermost two stay. */
export function spaced(boxes, axis) {
  const size = axis === "x" ? "w" : "h";
  const order = boxes.map((_, at) => at).sort((a, b) => boxes[a][axis] - boxes[b][axis]);
  const first = boxes[order[0]], last = boxes[order.at(-1)];
  const taken = order.reduce((sum, at) => sum + boxes[at][size], 0);
  const gap = (last[axis] + last[size] - first[axis] - taken) / (boxes.length - 1);
  const places = [];
  let next = first[axis];
  for (const at of order) {
    places[at] = rounded({ x: boxes[at].x, y: boxes[at].y, [axis]: next });
    next += boxes[at][size] + gap;
  }
  return places;
}

function rounded({ x, y }) {
  return { x: Math.round(x), y: Math.round(y) };
}

export function align(canvas, how) {
  move(canvas, 2, (boxes) => aligned(boxes, how));
}

export function distribute(canvas, axis) {
  move(canvas, 3, (boxes) => spaced(boxes, axis));
}

function move(canvas, least, where) {
  const { board } = canvas;
  const nodes = [...board.selection].map((id) => board.nodes.get(id));
  if (nodes.length < least) return canvas.toast(`Select at least ${least === 2 ? "two" : "three"} steps first, with Shift and a click or a box.`, "info");
  where(nodes).forEach(({ x, y }, at) => place(nodes[at], x, y));
  canvas.redraw(nodes);
  board.say("moved");
  sendMove(canvas, nodes);
}
