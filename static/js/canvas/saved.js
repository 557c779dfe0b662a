// What of the panel follows what is saved of a step, or of the flow: parts that the server draws ask for themselves anew, and where an
// answer leads is asked for by the answer's name on the card.

import { portLabel } from "./cards.js";
import { countField } from "./fields.js";

export function followSaved(board, el) {
  board.on("patched", ({ patch }) => {
    const saved = new Set([...(patch.cards ?? []).map((card) => card.id), ...(patch.settings ? [""] : [])]);
    for (const part of el.querySelectorAll("[data-follows]")) if (saved.has(part.dataset.follows)) part.dispatchEvent(new Event("saved"));
    nameWays(board, el);
  });
  el.addEventListener("htmx:after:swap", () => el.querySelectorAll("[data-follows] [data-limit]").forEach(countField));
}

export function nameWays(board, el) {
  for (const way of el.querySelectorAll("[data-way-name]")) {
    const node = board.nodes.get(way.closest("[data-step-form]").dataset.stepForm);
    if (node) way.textContent = `“${portLabel(node, way.dataset.wayName)}” goes to`;
  }
}
