// Lists in the panel (answers, branches, tests of a branch): rows come from a <template>, keep their ids, and are read back as data.

import { newKey } from "./queue.js";

/** The rows of a list as data; a list inside a row comes along. */
export function gather(list) {
  return [...list.querySelectorAll(":scope > [data-rows] > [data-row]")].map((row) => {
    const found = row.dataset.id ? { id: row.dataset.id } : {};
    for (const field of row.querySelectorAll("[data-key]")) {
      if (field.closest("[data-row]") !== row) continue;
      if (field.dataset.optional !== undefined && field.value === "") continue;
      found[field.dataset.key] = field.dataset.number === undefined ? field.value : wholeNumber(field);
    }
    for (const inner of row.querySelectorAll("[data-list]")) {
      if (inner.parentElement.closest("[data-row]") === row) found[inner.dataset.list] = gather(inner);
    }
    return found;
  });
}

/** What is half typed counts as the nearest number that the field may hold. */
function wholeNumber(field) {
  return Math.min(Math.max(Math.round(Number(field.value)) || 0, Number(field.min)), Number(field.max));
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

/** The first field that is seen: some are only there for lists. */
export function focusFirst(row) {
  [...row.querySelectorAll("[data-key]")].find((field) => field.offsetParent)?.focus();
}
