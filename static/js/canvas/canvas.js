// Puts the canvas together: the board, the viewport and every part that listens to them.

import { actionsOf } from "./actions.js";
import { Board } from "./board.js";
import { Chooser } from "./chooser.js";
import { adopt, makeButtons, measure, watch } from "./cards.js";
import { listenClipboard } from "./clipboard.js";
import { disconnect } from "./connect.js";
import { cross } from "./crossing.js";
import { linkAll, redraw } from "./edges.js";
import { End } from "./end.js";
import { Findings } from "./findings.js";
import { whenIdle } from "./frame.js";
import { around } from "./geometry.js";
import { Hint } from "./hint.js";
import { History } from "./history.js";
import { KeyConnect } from "./keyconnect.js";
import { listenKeys, readTable } from "./keys.js";
import { Menu } from "./menu.js";
import { Minimap } from "./minimap.js";
import { Palette } from "./palette.js";
import { Panel } from "./panel.js";
import { applyPatch } from "./patch.js";
import { listen } from "./pointer.js";
import { Preview } from "./preview.js";
import { Router } from "./router.js";
import { Several } from "./several.js";
import { Standing } from "./standing.js";
import { Sync } from "./sync.js";
import { Comments, Presence } from "./talk.js";
import { Toolbar } from "./toolbar.js";
import { Unseen } from "./unseen.js";
import { Viewport } from "./viewport.js";

const EDGE = 36;

export class Canvas {
  constructor(root) {
    const start = JSON.parse(root.dataset.start);
    this.urls = JSON.parse(root.dataset.urls);
    this.choices = JSON.parse(root.dataset.goals);
    this.board = new Board(root);
    this.viewport = new Viewport(this.board, `flow-view:${root.dataset.flow}`);
    this.live = document.querySelector("[data-live]");
    this.findings = new Findings(this, document.querySelector("[data-checks]"));
    this.draw(start);
    this.awaited = null;
    this.table = readTable(document.getElementById("keys"));
    this.chooser = new Chooser(document.querySelector("[data-chooser]"));
    this.hint = new Hint(document.querySelector("[data-hint]"));
    this.keyConnect = new KeyConnect(this);
    this.palette = new Palette(this);
    this.several = new Several(this, document.querySelector("[data-several]"));
    this.panel = new Panel(this, document.querySelector("[data-panel]"));
    this.viewport.sheet = this.panel.sheet;
    this.preview = new Preview(this, document.querySelector("[data-preview]"));
    this.comments = new Comments(this, document.querySelector("[data-comments]"));
    this.toolbar = new Toolbar(this);
    this.minimap = new Minimap(this, document.querySelector("[data-minimap]"));
    this.history = new History(this, document.querySelector("[data-history]"));
    if (!this.board.readOnly) new End(this);
    this.findings.show(start.findings, start.proved);
    this.toolbar.show(start.toolbar);
    this.sync = new Sync(this.board, {
      flow: root.dataset.flow, urls: this.urls, revision: start.revision, tag: start.tag,
      token: () => document.querySelector('meta[name="csrf-token"]').content,
      apply: (patch, how) => this.apply(patch, how),
      toast: (...told) => this.toast(...told),
    });
    this.actions = actionsOf(this);
    this.router = new Router(this.board);
    listenClipboard(this);
    listen(this);
    listenKeys(this);
    new Menu(this, document.querySelector("[data-context-menu]"));
    this.focusable();
    root.addEventListener("focusin", (event) => this.focused(event));
    this.board.on("selection", () => this.board.selected && this.current(this.board.selected));
    this.panel.follow();
    this.comments.show(start.comments);
    this.presence = new Presence(this, document.querySelector("[data-people]"));
    this.standing = new Standing(this);
    this.goOnAt(cross(this));
  }

  /** First drawing: the cards are in the page, and only sizes are read before all the rest is put there at once. */
  draw(start) {
    const { board, viewport } = this;
    for (const el of board.cards.children) adopt(board, el);
    this.ids = start.order;
    if (viewport.frame.width && !viewport.restore()) viewport.open(this.order()[0]);
    this.unseen = new Unseen(this, (nodes) => (this.redraw(nodes), this.whole(nodes)));
    this.unseen.takeOut();
    board.root.dataset.placed = "";
    const seen = [...board.nodes.values()].filter((node) => node.el.isConnected);
    measure(seen);
    linkAll(board, start.edges);
    this.findings.badges(start.findings);
    viewport.apply();
    this.observer = watch(board, (nodes) => this.redraw(nodes));
    whenIdle(() => this.whole(seen));
    this.unseen.bringRest();
  }

  /** These cards are laid out: from now on they are watched, and their ways out can be gone to. */
  whole(nodes) {
    for (const node of nodes) {
      this.observer.observe(node.el);
      if (!this.board.readOnly) makeButtons(node);
    }
  }

  apply(patch, how) {
    const at = document.activeElement.closest(".step")?.dataset.id, ids = this.order().map((node) => node.id);
    const came = how.loses && !patch.full ? (patch.cards ?? []).map((card) => card.id).filter((id) => !this.board.nodes.has(id)) : [];
    const changes = applyPatch(this, patch, how);
    if (came.length) this.welcome(came);
    if (at && !this.board.nodes.has(at)) this.goBackFrom(at, ids);
    if (this.coming && patch.cards?.some((card) => card.id === this.coming)) this.cameWhole();
    if (this.here) this.focusable();
    if (how.laid) this.showLaid(how.laid.nodes?.map((id) => this.board.nodes.get(id)).filter(Boolean));
    if (how.loses) this.viewport.findBack(how.own || patch.removed?.length ? [] : changes);
    const drawn = this.awaited?.ids.filter((id) => this.board.nodes.has(id));
    if (drawn?.length) this.goOnWith(drawn);
  }

  /** At the steps that were awaited, unless one has gone elsewhere meanwhile. */
  goOnWith(drawn) {
    const { at } = this.awaited, { nodes } = this.board;
    this.awaited = null;
    if (![at, document.body].includes(document.activeElement)) return;
    this.board.select(drawn);
    this.viewport.reveal(around(drawn.map((id) => nodes.get(id))));
    this.focusCard(nodes.get(drawn[0]));
  }

  /** Steps that undo or redo brought are selected; keys that are on the canvas, or nowhere, go on at the first of them. */
  welcome(ids) {
    const { root } = this.board, at = document.activeElement;
    this.board.select(ids);
    if (at === document.body || root.contains(at)) this.focusCard(this.board.nodes.get(ids[0]));
  }

  /** What was tidied up is in view: the whole flow, or some steps where one looks. */
  showLaid(nodes) {
    if (nodes) this.viewport.hold(nodes);
    else this.viewport.fit();
  }

  /** The step with the focus is gone: on from the one before it, so that keys go on from there. */
  goBackFrom(id, ids) {
    const before = ids.slice(0, ids.indexOf(id)).reverse().find((one) => this.board.nodes.has(one));
    if (before) this.focusCard(this.board.nodes.get(before));
  }

  /** A step that was just added has its whole size only now. */
  cameWhole() {
    if (this.board.selected?.id === this.coming) this.viewport.reveal(this.board.selected);
    this.coming = null;
  }

  redraw(nodes) {
    redraw(this.board, nodes);
  }

  disconnect(source, port) {
    disconnect(this, source, port);
  }

  selectWhenDrawn(ids) {
    this.awaited = { ids, at: document.activeElement };
  }

  /** Wait until what was done so far has reached the server. */
  settled() {
    this.sync.hurry();
    if (!this.sync.queue.first) return Promise.resolve();
    return new Promise((done) => {
      this.board.on("saved", () => this.sync.queue.first || done());
    });
  }

  failed = () => this.toast("That did not work just now. Try again in a moment.", "danger");

  toast(text, level = "info", undo = null) {
    document.body.dispatchEvent(new CustomEvent("toast", { detail: { text, level, undo }, bubbles: true }));
  }

  /** For people who hear the page. */
  say(text) {
    this.live.textContent = text;
  }

  addNext(node, port, kind) {
    this.palette.addNext(node, port, kind);
  }

  /** Its fields are next. */
  open(id) {
    const node = this.board.nodes.get(id);
    if (!node) return;
    this.board.select([id]);
    this.viewport.reveal(node);
    this.panel.focus();
  }

  /** Where one was in the outline. */
  goOnAt(node) {
    if (!node) return;
    this.board.select([node.id]);
    this.focusCard(node);
  }

  // The order of the flow, and which card Tab comes to

  order() {
    return this.ids.map((id) => this.board.nodes.get(id)).filter(Boolean);
  }

  setOrder(ids) {
    this.ids = ids;
    this.focusable();
  }

  addToOrder(id, after) {
    const at = after ? this.ids.indexOf(after) + 1 : this.ids.length;
    this.ids = [...this.ids.slice(0, at), id, ...this.ids.slice(at)];
  }

  focusable() {
    if (!this.here || !this.board.nodes.has(this.here.id)) this.current(this.order()[0]);
    else this.current(this.board.nodes.get(this.here.id));
  }

  current(node) {
    if (this.here) this.setTab(this.here, -1);
    this.here = node;
    if (node) this.setTab(node, 0);
  }

  setTab(node, value) {
    node.el.tabIndex = value;
    if (this.board.readOnly) return;
    for (const port of node.ports.values()) port.el.tabIndex = value;
  }

  focused(event) {
    const node = this.board.nodes.get(event.target.closest(".step")?.dataset.id);
    if (node && node !== this.here) this.current(node);
    if (node && event.target.matches(":focus-visible")) this.viewport.reveal(node);
  }

  focusCard(node) {
    this.current(node);
    this.unseen.bring([node]);
    node.el.focus({ preventScroll: true });
  }

  /** To the next or previous card, around the end, or to the current one if nobody is at it yet; false at the end where Tab leaves the canvas. */
  walk(by, { ports = false, stay = false } = {}) {
    const order = this.order();
    const isAt = stay || this.board.selected === this.here || this.here?.el.contains(document.activeElement);
    const at = order.indexOf(this.here) + (isAt ? by : 0);
    const next = order[stay ? at : (at + order.length) % order.length];
    if (!next) return false;
    this.focusCard(next);
    if (ports && next.ports.size) [...next.ports.values()].at(-1).el.focus({ preventScroll: true });
    if (!stay) this.board.select([next.id]);
    return true;
  }

  /** Near the rim of the canvas a gesture takes the view along. */
  edgePan(event) {
    const { frame } = this.viewport;
    const push = (at, low, high) => (at < low + EDGE ? Math.min(low + EDGE - at, 14) : at > high - EDGE ? Math.max(high - EDGE - at, -14) : 0);
    const dx = push(event.clientX, frame.left, frame.right), dy = push(event.clientY, frame.top, frame.bottom);
    if (dx || dy) this.viewport.pan(dx, dy);
  }
}

window.flowCanvas = new Canvas(document.querySelector("[data-canvas]"));
window.flowCanvas.board.root.dataset.ready = "";
requestAnimationFrame(() => setTimeout(() => performance.mark("canvas-painted")));
