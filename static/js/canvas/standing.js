// How many people of the flow wait at which step just now, on its card.

import { sign } from "./cards.js";
import { whenIdle } from "./frame.js";

const PAUSE = 20000;

export class Standing {
  constructor(canvas) {
    Object.assign(this, { canvas, people: {} });
    canvas.board.on("patched", () => this.draw(this.people));
    whenIdle(() => this.load());
    setInterval(() => document.hidden || this.load(), PAUSE);
  }

  async load() {
    const answer = await fetch(this.canvas.urls.waiting, { headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null);
    if (answer?.ok) this.draw((await answer.json()).people);
  }

  draw(people) {
    for (const id of Object.keys({ ...this.people, ...people })) {
      const node = this.canvas.board.nodes.get(id), count = people[id] ?? 0;
      if (node) sign(node, "step-people", count && `${count.toLocaleString("en")} here`, `${count === 1 ? "One person waits" : `${count} people wait`} at this step now`);
    }
    this.people = people;
  }
}
