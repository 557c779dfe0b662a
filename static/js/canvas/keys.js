// Which key does what: read from the list under `?`, which the server makes from its table of actions. Fields keep their keys.

import { isTyping } from "./typing.js";

const FIELDS = "input, textarea, select, [contenteditable], dialog";
const ANYWHERE = new Set(["commands", "search"]);
const UNLESS_TYPING = new Set(["undo", "redo"]);
/** Browsers tell these as events of their own, with the clipboard at hand. */
export const BY_EVENT = new Set(["copy", "cut", "paste"]);
const OF_STEPS = new Set(["edit", "comment", "reply", "resolve", "delete", "duplicate", "connect"]);

/** What this person can do here, in the order of the list. */
export function readTable(list) {
  return [...list.querySelectorAll("[data-action]")].map((row) => ({
    name: row.dataset.action, when: row.dataset.when, keys: row.dataset.keys.split(" "),
    label: row.querySelector("dd").textContent, shown: window.keyWords(row.querySelector("kbd").textContent),
    group: row.closest("section").querySelector("h3").textContent,
  }));
}

/** What each key may mean. */
export function byKey(table) {
  const by = new Map();
  for (const action of table) {
    for (const key of action.keys) by.set(key, [...(by.get(key) ?? []), action]);
  }
  return by;
}

export function listenKeys(canvas) {
  const { board, actions } = canvas, by = byKey(canvas.table);

  window.addEventListener("keydown", (event) => {
    if (canvas.keyConnect.running) return canvas.keyConnect.key(event);
    if (event.defaultPrevented || board.gesture || document.querySelector("dialog:modal")) return;
    const found = (by.get(keyOf(event)) ?? []).find((action) => holds(canvas, action, event));
    if (!found || BY_EVENT.has(found.name)) return;
    if (isWriting(found, event)) return;
    event.preventDefault();
    if (OF_STEPS.has(found.name)) takeFocused(board, event.target);
    actions[found.name](event);
  }, true);

  board.root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || canvas.keyConnect.running || event.target.closest("[data-overlay]")) return;
    const card = event.target.closest(".step");
    const node = card && board.nodes.get(card.dataset.id);
    if (node) onCard(canvas, event, node);
  });
}

/** The key as the table writes it. Letters by their place where the keyboard writes no Latin ones, or Alt makes others of them. */
export function keyOf(event) {
  let key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (event.code?.startsWith("Key") && (event.altKey || !/^[A-Z]$/.test(key))) key = event.code.slice(3);
  const isSign = key.length === 1 && !/[A-Z]/.test(key);
  const held = [hasModifier(event) && "Mod", event.altKey && "Alt", event.shiftKey && !isSign && "Shift"];
  return [...held.filter(Boolean), key].join("+");
}

/** Whether the key goes to what somebody writes, or to the panel in which they do. */
export function isWriting(found, event) {
  if (event.key.length === 1 && !hasModifier(event) && event.target.closest("[data-panel]")) return true;
  return Boolean(event.target.closest(FIELDS)) && !reaches(found, event);
}

/** Whether a key means this though the focus is in a field. */
function reaches({ name }, event) {
  if (event.target.closest("dialog")) return false;
  if (!hasModifier(event)) return /^F\d/.test(event.key);
  return ANYWHERE.has(name) || (UNLESS_TYPING.has(name) && !isTyping(event.target));
}

function hasModifier(event) {
  return event.ctrlKey || event.metaKey;
}

function holds({ board }, { name, when }, event) {
  if (when === "") return true;
  if (when === "selected") return board.selection.size > 0 || (OF_STEPS.has(name) && event.target.matches(".step"));
  if (!onCanvas(board, event)) return false;
  if (when === "canvas") return !event.target.closest("[data-port]");
  return when === "step" ? board.selection.size > 0 : board.selection.size === 0;
}

export function onCanvas(board, event) {
  return event.target === document.body || (board.root.contains(event.target) && !event.target.closest("[data-overlay]"));
}

/** Keys mean the card that has the focus, where that is none of those selected. */
export function takeFocused(board, target) {
  const id = target.matches?.(".step") && target.dataset.id;
  if (id && !board.selection.has(id) && !board.edge) board.select([id]);
}

/** Enter opens a step or starts connecting from a port, Escape leaves, Tab walks cards and their ports in the order of the flow. */
function onCard(canvas, event, node) {
  const { board } = canvas;
  const port = event.target.closest("[data-port]");
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (port) canvas.keyConnect.begin(node, port.dataset.port);
    else if (board.selected === node) canvas.panel.focus();
    else board.select([node.id], { add: event.shiftKey });
  } else if (port && event.key === "Escape") {
    node.el.focus();
  } else if (port && (event.key === "Delete" || event.key === "Backspace")) {
    event.preventDefault();
    canvas.disconnect(node.id, port.dataset.port);
  } else if (event.key === "Tab") {
    const stops = [node.el, ...[...node.ports.values()].map((one) => one.el).filter((el) => el.tabIndex === 0)];
    const at = stops.indexOf(port ?? node.el);
    if (event.shiftKey ? at > 0 : at < stops.length - 1) return;
    if (canvas.walk(event.shiftKey ? -1 : 1, { ports: event.shiftKey, stay: true })) event.preventDefault();
  }
}
