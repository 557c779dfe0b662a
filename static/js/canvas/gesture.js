// One pointer, from down to up: the moves of a frame come as one, Escape or a lost pointer gives up.

import { nextFrame } from "./frame.js";

const SLACK = 4;
/** Where fingers are what one has: a keyboard that comes up covers half of what there is to see. */
export const TOUCH = window.matchMedia("(pointer: coarse)");

/**
 * Follow the pointer that went down in `event`. `start` is called once it has really moved, then `move` at most once a frame;
 * `drop` at the end of a real gesture, `click` when it never moved, `abort` when it was given up.
 */
export function follow(board, event, { name, start, move, drop, click, abort }) {
  const { pointerId, clientX, clientY } = event;
  let last = event, running = false;
  const target = board.root;

  function onMove(next) {
    if (next.pointerId !== pointerId) return;
    last = next;
    if (!running) {
      if (Math.hypot(next.clientX - clientX, next.clientY - clientY) < SLACK) return;
      running = true;
      board.begin(name);
      target.setPointerCapture(pointerId);
      start?.(event);
    }
    nextFrame(follow, () => running && move?.(last));
  }

  function finish(how) {
    for (const [type, listener] of listeners) window.removeEventListener(type, listener, true);
    if (running) {
      if (how === drop) move?.(last);
      running = false;
      if (target.hasPointerCapture(pointerId)) target.releasePointerCapture(pointerId);
      how?.(last);
      board.end();
    } else if (how === drop) {
      click?.(last);
    }
  }

  const mine = (work) => (next) => next.pointerId === pointerId && work(next);
  const listeners = [
    ["pointermove", onMove],
    ["pointerup", mine((next) => ((last = next), finish(drop)))],
    ["pointercancel", mine((next) => ((last = next), finish(abort)))],
    ["canvas:abort", () => finish(abort)],
    ["keydown", (key) => key.key === "Escape" && running && (key.preventDefault(), key.stopPropagation(), finish(abort))],
  ];
  for (const [type, listener] of listeners) window.addEventListener(type, listener, true);
}

/** What pressed a button: touch or mouse; null when a key did. */
export function pointerOf(event) {
  if (event?.type !== "click" || event.detail === 0) return null;
  return event.pointerType === "touch" ? "touch" : "mouse";
}
