// Cards: the canvas owns each wrapper (place, selection, badge), the server renders what is inside it.

// Whether the style sheet puts a card where its attributes say.
const PLACED = CSS.supports("left", "attr(data-x px)");

/** Pixels of the plane: the line of a way out, a card's head, and what is usual for its text. */
const PORT = 28, HEAD = 42, TEXT = 70, WIDTH = 260;

/** Take up a wrapper that is in the page already. */
export function adopt(board, el) {
  const node = {
    id: el.dataset.id, kind: el.dataset.kind, el, isStart: board.starts.has(el.dataset.kind), takesIn: !board.closed.has(el.dataset.kind),
    x: Number(el.dataset.x), y: Number(el.dataset.y), w: 0, h: 0,
    ports: new Map(), inlet: 0, outs: new Set(), ins: new Set(),
  };
  board.nodes.set(node.id, node);
  findPorts(node);
  suppose(node);
  if (!PLACED) place(node, node.x, node.y);
  return node;
}

/** What a card is likely to measure, until it is laid out. */
function suppose(node) {
  const ports = [...node.ports.values()], above = HEAD + TEXT;
  node.w = WIDTH;
  node.h = above + PORT * ports.length;
  node.inlet = HEAD / 2;
  ports.forEach((port, at) => (port.y = above + PORT * (at + 0.5)));
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
  board.cards.append(el);
  const node = adopt(board, el);
  fill(board, node, card);
  return node;
}

/** Put the server's rendering into a card; true when it differs from what was there. */
export function fill(board, node, card) {
  const { el } = node;
  el.setAttribute("aria-label", card.label);
  if (card.html === undefined || node.html === card.html) return false;
  node.html = card.html;
  const focused = el.contains(document.activeElement) ? document.activeElement.dataset.port : undefined;
  const badge = el.querySelector(".step-badge");
  el.innerHTML = card.html;
  if (badge) el.append(badge);
  findPorts(node);
  if (!board.readOnly) makeButtons(node);
  if (focused !== undefined) node.ports.get(focused)?.el.focus({ preventScroll: true });
  return true;
}

/** The ways out can be gone to and heard where the flow can be changed. */
export function makeButtons(node) {
  for (const { el } of node.ports.values()) {
    el.setAttribute("role", "button");
    el.setAttribute("aria-label", `Connect “${el.textContent}”`);
    if (!el.hasAttribute("tabindex")) el.tabIndex = -1;
  }
}

/** A small sign on a card, by the name of its class; gone where there is nothing to say. */
export function sign(node, name, words, title) {
  let el = node.el.querySelector(`.${name}`);
  if (!words) return el?.remove();
  if (!el) {
    el = Object.assign(document.createElement("span"), { className: name });
    node.el.append(el);
  }
  Object.assign(el, { textContent: words, title });
}

export function place(node, x, y) {
  node.x = x;
  node.y = y;
  node.el.style.left = `${x}px`;
  node.el.style.top = `${y}px`;
}

/** Read sizes and where the ports are, once: all reads together, no write between them. What is not in the page keeps what is supposed. */
export function measure(nodes) {
  for (const node of nodes) {
    const { el } = node;
    if (!el.isConnected) continue;
    node.w = el.offsetWidth;
    node.h = el.offsetHeight;
    for (const port of node.ports.values()) port.y = port.el.offsetTop + port.el.offsetHeight - PORT / 2;
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
  return node.ports.get(port)?.el.textContent || port;
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
