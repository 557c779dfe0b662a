// Which key does what; the list under `?` in the page tells the same. Fields keep their keys.

const PLAIN = {
  Delete: "delete", Backspace: "delete", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "zoom-one",
  f: "fit", 1: "fit", 2: "fit-selection", t: "tidy", m: "minimap", c: "checks", "?": "help",
  ".": "next", ",": "previous",
};
const CONTROL = { z: "undo", y: "redo", d: "duplicate", c: "copy", x: "cut", v: "paste", a: "select-all" };
const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export function listenKeys(canvas) {
  const { board, actions } = canvas;

  window.addEventListener("keydown", (event) => {
    if (canvas.keyConnect.running) return canvas.keyConnect.key(event);
    if (event.defaultPrevented || board.gesture || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const name = nameOf(canvas, event);
    if (!name) return;
    event.preventDefault();
    actions[name](event);
  }, true);

  board.root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || canvas.keyConnect.running || event.target.closest("[data-overlay]")) return;
    const card = event.target.closest(".step");
    const node = card && board.nodes.get(card.dataset.id);
    if (node) onCard(canvas, event, node);
  });
}

function nameOf({ board }, event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    if (key === "z" && event.shiftKey) return "redo";
    if ((key === "c" || key === "x") && String(window.getSelection())) return null;
    if (event.key === "ArrowRight" || event.key === "ArrowDown") return onCanvas(board, event) && "next";
    if (event.key === "ArrowLeft" || event.key === "ArrowUp") return onCanvas(board, event) && "previous";
    return CONTROL[key];
  }
  if (event.altKey) return null;
  if (ARROWS[key]) {
    if (!onCanvas(board, event)) return null;
    return board.selection.size ? ARROWS[key] : `pan-${ARROWS[key]}`;
  }
  if ((key === "Delete" || key === "Backspace") && (event.target.closest("[data-port]") || !onCanvas(board, event))) return null;
  return PLAIN[key];
}

function onCanvas(board, event) {
  return event.target === document.body || (board.root.contains(event.target) && !event.target.closest("[data-overlay]"));
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
  } else if (event.key === "Escape") {
    if (port) node.el.focus();
    else board.select([]);
  } else if (port && (event.key === "Delete" || event.key === "Backspace")) {
    event.preventDefault();
    canvas.disconnect(node.id, port.dataset.port);
  } else if (event.key === "Tab") {
    const stops = [node.el, ...[...node.ports.values()].map((one) => one.el)];
    const at = stops.indexOf(port ?? node.el);
    if (event.shiftKey ? at > 0 : at < stops.length - 1) return;
    if (canvas.walk(event.shiftKey ? -1 : 1, { ports: event.shiftKey, stay: true })) event.preventDefault();
  }
}
