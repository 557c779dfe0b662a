// Connecting with the pointer: from the port of an answer to a step, or into the open to add the next step there.

import { inlet, outlet, portLabel } from "./cards.js";
import { closes, keyOf, link, newPath, unlink } from "./edges.js";
import { follow } from "./gesture.js";
import { curve, holds } from "./geometry.js";

/** `click` is what happens when the pointer never moved; at a port, the next step is offered. */
export function dragConnection(canvas, event, node, port, click = null) {
  const { board, viewport } = canvas;
  const path = newPath("edge is-loose");
  const old = board.edges.get(keyOf(node.id, port));
  let target = null;

  function aim(next) {
    if (next === target) return;
    target?.el.classList.remove("is-target", "is-refused");
    target = next;
    target?.el.classList.add(closes(board, node.id, target.id) ? "is-refused" : "is-target");
  }

  function clear() {
    aim(null);
    old?.path.classList.remove("is-leaving");
  }

  follow(board, event, {
    name: "connect",
    start() {
      board.paths.append(path);
      old?.path.classList.add("is-leaving");
    },
    move(last) {
      canvas.edgePan(last);
      const at = viewport.toPlane(last.clientX, last.clientY);
      aim(under(board, at, node));
      const from = outlet(node, port), to = target ? inlet(target) : at;
      path.setAttribute("d", curve(from.x, from.y, to.x, to.y));
    },
    drop(last) {
      const chosen = target, isInside = document.elementFromPoint(last.clientX, last.clientY)?.closest("[data-canvas]");
      clear();
      if (!isInside) return path.remove();
      if (!chosen) return canvas.palette.offer(last.clientX, last.clientY, { node, port, answered: () => path.remove() });
      path.remove();
      connect(canvas, node, port, chosen);
    },
    abort: () => (clear(), path.remove()),
    click: click ?? ((last) => canvas.palette.offer(last.clientX, last.clientY, { node, port })),
  });
}

/** The step at a point that a connection can lead to. */
export function under(board, at, except) {
  let found = null;
  for (const node of board.nodes.values()) {
    if (node !== except && node.takesIn && holds(node, at, 14)) found = node;
  }
  return found;
}

/** Draw the connection at once and tell the server. One that closes a cycle is only asked for: the server names the cycle. */
export function connect(canvas, node, port, target) {
  const { board, sync } = canvas;
  if (board.edges.get(keyOf(node.id, port))?.target === target.id) return;
  if (!closes(board, node.id, target.id)) {
    const edge = link(board, node.id, port, target.id);
    canvas.redraw([node, target]);
    edge.path.classList.add("is-new");
    canvas.say(`Connected ${portLabel(node, port)} to ${target.el.getAttribute("aria-label")}.`);
    board.say("structure");
  }
  sync.send({ kind: "connect", source: node.id, port, target: target.id });
}

export function disconnect(canvas, source, port) {
  if (!unlink(canvas.board, source, port)) return;
  canvas.board.say("structure");
  canvas.sync.send({ kind: "disconnect", source, port });
}
