// The fields of the panel that findings speak of: the one that was come to from a finding, opened if it is folded, and those that were
// left wrong, each with the finding's words below it.

import { wrongIn } from "./fields.js";
import { newKey } from "./queue.js";

export class Faults {
  constructor(panel) {
    this.panel = panel;
    this.begin();
  }

  /** Another step is shown: nothing in its form was left yet, and no finding leads there. */
  begin() {
    Object.assign(this, { found: [], left: new Set(), notes: new Map(), pointed: null, at: null });
  }

  /** A finding leads to its field, which may be on its way still; one that has none leads away from that of another. */
  point(finding) {
    Object.assign(this, { pointed: finding.field || finding.port ? finding : null, at: null });
    this.draw();
  }

  /** The field to which the finding leads, opened if it is folded. */
  wanted() {
    return this.pointed && fieldOf(this.panel.body, this.pointed, opened);
  }

  arrive(field) {
    this.at = field;
    this.draw();
  }

  /** Somebody has written there and gone on. What is being saved is judged first. */
  leave(field) {
    this.left.add(field);
    if (!this.panel.canvas.sync.queue.first || !field.validity.valid) this.draw();
  }

  show(found) {
    const { pointed } = this;
    this.found = found;
    if (this.at && !found.some((one) => isAbout(one, pointed))) Object.assign(this, { pointed: null, at: null });
    this.draw();
  }

  draw() {
    const told = this.told();
    for (const [field, note] of this.notes) {
      if (told.has(field) && note.isConnected) continue;
      unmark(field, note);
      this.notes.delete(field);
    }
    for (const [field, finding] of told) {
      if (!this.notes.has(field)) this.notes.set(field, mark(field));
      const note = this.notes.get(field), isNew = note.textContent === "";
      word(field, note, finding);
      if (isNew && field === document.activeElement) note.scrollIntoView({ block: "nearest" });
    }
  }

  /** What is said at which field: one sentence each. Who leaves a field is told of errors alone: what warnings are about, such as a variable
   * that no step uses, may only be on its way. */
  told() {
    const told = new Map(), { at, found, pointed } = this;
    if (at) told.set(at, found.find((one) => one.key === pointed.key) ?? found.find((one) => isAbout(one, pointed)) ?? pointed);
    for (const field of this.left) if (!field.validity.valid && !told.has(field)) told.set(field, { text: wrongIn(field), severity: "error" });
    for (const one of this.left.size ? found : []) {
      const field = one.severity === "error" && (one.field || one.port) ? fieldOf(this.panel.body, one, seen) : null;
      if (this.left.has(field) && !told.has(field)) told.set(field, one);
    }
    for (const field of told.keys()) if (!field.isConnected || field.closest("[data-foreign]") || isNamed(field)) told.delete(field);
    return told;
  }
}

function isAbout(one, { field, port }) {
  return one.field === field && one.port === port;
}

/** Of a name that cannot be one the field says itself what is wrong. */
function isNamed(field) {
  return document.getElementById(field.getAttribute("aria-errormessage")) !== null;
}

/** `port` is an answer that leads nowhere; `field` the name of a field, of a list or of a group. Null where the form has none such. */
function fieldOf(body, { field, port }, first) {
  if (port) return first(body.querySelectorAll(`select[data-goes="${CSS.escape(port)}"]`));
  const name = CSS.escape(field);
  const one = first(body.querySelectorAll(`[name="${name}"]:not([type=hidden]), [data-file="${name}"]`));
  const boxes = [...body.querySelectorAll(`[data-list="${name}"], [data-group="${name}"]`)];
  return one ?? inside(boxes, first) ?? (field === "template" ? ofMessage(body, first) : null);
}

/** The initial message has a part of its own, which comes later than the form. */
function ofMessage(body, first) {
  return first(body.querySelectorAll("[data-foreign] .btn-primary")) ?? first(body.querySelectorAll("[data-foreign] .btn"));
}

/** Of a list, or of the places of a group, what lacks something or is too long, else the first field. */
function inside(boxes, first) {
  const all = (what) => boxes.flatMap((box) => [...box.querySelectorAll(what)]);
  const fields = all("[data-key]");
  return first(fields.filter(isWrong)) ?? first(fields) ?? first(all("button"));
}

function isWrong(field, at, all) {
  const { key, optional } = field.dataset, value = field.value.trim();
  if (field.matches("select")) return false;
  if (value === "") return optional === undefined;
  if (field.closest("[data-counted]")?.querySelector(".counter.is-over")) return true;
  return all.slice(0, at).some((other) => other.dataset.key === key && other.value.trim() === value);
}

function seen(fields) {
  return [...fields].find((field) => field.checkVisibility()) ?? null;
}

function opened(fields) {
  for (const field of fields) {
    const fold = field.closest("details:not([open])");
    if (fold) fold.open = true;
    if (field.checkVisibility()) return field;
    if (fold) fold.open = false;
  }
  return null;
}

/** A place below the field, in a form of ours. */
function mark(field) {
  const box = field.closest(".row-line, .row-more, .test-row, .goes, .field") ?? field;
  const note = Object.assign(document.createElement("p"), { id: `finding-note-${newKey()}` });
  note.dataset.findingNote = "";
  if (box.matches(".field")) box.append(note);
  else box.after(note);
  return note;
}

function word(field, note, { text: whole, here, severity }) {
  const text = here ?? whole;
  note.className = `field-error is-${severity}`;
  if (note.textContent !== text) note.textContent = text;
  if (severity === "error") field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  describe(field, [...described(field, note), note.id]);
}

function unmark(field, note) {
  field.removeAttribute("aria-invalid");
  describe(field, described(field, note));
  note.remove();
}

function described(field, note) {
  return (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== note.id);
}

function describe(field, ids) {
  if (ids.length) field.setAttribute("aria-describedby", ids.join(" "));
  else field.removeAttribute("aria-describedby");
}
