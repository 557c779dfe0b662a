// Moving cards with the pointer: the card and its own connections follow, nothing else is touched until it is dropped.

import { place } from "./cards.js";
import { near, redraw } from "./edges.js";
import { follow } from "./gesture.js";
import { around, snap } from "./geometry.js";
import { Guides } from "./guides.js";
import { threadOn } from "./insert.js";

const REACH = 14;

export function dragCards(canvas, event, node) {
  const { board, viewport } = canvas;
  let moving = [], from = [], begun = { x: 0, y: 0 }, edge = null, isLoose = false, guides = null, box = null;

  function to(dx, dy) {
    moving.forEach((card, index) => place(card, from[index].x + dx, from[index].y + dy));
    redraw(board, moving);
    board.say("moved");
  }

  function rest() {
    guides.remove();
    for (const card of moving) card.el.classList.remove("is-moving");
  }

  /** How far the cards go: along guides and the grid, or freely. */
  function shift(at, isFree) {
    const dx = at.x - begun.x, dy = at.y - begun.y;
    if (isFree) {
      guides.hide();
      return [Math.round(dx), Math.round(dy)];
    }
    const now = { ...box, x: box.x + dx, y: box.y + dy };
    return [Math.round(guides.fit(now, "x", snap) - box.x), Math.round(guides.fit(now, "y", snap) - box.y)];
  }

  /** A card that nothing leads to or from can be dropped on a connection. */
  function aim(next) {
    edge?.path.classList.remove("is-target");
    edge = next;
    edge?.path.classList.add("is-target");
  }

  follow(board, event, {
    name: "drag",
    start() {
      moving = takenUp(board, node, event);
      from = moving.map(({ x, y }) => ({ x, y }));
      begun = viewport.toPlane(event.clientX, event.clientY);
      for (const card of moving) card.el.classList.add("is-moving");
      box = around(moving);
      guides = new Guides(canvas, moving);
      isLoose = moving.length === 1 && node.takesIn && node.ports.size > 0 && node.ins.size + node.outs.size === 0;
    },
    move(last) {
      canvas.edgePan(last);
      const at = viewport.toPlane(last.clientX, last.clientY);
      to(...shift(at, last.altKey));
      if (isLoose) aim(near(board, at, REACH / viewport.k) ?? near(board, middle(node), REACH / viewport.k));
    },
    drop() {
      const onto = edge;
      rest();
      aim(null);
      if (onto) return threadOn(canvas, node, onto, positionsOf(moving));
      if (moving.some((card, index) => card.x !== from[index].x || card.y !== from[index].y)) sendMove(canvas, moving);
    },
    abort() {
      rest();
      aim(null);
      to(0, 0);
    },
    click() {
      board.select([node.id], { add: event.shiftKey || event.ctrlKey || event.metaKey || canvas.several.isOn });
      canvas.focusCard(node);
    },
  });
}

/** What goes with the card: all that is selected with it. A finger moves a card without selecting it, as that opens the panel over it. */
function takenUp(board, node, { pointerType }) {
  if (!board.selection.has(node.id)) {
    if (pointerType === "touch") return [node];
    board.select([node.id]);
  }
  return [...board.selection].map((id) => board.nodes.get(id));
}

function middle({ x, y, w, h }) {
  return { x: x + w / 2, y: y + h / 2 };
}

export function sendMove(canvas, nodes) {
  canvas.sync.send({ kind: "move", positions: positionsOf(nodes) });
}

function positionsOf(nodes) {
  return Object.fromEntries(nodes.map((node) => [node.id, [node.x, node.y]]));
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
