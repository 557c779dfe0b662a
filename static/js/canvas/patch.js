// Draws what the server tells: cards that changed, connections, findings, the toolbar. The same for an answer to a gesture,
// for news from another editor, and (full) for a fresh look at everything.

import { create, fill, measure, place } from "./cards.js";
import { draw, keyOf, link, linkAll, mark, unlink } from "./edges.js";
import { glide } from "./glide.js";

/** Gives the cards that came, moved or say something else now. */
export function applyPatch(canvas, patch, { own = false, pending }) {
  const { board, viewport } = canvas, chosen = own && !board.gesture ? board.selected : null;
  const isClear = chosen && !viewport.away(chosen).some(Boolean);
  let structure = false;
  if (patch.full) structure = dropMissing(canvas, patch, pending) || structure;
  structure = removeCards(canvas, (patch.removed ?? []).filter((id) => !pending.added.has(id))) || structure;

  const refilled = [], moves = [], news = new Set(), changes = new Set();
  for (const card of patch.cards ?? []) {
    if (pending.removed.has(card.id)) continue;
    let node = board.nodes.get(card.id);
    if (!node) {
      node = create(board, card);
      canvas.observer?.observe(node.el);
      refilled.push(node);
      changes.add(node);
      structure = true;
      continue;
    }
    if (!pending.places.has(card.id) && (node.x !== card.x || node.y !== card.y)) {
      moves.push([node, node.x, node.y]);
      changes.add(node);
      place(node, card.x, card.y);
    }
    const changed = fill(board, node, card);
    if (changed) changes.add(node);
    if (!own) news.add(card.id);
    refilled.push(node);
  }
  measure(refilled);
  if (isClear && viewport.away(chosen).some(Boolean)) viewport.reveal(chosen, 12); // It grew while one writes.
  for (const node of refilled) mark(node);
  structure = drawEdges(board, patch, pending) || structure;
  canvas.redraw(refilled);
  glide(board, moves);

  if (patch.order) canvas.setOrder(patch.order);
  if (patch.findings) canvas.findings.show(patch.findings, patch.proved);
  if (patch.toolbar) canvas.toolbar.show(patch.toolbar);
  if (structure) board.say("structure");
  board.say("moved");
  board.say("patched", { patch, own, news });
  return [...changes];
}

function drawEdges(board, patch, pending) {
  if (patch.full) {
    linkAll(board, patch.edges.filter(([source, port]) => !pending.ports.has(keyOf(source, port))));
    return true;
  }
  let structure = false;
  for (const [source, port, target] of patch.edges ?? []) {
    if (pending.ports.has(keyOf(source, port))) continue;
    const old = board.edges.get(keyOf(source, port));
    if ((old?.target ?? null) === target) continue;
    structure = true;
    if (target === null) unlink(board, source, port);
    else drawNew(board, link(board, source, port, target));
  }
  return structure;
}

function drawNew(board, edge) {
  if (!edge) return;
  draw(board, edge);
  edge.path.classList.add("is-new");
}

/** At once, so that none of several that go is taken for the one that stays selected. */
export function removeCards(canvas, ids) {
  const { selection } = canvas.board, stay = [...selection].filter((id) => !ids.includes(id));
  if (stay.length < selection.size) canvas.board.select(stay);
  return ids.map((id) => removeCard(canvas, id)).some(Boolean);
}

/** Take a card away with all that hangs on it. */
function removeCard({ board, observer }, id) {
  const node = board.nodes.get(id);
  if (!node) return false;
  for (const edge of [...node.outs, ...node.ins]) unlink(board, edge.source, edge.port);
  observer?.unobserve(node.el);
  if (board.selection.has(id)) board.select([...board.selection].filter((other) => other !== id));
  board.nodes.delete(id);
  node.el.remove();
  return true;
}

function dropMissing(canvas, patch, pending) {
  const { board } = canvas;
  const here = new Set(patch.cards.map((card) => card.id));
  const edges = new Set(patch.edges.map(([source, port]) => keyOf(source, port)));
  let dropped = removeCards(canvas, [...board.nodes.keys()].filter((id) => !here.has(id) && !pending.added.has(id)));
  for (const edge of [...board.edges.values()]) {
    if (!edges.has(edge.key) && !pending.ports.has(edge.key)) dropped = Boolean(unlink(board, edge.source, edge.port)) || dropped;
  }
  return dropped;
}
