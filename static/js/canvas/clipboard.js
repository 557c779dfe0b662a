// Copy, cut, paste, duplicate through the system's clipboard: JSON with a mark of ours, so that another flow, workspace or browser can
// paste it. The data of a step is the server's: it is asked for, and pasting is one command, which the server takes whole or refuses.

import { HEIGHT, WIDTH, around, snap, touches } from "./geometry.js";
import { TOUCH } from "./gesture.js";
import { takeFocused } from "./keys.js";
import { newStep } from "./queue.js";

const MARK = "flowbuilder/steps", SPARE = "flow-clipboard", LAST = "flow-copied";
const APART = 20, AIR = 20, FARTHEST = 4000;
const FIELDS = "input, textarea, select, [contenteditable], dialog";

/** Browsers tell the keys of the clipboard as events, and only these may read it unasked. */
export function listenClipboard(canvas) {
  showPaste();
  const mine = (event) => !event.defaultPrevented && !event.target.closest?.(FIELDS) && !canvas.board.gesture;
  const isText = () => String(window.getSelection()) !== "";
  for (const name of ["copy", "cut"]) {
    document.addEventListener(name, (event) => {
      if (!mine(event) || isText()) return;
      event.preventDefault();
      takeFocused(canvas.board, document.activeElement);
      canvas.actions[name]();
    });
  }
  document.addEventListener("paste", (event) => mine(event) && (event.preventDefault(), canvas.actions.paste(event)));
}

export async function copy(canvas, ids = chosen(canvas)) {
  if (!(await take(canvas, ids))) return;
  const pastes = TOUCH.matches ? "Paste is where steps are added" : window.keyWords("Ctrl V pastes");
  const stays = [...canvas.board.selection].some((id) => canvas.board.nodes.get(id).isStart) ? ", without the opening: a flow has one" : "";
  canvas.toast(`Copied ${ids.length === 1 ? "a step" : `${ids.length} steps`}${stays}. ${pastes}, also in another flow.`, "info");
}

/** Onto the clipboard; whether they are there. */
export async function take(canvas, ids = chosen(canvas)) {
  if (ids.length === 0) return false;
  try {
    const text = JSON.stringify({ is: MARK, ...(await fetchSteps(canvas, ids)) });
    await keep(text);
  } catch {
    canvas.failed();
    return false;
  }
  return true;
}

async function fetchSteps(canvas, ids) {
  await canvas.settled();
  const answer = await fetch(`${canvas.urls.steps}?${new URLSearchParams(ids.map((id) => ["id", id]))}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const sizes = Object.fromEntries(ids.map((id) => [id, canvas.board.nodes.get(id)]).map(([id, { w, h }]) => [id, [w, h]]));
  return { ...(await answer.json()), sizes };
}

/** A button pastes for fingers, once something was copied. */
function showPaste() {
  document.documentElement.toggleAttribute("data-copied", localStorage.getItem(LAST) !== null);
}

/** Pages without a secure address have no system clipboard: then what was copied stays in this browser. It does anyway, for a button
 * that the browser does not let read the clipboard. */
async function keep(text) {
  localStorage.setItem(LAST, text);
  showPaste();
  try {
    await navigator.clipboard.writeText(text);
    localStorage.removeItem(SPARE);
  } catch {
    localStorage.setItem(SPARE, text);
  }
}

export async function paste(canvas, event, spot) {
  const text = localStorage.getItem(SPARE) ?? event?.clipboardData?.getData("text/plain") ?? (await read()) ?? localStorage.getItem(LAST);
  if (text === null) return canvas.toast(window.keyWords("The browser keeps its clipboard from this page. Press Ctrl V instead."), "warning");
  const part = partOf(text);
  if (!part) return canvas.toast("There are no steps on the clipboard. Copy some here or in another flow, then paste.", "info");
  insert(canvas, part, placeOf(canvas, part, spot), "Pasted");
}

async function read() {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return null;
  }
}

/** The steps in a text, if it is ours and whole. */
function partOf(text) {
  try {
    const part = JSON.parse(text);
    const isWhole = part.is === MARK && part.nodes.length > 0 && part.nodes.every((node) => typeof node.id === "string" && part.layout[node.id]?.every(Number.isFinite));
    return isWhole && Array.isArray(part.edges) ? part : null;
  } catch {
    return null;
  }
}

/** The nearest place where the steps cover nothing, from a spot, or from where they were; from the middle of the view where that would
 * not be seen. */
function placeOf({ board, viewport }, part, spot) {
  const sizeOf = (id) => (part.sizes?.[id] ?? []).map(Number);
  const boxes = Object.entries(part.layout).map(([id, [x, y]]) => ({ x, y, w: sizeOf(id)[0] || WIDTH, h: sizeOf(id)[1] || HEIGHT }));
  const whole = around(boxes), taken = [...board.nodes.values()];
  const isFree = ([dx, dy]) => boxes.every((box) => !taken.some((node) => touches(node, { x: box.x + dx - AIR, y: box.y + dy - AIR, w: box.w + 2 * AIR, h: box.h + 2 * AIR })));
  const { x, y } = viewport.centre;
  const middle = [x - whole.x - whole.w / 2, y - whole.y - whole.h / 2], meant = spot ? [spot.x - whole.x, spot.y - whole.y] : middle;
  const [fromX, fromY] = !spot && viewport.isSeen(whole) ? [0, 0] : meant.map(snap);
  for (let far = 0; far < FARTHEST; far += APART) {
    const near = [[0, far], [far, far], [far, 0], [0, -far], [far, -far], [-far, far]].map(([dx, dy]) => [fromX + dx, fromY + dy]).find(isFree);
    if (near) return near;
  }
  return [fromX + APART, fromY + APART];
}

export function duplicate(canvas) {
  const ids = chosen(canvas);
  if (ids.length) fetchSteps(canvas, ids).then((part) => insert(canvas, part, placeOf(canvas, part), "Duplicated"), canvas.failed);
}

function chosen({ board }) {
  return [...board.selection].filter((id) => !board.nodes.get(id).isStart);
}

function insert(canvas, part, [dx, dy], verb) {
  const names = new Map(part.nodes.map((node) => [node.id, newStep()]));
  const adds = part.nodes.map((node) => ({
    kind: "add_node",
    node: { id: names.get(node.id), kind: node.kind, data: node.data },
    at: [part.layout[node.id][0] + dx, part.layout[node.id][1] + dy],
  }));
  const connects = part.edges
    .filter((edge) => names.has(edge.source) && names.has(edge.target))
    .map((edge) => ({ kind: "connect", source: names.get(edge.source), port: edge.port, target: names.get(edge.target) }));
  const [first] = part.nodes, name = canvas.board.nodes.get(first.id)?.el.getAttribute("aria-label") ?? "a step";
  const count = part.nodes.length === 1 ? name : `${part.nodes.length} steps`;
  canvas.selectWhenDrawn([...names.values()]);
  canvas.sync.send({ kind: "all", commands: [...adds, ...connects], words: `${verb} ${count}` });
}
