// Finding by name: a step, to which the view flies; or anything that can be done here.

import { namesOf } from "./goals.js";

const TEXT_MAX = 90;

export function searchSteps(canvas) {
  canvas.chooser.open({
    label: "Find a step", placeholder: "Find a step by its words", items: stepsOf(canvas), pick: (item) => goTo(canvas, item.id),
  });
}

export function chooseAction(canvas) {
  const actions = canvas.table
    .filter((action) => action.name !== "commands" && !isOff(canvas, action))
    .map((action) => ({ text: action.label, group: action.group, key: action.shown, act: () => canvas.actions[action.name]() }));
  const adds = canvas.palette.kinds.map((kind) => ({ text: `Add ${kind.label}`, group: "Add a step", icon: kind.icon, act: () => canvas.palette.addBeside(kind) }));
  const steps = stepsOf(canvas).map((step) => ({ ...step, text: step.text, group: "Go to step", act: () => goTo(canvas, step.id) }));
  canvas.chooser.open({
    label: "What do you want to do?", placeholder: "Do anything, add or find a step", items: [...actions, ...adds, ...steps], pick: (item) => item.act(),
  });
}

/** What would do nothing now: nothing to undo, no step or no note selected. */
function isOff({ board }, { name, when }) {
  if (name.startsWith("note-")) return board.selected?.kind !== "note";
  if (when === "step" || when === "selected") return board.selection.size === 0;
  return document.querySelector(`button[data-act="${name}"]`)?.disabled ?? false;
}

function stepsOf(canvas) {
  const icons = new Map(canvas.palette.kinds.map((kind) => [kind.kind, kind.icon]));
  const names = namesOf(canvas.order());
  return canvas.order().map((node) => ({
    id: node.id, icon: icons.get(node.kind), text: names.get(node.id), detail: wordsOf(node), also: node.el.textContent,
  }));
}

/** All words on the card, so that an answer or a text below the name is found too. */
function wordsOf(node) {
  const words = [...node.el.querySelectorAll(".step-title, .step-text, .port")].map((el) => el.textContent.trim());
  return words.filter(Boolean).join(" · ").slice(0, TEXT_MAX);
}

export function goTo(canvas, id) {
  const node = canvas.board.nodes.get(id);
  if (!node) return;
  canvas.board.select([id]);
  canvas.viewport.flyTo(node);
  canvas.focusCard(node);
}
