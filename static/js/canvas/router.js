// Leads connections round cards once things lie still: in idle moments, a few milliseconds at a time, never while a gesture runs.

import { draw, ends } from "./edges.js";
import { whenIdle } from "./frame.js";
import { Cells, detour } from "./routes.js";

const SLICE = 4, PAUSE = 120;

export class Router {
  constructor(board) {
    this.board = board;
    this.due = 0;
    this.turn = 0;
    board.on("moved structure", () => this.later());
    board.on("gesture", (gesture) => gesture || this.later());
    this.later();
  }

  later() {
    this.turn += 1;
    if (this.board.gesture) return;
    clearTimeout(this.due);
    this.due = setTimeout(() => this.begin(), PAUSE);
  }

  begin() {
    const { turn } = this;
    this.cells = new Cells(this.board.nodes.values());
    const edges = [...this.board.edges.values()];
    const go = (deadline) => {
      const until = performance.now() + Math.min(SLICE, deadline?.timeRemaining() || SLICE);
      while (edges.length && turn === this.turn && performance.now() < until) this.lead(edges.pop());
      if (edges.length && turn === this.turn) whenIdle(go);
    };
    whenIdle(go);
  }

  lead(edge) {
    const { board } = this;
    const from = board.nodes.get(edge.source), to = board.nodes.get(edge.target);
    if (!from || !to || board.edges.get(edge.key) !== edge) return;
    const before = edge.detour?.d;
    edge.detour = detour(ends(board, edge), this.cells, [from, to], apart(edge));
    if (before !== edge.detour?.d) draw(board, edge);
  }
}

/** Connections that pass the same cards lie beside each other: a few pixels by their step and answer, always the same. */
function apart({ key }) {
  let sum = 0;
  for (let at = 0; at < key.length; at += 1) sum = (sum * 31 + key.charCodeAt(at)) % 997;
  return (sum % 5) * 4;
}
