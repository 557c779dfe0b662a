// The field of the panel that a finding speaks of: found by its name, opened if it is folded, with the finding's words below it.

/** `port` is an answer that leads nowhere; `field` the name of a field, of a list or of a group. Null where the form has none such. */
export function fieldOf(body, { field, port }) {
  if (port) return shown(body.querySelectorAll(`select[data-goes="${CSS.escape(port)}"]`));
  const name = CSS.escape(field);
  const one = shown(body.querySelectorAll(`[name="${name}"]:not([type=hidden]), [data-file="${name}"]`));
  const boxes = [...body.querySelectorAll(`[data-list="${name}"], [data-group="${name}"]`)];
  return one ?? inside(boxes) ?? (field === "template" ? ofMessage(body) : null);
}

/** The initial message has a part of its own, which comes later than the form. */
function ofMessage(body) {
  return shown(body.querySelectorAll("[data-foreign] .btn-primary")) ?? shown(body.querySelectorAll("[data-foreign] .btn"));
}

/** Of a list, or of the places of a group, what lacks something or is too long, else the first field. */
function inside(boxes) {
  const all = (what) => boxes.flatMap((box) => [...box.querySelectorAll(what)]);
  const fields = all("[data-key]");
  return shown(fields.filter(isWrong)) ?? shown(fields) ?? shown(all("button"));
}

function isWrong(field, at, all) {
  const { key, optional } = field.dataset, value = field.value.trim();
  if (field.matches("select")) return false;
  if (value === "") return optional === undefined;
  if (field.closest("[data-counted]")?.querySelector(".counter.is-over")) return true;
  return all.slice(0, at).some((other) => other.dataset.key === key && other.value.trim() === value);
}

function shown(fields) {
  for (const field of fields) {
    const fold = field.closest("details:not([open])");
    if (fold) fold.open = true;
    if (field.checkVisibility()) return field;
    if (fold) fold.open = false;
  }
  return null;
}

/** Put the finding's words below its field, in a form of ours. */
export function explain(field, { text, severity }) {
  if (field.closest("[data-foreign]")) return;
  const box = field.closest(".row-line, .row-more, .test-row, .goes, .field") ?? field;
  const note = document.createElement("p");
  Object.assign(note, { id: "finding-note", className: `field-error is-${severity}`, textContent: text });
  if (box.matches(".field")) box.append(note);
  else box.after(note);
  if (severity === "error") field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), note.id].filter(Boolean).join(" "));
}

/** The same finding in other words, or none any more. */
export function explainAnew(text) {
  const note = document.getElementById("finding-note");
  if (!note) return;
  if (text) return void (note.textContent = text);
  const field = document.querySelector("[aria-describedby~=finding-note]");
  field?.removeAttribute("aria-invalid");
  const rest = field?.getAttribute("aria-describedby").split(" ").filter((id) => id !== note.id).join(" ");
  if (rest) field.setAttribute("aria-describedby", rest);
  else field?.removeAttribute("aria-describedby");
  note.remove();
}
