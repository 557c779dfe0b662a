// Connecting by keyboard: Enter on a port begins, arrows choose the step by where it lies, Tab by the order of the flow, Enter connects,
// Escape gives up.

import { inlet, outlet, portLabel } from "./cards.js";
import { connect } from "./connect.js";
import { closes, newPath } from "./edges.js";
import { curve, nearest, towards } from "./geometry.js";

const RIGHT = [1, 0];
const WAYS = { ArrowRight: RIGHT, ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

export class KeyConnect {
  constructor(canvas) {
    this.canvas = canvas;
    this.now = null;
    this.hint = document.querySelector("[data-connect-hint]");
  }

  get running() {
    return this.now !== null;
  }

  begin(node, port) {
    const { board } = this.canvas;
    const choices = this.canvas.order().filter((other) => other !== node && other.takesIn);
    if (choices.length === 0) return this.offer(node, port);
    const fitting = choices.filter((other) => !closes(board, node.id, other.id)), loose = fitting.filter((other) => other.ins.size === 0);
    const first = towards(node, loose, RIGHT) ?? towards(node, fitting, RIGHT) ?? nearest(node, fitting);
    this.now = { node, port, choices, at: Math.max(choices.indexOf(first), 0), path: newPath("edge is-loose") };
    board.paths.append(this.now.path);
    board.begin("keyconnect");
    this.canvas.say(`Connecting ${portLabel(node, port)}. ${this.hint.textContent}.`);
    this.hint.hidden = false;
    this.show();
  }

  show() {
    const { node, port, choices, at, path } = this.now;
    const target = choices[at], from = outlet(node, port), to = inlet(target);
    for (const other of choices) other.el.classList.remove("is-target", "is-refused");
    target.el.classList.add(closes(this.canvas.board, node.id, target.id) ? "is-refused" : "is-target");
    path.setAttribute("d", curve(from.x, from.y, to.x, to.y));
    this.canvas.viewport.reveal(target);
    this.canvas.say(target.el.getAttribute("aria-label"));
  }

  key(event) {
    const forward = ["ArrowRight", "ArrowDown"].includes(event.key) || (event.key === "Tab" && !event.shiftKey);
    const back = ["ArrowLeft", "ArrowUp"].includes(event.key) || (event.key === "Tab" && event.shiftKey);
    if (forward || back) {
      const { choices, at } = this.now, near = WAYS[event.key] && towards(choices[at], choices, WAYS[event.key]);
      this.now.at = near ? choices.indexOf(near) : (at + (forward ? 1 : choices.length - 1)) % choices.length;
      this.show();
    } else if (event.key === "Enter" || event.key === " ") {
      const { node, port, choices, at } = this.now;
      this.stop();
      connect(this.canvas, node, port, choices[at]);
    } else if (event.key.toLowerCase() === "n") {
      const { node, port } = this.now;
      this.stop();
      this.offer(node, port);
    } else if (event.key === "Escape") {
      this.stop();
      this.canvas.say("Not connected.");
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** A new step beside this one, chosen from the list at its port. */
  offer(node, port) {
    const at = outlet(node, port);
    const { x, y } = this.canvas.viewport.toScreen(at.x, at.y);
    this.canvas.palette.offer(x, y, { node, port });
  }

  stop() {
    if (!this.now) return;
    const { choices, path, node, port } = this.now;
    for (const other of choices) other.el.classList.remove("is-target", "is-refused");
    path.remove();
    this.now = null;
    this.hint.hidden = true;
    this.canvas.board.end();
    this.canvas.viewport.reveal(node);
    node.ports.get(port)?.el.focus({ preventScroll: true });
  }
}
