// Everything that a button of the toolbar or a key can do, by name.

import { again, alike, press } from "./alike.js";
import { align, distribute } from "./arrange.js";
import { closeAsides, openAside } from "./asides.js";
import { chooseAction, searchSteps } from "./finder.js";
import { copy, duplicate, paste, take } from "./clipboard.js";
import { disconnect } from "./connect.js";
import { nudge } from "./drag.js";
import { keyOf } from "./edges.js";
import { GRID, nearest, towards } from "./geometry.js";
import { pointerOf } from "./gesture.js";
import { growNote } from "./notes.js";
import { removeCards } from "./patch.js";
import { connectOrLead, pickNext } from "./ways.js";

const STEP = 1.25;

/** Every action of the table by name; what the table leaves out for this person does nothing. */
export function actionsOf(canvas) {
  const all = allOf(canvas);
  const here = new Set(canvas.table.map((action) => action.name));
  return Object.fromEntries(Object.entries(all).map(([name, act]) => [name, here.has(name) ? act : () => {}]));
}

function allOf(canvas) {
  return { ...alike(canvas), ...ofSteps(canvas), ...ofView(canvas) };
}

function ofSteps(canvas) {
  const { board, sync } = canvas;
  return {
    add: (event, spot) => {
      const port = event?.target.closest("[data-port]"), node = board.nodes.get(port?.closest(".step")?.dataset.id);
      if (node) canvas.keyConnect.offer(node, port.dataset.port);
      else if (pointerOf(event)) canvas.palette.choose(spot);
      else canvas.palette.focus();
    },
    search: () => searchSteps(canvas),
    next: () => canvas.walk(1),
    previous: () => canvas.walk(-1),
    "step-left": (event) => stepTo(canvas, event, [-1, 0]),
    "step-right": (event) => stepTo(canvas, event, [1, 0]),
    "step-up": (event) => stepTo(canvas, event, [0, -1]),
    "step-down": (event) => stepTo(canvas, event, [0, 1]),
    "select-all": () => board.select(board.nodes.keys()),
    "select-none": () => (board.selection.size || board.edge ? board.select([]) : closeAsides(canvas.findings, canvas.history)),
    left: (event) => nudge(canvas, -far(event), 0),
    right: (event) => nudge(canvas, far(event), 0),
    up: (event) => nudge(canvas, 0, -far(event)),
    down: (event) => nudge(canvas, 0, far(event)),
    "note-wider": () => growNote(canvas, "x", 1),
    "note-narrower": () => growNote(canvas, "x", -1),
    "note-taller": () => growNote(canvas, "y", 1),
    "note-shorter": () => growNote(canvas, "y", -1),
    "align-left": () => align(canvas, "left"),
    "align-centre": () => align(canvas, "centre"),
    "align-right": () => align(canvas, "right"),
    "align-top": () => align(canvas, "top"),
    "align-middle": () => align(canvas, "middle"),
    "align-bottom": () => align(canvas, "bottom"),
    "distribute-across": () => distribute(canvas, "x"),
    "distribute-down": () => distribute(canvas, "y"),
    tidy: () => sync.send({ kind: "tidy" }),
    "tidy-selection": () => tidySelection(canvas),
    connect: (event) => connectOrLead(canvas, event),
    "next-connection": () => pickNext(canvas, 1),
    "previous-connection": () => pickNext(canvas, -1),
    undo: () => again(canvas, "undo", canvas.toolbar.words.undo),
    redo: () => again(canvas, "redo", canvas.toolbar.words.redo),
    copy: () => copy(canvas),
    cut: async () => (await take(canvas)) && remove(canvas, "Cut"),
    paste: (event, spot) => paste(canvas, event, spot),
    duplicate: () => duplicate(canvas),
    delete: () => remove(canvas),
  };
}

function ofView(canvas) {
  const { board, viewport } = canvas;
  return {
    commands: () => chooseAction(canvas),
    checks: () => openAside(canvas.findings, canvas.history),
    history: () => openAside(canvas.history, canvas.findings),
    outline: () => press("[data-outline]"),
    rename: () => canvas.toolbar.title.enter(),
    fit: () => viewport.fit(),
    "fit-selection": () => viewport.fit([...board.selection].map((id) => board.nodes.get(id))),
    "zoom-in": () => viewport.zoom(STEP),
    "zoom-out": () => viewport.zoom(1 / STEP),
    "zoom-one": () => viewport.zoom(1 / viewport.k),
    "pan-left": () => viewport.pan(80, 0),
    "pan-right": () => viewport.pan(-80, 0),
    "pan-up": () => viewport.pan(0, 80),
    "pan-down": () => viewport.pan(0, -80),
    minimap: () => canvas.minimap.toggle(),
  };
}

/** To the step that lies there; from an answer to the right, to where it leads. With Shift to what is selected besides. */
function stepTo(canvas, event, way) {
  const { board, here } = canvas;
  const port = event?.target.closest("[data-port]"), from = board.selected ?? here;
  const led = port && way[0] === 1 && board.edges.get(keyOf(port.closest(".step").dataset.id, port.dataset.port))?.target;
  const next = board.nodes.get(led) ?? (from && towards(from, [...board.nodes.values()].filter((node) => node !== from), way));
  if (!next) return;
  board.select(event?.shiftKey ? [...board.selection, next.id] : [next.id]);
  canvas.focusCard(next);
}

function tidySelection({ board, sync, toast }) {
  if (board.selection.size < 2) return toast("Select at least two steps to tidy up; T tidies the whole flow.", "info");
  sync.send({ kind: "tidy", nodes: [...board.selection] });
}

function far(event) {
  return event?.shiftKey ? GRID * 5 : GRID;
}

/** Delete the selected steps or connection. The step that opens the flow stays: every flow has exactly one. */
export function remove(canvas, done = "Deleted") {
  const { board, sync } = canvas;
  if (board.edge) return disconnect(canvas, board.edge.source, board.edge.port);
  const chosen = [...board.selection].map((id) => board.nodes.get(id));
  const nodes = chosen.filter((node) => !node.isStart);
  if (nodes.length < chosen.length) canvas.toast("A flow always begins with its first step, so that one stays.", "info");
  if (nodes.length === 0) return;
  const after = besideGone(canvas, new Set(nodes));
  const ids = nodes.map((node) => node.id);
  removeCards(canvas, ids);
  board.say("structure");
  board.say("moved");
  sync.send({ kind: "remove", nodes: ids, edges: [] });
  if (after) canvas.focusCard(after);
  const what = nodes.length === 1 ? nodes[0].el.getAttribute("aria-label") : `${nodes.length} steps`;
  canvas.toast(`${done} ${what}.`, "undoable");
}

/** Where the keys go on: at the step that led to the first one that goes, or the nearest. */
function besideGone({ board }, gone) {
  const [first] = gone, leading = [...first.ins].map((edge) => board.nodes.get(edge.source));
  return leading.find((node) => !gone.has(node)) ?? nearest(first, [...board.nodes.values()].filter((node) => !gone.has(node)));
}
