// Connecting without a drag. By keyboard: Enter on a port begins, arrows choose the step by where it lies, Tab by the order of the flow,
// Enter connects, Escape gives up. By pointer, begun at a button: the step that is pressed next, anything else gives up.

import { inlet, outlet, portLabel } from "./cards.js";
import { connect, under } from "./connect.js";
import { closes, newPath } from "./edges.js";
import { curve, holds, nearest, towards } from "./geometry.js";

const RIGHT = [1, 0];
const WORDS = {
  keys: "Arrow keys choose a step, Enter connects, N adds a new one, Esc gives up",
  touch: "Tap the step it leads to",
  mouse: "Click the step it leads to",
};
/** What can be pressed meanwhile: where one looks. */
const LOOKING = ".canvas-zoom, .minimap, [data-hint]";
const WAYS = { ArrowRight: RIGHT, ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

export class KeyConnect {
  constructor(canvas) {
    this.canvas = canvas;
    this.now = null;
    document.addEventListener("pointerdown", ({ target }) => this.running && !this.isAbout(target) && this.stop(), true);
    canvas.board.on("gesture", (gesture) => gesture || (this.running && canvas.board.begin("keyconnect"))); // One looked elsewhere.
  }

  get running() {
    return this.now !== null;
  }

  /** `by` is what one goes on with: keys, touch or mouse. */
  begin(node, port, by = "keys") {
    const { board, hint } = this.canvas;
    const choices = this.canvas.order().filter((other) => other !== node && other.takesIn);
    if (choices.length === 0) return this.offer(node, port);
    const fitting = choices.filter((other) => !closes(board, node.id, other.id)), loose = fitting.filter((other) => other.ins.size === 0);
    const first = towards(node, loose, RIGHT) ?? towards(node, fitting, RIGHT) ?? nearest(node, fitting);
    this.now = { node, port, choices, by, at: Math.max(choices.indexOf(first), 0), path: newPath("edge is-loose") };
    this.canvas.panel.sheet.show(false);
    board.paths.append(this.now.path);
    board.begin("keyconnect");
    this.canvas.say(`Connecting ${portLabel(node, port)}. ${WORDS[by]}.`);
    hint.show(WORDS[by], "Cancel", () => this.stop());
    if (by === "keys") this.show();
  }

  show() {
    const { choices, at } = this.now, target = choices[at];
    this.now.by = "keys";
    this.aim(target, inlet(target));
    this.canvas.viewport.reveal(target);
    this.canvas.say(target.el.getAttribute("aria-label"));
  }

  /** Draw the line as it would be: to a step, or to a point where none is. */
  aim(target, to) {
    const { node, port, choices, path } = this.now, from = outlet(node, port);
    for (const other of choices) other.el.classList.remove("is-target", "is-refused");
    target?.el.classList.add(closes(this.canvas.board, node.id, target.id) ? "is-refused" : "is-target");
    path.setAttribute("d", curve(from.x, from.y, to.x, to.y));
  }

  /** The pointer is over the canvas. */
  hover({ clientX, clientY }) {
    if (!this.running || this.now.by === "keys") return;
    const { board, viewport } = this.canvas, at = viewport.toPlane(clientX, clientY), target = under(board, at, this.now.node);
    this.aim(target, target ? inlet(target) : at);
  }

  /** Pressed on the canvas: on the step that is meant, or beside all of them. */
  press({ clientX, clientY }) {
    const { board, viewport } = this.canvas, { node, port } = this.now, at = viewport.toPlane(clientX, clientY);
    const target = under(board, at, node);
    if (!target && holds(node, at)) return;
    if (target) connect(this.canvas, node, port, target);
    else this.canvas.say("Not connected.");
    this.stop();
  }

  isAbout(target) {
    const overlay = target.closest("[data-overlay]");
    return this.canvas.board.root.contains(target) && (!overlay || overlay.matches(LOOKING));
  }

  key(event) {
    if (this.now.by !== "keys" && (WAYS[event.key] || ["Tab", "Enter", " "].includes(event.key))) {
      this.show();
      event.preventDefault();
      return event.stopPropagation();
    }
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

  /** What is still picked is shown again. */
  stop() {
    if (!this.now) return;
    const { choices, path, node, port, by } = this.now, { board, panel } = this.canvas;
    for (const other of choices) other.el.classList.remove("is-target", "is-refused");
    path.remove();
    this.now = null;
    this.canvas.hint.hide();
    board.end();
    panel.sheet.show(panel.shown !== "");
    if (by === "keys") this.canvas.viewport.reveal(node);
    node.ports.get(port)?.el.focus({ preventScroll: true });
  }
}
