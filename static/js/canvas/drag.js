// Moving cards with the pointer: the card and its own connections follow, nothing else is touched until it is dropped.

import { place } from "./cards.js";
import { redraw } from "./edges.js";
import { follow } from "./gesture.js";
import { snap } from "./geometry.js";

export function dragCards(canvas, event, node) {
  const { board, viewport } = canvas;
  let moving = [], from = [], begun = { x: 0, y: 0 };

  function to(dx, dy) {
    moving.forEach((card, index) => place(card, from[index].x + dx, from[index].y + dy));
    redraw(board, moving);
    board.say("moved");
  }

  follow(board, event, {
    name: "drag",
    start() {
      if (!board.selection.has(node.id)) board.select([node.id]);
      moving = [...board.selection].map((id) => board.nodes.get(id));
      from = moving.map(({ x, y }) => ({ x, y }));
      begun = viewport.toPlane(event.clientX, event.clientY);
      for (const card of moving) card.el.classList.add("is-moving");
    },
    move(last) {
      canvas.edgePan(last);
      const at = viewport.toPlane(last.clientX, last.clientY);
      const lead = from[moving.indexOf(node)];
      const free = last.altKey;
      const dx = free ? Math.round(at.x - begun.x) : snap(lead.x + at.x - begun.x) - lead.x;
      const dy = free ? Math.round(at.y - begun.y) : snap(lead.y + at.y - begun.y) - lead.y;
      to(dx, dy);
    },
    drop() {
      rest(moving);
      if (moving.some((card, index) => card.x !== from[index].x || card.y !== from[index].y)) sendMove(canvas, moving);
    },
    abort() {
      rest(moving);
      to(0, 0);
    },
    click() {
      board.select([node.id], { add: event.shiftKey || event.ctrlKey || event.metaKey });
      canvas.focusCard(node);
    },
  });
}

function rest(moving) {
  for (const card of moving) card.el.classList.remove("is-moving");
}

export function sendMove(canvas, nodes) {
  const positions = Object.fromEntries(nodes.map((node) => [node.id, [node.x, node.y]]));
  canvas.sync.send({ kind: "move", positions });
}

/** Arrow keys: a nudge at once, told to the server like any other move. */
export function nudge(canvas, dx, dy) {
  const { board, viewport } = canvas;
  const nodes = [...board.selection].map((id) => board.nodes.get(id));
  if (nodes.length === 0) return;
  for (const node of nodes) place(node, node.x + dx, node.y + dy);
  redraw(board, nodes);
  board.say("moved");
  viewport.reveal(nodes[0]);
  sendMove(canvas, nodes);
}
