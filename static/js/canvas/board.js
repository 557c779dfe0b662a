// What is on the canvas now: cards, connections, selection. The parts talk through its events and never to each other's insides.
//
// How it is stands in attributes of its root, and what comes and goes lies in a place of its own (`marks`): else the style of all cards
// might be found anew with each, as it was where a stylesheet looks at classes by their attribute, or at any neighbour.
//
// Events: moved, structure (cards or connections came or went), selection, gesture, view, saved, findings, patched.

export class Board extends EventTarget {
  constructor(root) {
    super();
    this.root = root;
    this.view = root.querySelector("[data-view]");
    this.cards = root.querySelector("[data-cards]");
    this.marks = root.querySelector("[data-marks]");
    this.paths = root.querySelector("[data-paths]");
    this.nodes = new Map();
    this.edges = new Map();
    this.selection = new Set();
    this.edge = null;
    this.gesture = null;
    this.starts = new Set(root.dataset.starts?.split(" "));
    this.closed = new Set(root.dataset.closed?.split(" "));
    this.readOnly = root.hasAttribute("data-read-only");
  }

  on(names, listener) {
    for (const name of names.split(" ")) this.addEventListener(name, (event) => listener(event.detail));
  }

  say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** The one selected step, if it is one. */
  get selected() {
    return this.selection.size === 1 ? this.nodes.get([...this.selection][0]) : undefined;
  }

  select(ids, { add = false } = {}) {
    const next = new Set(add ? this.selection : []);
    for (const id of ids) {
      if (!this.nodes.has(id)) continue;
      if (add && this.selection.has(id)) next.delete(id);
      else next.add(id);
    }
    this.choose(next, null);
  }

  selectEdge(edge) {
    this.choose(new Set(), edge);
  }

  choose(next, edge) {
    if (edge === this.edge && same(next, this.selection)) return;
    for (const id of this.selection) this.nodes.get(id)?.el.removeAttribute("aria-current");
    for (const id of next) this.nodes.get(id).el.setAttribute("aria-current", "true");
    this.edge?.path.classList.remove("is-selected");
    edge?.path.classList.add("is-selected");
    if (edge) this.paths.append(edge.path);
    this.selection = next;
    this.edge = edge;
    this.say("selection");
  }

  begin(gesture) {
    this.gesture = gesture;
    this.root.toggleAttribute("data-busy", true);
    this.say("gesture", gesture);
  }

  end() {
    if (!this.gesture) return;
    this.gesture = null;
    this.root.toggleAttribute("data-busy", false);
    this.say("gesture", null);
  }
}

function same(a, b) {
  return a.size === b.size && [...a].every((item) => b.has(item));
}
