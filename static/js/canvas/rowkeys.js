// Keys of the outline: from step to step, and what the table of actions says for this page; what the clipboard is told goes by its own events.

import { again, alike, press } from "./alike.js";
import { copy, listenClipboard, paste, take } from "./clipboard.js";
import { BY_EVENT, byKey, isWriting, keyOf, readTable } from "./keys.js";

export function listenRows(outline) {
  const table = readTable(document.getElementById("keys")), by = byKey(table);
  outline.actions = actionsOf(outline);
  window.addEventListener("keydown", (event) => onTable(outline, by, event), true);
  outline.root.addEventListener("keydown", (event) => event.defaultPrevented || onRow(outline, event));
  listenClipboard(outline);
}

function actionsOf(outline) {
  return {
    ...alike(outline),
    add: () => leadOn(outline),
    undo: () => again(outline, "undo", outline.words.undo),
    redo: () => again(outline, "redo", outline.words.redo),
    copy: () => copy(outline, chosen(outline)),
    cut: async () => (await take(outline, chosen(outline))) && chosen(outline).forEach((id) => outline.remove(id, "Cut")),
    paste: (event) => paste(outline, event),
    duplicate: () => chosen(outline).forEach((id) => outline.duplicate(id)),
    delete: () => chosen(outline).forEach((id) => outline.remove(id)),
    checks: () => press("[data-act=checks]"),
    history: () => press("[data-act=history]"),
    canvas: () => press("[data-canvas-page]"),
    rename: () => outline.title.enter(),
  };
}

/** Where the first answer of the step that leads nowhere yet goes, else the first of all; without a step a new one lies loose. */
function leadOn(outline) {
  const row = document.getElementById(`step-${here(outline)}`);
  (row?.querySelector(".is-open [id^=lead-]") ?? row?.querySelector("[id^=lead-]") ?? document.getElementById("add-loose"))?.click();
}

/** The step whose row has the focus, otherwise the one whose panel is open. */
function here({ panel }) {
  return document.activeElement?.closest("[data-step]")?.dataset.step ?? panel.shown;
}

/** Never the one that opens the flow. */
function chosen(outline) {
  const node = outline.board.nodes.get(here(outline));
  return node && !node.isStart ? [node.id] : [];
}

function onTable(outline, by, event) {
  if (event.defaultPrevented || document.querySelector("dialog:modal")) return;
  if (event.key === "ArrowDown" && event.target === document.body) return event.preventDefault(), outline.focusName(outline.here.id);
  const [found] = by.get(keyOf(event)) ?? [];
  if (!found || BY_EVENT.has(found.name) || isWriting(found, event)) return;
  if (found.name === "delete" && !event.target.matches(".outline-name")) return;
  if (found.when === "selected" && !outline.board.selection.size) return;
  event.preventDefault();
  outline.actions[found.name](event);
}

function onRow(outline, event) {
  const { target } = event, row = target.closest("[data-step]"), isUp = event.key === "ArrowUp";
  if (event.key === "Escape" && target.closest(".outline-lead")) outline.list.querySelector("[data-give-up]").click();
  if (event.key === "Enter" && target.matches(".outline-lead select")) return event.preventDefault(), target.form.requestSubmit();
  if (!target.matches(".outline-name") || !(isUp || event.key === "ArrowDown")) return;
  event.preventDefault();
  if (event.altKey) return row.querySelector(isUp ? "[value=up]" : "[value=down]")?.click();
  outline.focusName(outline.ids[outline.ids.indexOf(row.dataset.step) + (isUp ? -1 : 1)]);
}
