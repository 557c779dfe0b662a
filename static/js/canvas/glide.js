// Lets the eye follow when many cards go to new places at once, as after tidying up: cards glide, connections fade in where they end.

const MOST = 250, TIME = 320;

/** `moves` are [card, x before, y before]; the places on the board are the new ones already. */
export function glide(board, moves) {
  if (moves.length < 2 || moves.length > MOST || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const how = { duration: TIME, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)" };
  const seen = new Set();
  for (const [node, x, y] of moves) {
    node.el.animate([{ translate: `${x - node.x}px ${y - node.y}px` }, { translate: "0 0" }], how);
    for (const edge of [...node.outs, ...node.ins]) seen.add(edge);
  }
  for (const edge of seen) edge.path.animate([{ opacity: 0 }, { opacity: 0, offset: 0.5 }, { opacity: 1 }], how);
}
