// What a pointer does on the canvas: it is told apart here what it went down on, and the gesture is handed on.

import { dragConnection } from "./connect.js";
import { dragCards } from "./drag.js";
import { near } from "./edges.js";
import { follow } from "./gesture.js";
import { boxOf, touches } from "./geometry.js";
import { nextFrame } from "./frame.js";
import { resizeNote } from "./notes.js";
import { Shield } from "./shield.js";
import { MOUSE, dragEnd, endAt, meantBy } from "./ways.js";

const WHEEL_PAUSE = 220, NARROW = window.matchMedia("(max-width: 559px), (max-height: 480px)");

export function listen(canvas) {
  const { board, viewport } = canvas;
  const { root } = board;
  const fingers = new Map();
  let space = false;

  root.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-overlay]")) return;
    if (event.pointerType === "touch") {
      fingers.set(event.pointerId, event);
      if (fingers.size === 2) return pinch(canvas, fingers);
    }
    if (canvas.keyConnect?.running) return drag(canvas, event, (last) => canvas.keyConnect.press(last));
    const card = event.target.closest(".step");
    const node = card && board.nodes.get(card.dataset.id);
    if (event.button === 1 || (event.button === 0 && space)) return drag(canvas, event);
    if (event.button !== 0) return;
    if (event.target.closest("[data-end]")) return dragEnd(canvas, event, { edge: board.edge, isTarget: true });
    const port = event.target.closest("[data-port]");
    if (node && port && !board.readOnly) {
      event.preventDefault();
      port.focus({ preventScroll: true });
      return dragConnection(canvas, event, node, port.dataset.port);
    }
    const grip = event.target.closest("[data-grip]");
    if (node && grip && !board.readOnly) return resizeNote(canvas, event, node, grip.dataset.grip);
    if (node && !board.readOnly && !isLooking(event, node, board)) return dragCards(canvas, event, node);
    const end = node || board.readOnly ? null : endAt(board, viewport.toPlane(event.clientX, event.clientY), viewport.k);
    const isBox = event.shiftKey || canvas.several?.isOn;
    if (end && !isBox) return dragEnd(canvas, event, end);
    if (isBox && !board.readOnly) return chooseBox(canvas, event, node);
    drag(canvas, event);
  });

  for (const type of ["pointerup", "pointercancel"]) {
    window.addEventListener(type, (event) => fingers.delete(event.pointerId), true);
  }
  root.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    if (canvas.keyConnect?.running) nextFrame("hover", () => canvas.keyConnect.hover(event));
    else if (!board.gesture) nextFrame("hover", () => hover(canvas, event));
  });
  root.addEventListener("wheel", wheel(viewport, new Shield(root)), { passive: false });
  window.addEventListener("keydown", (event) => {
    if (event.code !== "Space" || event.target.closest("input, textarea, select, button, a, dialog, [role=button]")) return;
    space = true;
    root.toggleAttribute("data-grabbing", true);
    event.preventDefault();
  });
  window.addEventListener("keyup", (event) => {
    if (event.code !== "Space") return;
    space = false;
    root.toggleAttribute("data-grabbing", false);
  });
}

/** On a phone cards fill the screen: a finger moves the one that is selected, and over the others it looks around. */
function isLooking({ pointerType }, node, board) {
  return pointerType === "touch" && NARROW.matches && !board.selection.has(node.id);
}

function drag(canvas, event, click = (last) => pick(canvas, event, last)) {
  const { board, viewport } = canvas, { x, y, k } = viewport;
  let last = event;
  follow(board, event, {
    name: "pan",
    move(next) {
      viewport.pan(next.clientX - last.clientX, next.clientY - last.clientY);
      last = next;
    },
    /** The finger scrolls the page. */
    abort: ({ type }) => type === "pointercancel" && viewport.set(x, y, k),
    click,
  });
}

/** What was pressed is selected: a step, a connection, or nothing. */
function pick(canvas, { target }, last) {
  const { board } = canvas;
  const card = target.closest(".step");
  if (card && board.nodes.has(card.dataset.id)) return board.select([card.dataset.id]);
  const edge = board.readOnly ? null : meantBy(canvas, last);
  if (edge) board.selectEdge(edge);
  else board.select([]);
  board.root.focus({ preventScroll: true });
}

/** A box chooses anew; with Ctrl or ⌘, or while several are selected by touch, it adds to what is chosen. On a phone it may begin on a
 * card, which a tap adds or takes out. */
function chooseBox(canvas, event, node) {
  const { board, viewport, several } = canvas;
  const before = new Set(board.selection), kept = event.ctrlKey || event.metaKey || several.isOn ? before : [];
  const begun = viewport.toPlane(event.clientX, event.clientY);
  const band = document.createElement("div");
  band.className = "band";
  follow(board, event, {
    name: "box",
    start: () => board.marks.append(band),
    move(last) {
      const box = boxOf(begun, viewport.toPlane(last.clientX, last.clientY));
      band.style.transform = `translate(${box.x}px,${box.y}px)`;
      band.style.width = `${box.w}px`;
      band.style.height = `${box.h}px`;
      const inside = [...board.nodes.values()].filter((node) => touches(node, box)).map((node) => node.id);
      board.select([...kept, ...inside]);
    },
    drop: () => band.remove(),
    abort() {
      band.remove();
      board.select(before);
    },
    click: () => (node ? board.select([node.id], { add: true }) : several.isOn || board.select([])),
  });
}

function pinch(canvas, fingers) {
  const { viewport } = canvas;
  window.dispatchEvent(new Event("canvas:abort"));
  let before = spread(fingers);
  function move(event) {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event);
    nextFrame("pinch", () => {
      if (fingers.size !== 2) return;
      const now = spread(fingers);
      viewport.pan(now.x - before.x, now.y - before.y);
      viewport.zoom(now.d / before.d, now.x, now.y);
      before = now;
    });
  }
  function stop() {
    window.removeEventListener("pointermove", move, true);
    window.removeEventListener("pointerup", stop, true);
    window.removeEventListener("pointercancel", stop, true);
  }
  window.addEventListener("pointermove", move, true);
  window.addEventListener("pointerup", stop, true);
  window.addEventListener("pointercancel", stop, true);
}

function spread(fingers) {
  const [a, b] = [...fingers.values()];
  const d = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
  return { x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2, d };
}

/** A mouse's wheel zooms, with Ctrl or without; two fingers on a touch pad pan, and zoom when they pinch (which browsers tell as Ctrl,
 * and by far smaller steps than a wheel's). */
function wheel(viewport, shield) {
  let at = 0, isMouse = false;
  return (event) => {
    if (event.target.closest("[data-overlay]")) return;
    event.preventDefault();
    shield.lay();
    if (event.timeStamp - at > WHEEL_PAUSE) isMouse = event.deltaX === 0 && (event.deltaMode !== 0 || Math.abs(event.deltaY) >= 60);
    at = event.timeStamp;
    const unit = event.deltaMode === 1 ? 32 : 1;
    const isPinch = event.ctrlKey || event.metaKey, speed = isMouse ? 0.0016 : 0.008;
    if (event.shiftKey && !isPinch) viewport.pan(-(event.deltaX || event.deltaY) * unit, 0);
    else if (isPinch || isMouse) viewport.zoom(Math.exp(-event.deltaY * unit * speed), event.clientX, event.clientY);
    else viewport.pan(-event.deltaX * unit, -event.deltaY * unit);
  };
}

let hovered = null;

function hover({ board, viewport }, event) {
  const free = !event.target.closest(".step, [data-overlay]");
  const at = viewport.toPlane(event.clientX, event.clientY);
  const edge = free && !board.readOnly ? near(board, at, MOUSE / viewport.k) : null;
  board.root.toggleAttribute("data-over-end", Boolean(edge && endAt(board, at, viewport.k)));
  if (edge === hovered) return;
  hovered?.path.classList.remove("is-hovered");
  edge?.path.classList.add("is-hovered");
  board.root.toggleAttribute("data-over-edge", Boolean(edge));
  hovered = edge;
}
