// Guide lines while cards are dragged: their edges and middles stick to those of cards nearby, and a line shows to which.

const REACH = 7;

/** The lines of boxes along one axis, in order, each with how far it reaches across. */
export function linesOf(boxes, axis) {
  const [size, across, width] = axis === "x" ? ["w", "y", "h"] : ["h", "x", "w"];
  const lines = [];
  for (const box of boxes) {
    for (const part of [0, 0.5, 1]) lines.push({ at: box[axis] + box[size] * part, low: box[across], high: box[across] + box[width] });
  }
  return lines.sort((a, b) => a.at - b.at);
}

/** How far a box moves along an axis to lie on the nearest line, and that line; null when none is within reach. */
export function fitting(box, lines, axis, reach) {
  const size = axis === "x" ? "w" : "h";
  let best = null;
  for (const part of [0, 0.5, 1]) {
    const edge = box[axis] + box[size] * part;
    for (const line of about(lines, edge)) {
      const by = line.at - edge;
      if (Math.abs(by) <= reach && (!best || Math.abs(by) < Math.abs(best.by))) best = { by, line };
    }
  }
  return best;
}

/** The lines next to a value on both sides. */
function about(lines, value) {
  let low = 0, high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].at < value) low = middle + 1;
    else high = middle;
  }
  return lines.slice(Math.max(low - 1, 0), low + 1);
}

export class Guides {
  constructor({ board, viewport }, moving) {
    this.viewport = viewport;
    const seen = [...board.nodes.values()].filter((node) => !moving.includes(node) && inView(viewport, node));
    this.lines = { x: linesOf(seen, "x"), y: linesOf(seen, "y") };
    this.marks = { x: mark(board, "is-x"), y: mark(board, "is-y") };
  }

  /** Where a box goes along one axis: onto a guide if one is near, else by `otherwise`. */
  fit(box, axis, otherwise) {
    const found = fitting(box, this.lines[axis], axis, REACH / this.viewport.k);
    this.show(axis, found?.line, box);
    return found ? box[axis] + found.by : otherwise(box[axis]);
  }

  show(axis, line, box) {
    const { style } = this.marks[axis];
    style.display = line ? "block" : "none";
    if (!line) return;
    const [across, width] = axis === "x" ? ["y", "h"] : ["x", "w"];
    const low = Math.min(line.low, box[across]) - 12, high = Math.max(line.high, box[across] + box[width]) + 12;
    style.transform = axis === "x" ? `translate(${line.at}px,${low}px)` : `translate(${low}px,${line.at}px)`;
    style[axis === "x" ? "height" : "width"] = `${high - low}px`;
    style[axis === "x" ? "width" : "height"] = `${1.5 / this.viewport.k}px`;
  }

  hide() {
    for (const el of Object.values(this.marks)) el.style.display = "none";
  }

  remove() {
    for (const el of Object.values(this.marks)) el.remove();
  }
}

function mark(board, name) {
  const el = document.createElement("i");
  el.className = `guide ${name}`;
  board.marks.append(el);
  return el;
}

function inView({ x, y, k, frame }, node) {
  return (node.x + node.w) * k + x > 0 && node.x * k + x < frame.width && (node.y + node.h) * k + y > 0 && node.y * k + y < frame.height;
}
