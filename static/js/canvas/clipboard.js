// Copy, paste, duplicate. What was copied lies in local storage, so that another tab or flow can paste it.
// The data of a step is the server's: it is asked for, and pasting is one command.

import { newKey } from "./queue.js";

const NAME = "flow-clipboard";
const APART = 40;

export function copy(canvas) {
  const ids = chosen(canvas);
  if (ids.length === 0) return false;
  canvas.fetchSteps(ids).then((part) => {
    localStorage.setItem(NAME, JSON.stringify(part));
    canvas.say(ids.length === 1 ? "Step copied." : `${ids.length} steps copied.`);
  }, canvas.failed);
  return true;
}

export function paste(canvas) {
  let part = null;
  try {
    part = JSON.parse(localStorage.getItem(NAME));
  } catch {
    return;
  }
  if (!part?.nodes?.length) return;
  insert(canvas, part, "Pasted");
  for (const id of Object.keys(part.layout)) part.layout[id] = part.layout[id].map((value) => value + APART);
  localStorage.setItem(NAME, JSON.stringify(part));
}

export function duplicate(canvas) {
  const ids = chosen(canvas);
  if (ids.length) canvas.fetchSteps(ids).then((part) => insert(canvas, part, "Duplicated"), canvas.failed);
}

function chosen({ board }) {
  return [...board.selection].filter((id) => !board.nodes.get(id).isStart);
}

function insert(canvas, part, verb) {
  const names = new Map(part.nodes.map((node) => [node.id, `n${newKey().slice(0, 10)}`]));
  const adds = part.nodes.map((node) => ({
    kind: "add_node",
    node: { ...node, id: names.get(node.id) },
    at: part.layout[node.id].map((value) => value + APART),
  }));
  const connects = part.edges
    .filter((edge) => names.has(edge.source) && names.has(edge.target))
    .map((edge) => ({ kind: "connect", source: names.get(edge.source), port: edge.port, target: names.get(edge.target) }));
  const count = part.nodes.length === 1 ? "a step" : `${part.nodes.length} steps`;
  canvas.selectWhenDrawn([...names.values()]);
  canvas.sync.send({ kind: "all", commands: [...adds, ...connects], words: `${verb} ${count}` });
}
