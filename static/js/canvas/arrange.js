// Aligning and spacing the selected cards: pure sums on boxes, and the gesture that tells the server.

import { place } from "./cards.js";
import { sendMove } from "./drag.js";
import { GRID, around, touches } from "./geometry.js";

/** Between two cards of which one would have come to lie on the other. */
const AIR = 20;
const ALIGN = {
  left: (box, all) => ({ x: all.x, y: box.y }),
  centre: (box, all) => ({ x: all.x + (all.w - box.w) / 2, y: box.y }),
  right: (box, all) => ({ x: all.x + all.w - box.w, y: box.y }),
  top: (box, all) => ({ x: box.x, y: all.y }),
  middle: (box, all) => ({ x: box.x, y: all.y + (all.h - box.h) / 2 }),
  bottom: (box, all) => ({ x: box.x, y: all.y + all.h - box.h }),
};

/** Where boxes go so that one edge or the middle of all is in one line, in their order: what would come to lie on another, or on one of
 * `others`, goes on past it. */
export function aligned(boxes, how, others = []) {
  const all = around(boxes), [axis, size, line] = ["left", "centre", "right"].includes(how) ? ["y", "h", "x"] : ["x", "w", "y"];
  const places = boxes.map((box) => rounded(ALIGN[how](box, all)));
  const order = boxes.map((_, at) => at).sort((a, b) => boxes[a][axis] - boxes[b][axis] || boxes[a][line] - boxes[b][line]);
  const past = (one) => Math.ceil((one[axis] + one[size] + AIR) / GRID) * GRID;
  let before = null;
  for (const at of order) {
    const { w, h } = boxes[at], box = { ...places[at], w, h };
    if (before && box[axis] < before[axis] + before[size]) box[axis] = past(before);
    for (let on; (on = others.find((one) => touches(one, box))); ) box[axis] = past(on);
    places[at][axis] = box[axis];
    before = box;
  }
  return places;
}

/** Where boxes go so that the gaps between neighbours are the same; the outermost two stay, unless cards would lie on one another so. */
export function spaced(boxes, axis) {
  const size = axis === "x" ? "w" : "h";
  const order = boxes.map((_, at) => at).sort((a, b) => boxes[a][axis] - boxes[b][axis]);
  const first = boxes[order[0]], last = boxes[order.at(-1)];
  const taken = order.reduce((sum, at) => sum + boxes[at][size], 0);
  const even = (last[axis] + last[size] - first[axis] - taken) / (boxes.length - 1);
  const within = (gap) => {
    let next = first[axis];
    return order.map((at) => {
      const box = { ...boxes[at], [axis]: next };
      next += box[size] + gap;
      return box;
    });
  };
  const isPile = (row) => row.some((box, at) => row.slice(at + 1).some((other) => touches(box, other)));
  const row = within(even);
  const apart = isPile(row) ? within(AIR) : row;
  return boxes.map((_, at) => rounded(apart[order.indexOf(at)]));
}

function rounded({ x, y }) {
  return { x: Math.round(x), y: Math.round(y) };
}

export function align(canvas, how) {
  move(canvas, 2, (boxes) => {
    const others = [...canvas.board.nodes.values()].filter((node) => !boxes.some((box) => box === node || touches(box, node)));
    return aligned(boxes, how, others);
  });
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
