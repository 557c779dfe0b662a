// Ways for connections that would run across a card: above or below it on a straight lane; so for one that leads back, past its own
// cards. Only sums, no page.
// Most connections cross nothing and stay the plain curve; the few others are found through a grid of cells.

import { around, fromSegment, handles } from "./geometry.js";

const CELL = 320, INSIDE = 5, CLEAR = 22, SIDE = 26, STEPS = 16, TRIES = 4, TURN = 48;

/** Cards by the cells that they lie in. */
export class Cells {
  constructor(boxes) {
    this.cells = new Map();
    for (const box of boxes) {
      for (let column = cell(box.x); column <= cell(box.x + box.w); column += 1) {
        for (let row = cell(box.y); row <= cell(box.y + box.h); row += 1) {
          const key = column * 65536 + row;
          if (this.cells.has(key)) this.cells.get(key).push(box);
          else this.cells.set(key, [box]);
        }
      }
    }
  }

  /** The cards, but for `ends`, on which one of the points lies. */
  hit(points, ends) {
    const found = new Set();
    for (let at = 0; at < points.length; at += 2) {
      const x = points[at], y = points[at + 1];
      for (const box of this.cells.get(cell(x) * 65536 + cell(y)) ?? []) {
        if (ends.includes(box)) continue;
        if (x > box.x + INSIDE && x < box.x + box.w - INSIDE && y > box.y + INSIDE && y < box.y + box.h - INSIDE) found.add(box);
      }
    }
    return found;
  }
}

function cell(value) {
  return Math.floor(value / CELL);
}

/**
 * A way round for the connection along `line`, or null where the plain curve is free or no way is better. `ends` are its two cards;
 * `apart` keeps it off the lane of another that passes the same cards.
 */
export function detour(line, cells, ends, apart = 0) {
  const [x1, y1, x2, y2] = line, leadsBack = x2 - x1 < 2 * SIDE, clear = CLEAR + apart;
  const first = cells.hit(sampled(x1, y1, ...handles(...line), x2, y2), leadsBack ? [] : ends);
  if (first.size === 0) return null;
  const ways = [-1, 1].flatMap((side) => leadsBack ? waysBack(line, cells, ends, side, clear) : way(line, cells, ends, first, side, clear));
  return ways.filter(Boolean).sort((a, b) => a.length - b.length)[0] ?? null;
}

/** Past all that is in the way, above (-1) or below (1); what stands on that lane is passed as well. */
function way(line, cells, ends, first, side, clear) {
  const [x1, y1, x2, y2] = line;
  const blocking = new Set(first);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const box = around(blocking);
    const lane = side < 0 ? box.y - clear : box.y + box.h + clear;
    const from = Math.max(box.x - CLEAR, x1 + SIDE), to = Math.min(box.x + box.w + CLEAR, x2 - SIDE);
    if (to < from) return null;
    const points = [...bend(x1, y1, from, lane), ...straight(from, to, lane), ...bend(to, lane, x2, y2)];
    const hit = cells.hit(points, ends);
    if (hit.size === 0) {
      const length = Math.abs(lane - y1) + Math.abs(lane - y2);
      const d = `M${x1} ${y1}${bendPath(x1, y1, from, lane)}L${to} ${lane}${bendPath(to, lane, x2, y2)}`;
      return { line, d, points, length };
    }
    const before = blocking.size;
    for (const one of hit) blocking.add(one);
    if (blocking.size === before) return null;
  }
  return null;
}

/** Out of a card, round and back along a lane above or below one of the two cards, or both, and whatever else stands there. */
function waysBack(line, cells, ends, side, clear) {
  return [...ends.map((end) => [end]), ends].map((start) => wayBack(line, cells, new Set(start), side, clear));
}

function wayBack(line, cells, blocking, side, clear) {
  const [x1, y1, x2, y2] = line;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const box = around(blocking), before = blocking.size;
    const lane = side < 0 ? box.y - clear : box.y + box.h + clear;
    const points = [...turn(x1, y1, lane, TURN), ...straight(x2, x1, lane, -1), ...turn(x2, lane, y2, -TURN)];
    const hit = cells.hit(points, []);
    const d = `M${x1} ${y1}${turnPath(x1, y1, lane, TURN)}L${x2} ${lane}${turnPath(x2, lane, y2, -TURN)}`;
    if (hit.size === 0) return { line, d, points, length: Math.abs(lane - y1) + Math.abs(lane - y2) };
    for (const one of hit) blocking.add(one);
    if (blocking.size === before) return null;
  }
  return null;
}

function turnPath(x, y1, y2, far) {
  return `C${x + far} ${y1} ${x + far} ${y2} ${x} ${y2}`;
}

function turn(x, y1, y2, far) {
  return sampled(x, y1, x + far, y1, x + far, y2, x, y2);
}

function bendPath(x1, y1, x2, y2) {
  const middle = (x1 + x2) / 2;
  return `C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

function bend(x1, y1, x2, y2) {
  const middle = (x1 + x2) / 2;
  return sampled(x1, y1, middle, y1, middle, y2, x2, y2);
}

/** Points from the left to the right, or, where `by` is negative, the other way. */
function straight(from, to, y, by = 1) {
  const points = [];
  for (let gone = 0; gone < to - from; gone += 60) points.push(by < 0 ? to - gone : from + gone, y);
  return points;
}

function sampled(x1, y1, ax, ay, bx, by, x2, y2) {
  const points = [];
  for (let step = 0; step <= STEPS; step += 1) {
    const t = step / STEPS, u = 1 - t;
    points.push(u * u * u * x1 + 3 * u * u * t * ax + 3 * u * t * t * bx + t * t * t * x2, u * u * u * y1 + 3 * u * u * t * ay + 3 * u * t * t * by + t * t * t * y2);
  }
  return points;
}

/** How far a point is from such a way. */
export function farFrom(point, points) {
  let best = Infinity;
  for (let at = 2; at < points.length; at += 2) best = Math.min(best, fromSegment(point, points[at - 2], points[at - 1], points[at], points[at + 1]));
  return best;
}
