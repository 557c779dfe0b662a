// Connections: one path each, in one SVG behind the cards.

import { inlet, outlet } from "./cards.js";
import { curve, distance } from "./geometry.js";
import { farFrom } from "./routes.js";

const SVG = "http://www.w3.org/2000/svg";

export function keyOf(source, port) {
  return `${source} ${port}`;
}

export function newPath(name) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", name);
  return path;
}

/** Connect a port; what it was connected to before is let go. */
export function link(board, source, port, target, parent = board.paths) {
  unlink(board, source, port);
  const from = board.nodes.get(source), to = board.nodes.get(target);
  if (!from || !to) return null;
  const edge = { key: keyOf(source, port), source, port, target, path: newPath("edge") };
  board.edges.set(edge.key, edge);
  from.outs.add(edge);
  to.ins.add(edge);
  parent.append(edge.path);
  from.ports.get(port)?.el.classList.add("is-wired");
  to.el.classList.add("has-way-in");
  return edge;
}

export function unlink(board, source, port) {
  const edge = board.edges.get(keyOf(source, port));
  if (!edge) return null;
  if (board.edge === edge) board.selectEdge(null);
  board.edges.delete(edge.key);
  edge.path.remove();
  const from = board.nodes.get(source), to = board.nodes.get(edge.target);
  from?.outs.delete(edge);
  from?.ports.get(port)?.el.classList.remove("is-wired");
  to?.ins.delete(edge);
  if (to && to.ins.size === 0) to.el.classList.remove("has-way-in");
  return edge;
}

/** Connect by the server's list of [source, port, target], the cards having been measured: the lines come into the page drawn. */
export function linkAll(board, list) {
  const parts = document.createDocumentFragment();
  for (const [source, port, target] of list) link(board, source, port, target, parts);
  for (const edge of board.edges.values()) draw(board, edge);
  board.paths.append(parts);
}

export function ends(board, edge) {
  const from = outlet(board.nodes.get(edge.source), edge.port);
  const to = inlet(board.nodes.get(edge.target));
  return [from.x, from.y, to.x, to.y];
}

export function draw(board, edge) {
  const line = ends(board, edge);
  if (edge.detour && edge.detour.line.some((value, at) => value !== line[at])) edge.detour = null;
  edge.path.setAttribute("d", edge.detour?.d ?? curve(...line));
}

/** Draw again what hangs on these cards, and nothing else. */
export function redraw(board, nodes) {
  const seen = new Set();
  for (const node of nodes) {
    for (const edge of node.outs) seen.add(edge);
    for (const edge of node.ins) seen.add(edge);
  }
  for (const edge of seen) draw(board, edge);
}

/** After new ports were read: say on each whether something is connected to it. */
export function mark(node) {
  for (const edge of node.outs) node.ports.get(edge.port)?.el.classList.add("is-wired");
}

/** The connection nearest to a point, if one is within reach. */
export function near(board, point, within) {
  let best = null, least = within;
  for (const edge of board.edges.values()) {
    if (edge.detour) {
      const far = farFrom(point, edge.detour.points);
      if (far <= least) [best, least] = [edge, far];
      continue;
    }
    const line = ends(board, edge);
    const slack = within + 220;
    if (point.x < Math.min(line[0], line[2]) - slack || point.x > Math.max(line[0], line[2]) + slack) continue;
    if (point.y < Math.min(line[1], line[3]) - within || point.y > Math.max(line[1], line[3]) + within) continue;
    const far = distance(point, line);
    if (far <= least) [best, least] = [edge, far];
  }
  return best;
}

/** A step and those by which one comes to it: led there, its way would go in a circle. */
export function before(board, id) {
  const seen = new Set([id]), open = [id];
  while (open.length) {
    for (const { source } of board.nodes.get(open.pop())?.ins ?? []) {
      if (!seen.has(source)) open.push(source);
      seen.add(source);
    }
  }
  return seen;
}

/** Would a connection from source to target close a cycle? A quick look for the eye; the server decides. */
export function closes(board, source, target) {
  return before(board, source).has(target);
}
