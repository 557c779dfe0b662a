// The outline: the same flow as a list from the server. Its forms go by htmx; what is typed in the panel goes the way of the canvas,
// and what others do arrives the same way and has the list drawn anew.

import { openAside } from "./asides.js";
import { Board } from "./board.js";
import { portLabel } from "./cards.js";
import { cross } from "./crossing.js";
import { linkAll } from "./edges.js";
import { Findings } from "./findings.js";
import { fragment } from "./fragment.js";
import { WIDTH } from "./geometry.js";
import { History } from "./history.js";
import { hold, VIEW } from "./listing.js";
import { Panel } from "./panel.js";
import { Preview } from "./preview.js";
import { listenRows } from "./rowkeys.js";
import { Sync } from "./sync.js";
import { Comments } from "./talk.js";
import { Title } from "./title.js";

/** Buttons that do what keys do with the step whose panel is open, or with the list. */
const OF_STEP = ["copy", "cut", "paste", "duplicate", "delete"].map((name) => `[data-act=${name}]`).join();

/** The list says itself what is wrong with a step. */
class ListFindings extends Findings {
  mark() {}
}

class Outline {
  constructor(root) {
    this.root = root;
    this.urls = JSON.parse(root.dataset.urls);
    this.choices = JSON.parse(root.dataset.goals);
    this.board = new Board(root.querySelector("[data-board]"));
    this.live = root.querySelector("[data-live]");
    this.sign = root.querySelector("[data-saved]");
    this.viewport = VIEW;
    this.toolbar = { explain() {} };
    const start = this.read();
    this.findings = new ListFindings(this, root.querySelector("[data-checks]"));
    this.history = new History(this, root.querySelector("[data-history]"));
    this.sync = new Sync(this.board, {
      flow: root.dataset.flow, urls: this.urls, revision: start.revision, tag: start.tag,
      token: () => document.querySelector('meta[name="csrf-token"]').content,
      apply: (patch, how) => this.apply(patch, how),
      toast: (...told) => this.toast(...told),
    });
    this.panel = new Panel(this, root.querySelector("[data-panel]"));
    this.preview = new Preview(this, root.querySelector("[data-preview]"));
    this.comments = new Comments(this, root.querySelector("[data-comments]"));
    this.comments.show(start.comments);
    this.findings.show(start.findings, start.proved);
    this.board.on("selection", () => (this.last = this.board.selected?.id ?? this.last));
    this.board.on("saved", ({ state }) => this.showSaved(state));
    root.addEventListener("click", (event) => this.clicked(event));
    this.title = new Title(this, root);
    listenRows(this);
    document.addEventListener("undo:asked", ({ detail }) => (detail ? this.sync.send(detail) : this.actions.undo()));
    document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
      if (!this.list.contains(ctx.sourceElement)) return;
      this.asking = ctx;
      document.dispatchEvent(new Event("undo:stale"));
    });
    document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => (this.asking = this.asking === ctx ? null : this.asking));
    document.addEventListener("htmx:before:swap", () => {
      this.held = hold(this.list);
      this.at = document.activeElement.closest("[data-step]")?.dataset.step;
    });
    document.addEventListener("htmx:after:swap", () => this.swapped());
    const chosen = cross(this);
    if (chosen) this.show(chosen.id);
    this.panel.follow();
  }

  get list() {
    return this.root.querySelector("#outline");
  }

  /** Where the keys were last. */
  get here() {
    return this.board.nodes.get(this.last) ?? this.board.nodes.get(this.ids[0]);
  }

  get revision() {
    return Number(this.list.dataset.revision);
  }

  /** Take up the list that the server drew: its steps and connections, as the panel knows them from the canvas. */
  read() {
    const { board } = this, start = JSON.parse(this.list.dataset.start);
    board.nodes.clear();
    board.edges.clear();
    board.paths.replaceChildren();
    for (const { id, kind, start: isStart, takes_in: takesIn, ports, box } of start.nodes) {
      const el = document.getElementById(`step-${id}`);
      const ways = new Map(ports.map(([port, label]) => [port, { y: 0, el: mark(label) }]));
      board.nodes.set(id, { id, kind, isStart, takesIn, el, ports: ways, ins: new Set(), outs: new Set(), ...box, w: WIDTH, inlet: 0 });
    }
    linkAll(board, start.edges);
    this.words = { undo: "", redo: "" };
    for (const { dataset } of this.list.querySelectorAll("[data-again]")) this.words[dataset.again] = dataset.words;
    this.ids = [...this.list.querySelectorAll("[data-step]")].map((row) => row.dataset.step);
    this.findings?.show(start.findings, start.proved);
    this.comments?.show(start.comments);
    return start;
  }

  /** After a form: what was made just now is opened, or the field that came is focused. */
  swapped() {
    for (const id of this.board.selection) document.getElementById(`step-${id}`)?.setAttribute("aria-current", "true"); // There is room below it.
    this.held?.();
    this.held = null;
    const field = this.list.querySelector("[data-focus]:not([data-focused])");
    if (field) {
      field.dataset.focused = "";
      field.focus();
    }
    if (this.at && document.activeElement === document.body) this.focusName(this.at);
    const shown = this.list.dataset.start + this.list.dataset.chosen;
    if (shown === this.shownList) return;
    this.shownList = shown;
    const before = new Set(this.board.nodes.keys()), { chosen } = this.list.dataset, start = this.read();
    this.sync.known(start);
    if (start.revision < this.sync.revision) this.drawAnew();
    const isNew = chosen && !before.has(chosen), { added } = this;
    if (isNew && added) this.say(added);
    else if (isNew && this.copied) this.show(chosen);
    else if (isNew) this.open(chosen);
    else if (!field && !this.list.contains(document.activeElement) && !this.panel.el.contains(document.activeElement)) this.focusName(chosen);
    this.copied = false;
    this.drop();
    this.openMade();
    this.board.say("structure");
  }

  /** What a gesture of the panel made, once the list shows it. */
  openMade() {
    if (!this.board.nodes.has(this.made)) return;
    this.open(this.made);
    this.made = null;
  }

  /** Opened, while the keys stay in the list. */
  show(id) {
    this.board.select([id]);
    this.focusName(id);
  }

  /** A step that is gone can't stay open. */
  drop() {
    const left = [...this.board.selection].filter((id) => this.board.nodes.has(id));
    if (left.length === this.board.selection.size) return;
    this.board.selection = new Set(left);
    this.board.say("selection");
  }

  async apply(patch, { own }) {
    await this.drawAnew();
    if (patch.revision >= this.revision) this.findings.show(patch.findings, patch.proved);
    if (patch.toolbar) {
      this.title.show(patch.toolbar);
      this.words = patch.toolbar;
    }
    this.drop();
    this.openMade();
    if (this.awaited) this.focusName(this.awaited());
    this.awaited = null;
    const news = new Set(own ? [] : (patch.cards ?? []).map((card) => card.id));
    this.board.say("structure");
    this.board.say("patched", { patch, own, news });
  }

  /** The list as it is now; left alone while a form in it is open or under way, whose answer draws it anyway. Answers may come in
   * another order than they were asked for: an older list never takes the place of a newer one. */
  async drawAnew() {
    const isTaken = () => this.asking || this.list.querySelector("[data-focus]");
    if (isTaken()) return;
    const text = await fragment(this.urls.outline);
    if (text === null) return;
    const [, revision] = /data-revision="(\d+)"/.exec(text);
    if (isTaken() || Number(revision) < this.revision) return;
    const at = document.activeElement.closest("[data-step]")?.dataset.step, { ids } = this;
    await window.htmx.swap({ text, sourceElement: this.list, target: this.list, swap: "outerMorph", transition: false });
    this.read();
    if (at && document.activeElement === document.body) this.focusName(ids.slice(0, ids.indexOf(at) + 1).findLast((id) => this.board.nodes.has(id)));
  }

  clicked(event) {
    if (event.target.closest("[data-duplicate]")) this.copied = true;
    const fixed = event.target.closest("[aria-disabled=true]");
    if (fixed) this.toast(fixed.title);
    const name = event.target.closest("[data-open-step]"), again = event.target.closest("[data-again]"), publish = event.target.closest("[data-publish]");
    if (name && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.open(name.dataset.openStep);
    } else if (again) {
      event.preventDefault();
      this.actions[again.dataset.again]();
    } else if (publish) {
      this.publish(publish.dataset.publish);
    } else if (event.target.closest("[data-act=checks]")) {
      openAside(this.findings, this.history);
    } else if (event.target.closest("[data-act=history]")) {
      openAside(this.history, this.findings);
    } else if (event.target.closest(OF_STEP)) {
      this.actions[event.target.closest(OF_STEP).dataset.act](event);
    } else if (event.target.closest("[data-close-panel]")) {
      this.focusName(this.last);
    }
  }

  /** What is published is what the server has: what was typed last goes first. */
  async publish(url) {
    await this.settled();
    window.htmx.ajax("GET", url, { target: "#publish-body", swap: "outerHTML" });
  }

  /** Opened by a key or a click: its fields are next. */
  open(id) {
    this.board.select([id]);
    if (this.panel.sheet.takesRoom) this.board.nodes.get(id).el.scrollIntoView({ block: "start" }); // So that it is seen beside the panel.
    this.panel.focus();
  }

  duplicate(id) {
    document.getElementById(`copy-${id}`)?.click();
  }

  remove(id, done = "Deleted") {
    const at = this.ids.indexOf(id);
    this.awaited = () => this.ids[Math.max(at - 1, 0)];
    const { name } = document.getElementById(`step-${id}`).dataset;
    this.sync.send({ kind: "remove", nodes: [id], edges: [] });
    this.toast(`${done} ${name}.`, "undoable");
  }

  focusName(id) {
    document.getElementById(`name-${id}`)?.focus();
  }

  showSaved(state) {
    this.sign.dataset.state = state;
    this.sign.querySelector("span").textContent = { saved: "Saved", saving: "Saving…", failing: "Not saved yet, trying again" }[state];
  }

  // What panel and comments ask of the canvas

  /** Wait until what was done so far has reached the server. */
  settled() {
    this.sync.hurry();
    if (!this.sync.queue.first) return Promise.resolve();
    return new Promise((done) => this.board.on("saved", ({ state }) => state === "saved" && done()));
  }

  order() {
    return this.ids.map((id) => this.board.nodes.get(id)).filter(Boolean);
  }

  /** What is typed has gone ahead: the step comes with the list, which the server draws. One stays at the step that leads to it. */
  async addNext(node, port, kind) {
    await this.settled();
    const { label } = this.choices.new.flatMap(({ steps }) => steps).find((one) => one.kind === kind);
    this.added = `Added ${label} after “${portLabel(node, port)}”.`;
    const values = { at: `${node.id} ${port}`, to: `new ${kind}` };
    await window.htmx.ajax("POST", this.urls.lead, { target: this.list, swap: "outerMorph", values });
    this.added = null;
  }

  focusCard(node) {
    this.focusName(node.id);
  }

  redraw() {}

  failed = () => this.toast("That did not work just now. Try again in a moment.", "danger");

  selectWhenDrawn([id]) {
    this.made = id;
  }

  say(text) {
    this.live.textContent = text;
  }

  toast(text, level = "info", undo = null) {
    document.body.dispatchEvent(new CustomEvent("toast", { detail: { text, level, undo }, bubbles: true }));
  }
}

function mark(label) {
  const el = document.createElement("i");
  el.textContent = label;
  return el;
}

window.flowOutline = new Outline(document.querySelector("[data-outline-page]"));
window.flowOutline.root.dataset.ready = "";
