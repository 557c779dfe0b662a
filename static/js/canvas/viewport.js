// Which part of the plane is seen: pan, zoom, fit. Everything else asks it to turn screen points into points of the plane.

import { nextFrame } from "./frame.js";
import { around, clamp, touches } from "./geometry.js";
import { Ground } from "./ground.js";

const LEAST = 0.1, MOST = 2, FAR = 0.35, READABLE = 0.6, NARROW = 600, FEW = 150, FLIGHT = 320, BAR = 40, GAP = 16;

export class Viewport {
  constructor(board, key = null) {
    this.board = board;
    this.key = key;
    this.ground = new Ground(board.root);
    Object.assign(this, { x: 0, y: 0, k: 1, rect: null, aside: 0, sheet: null, own: null, led: null });
    new ResizeObserver(() => {
      this.rect = null;
      board.say("view");
    }).observe(board.root);
  }

  /** Something that lies over the canvas, where it is seen. */
  over(name) {
    const el = this.board.root.querySelector(name);
    if (!el?.offsetParent) return null;
    const { offsetLeft: left, offsetTop: top, offsetWidth: width, offsetHeight: height } = el;
    return { left, top, width, height, right: left + width, bottom: top + height };
  }

  /** Whether the palette is no more than the button that opens it. */
  get isFolded() {
    return Boolean(this.board.root.querySelector("[data-palette] [data-open]")?.offsetParent);
  }

  /** What the small map covers, below at the left; or that button. */
  get corner() {
    const box = this.over("[data-minimap]:not([hidden])") ?? (this.isFolded ? this.over("[data-palette]") : null);
    return box ? { right: box.right, height: this.frame.height - box.top } : { right: 0, height: 0 };
  }

  /** The canvas on the screen, read once and kept until it changes size. */
  get frame() {
    this.rect ??= this.board.root.getBoundingClientRect();
    return this.rect;
  }

  toPlane(clientX, clientY) {
    return { x: (clientX - this.frame.left - this.x) / this.k, y: (clientY - this.frame.top - this.y) / this.k };
  }

  toScreen(x, y) {
    return { x: x * this.k + this.x + this.frame.left, y: y * this.k + this.y + this.frame.top };
  }

  /** The part of the plane that is seen, and as many of its pixels around it. */
  seen(margin = 0) {
    const { x, y, k, frame } = this;
    return { x: -x / k - margin, y: -y / k - margin, w: frame.width / k + 2 * margin, h: frame.height / k + 2 * margin };
  }

  /** Whether the corner of a box would be seen, with room for what is in it. */
  isSeen({ x, y }) {
    const left = x * this.k + this.x, top = y * this.k + this.y;
    return left > 0 && top > 0 && left < this.frame.width - 100 && top < this.frame.height - 60;
  }

  get centre() {
    return this.toPlane(this.frame.left + this.frame.width / 2, this.frame.top + this.frame.height / 2);
  }

  set(x, y, k) {
    [this.x, this.y, this.k] = [x, y, clamp(k, LEAST, MOST)];
    nextFrame(this, () => this.apply());
  }

  apply() {
    const { view, root } = this.board;
    view.style.transform = `translate(${this.x}px,${this.y}px) scale(${this.k})`;
    root.toggleAttribute("data-far", this.k < (this.board.nodes.size > FEW ? FAR : FAR / 1.6));
    this.ground.lay(this.x, this.y, this.k, this.k < FAR);
    this.board.say("view");
    if (this.key) nextFrame("keep view", () => this.keep());
  }

  pan(dx, dy) {
    this.set(this.x + dx, this.y + dy, this.k);
  }

  /** Zoom so that the point under the pointer stays where it is. */
  zoom(factor, clientX = this.frame.left + this.frame.width / 2, clientY = this.frame.top + this.frame.height / 2) {
    const k = clamp(this.k * factor, LEAST, MOST);
    const at = this.toPlane(clientX, clientY);
    this.set(clientX - this.frame.left - at.x * k, clientY - this.frame.top - at.y * k, k);
  }

  /** Show these cards, all when none are named, as large as they go; none of them under the small map. */
  fit(nodes = [...this.board.nodes.values()], { most = 1, pad = 56 } = {}) {
    const box = around(nodes);
    if (!box || !this.frame.width) return;
    const { inset, corner } = this;
    let best = this.placed(box, inset, most, pad);
    if (corner.right && nodes.some((node) => this.isCovered(node, best))) {
      const above = this.placed(box, { ...inset, bottom: Math.max(inset.bottom, corner.height) }, most, pad);
      const beside = this.placed(box, { ...inset, left: Math.max(inset.left, corner.right) }, most, pad);
      best = beside[2] > above[2] ? beside : above;
    }
    this.set(...best);
  }

  /** Where a flow may begin at the left: beside the buttons that stand there for fingers. */
  beginning(inset, pad) {
    const rims = [".settings-offer", ".several-offer"].map((name) => this.over(name)).filter((box) => box?.left < this.frame.width / 2);
    return Math.max(inset.left + pad, ...rims.map((box) => box.right + GAP / 2));
  }

  /** The view in which a box fills what these insets leave free. */
  placed(box, inset, most, pad) {
    const { width, height } = this.frame;
    const left = this.beginning(inset, pad), top = inset.top + pad;
    const roomX = Math.max(width - left - inset.right - pad, 80), roomY = Math.max(height - top - inset.bottom - pad, 80);
    const k = clamp(Math.min(roomX / box.w, roomY / box.h), LEAST, most);
    return [left + (roomX - box.w * k) / 2 - box.x * k, top + (roomY - box.h * k) / 2 - box.y * k, k];
  }

  isCovered(node, [x, y, k]) {
    return node.x * k + x < this.corner.right && (node.y + node.h) * k + y > this.frame.height - this.corner.height;
  }

  /** All of some cards; where that could not be read, the one that matters. */
  show(nodes, main) {
    const before = [this.x, this.y, this.k];
    this.fit(nodes);
    if (this.k >= READABLE || !main) return;
    this.set(...before);
    this.flyTo(main);
  }

  /** How a flow is met for the first time: whole if it can be read so; else all of the `way` that was taken through it, if its cards can
   * be told apart; else as far as goes around the step that matters.
   */
  open(main, { pad = 48, way = [] } = {}) {
    this.fit(undefined, { pad });
    if (this.k >= READABLE || !main) return;
    if (way.length) this.fit(way, { pad, most: 0.8 });
    if (way.length && this.k >= FAR) return;
    const { frame, inset } = this, box = around(this.board.nodes.values());
    const k = frame.width < NARROW || this.board.readOnly ? READABLE : 0.8;
    const along = (from, to, size, start, middle) => {
      const room = to - from - 2 * pad;
      if (size * k <= room) return from + pad + (room - size * k) / 2 - start * k;
      return clamp((from + to) / 2 - middle * k, to - pad - (start + size) * k, from + pad - start * k);
    };
    this.set(
      along(this.beginning(inset, pad) - pad, frame.width - inset.right, box.w, box.x, main.x + main.w / 2),
      along(inset.top, frame.height - inset.bottom, box.h, box.y, main.y + main.h / 2),
      k,
    );
  }

  /** Move only as far as it takes to see a card. */
  reveal(node, pad = 40) {
    const [dx, dy] = this.away(node, pad);
    if (!dx && !dy) return;
    if (!this.isLed) this.own = [this.x, this.y, this.k];
    this.pan(dx, dy);
    this.led = [this.x, this.y, this.k];
  }

  /** Move only as far as it takes to see some cards, all smaller where they need more room. */
  hold(nodes) {
    const box = around(nodes);
    if (!box) return;
    this.reveal(box, GAP);
    if (this.away(box).some(Boolean)) this.fit(nodes, { most: this.k });
  }

  /** Whether one looks where a card was revealed, and not elsewhere since. */
  get isLed() {
    return this.led?.every((value, at) => value === [this.x, this.y, this.k][at]) ?? false;
  }

  /** To where one looked before cards were revealed, as far as this one is seen from there. */
  comeBack(node) {
    if (!this.isLed) return;
    this.set(...this.own);
    this.led = null;
    if (node && this.board.nodes.has(node.id)) this.reveal(node, GAP);
  }

  /** How far the view must go until all of a card is in the clear. */
  away(node, pad = 0) {
    const { width, height } = this.frame, { inset } = this;
    const left = node.x * this.k + this.x, top = node.y * this.k + this.y;
    const right = left + node.w * this.k, bottom = top + node.h * this.k;
    let dx = 0, dy = 0;
    if (right > width - inset.right - pad) dx = width - inset.right - pad - right;
    if (left + dx < inset.left + pad) dx = inset.left + pad - left;
    const below = left + dx < this.corner.right ? Math.max(inset.bottom, this.corner.height) : inset.bottom;
    if (bottom > height - below - pad) dy = height - below - pad - bottom;
    if (top + dy < inset.top + pad) dy = inset.top + pad - top;
    return [dx, dy];
  }

  /** Bring a card into the middle, near enough to be read; the eye can follow the way. */
  flyTo(node) {
    const { width, height } = this.frame, { inset } = this;
    const k = clamp(this.k, READABLE, MOST);
    const x = inset.left + (width - inset.left - inset.right) / 2 - (node.x + node.w / 2) * k;
    const y = inset.top + (height - inset.top - inset.bottom) / 2 - (node.y + node.h / 2) * k;
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return this.set(x, y, k);
    const from = [this.x, this.y, this.k], begun = performance.now();
    const step = (now) => {
      const t = clamp((now - begun) / FLIGHT, 0, 1), eased = 1 - (1 - t) ** 3;
      if (this.board.gesture) return;
      this.set(...[x, y, k].map((value, at) => from[at] + (value - from[at]) * eased));
      if (t < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** What lies over the canvas on each side, as it stands now. `aside` is what somebody opened at the right. */
  get inset() {
    const { width, height } = this.frame, { selected } = this.board;
    const palette = this.isFolded ? null : this.over("[data-palette]"), zoom = this.over(".canvas-zoom");
    const isStrip = palette?.width > width / 2;
    return {
      left: palette && !isStrip ? palette.right + GAP : 0,
      right: width - this.aside > NARROW / 2 ? this.aside : 0,
      top: zoom?.top < height / 2 ? zoom.bottom : 0,
      bottom: Math.max(BAR, isStrip ? height - palette.top : 0, this.sheet?.covered(selected, height) ?? 0),
    };
  }

  keep() {
    try {
      localStorage.setItem(this.key, JSON.stringify([Math.round(this.x), Math.round(this.y), this.k, this.isUpright]));
    } catch {
      // A full or forbidden storage only costs the view's place.
    }
  }

  /** Where this browser looked last; false when it never did, a phone has been turned since, or nothing is to be seen there. */
  restore() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.key));
    } catch {
      return false;
    }
    if (!Array.isArray(kept)) return false;
    const [x, y, k, wasUpright] = kept;
    if (![x, y, k].every(Number.isFinite) || wasUpright !== this.isUpright || !this.showsAny([x, y, k])) return false;
    this.set(x, y, k);
    return true;
  }

  get isUpright() {
    return this.frame.height > this.frame.width;
  }

  /** Whether some card is in the clear, or a good part of one. */
  showsAny([x, y, k] = [this.x, this.y, this.k]) {
    const { width, height } = this.frame, { inset } = this;
    const clear = { x: inset.left, y: inset.top, w: width - inset.left - inset.right, h: height - inset.top - inset.bottom };
    return [...this.board.nodes.values()].some((node) => {
      const [w, h] = [node.w * k, node.h * k];
      return touches(clear, { x: node.x * k + x + w / 4, y: node.y * k + y + h / 4, w: w / 2, h: h / 2 });
    });
  }

  /** After a change that left nothing in sight, the card nearest to where one looks; one of the cards that `changed`, if none is seen. */
  findBack(changed = []) {
    if (!this.frame.width) return;
    if (changed.length && !changed.some((node) => touches(this.seen(), node))) return this.reveal(changed[0]);
    if (this.showsAny()) return;
    const { x, y } = this.centre, far = (node) => Math.hypot(node.x + node.w / 2 - x, node.y + node.h / 2 - y);
    const [nearest] = [...this.board.nodes.values()].sort((a, b) => far(a) - far(b));
    if (nearest) this.flyTo(nearest);
  }
}
