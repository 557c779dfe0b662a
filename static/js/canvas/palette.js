// The list of steps: click to add beside what is selected, drag to add where it is dropped, or pick from the menu at a loose end.

import { create, measure } from "./cards.js";
import { link } from "./edges.js";
import { follow } from "./gesture.js";
import { snap, touches } from "./geometry.js";
import { newKey } from "./queue.js";

const WIDTH = 260, HEIGHT = 140, GAP = 90;

export class Palette {
  constructor(canvas) {
    this.canvas = canvas;
    this.menu = document.querySelector("[data-next-step]");
    this.loose = null;
    for (const button of document.querySelectorAll("[data-palette] [data-kind]")) {
      button.addEventListener("click", () => this.addBeside(button));
      button.addEventListener("pointerdown", (event) => event.button === 0 && this.drag(event, button));
    }
    this.menu?.addEventListener("click", (event) => this.pick(event.target.closest("[data-kind]")));
    this.menu?.addEventListener("keydown", (event) => event.key === "Escape" && this.close(true));
  }

  /** Add right of the selected step, and connect its first free answer with the new one. */
  addBeside(button) {
    const { board, viewport } = this.canvas;
    const from = board.selected;
    const port = from && [...from.ports.keys()].find((id) => !board.edges.has(`${from.id} ${id}`) && from.ports.get(id).el.dataset.must);
    const centre = viewport.centre;
    const at = from ? { x: from.x + from.w + GAP, y: from.y } : { x: centre.x - WIDTH / 2, y: centre.y - HEIGHT / 2 };
    this.add(button, this.free(at), port !== undefined ? { node: from, port } : null);
  }

  /** The nearest place downwards where nothing lies yet. */
  free(at) {
    const box = { x: snap(at.x), y: snap(at.y), w: WIDTH, h: HEIGHT };
    const taken = [...this.canvas.board.nodes.values()];
    for (let tries = 0; tries < 200 && taken.some((node) => touches(node, { ...box, y: box.y - 20, h: HEIGHT + 40 })); tries += 1) box.y += 20;
    return box;
  }

  drag(event, button) {
    const { board, viewport } = this.canvas;
    event.preventDefault();
    button.focus({ preventScroll: true });
    const ghost = button.cloneNode(true);
    const inside = (last) => document.elementsFromPoint(last.clientX, last.clientY).every((el) => !el.closest("[data-palette]"));
    ghost.className = "palette-ghost";
    follow(board, event, {
      name: "palette",
      start: () => document.body.append(ghost),
      move: (last) => (ghost.style.transform = `translate(${last.clientX + 10}px,${last.clientY + 10}px)`),
      drop: (last) => {
        ghost.remove();
        const at = viewport.toPlane(last.clientX, last.clientY);
        if (inside(last)) this.add(button, { x: snap(at.x - 20), y: snap(at.y - 20) }, null);
      },
      abort: () => ghost.remove(),
    });
  }

  /** Draw a card at once; the server fills it. */
  add(button, { x, y }, from) {
    const { board, sync, observer, viewport } = this.canvas;
    const { kind } = button.dataset;
    const id = `n${newKey().slice(0, 10)}`;
    const label = button.dataset.label;
    const html = `<header class="step-head"></header><div class="step-text is-coming"></div>`;
    const node = create(board, { id, kind, x, y, label, html });
    node.el.querySelector(".step-head").textContent = label;
    observer?.observe(node.el);
    measure([node]);
    const add = { kind: "add_node", node: { id, kind, data: JSON.parse(button.dataset.blank) }, at: [x, y] };
    if (from) {
      link(board, from.node.id, from.port, id);
      this.canvas.redraw([node]);
      const connect = { kind: "connect", source: from.node.id, port: from.port, target: id };
      sync.send({ kind: "all", commands: [add, connect], words: `Added ${label}` });
    } else {
      sync.send(add);
    }
    this.canvas.addToOrder(id, from?.node.id);
    board.say("structure");
    board.select([id]);
    viewport.reveal(node);
    this.canvas.focusCard(node);
    this.canvas.say(`${label} added.`);
  }

  /** Which step comes next? Asked where a connection was dropped in the open. */
  offer(clientX, clientY, loose) {
    const { board, viewport } = this.canvas;
    this.loose = { ...loose, at: viewport.toPlane(clientX, clientY) };
    const { left, top, width, height } = viewport.frame;
    this.menu.hidden = false;
    const x = Math.min(clientX - left + 8, width - this.menu.offsetWidth - 8);
    const y = Math.min(Math.max(clientY - top - 20, 8), height - this.menu.offsetHeight - 8);
    this.menu.style.transform = `translate(${x}px,${y}px)`;
    this.menu.querySelector("button").focus({ preventScroll: true });
    board.root.classList.add("has-menu");
  }

  pick(button) {
    if (!button || !this.loose) return;
    const { node, port, at } = this.loose;
    const beside = node.ports.get(port) && Math.abs(at.x - node.x - node.w) < 40;
    this.close();
    this.add(button, beside ? this.free({ x: node.x + node.w + GAP, y: node.y }) : { x: snap(at.x), y: snap(at.y - 24) }, { node, port });
  }

  close(refocus = false) {
    if (!this.menu || this.menu.hidden) return;
    this.menu.hidden = true;
    if (refocus) this.loose?.node.ports.get(this.loose.port)?.el.focus({ preventScroll: true });
    this.loose = null;
  }
}
