// Of a large flow only what is seen is laid out when it opens; the rest is taken for usual cards, and laid out in idle moments.

import { measure } from "./cards.js";
import { redraw } from "./edges.js";
import { touches } from "./geometry.js";

const FEW = 80, SLICE = 25, MARGIN = 120;

/** Lay out the cards in view, or all of a small flow; the others are returned. */
export function layOutSeen(board, viewport) {
  const nodes = [...board.nodes.values()];
  const seen = nodes.length > FEW ? nodes.filter((node) => touches(node, viewport.seen(MARGIN))) : nodes;
  layOut(seen);
  return nodes.filter((node) => node.el.classList.contains("is-unseen"));
}

/** The rest, a few at a time; `done` is called with those that are whole. */
export function layOutUnseen(board, rest, done) {
  const next = () => {
    const some = rest.splice(0, SLICE);
    layOut(some);
    redraw(board, some);
    done(some);
    if (rest.length) return requestIdleCallback(next, { timeout: 500 });
    board.say("moved");
    performance.mark("canvas-whole");
  };
  requestIdleCallback(next, { timeout: 500 });
}

function layOut(nodes) {
  for (const node of nodes) node.el.classList.remove("is-unseen");
  measure(nodes);
}
