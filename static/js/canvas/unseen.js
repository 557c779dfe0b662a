// Of a large flow only the cards in view are in the page when it opens. The others are taken for usual ones; they come in idle moments,
// and as soon as one looks or goes where they are.

import { measure } from "./cards.js";
import { whenIdle } from "./frame.js";
import { touches } from "./geometry.js";

const FEW = 80, SLICE = 25, MARGIN = 120;

export class Unseen {
  /** `came` is told cards that are in the page now, and measured. */
  constructor({ board, viewport }, came) {
    Object.assign(this, { board, viewport, came, places: new Map() });
  }

  /** Take the cards out of view from the page, unless there are few; something small keeps the place of each among the others. */
  takeOut() {
    const nodes = [...this.board.nodes.values()], seen = this.viewport.seen(MARGIN);
    if (nodes.length <= FEW) return;
    for (const node of nodes) {
      if (touches(node, seen)) continue;
      const place = new Comment();
      node.el.replaceWith(place);
      this.places.set(node, place);
    }
  }

  bring(nodes) {
    const coming = nodes.filter((node) => this.places.has(node));
    if (coming.length === 0) return;
    for (const node of coming) {
      const place = this.places.get(node), isThere = this.board.nodes.get(node.id) === node;
      place.replaceWith(...(isThere ? [node.el] : []));
      this.places.delete(node);
    }
    measure(coming);
    this.came(coming.filter(({ el }) => el.isConnected));
  }

  /** A few at a time until all are there. */
  bringRest() {
    if (this.places.size === 0) return;
    const next = () => {
      this.bring([...this.places.keys()].slice(0, SLICE));
      if (this.places.size) return whenIdle(next, 500);
      this.board.say("moved");
      performance.mark("canvas-whole");
    };
    whenIdle(next, 500);
    this.board.on("view", () => this.places.size && this.bring([...this.places.keys()].filter((node) => touches(node, this.viewport.seen(MARGIN)))));
  }
}
