// Pure sums of the plane: snapping, boxes and the curve of a connection. Knows no page.

export const GRID = 10;
/** A usual card. */
export const WIDTH = 260, HEIGHT = 140;

export function snap(value) {
  return Math.round(value / GRID) * GRID;
}

export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

export function boxOf(a, b) {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), w: Math.abs(a.x - b.x), h: Math.abs(a.y - b.y) };
}

export function touches(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

export function holds(box, point, margin = 0) {
  return (
    point.x >= box.x - margin && point.x <= box.x + box.w + margin && point.y >= box.y - margin && point.y <= box.y + box.h + margin
  );
}

/** The smallest box around boxes; null when there are none. */
export function around(boxes) {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.w);
    bottom = Math.max(bottom, box.y + box.h);
  }
  return left === Infinity ? null : { x: left, y: top, w: right - left, h: bottom - top };
}

/** The nearest box in a direction, from the middle of one; undefined where none lies more ahead than beside. */
export function towards(from, boxes, [dx, dy]) {
  const middle = ({ x, y, w, h }) => [x + w / 2, y + h / 2], [fromX, fromY] = middle(from);
  const far = (box) => {
    const [x, y] = middle(box), ahead = (x - fromX) * dx + (y - fromY) * dy, beside = Math.abs((x - fromX) * dy) + Math.abs((y - fromY) * dx);
    return ahead > 0 && beside <= 2 * ahead ? ahead + 2 * beside : Infinity;
  };
  return boxes.map((box) => [far(box), box]).filter(([way]) => way < Infinity).sort(([a], [b]) => a - b)[0]?.[1];
}

export function nearest(from, boxes) {
  const far = ({ x, y, w, h }) => Math.hypot(x + w / 2 - from.x - from.w / 2, y + h / 2 - from.y - from.h / 2);
  return boxes.map((box) => [far(box), box]).sort(([a], [b]) => a - b)[0]?.[1];
}

/** How far the handles of a curve reach: little for near neighbours, far for a way back. */
function reach(dx, dy) {
  if (dx >= 0) return clamp(dx * 0.5, Math.min(28 + Math.abs(dy) * 0.2, 60), 150);
  return clamp(60 - dx * 0.35, 60, 220);
}

export function handles(x1, y1, x2, y2) {
  const r = reach(x2 - x1, y2 - y1);
  return [x1 + r, y1, x2 - r, y2];
}

export function curve(x1, y1, x2, y2) {
  const [ax, ay, bx, by] = handles(x1, y1, x2, y2);
  return `M${x1} ${y1}C${ax} ${ay} ${bx} ${by} ${x2} ${y2}`;
}

/** How far a point is from that curve. */
export function distance(point, [x1, y1, x2, y2]) {
  const [ax, ay, bx, by] = handles(x1, y1, x2, y2);
  let best = Infinity, px = x1, py = y1;
  for (let step = 1; step <= 24; step += 1) {
    const t = step / 24, u = 1 - t;
    const x = u * u * u * x1 + 3 * u * u * t * ax + 3 * u * t * t * bx + t * t * t * x2;
    const y = u * u * u * y1 + 3 * u * u * t * ay + 3 * u * t * t * by + t * t * t * y2;
    best = Math.min(best, fromSegment(point, px, py, x, y));
    px = x;
    py = y;
  }
  return best;
}

export function fromSegment(point, x1, y1, x2, y2) {
  const dx = x2 - x1, dy = y2 - y1;
  const along = dx || dy ? clamp(((point.x - x1) * dx + (point.y - y1) * dy) / (dx * dx + dy * dy), 0, 1) : 0;
  return Math.hypot(point.x - x1 - along * dx, point.y - y1 - along * dy);
}
