// Gestures that the server has not confirmed yet, in order. They outlive the tab: each is in local storage until it is confirmed,
// and its key lets the server know a gesture that reaches it twice.

const PREFIX = "flow-queue";

export class Queue {
  constructor(flow) {
    this.flow = flow;
    this.name = `${PREFIX}:${flow}:${newKey()}`;
    this.items = this.adopt();
    this.keep();
  }

  /** What tabs that are gone left behind. A tab that still lives sends its own as well: the keys make that harmless. */
  adopt() {
    const found = [];
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(`${PREFIX}:${this.flow}:`)) continue;
        found.push(...JSON.parse(localStorage.getItem(name)));
        localStorage.removeItem(name);
      }
    } catch {
      return [];
    }
    return found.filter((item) => item?.key && item.command?.kind).sort((a, b) => a.at - b.at).map((item) => ({ ...item, ready: 0 }));
  }

  /** Add a gesture; one that goes on with the last (more typing in the same step, the next nudge) becomes part of it. */
  add(command, wait, isTold = false) {
    const now = Date.now();
    const last = this.items.at(-1);
    if (last && !last.sent && last.isTold === isTold && merge(last.command, command)) {
      last.ready = Math.min(now + wait, last.at + 1500);
    } else {
      for (const item of this.items) item.ready = 0;
      this.items.push({ key: newKey(), command, isTold, at: now, ready: now + wait });
    }
    this.keep();
  }

  get first() {
    return this.items[0];
  }

  shift() {
    this.items.shift();
    this.keep();
  }

  hurry() {
    for (const item of this.items) item.ready = 0;
  }

  keep() {
    try {
      if (this.items.length) localStorage.setItem(this.name, JSON.stringify(this.items));
      else localStorage.removeItem(this.name);
    } catch {
      // Without storage the queue lives in memory alone.
    }
  }

  /** What the waiting changes of a step come to. */
  asked(id) {
    return Object.assign({}, ...this.items.map(({ command }) => (command.kind === "change" && command.node === id ? command.data : {})));
  }

  /** What the waiting gestures speak of: the server's older word on these must not be drawn over them. */
  pending() {
    const found = { places: new Set(), ports: new Set(), data: new Set(), added: new Set(), removed: new Set() };
    for (const { command } of this.items) note(command, found);
    return found;
  }
}

function note(command, found) {
  if (command.kind === "all") for (const part of command.commands) note(part, found);
  if (command.kind === "move") for (const id of Object.keys(command.positions)) found.places.add(id);
  if (command.kind === "change") found.data.add(command.node);
  if (command.kind === "settings") found.data.add(""); // The panel shows the settings where it shows no step.
  if (command.kind === "add_node") found.added.add(command.node.id);
  if (command.kind === "connect" || command.kind === "disconnect") found.ports.add(`${command.source} ${command.port}`);
  if (command.kind === "remove") {
    for (const id of command.nodes ?? []) found.removed.add(id);
    for (const [source, port] of command.edges ?? []) found.ports.add(`${source} ${port}`);
  }
}

function merge(last, next) {
  if (last.kind !== next.kind) return false;
  if (next.kind === "change" && last.node === next.node) Object.assign(last.data, next.data);
  else if (next.kind === "settings") Object.assign(last.settings, next.settings);
  else if (next.kind === "rename") last.name = next.name;
  else if (next.kind === "move" && sameKeys(last.positions, next.positions)) last.positions = next.positions;
  else return false;
  return true;
}

function sameKeys(a, b) {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b);
}

/** The id of a step; what is made later sorts after what was made before, so that counted names stay with their steps. */
export function newStep() {
  return `n${Date.now().toString(36)}${newKey().slice(0, 4)}`;
}

export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(36).padStart(2, "0")).join("");
}
