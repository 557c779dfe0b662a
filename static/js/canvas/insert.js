// Adding a step: at a place, beside another and connected with it, or in between on a connection. Drawn at once, one command each.

import { create, measure, place, portLabel } from "./cards.js";
import { link } from "./edges.js";
import { HEIGHT, WIDTH, snap, touches } from "./geometry.js";
import { TOUCH } from "./gesture.js";
import { newStep } from "./queue.js";

const GAP = 90;

/** Right of the selected step (or of `from`), with its first answer that leads nowhere yet; in the middle when none is selected. */
export function besideOf(canvas, from = canvas.board.selected) {
  const { board, viewport } = canvas;
  const port = from && [...from.ports.keys()].find((id) => !board.edges.has(`${from.id} ${id}`) && from.ports.get(id).el.classList.contains("is-must"));
  const centre = viewport.centre;
  const at = from ? { x: from.x + from.w + GAP, y: from.y } : { x: centre.x - WIDTH / 2, y: centre.y - HEIGHT / 2 };
  return { at: freePlace(canvas, at), from: port === undefined ? null : { node: from, port } };
}

/** The nearest place downwards where nothing lies yet. */
export function freePlace({ board }, at, but = null) {
  const box = { x: snap(at.x), y: snap(at.y), w: WIDTH, h: HEIGHT };
  const taken = [...board.nodes.values()].filter((node) => node !== but);
  for (let tries = 0; tries < 200 && taken.some((node) => touches(node, { ...box, y: box.y - 20, h: HEIGHT + 40 })); tries += 1) box.y += 20;
  return box;
}

/** Add a step, and connect `from` (a step and its port) with it. `came` is what becomes of it then: one goes on with it, or stays. */
export function addStep(canvas, kind, { x, y }, from, came = goOn) {
  const { node, command } = draw(canvas, usualAt(canvas, kind, from), x, y);
  if (!from) return done(canvas, kind, node, null, command, came);
  link(canvas.board, from.node.id, from.port, node.id);
  const connect = { kind: "connect", source: from.node.id, port: from.port, target: node.id };
  done(canvas, kind, node, from.node.id, { kind: "all", commands: [command, connect], words: `Added ${kind.label}` }, came);
}

/** Put a new step on a connection: the way goes through it, and what comes after makes room. */
export function insertOn(canvas, kind, edge, at = null, came = goOn) {
  const { board } = canvas;
  const { source, port, target } = edge;
  const from = board.nodes.get(source), to = board.nodes.get(target);
  const x = snap(Math.max(at ? at.x - WIDTH / 2 : 0, from.x + from.w + GAP / 2)), y = snap(at ? at.y - 24 : (from.y + to.y) / 2);
  const { node, command } = draw(canvas, kind, x, y);
  const room = makeRoom(canvas, node, to), free = freePlace(canvas, { x, y }, node);
  place(node, free.x, free.y);
  command.at = [free.x, free.y];
  link(board, source, port, node.id);
  link(board, node.id, kind.port, target);
  canvas.redraw(room);
  const commands = [
    command,
    { kind: "connect", source, port, target: node.id },
    { kind: "connect", source: node.id, port: kind.port, target },
  ];
  if (room.length) commands.push({ kind: "move", positions: placesOf(room) });
  done(canvas, kind, node, source, { kind: "all", commands, words: `Put ${kind.label} in between` }, came);
}

/** Let a card that lay loose lead on from one end of a connection to the other. */
export function threadOn(canvas, node, edge, positions) {
  const { board, sync } = canvas;
  const { source, port, target } = edge;
  const from = board.nodes.get(source), out = firstPort(node);
  place(node, snap(Math.max(node.x, from.x + from.w + GAP / 2)), node.y);
  const room = makeRoom(canvas, node, board.nodes.get(target)), free = freePlace(canvas, node, node);
  place(node, free.x, free.y);
  link(board, source, port, node.id);
  link(board, node.id, out, target);
  canvas.redraw([node, ...room]);
  board.say("structure");
  const name = node.el.getAttribute("aria-label");
  const commands = [
    { kind: "move", positions: { ...positions, ...placesOf([node, ...room]) } },
    { kind: "connect", source, port, target: node.id },
    { kind: "connect", source: node.id, port: out, target },
  ];
  sync.send({ kind: "all", commands, words: `Put ${name} in between` });
  canvas.say(`${name} is in between now.`);
}

export function firstPort(node) {
  return node.ports.keys().next().value;
}

/** What a new Finish counts as depends on the answer at which it is added, or that leads to the steps before it that only go on. */
function usualAt({ board, choices: { outcomes } }, kind, from) {
  if (kind.kind !== "finish" || !from) return kind;
  let { node, port } = from;
  for (let left = board.nodes.size; left > 0 && node.ports.size === 1 && node.ins.size === 1; left -= 1) {
    const [edge] = node.ins;
    [node, port] = [board.nodes.get(edge.source), edge.port];
  }
  const outcome = node.kind !== "condition" && outcomes[port];
  return outcome ? { ...kind, blank: { ...kind.blank, outcome } } : kind;
}

function draw(canvas, { kind, label, blank }, x, y) {
  const { board, observer } = canvas;
  const id = newStep();
  const html = `<header class="step-head"></header><div class="step-text is-coming"></div>`;
  const node = create(board, { id, kind, x, y, label, html });
  node.el.querySelector(".step-head").textContent = label;
  observer?.observe(node.el);
  measure([node]);
  return { node, command: { kind: "add_node", node: { id, kind, data: blank }, at: [x, y] } };
}

function done(canvas, kind, node, after, command, came) {
  canvas.redraw([node]);
  canvas.sync.send(command);
  canvas.addToOrder(node.id, after);
  canvas.board.say("structure");
  came(canvas, kind, node);
}

function goOn(canvas, kind, node) {
  canvas.board.select([node.id]);
  canvas.viewport.reveal(node);
  canvas.coming = node.id;
  canvas.focusCard(node);
  if (!TOUCH.matches) canvas.panel.focus(); // A step is there to be written, where no keyboard comes up over it.
  canvas.say(`${kind.label} added.`);
}

/** Chosen in the panel of the step before it, which one goes on with: the new card is only shown. */
export function stayAt(from, port) {
  return (canvas, kind, node) => {
    canvas.viewport.reveal(node);
    canvas.viewport.reveal(from);
    canvas.say(`Added ${kind.label} after “${portLabel(from, port)}”.`);
  };
}

function placesOf(nodes) {
  return Object.fromEntries(nodes.map((node) => [node.id, [node.x, node.y]]));
}

/** Move what comes after to the right, all of it by as much as the new card needs. */
function makeRoom({ board }, node, first) {
  const need = snap(node.x + WIDTH + GAP / 2 - first.x);
  if (need <= 0) return [];
  const after = new Set(), open = [first.id];
  while (open.length) {
    const id = open.pop();
    if (after.has(id)) continue;
    after.add(id);
    for (const edge of board.nodes.get(id)?.outs ?? []) open.push(edge.target);
  }
  const moved = [...after].map((id) => board.nodes.get(id)).filter((one) => one && one.x >= first.x);
  for (const one of moved) place(one, one.x + need, one.y);
  return moved;
}
