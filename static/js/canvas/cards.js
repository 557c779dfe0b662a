// Cards: the canvas owns each wrapper (place, selection, badge), the server renders what is inside it.

// Whether the style sheet puts a card where its attributes say.
const PLACED = CSS.supports("left", "attr(data-x px)");

/** Take up a wrapper that is in the page already. */
export function adopt(board, el) {
  const node = {
    id: el.dataset.id, kind: el.dataset.kind, el, isStart: board.starts.has(el.dataset.kind), takesIn: !board.closed.has(el.dataset.kind),
    x: Number(el.dataset.x), y: Number(el.dataset.y), w: 0, h: 0,
    ports: new Map(), inlet: 0, outs: new Set(), ins: new Set(),
  };
  board.nodes.set(node.id, node);
  findPorts(node);
  if (!PLACED) place(node, node.x, node.y);
  return node;
}

function findPorts(node) {
  node.ports.clear();
  for (const el of node.el.getElementsByClassName("port")) node.ports.set(el.dataset.port, { y: 0, el });
}

/** A wrapper for a card that came just now. */
export function create(board, card) {
  const el = document.createElement("article");
  el.className = `step step-${card.kind}`;
  Object.assign(el.dataset, { id: card.id, kind: card.kind, x: card.x, y: card.y });
  el.setAttribute("role", "group");
  el.setAttribute("aria-roledescription", "step");
  el.tabIndex = -1;
  const inside = document.createElement("div");
  inside.className = "step-inside";
  el.append(inside);
  board.cards.append(el);
  const node = adopt(board, el);
  fill(node, card);
  return node;
}

/** Put the server's rendering into a card; true when it differs from what was there. */
export function fill(node, card) {
  node.el.setAttribute("aria-label", card.label);
  if (card.html === undefined || node.html === card.html) return false;
  node.html = card.html;
  const inside = node.el.querySelector(".step-inside");
  const focused = inside.contains(document.activeElement) ? document.activeElement.dataset.port : undefined;
  inside.innerHTML = card.html;
  findPorts(node);
  if (focused !== undefined) inside.querySelector(`[data-port="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  return true;
}

export function place(node, x, y) {
  node.x = x;
  node.y = y;
  node.el.style.left = `${x}px`;
  node.el.style.top = `${y}px`;
}

/** Read sizes and where the ports are, once: all reads together, no write between them. */
export function measure(nodes) {
  for (const node of nodes) {
    const { el } = node;
    node.w = el.offsetWidth;
    node.h = el.offsetHeight;
    for (const port of node.ports.values()) {
      const row = port.el.parentElement;
      port.y = row.offsetTop + row.offsetHeight / 2;
    }
    const head = el.getElementsByClassName("step-head")[0];
    node.inlet = head ? head.offsetTop + head.offsetHeight / 2 : node.h / 2;
  }
}

export function outlet(node, port) {
  const found = node.ports.get(port);
  return { x: node.x + node.w, y: node.y + (found ? found.y : node.h / 2) };
}

export function inlet(node) {
  return { x: node.x, y: node.y + node.inlet };
}

/** The name of an answer as people see it on the card. */
export function portLabel(node, port) {
  return node.ports.get(port)?.el.dataset.label || port;
}

/** Keep sizes right when fonts load or a card grows. */
export function watch(board, redraw) {
  const observer = new ResizeObserver((entries) => {
    const grown = [];
    for (const { target } of entries) {
      const node = board.nodes.get(target.dataset.id);
      if (node && (node.w !== target.offsetWidth || node.h !== target.offsetHeight)) grown.push(node);
    }
    if (grown.length === 0) return;
    measure(grown);
    redraw(grown);
    board.say("moved");
  });
  return observer;
}
