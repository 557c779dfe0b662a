// The line to the server: gestures go out one after another, in order, until each is confirmed; what others did comes in.

import { Queue } from "./queue.js";

/** Gestures that are no commands on the flow and have an address of their own. */
const OWN_WAY = new Set(["undo", "redo", "go_to", "tidy"]);
/** Gestures after which what is shown of a step is news, though it was one's own. */
const FROM_THE_PAST = new Set(["undo", "redo", "go_to"]);
const POLL = 1200, POLL_HIDDEN = 8000, PATIENCE = 15000, SLOWEST = 10000;

/** What the answer to a gesture means for the view: steps may be gone from where one looks, or all or some were laid out. */
function meaningOf({ kind, nodes }) {
  const isPast = FROM_THE_PAST.has(kind);
  return { own: !isPast, loses: isPast || kind === "remove", laid: kind === "tidy" && { nodes } };
}

export class Sync {
  constructor(board, { flow, urls, token, revision, tag, apply, toast }) {
    Object.assign(this, { board, urls, token, revision, tag, apply, toast });
    this.queue = new Queue(flow);
    this.busy = false;
    this.failures = 0;
    this.late = [];
    this.timer = null;
    this.polled = 0;
    board.on("gesture", (gesture) => gesture || this.catchUp());
    window.addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.hurry() : this.retryNow()));
    window.addEventListener("pagehide", () => this.hurry());
    setInterval(() => this.poll(), POLL / 3);
    this.show();
    this.pump();
  }

  /** Save a gesture. `wait` lets typing gather for so many milliseconds; it is safe in local storage from the first key on.
   * One whose effect is not under the eyes `isTold` once it is saved, in the words of the history. */
  send(command, { wait = 0, isTold = false } = {}) {
    if (this.board.readOnly) return;
    document.dispatchEvent(new Event("undo:stale"));
    this.queue.add(command, wait, isTold);
    this.show();
    this.pump();
  }

  /** The page was drawn anew by other means: what it shows is no news any more. */
  known({ revision, tag }) {
    if (revision < this.revision) return;
    this.revision = revision;
    this.tag = tag;
  }

  /** Something was done beside the canvas: look soon what it means for the drawing. */
  soon() {
    this.polled = 0;
  }

  hurry() {
    this.queue.hurry();
    this.pump();
  }

  retryNow() {
    this.failures = 0;
    this.polled = 0;
    this.hurry();
  }

  pump() {
    clearTimeout(this.timer);
    const item = this.queue.first;
    if (!item || this.busy) return;
    const wait = item.ready - Date.now();
    if (wait > 0) this.timer = setTimeout(() => this.pump(), wait);
    else this.deliver(item);
  }

  async deliver(item) {
    this.busy = true;
    item.sent = true;
    let outcome;
    try {
      outcome = await this.post(item);
    } catch {
      outcome = { again: true };
    }
    this.busy = false;
    if (outcome.again) return this.later(outcome.text);
    this.failures = 0;
    this.queue.shift();
    if (outcome.patch) this.took(outcome.patch, item);
    else await this.refused(outcome.text);
    this.show();
    this.pump();
  }

  took(patch, { command, isTold }) {
    const level = this.queue.first ? "info" : "undoable";
    this.take(patch, meaningOf(command));
    if (patch.went) this.toast(patch.went.text, level, { kind: "go_to", revision: patch.went.origin, words: patch.went.back });
    if (isTold && patch.toolbar.undo) this.toast(`${patch.toolbar.undo}.`, level);
  }

  async post({ key, command }) {
    const url = OWN_WAY.has(command.kind) ? this.urls[command.kind] : this.urls.change;
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token(), Accept: "application/json" },
      body: JSON.stringify({ command, key, seen: this.revision }),
      signal: AbortSignal.timeout(PATIENCE),
      redirect: "manual",
      keepalive: document.hidden,
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) {
      return { again: true, text: "You are signed out. Sign in again in another tab; your changes wait here." };
    }
    if (answer.status === 429 || answer.status >= 500) return { again: true };
    const body = await answer.json();
    if (answer.ok) return { patch: body };
    return { again: answer.status === 403, text: body.error?.text ?? "This change could not be saved." };
  }

  later(text) {
    this.failures += 1;
    this.show(text);
    if (text && this.failures === 1) this.toast(text, "danger");
    this.timer = setTimeout(() => this.pump(), Math.min(1000 * 2 ** (this.failures - 1), SLOWEST));
  }

  /** The server said no: say why, and draw what it holds instead. */
  async refused(text) {
    this.toast(text, "danger");
    await this.fetchChanges(-1);
  }

  async poll() {
    const pause = document.hidden ? POLL_HIDDEN : POLL;
    if (this.busy || this.board.gesture || this.queue.first || Date.now() - this.polled < pause) return;
    this.polled = Date.now();
    await this.fetchChanges(this.revision);
  }

  async fetchChanges(since) {
    const before = this.revision;
    try {
      const answer = await fetch(`${this.urls.changes}?since=${since}&tag=${encodeURIComponent(this.tag)}`, {
        headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE), redirect: "manual",
      });
      if (answer.status === 404) return this.gone();
      if (answer.status !== 200) return;
      const patch = await answer.json();
      if (since < 0 || this.revision === before) this.take(patch, { own: false });
    } catch {
      // Nobody answers: the next poll asks again.
    }
  }

  gone() {
    if (this.isGone) return;
    this.isGone = true;
    this.toast("This flow was deleted. Restore it on My flows to go on.", "danger");
  }

  /** Draw news at once, or after the gesture that is under way. */
  take(patch, how) {
    if (this.board.gesture) return void this.late.push([patch, how]);
    if (!patch.full && patch.revision < this.revision) return;
    this.revision = patch.revision;
    this.tag = patch.tag;
    this.apply(patch, { ...how, pending: this.queue.pending() });
    if (patch.notice) this.toast(patch.notice, "warning");
  }

  catchUp() {
    for (const [patch, how] of this.late.splice(0)) this.take(patch, how);
  }

  show(text) {
    const waiting = this.queue.items.length;
    const state = this.failures ? "failing" : waiting ? "saving" : "saved";
    this.board.say("saved", { state, waiting, text });
  }
}
