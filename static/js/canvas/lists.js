// Lists in the panel (answers, branches, tests of a branch): rows come from a <template>, keep their ids, and are read back as data.

import { heldBy, numberOf, valueIn } from "./fields.js";
import { newKey } from "./queue.js";

const WHOLE = "[data-row], [data-group]";

/** The rows of a list as data; a list inside a row comes along. */
export function gather(list) {
  return [...list.querySelectorAll(":scope > [data-rows] > [data-row]")].map(gatherOne);
}

/** A row, or a group of fields that is one object of the step; null when there is nothing in a group. */
export function gatherOne(row) {
  const found = row.dataset.id ? { id: row.dataset.id } : {};
  for (const field of row.querySelectorAll("[data-key]")) {
    if (field.closest(WHOLE) !== row || field.closest("[data-beside][hidden]")) continue;
    const value = valueIn(field) ?? (field.dataset.number !== undefined && field.dataset.optional === undefined ? heldBy(field) ?? nearest(field) : null);
    if (value !== null) found[field.dataset.key] = value;
  }
  for (const inner of row.querySelectorAll("[data-list]")) {
    if (inner.parentElement.closest(WHOLE) !== row) continue;
    const rows = gather(inner);
    if (row.dataset.group === undefined || rows.length) found[inner.dataset.list] = rows;
  }
  return row.dataset.group !== undefined && Object.keys(found).length === 0 ? null : found;
}

/** An object of the step whose fields may stand in several places; null when there is nothing in it. */
export function gatherGroup(form, name) {
  const found = Object.assign({}, ...[...form.querySelectorAll(`[data-group="${name}"]`)].map(gatherOne));
  return Object.keys(found).length ? found : null;
}

/** What is half typed in a new row counts as the nearest number that the field may hold. */
function nearest(field) {
  return numberOf(field, Math.min(Math.max(Math.round(Number(field.value)) || 0, Number(field.min)), Number(field.max)));
}

/** A button of a list was pressed: add, remove, up, down. Returns the outermost list when something changed. */
export function pressed(button) {
  const list = button.closest("[data-list]");
  const row = button.closest("[data-row]");
  const verb = button.dataset.do;
  if (verb === "add") focusFirst(addRow(list));
  else if (verb === "remove") removeRow(row);
  else if (verb === "up" && row.previousElementSibling) row.previousElementSibling.before(row);
  else if (verb === "down" && row.nextElementSibling) row.nextElementSibling.after(row);
  else return null;
  if (verb === "up" || verb === "down") button.focus();
  return outermost(list);
}

/** Whether a list has as many rows as WhatsApp shows. */
export function isFull(list) {
  const { most, mostList } = list.dataset, isList = list.closest("form").dataset.style === "list";
  return list.querySelectorAll(":scope > [data-rows] > [data-row]").length >= Number((isList && mostList) || most || Infinity);
}

/** A full list offers no further row, and says why. */
export function showFull(list) {
  const full = isFull(list);
  list.querySelector(":scope > [data-do=add]").disabled = full;
  list.querySelector(":scope > [data-full]").hidden = !full;
}

export function outermost(el) {
  let list = el.closest("[data-list]");
  for (let up = list; up; up = up.parentElement?.closest("[data-list]")) list = up;
  return list;
}

export function addRow(list, after = null) {
  const template = list.querySelector(":scope > template");
  const row = template.content.firstElementChild.cloneNode(true);
  const id = `${template.dataset.prefix ?? ""}${newKey().slice(0, 8)}`;
  if (row.hasAttribute("data-id")) row.dataset.id = id;
  for (const el of [row, ...row.querySelectorAll("*")]) {
    for (const name of ["id", "for", "aria-describedby", "data-goes", "data-insert", "name"]) {
      if (el.hasAttribute(name)) el.setAttribute(name, el.getAttribute(name).replaceAll("__id__", id));
    }
  }
  if (after) after.after(row);
  else list.querySelector(":scope > [data-rows]").append(row);
  return row;
}

function removeRow(row) {
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  const list = row.closest("[data-list]");
  row.remove();
  if (neighbour) focusFirst(neighbour);
  else list.querySelector("[data-do=add]").focus();
}

/** The first field that is to be filled in, of those that are seen: some are only there for lists. */
export function focusFirst(row) {
  const seen = [...row.querySelectorAll("[data-key]")].filter((field) => field.offsetParent);
  (seen.find((field) => field.dataset.optional === undefined) ?? seen[0])?.focus();
}
