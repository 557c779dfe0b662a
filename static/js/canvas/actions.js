// Everything that a button of the toolbar or a key can do, by name.

import { copy, duplicate, paste } from "./clipboard.js";
import { disconnect } from "./connect.js";
import { nudge } from "./drag.js";
import { GRID } from "./geometry.js";
import { removeCard } from "./patch.js";

const STEP = 1.25;

const EDITING = ["undo", "redo", "delete", "duplicate", "cut", "paste", "tidy", "left", "right", "up", "down"];

export function actionsOf(canvas) {
  const actions = allOf(canvas);
  if (canvas.board.readOnly) for (const name of EDITING) actions[name] = () => {};
  return actions;
}

function allOf(canvas) {
  const { board, viewport, sync } = canvas;
  return {
    undo: () => again(canvas, "undo"),
    redo: () => again(canvas, "redo"),
    fit: () => viewport.fit(),
    "fit-selection": () => viewport.fit([...board.selection].map((id) => board.nodes.get(id))),
    "zoom-in": () => viewport.zoom(STEP),
    "zoom-out": () => viewport.zoom(1 / STEP),
    "zoom-one": () => viewport.zoom(1 / viewport.k),
    delete: () => remove(canvas),
    duplicate: () => duplicate(canvas),
    copy: () => copy(canvas),
    cut: () => copy(canvas) && remove(canvas),
    paste: () => paste(canvas),
    "select-all": () => board.select(board.nodes.keys()),
    "select-none": () => board.select([]),
    tidy: () => sync.send({ kind: "tidy" }),
    help: () => document.getElementById("keys").showModal(),
    checks: () => canvas.findings.toggle(),
    minimap: () => canvas.minimap.toggle(),
    left: (event) => nudge(canvas, -far(event), 0),
    right: (event) => nudge(canvas, far(event), 0),
    up: (event) => nudge(canvas, 0, -far(event)),
    down: (event) => nudge(canvas, 0, far(event)),
    "pan-left": () => viewport.pan(80, 0),
    "pan-right": () => viewport.pan(-80, 0),
    "pan-up": () => viewport.pan(0, 80),
    "pan-down": () => viewport.pan(0, -80),
    next: () => canvas.walk(1),
    previous: () => canvas.walk(-1),
  };
}

function far(event) {
  return event.shiftKey ? GRID * 5 : GRID;
}

function again(canvas, kind) {
  const isIdle = !canvas.sync.queue.first;
  if (isIdle && document.querySelector(`[data-act=${kind}]`).disabled) return canvas.say(`There is nothing to ${kind}.`);
  canvas.panel.flush();
  canvas.sync.send({ kind });
}

/** Delete the selected steps or connection. The step that opens the flow stays: every flow has exactly one. */
export function remove(canvas) {
  const { board, sync } = canvas;
  if (board.edge) return disconnect(canvas, board.edge.source, board.edge.port);
  const chosen = [...board.selection].map((id) => board.nodes.get(id));
  const nodes = chosen.filter((node) => !node.isStart);
  if (nodes.length < chosen.length) canvas.toast("A flow always begins with its first step, so that one stays.", "info");
  if (nodes.length === 0) return;
  const order = canvas.order();
  const after = order[Math.max(order.indexOf(nodes[0]) - 1, 0)];
  for (const node of nodes) removeCard(canvas, node.id);
  board.say("structure");
  board.say("moved");
  sync.send({ kind: "remove", nodes: nodes.map((node) => node.id), edges: [] });
  if (after && board.nodes.has(after.id)) canvas.focusCard(after);
  canvas.say(nodes.length === 1 ? "Step deleted." : `${nodes.length} steps deleted.`);
}
