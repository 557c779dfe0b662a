// How the form of a step comes into the panel: htmx brings it, or morphs it into what is there, so that focus and caret stay. It comes
// over nothing that somebody has begun here and the server does not hold yet.

import { settle } from "./fields.js";

/** How what is shown is brought up to date, and how the form of ours alone is: a part from elsewhere that somebody is at stays as it is. */
export const MORPH = "innerMorph", OURS = "ours";
const FORM = "form[data-step-form]", PAUSE = 60;

export class Arrival {
  constructor(panel) {
    Object.assign(this, { panel, canvas: panel.canvas, body: panel.body, begun: 0 });
  }

  /** What was asked for before is not waited for: it never comes over what is shown now. */
  stop() {
    this.coming?.abort();
    clearTimeout(this.retry);
  }

  ask(asked, swap) {
    if (this.isAhead(asked, swap)) return this.again(swap);
    const { urls } = this.canvas;
    this.coming = new AbortController();
    this.fetch(asked ? urls.panel.replace("__step__", encodeURIComponent(asked)) : urls.settings, swap, this.coming.signal);
  }

  async fetch(url, swap, signal) {
    const { begun } = this;
    let answer, text;
    try {
      answer = await fetch(url, { headers: { "HX-Request": "true" }, redirect: "manual", signal });
      text = await answer.text();
    } catch {
      return signal.aborted || this.again(swap);
    }
    if (signal.aborted) return;
    if (!answer.ok) return answer.status === 404 && this.canvas.sync.queue.first && this.again(swap);
    if (isOver(swap) && begun !== this.begun) return this.again(swap);
    await this.put(text, swap);
    if (!signal.aborted) this.panel.arrived();
  }

  /** What somebody has unfolded stays so. */
  async put(text, swap) {
    const { body } = this, unfolded = isOver(swap) ? body.querySelectorAll("details[open]") : [];
    const how = swap === OURS ? { target: body.querySelector(FORM), swap: "outerMorph", select: FORM } : { target: body, swap };
    await window.htmx.swap({ text, sourceElement: body, transition: false, ...how });
    for (const fold of unfolded) fold.open = true;
    if (isOver(swap)) settle(body.querySelector(FORM));
  }

  /** Whether the step, or what somebody has just done in its form, is on its way to the server still. */
  isAhead(asked, swap) {
    const pending = this.canvas.sync?.queue.pending();
    return pending?.added.has(asked) || (isOver(swap) && (pending?.data.has(asked) || this.panel.goals.walk.open));
  }

  again(swap) {
    this.retry = setTimeout(() => this.panel.load(swap), PAUSE);
  }
}

/** Whether it comes over a form in which somebody may be. */
function isOver(swap) {
  return swap !== "innerHTML";
}
