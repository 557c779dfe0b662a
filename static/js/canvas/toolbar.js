// Buttons of the toolbar: they call actions by name, and show what can be undone, whether all is saved, and the name of the flow.

import { Title } from "./title.js";

const WORDS = { saved: "Saved", saving: "Saving…", failing: "Not saved yet" };

export class Toolbar {
  constructor(canvas) {
    this.canvas = canvas;
    this.sign = document.querySelector("[data-saved]");
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button && !button.disabled) canvas.actions[button.dataset.act](event);
    });
    this.title = new Title(canvas);
    document.querySelector("[data-publish]")?.addEventListener("click", (event) => this.publish(event.currentTarget));
    document.addEventListener("undo:asked", ({ detail }) => (detail ? canvas.sync.send(detail) : canvas.actions.undo()));
    document.addEventListener("flow:changed", () => canvas.sync.retryNow());
    canvas.board.on("saved", (detail) => this.showSaved(detail));
    canvas.board.on("view", () => this.showZoom());
  }

  /** Say on buttons that came just now what they do and by which key. */
  explain(root) {
    for (const button of root.querySelectorAll("[data-act]:not([title])")) {
      const action = this.canvas.table.find((one) => one.name === button.dataset.act);
      if (action) button.title = `${action.label} (${action.shown})`;
    }
  }

  /** What is published is what the server has: wait for the last gestures first. */
  async publish(button) {
    await this.canvas.settled();
    window.htmx.ajax("GET", button.dataset.publish, { target: "#publish-body", swap: "outerHTML" });
  }

  show(news) {
    this.words = { undo: news.undo, redo: news.redo };
    this.showStep("undo", "Undo", news.undo);
    this.showStep("redo", "Redo", news.redo);
    this.title.show(news);
  }

  showStep(act, verb, words) {
    for (const button of document.querySelectorAll(`[data-act=${act}]`)) {
      button.disabled = !words;
      const key = this.canvas.table.find((action) => action.name === act)?.shown ?? "";
      button.title = words ? `${verb} (${key}): ${words}` : `Nothing to ${act} (${key})`;
    }
  }

  showSaved({ state, waiting, text }) {
    this.sign.dataset.state = state;
    const words = state === "failing" ? `${WORDS.failing}: ${waiting} waiting, trying again` : WORDS[state];
    const place = this.sign.querySelector("span");
    if (place.textContent !== words) place.textContent = words;
    this.sign.title = text ?? words;
  }

  showZoom() {
    const place = document.querySelector("[data-zoom]"), words = `${Math.round(this.canvas.viewport.k * 100)}%`;
    if (place && place.textContent !== words) place.firstChild.data = words;
  }
}
