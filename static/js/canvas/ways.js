// Connections as things of their own: picked by mouse or key, led elsewhere by an end.

import { inlet, outlet, portLabel } from "./cards.js";
import { dragConnection } from "./connect.js";
import { closes, ends, keyOf, link, near, newPath, unlink } from "./edges.js";
import { follow, pointerOf } from "./gesture.js";
import { curve } from "./geometry.js";

const REACH = 10, END = 44, PORT = 30;
/** How near to a connection one has to press. */
export const MOUSE = 7, FINGER = 20;

/** The connection nearest to where one pressed, not the one that lies on top. */
export function meantBy({ board, viewport }, { pointerType, clientX, clientY }) {
  return near(board, viewport.toPlane(clientX, clientY), (pointerType === "touch" ? FINGER : MOUSE) / viewport.k);
}

/** The connection whose end is at a point, and which end; null where none is. */
export function endAt(board, at, k) {
  const edge = near(board, at, REACH / k);
  if (!edge) return null;
  const [x1, y1, x2, y2] = ends(board, edge);
  const toTarget = Math.hypot(at.x - x2, at.y - y2), toSource = Math.hypot(at.x - x1, at.y - y1);
  const reach = Math.min(END, Math.hypot(x2 - x1, y2 - y1) / 3);
  if (Math.min(toTarget, toSource) > reach) return null;
  return { edge, isTarget: toTarget < toSource };
}

/** Drag an end: the target's to another step, the source's to another answer. A click only picks the connection that is meant. */
export function dragEnd(canvas, event, { edge, isTarget }) {
  const pick = (last) => (canvas.board.selectEdge(meantBy(canvas, last) ?? edge), canvas.board.root.focus({ preventScroll: true }));
  if (isTarget) dragConnection(canvas, event, canvas.board.nodes.get(edge.source), edge.port, pick);
  else dragSource(canvas, event, edge, pick);
}

function dragSource(canvas, event, edge, click) {
  const { board, viewport } = canvas;
  const target = board.nodes.get(edge.target), path = newPath("edge is-loose");
  let found = null;
  const show = (next) => {
    found?.node.el.classList.remove("is-target", "is-refused");
    found = next;
    found?.node.el.classList.add(closes(board, found.node.id, edge.target) ? "is-refused" : "is-target");
  };
  const clear = () => {
    show(null);
    path.remove();
    edge.path.classList.remove("is-leaving");
  };
  follow(board, event, {
    name: "connect",
    click,
    start() {
      board.paths.append(path);
      edge.path.classList.add("is-leaving");
    },
    move(last) {
      canvas.edgePan(last);
      const at = viewport.toPlane(last.clientX, last.clientY);
      show(portAt(board, at, target));
      const from = found ? outlet(found.node, found.port) : at, to = inlet(target);
      path.setAttribute("d", curve(from.x, from.y, to.x, to.y));
    },
    drop() {
      const chosen = found;
      clear();
      if (chosen) lead(canvas, edge, chosen);
    },
    abort: clear,
  });
}

/** The answer nearest to a point, on a card or right beside it. */
function portAt(board, at, except) {
  let best = null, least = Infinity;
  for (const node of board.nodes.values()) {
    if (node === except || at.x < node.x - PORT || at.x > node.x + node.w + PORT || at.y < node.y - PORT || at.y > node.y + node.h + PORT) continue;
    for (const [port, { y }] of node.ports) {
      const far = Math.abs(node.y + y - at.y);
      if (far < least) [best, least] = [{ node, port }, far];
    }
  }
  return best;
}

function lead(canvas, edge, { node, port }) {
  const { board, sync } = canvas;
  const { source, port: before, target } = edge;
  if (node.id === source && port === before) return;
  const commands = [{ kind: "disconnect", source, port: before }, { kind: "connect", source: node.id, port, target }];
  if (!closes(board, node.id, target)) {
    unlink(board, source, before);
    link(board, node.id, port, target);
    canvas.redraw([node]);
    board.say("structure");
  }
  sync.send({ kind: "all", commands, words: `Led “${portLabel(node, port)}” on instead of “${portLabel(board.nodes.get(source), before)}”` });
}

/** Pick the next or previous connection: those of the selected step, else all in the order of the flow. */
export function pickNext(canvas, by) {
  const { board } = canvas;
  const of = board.selected ?? board.nodes.get(board.edge?.source);
  const outs = (node) => [...node.ports.keys()].map((port) => board.edges.get(keyOf(node.id, port))).filter(Boolean);
  const all = canvas.order().flatMap(outs);
  if (all.length === 0) return canvas.say("There are no connections yet.");
  const at = board.edge ? all.indexOf(board.edge) + by : Math.max(all.findIndex((edge) => edge.source === of?.id), 0);
  const edge = all.at(at % all.length);
  board.selectEdge(edge);
  const from = board.nodes.get(edge.source), to = board.nodes.get(edge.target);
  canvas.viewport.reveal(to);
  canvas.viewport.reveal(from);
  canvas.say(`Connection from ${portLabel(from, edge.port)} of ${from.el.getAttribute("aria-label")} to ${to.el.getAttribute("aria-label")}. L leads it elsewhere, Delete removes it.`);
}

/** Connect from the selected step, its first answer that leads nowhere; or lead the picked connection to another step, by what `event` was. */
export function connectOrLead(canvas, event) {
  const { board } = canvas;
  const node = board.edge ? board.nodes.get(board.edge.source) : board.selected ?? canvas.here;
  if (!node || node.ports.size === 0) return canvas.say("Nothing leads on from here.");
  const ids = [...node.ports.keys()];
  const port = board.edge?.port ?? ids.find((id) => !board.edges.has(keyOf(node.id, id))) ?? ids[0];
  canvas.keyConnect.begin(node, port, pointerOf(event) ?? "keys");
}
