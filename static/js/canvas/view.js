// A flow that is only looked at: it fits its box, can be panned and zoomed, and has its way lit. Also after htmx brought it.

import { Board } from "./board.js";
import { adopt, inlet, measure, outlet } from "./cards.js";
import { keyOf, linkAll, newPath } from "./edges.js";
import { curve } from "./geometry.js";
import { listen } from "./pointer.js";
import { Router } from "./router.js";
import { Viewport } from "./viewport.js";

const PAD = 28;
const PAN = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

function show(root) {
  if (root.dataset.shown !== undefined) return;
  root.dataset.shown = "";
  const board = new Board(root);
  const viewport = new Viewport(board);
  for (const el of board.cards.children) adopt(board, el);
  measure(board.nodes.values());
  linkAll(board, JSON.parse(root.dataset.links));
  const lit = JSON.parse(root.dataset.lit);
  for (const [source, port] of lit) {
    const path = board.edges.get(keyOf(source, port))?.path;
    path?.classList.add("is-lit");
    if (path) board.paths.append(path);
  }
  compare(board, root.dataset);
  new Router(board);
  const fit = () => viewport.fit(undefined, { pad: PAD });
  const way = wayOf(board, lit);
  const open = () => viewport.open(whatMatters(board, lit), { pad: PAD, way });
  let again = open;
  open();
  viewport.apply();
  board.on("gesture", () => (again = null));
  new ResizeObserver(() => {
    viewport.rect = null;
    again?.();
  }).observe(root);
  listen({ board, viewport });
  root.addEventListener("click", (event) => {
    const how = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (how) again = how === "fit" ? fit : null;
    if (how === "fit") fit();
    else if (how) viewport.zoom(how === "in" ? 1.25 : 0.8);
  });
  root.closest("[data-way]")?.addEventListener("click", (event) => {
    const node = board.nodes.get(event.target.closest("[data-look]")?.dataset.look);
    if (node) viewport.flyTo(node), (again = null);
  });
  root.addEventListener("keydown", (event) => {
    if (event.target !== root) return;
    if (PAN[event.key]) viewport.pan(...PAN[event.key]);
    else if (event.key === "+") viewport.zoom(1.25);
    else if (event.key === "-") viewport.zoom(0.8);
    else if (event.key === "f") fit();
    else return;
    again = event.key === "f" ? fit : null;
    event.preventDefault();
  });
}

/** The steps from where a conversation began to where it is. */
function wayOf({ edges, nodes }, lit) {
  const taken = lit.map(([source, port]) => edges.get(keyOf(source, port))).filter(Boolean);
  return [...new Set(taken.flatMap(({ source, target }) => [source, target]))].map((id) => nodes.get(id));
}

/** Where to look in a flow too long to be read whole: where the conversation is, where its way ends, or what changed first. */
function whatMatters({ cards, nodes, edges }, lit) {
  const end = lit.length ? edges.get(keyOf(...lit.at(-1)))?.target : null;
  const other = cards.querySelector("[data-mark]") ?? cards.firstElementChild;
  return nodes.get(cards.querySelector(".is-here")?.dataset.id ?? end ?? other?.dataset.id);
}

// Where two flows are drawn as one: which connections came, and those that went, which share a port with others.
function compare(board, { added = "[]", removed = "[]" }) {
  for (const [source, port] of JSON.parse(added)) board.edges.get(keyOf(source, port))?.path.classList.add("is-added");
  for (const [source, port, target] of JSON.parse(removed)) {
    const from = board.nodes.get(source), to = board.nodes.get(target);
    if (!from || !to) continue;
    const path = newPath("edge is-removed"), start = outlet(from, port), end = inlet(to);
    path.setAttribute("d", curve(start.x, start.y, end.x, end.y));
    board.paths.prepend(path);
  }
}

function showAll() {
  for (const root of document.querySelectorAll("[data-drawing]")) show(root);
}

showAll();
document.addEventListener("htmx:after:swap", showAll);
