// What the checks say of the step in the panel: how many problems stand in its head, and a list of them that lies over the form while it
// is open, so that no field moves under the pointer while problems come and go.

import { pills, tally } from "./pills.js";

const NONE = Object.assign(document.createElement("b"), { className: "count is-fine", textContent: "No problems here" });

export class Problems {
  constructor(canvas, panel) {
    Object.assign(this, { canvas, panel, all: [] });
    panel.addEventListener("click", (event) => this.clicked(event));
    panel.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", ({ target }) => !this.place?.contains(target) && this.toggle(false));
    panel.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !this.place?.contains(relatedTarget) && this.toggle(false));
  }

  /** Of what is in the panel, found in `by` its id; null where nothing there is checked. */
  show(by) {
    this.place = this.panel.querySelector("[data-step-findings]");
    if (!this.place) return null;
    this.all = by.get(this.place.dataset.stepFindings) ?? [];
    [this.button, this.list] = this.place.children;
    this.button.firstElementChild.replaceChildren(...(this.all.length ? pills(tally(this.all), { kind: "count ", isTold: true }) : [NONE]));
    this.button.setAttribute("aria-disabled", String(this.all.length === 0));
    if (this.all.length === 0) this.toggle(false);
    else if (!this.list.hidden) this.draw();
    return this.all;
  }

  toggle(isOpen) {
    if (!this.place || isOpen !== this.list.hidden) return;
    const hadFocus = this.list.contains(document.activeElement);
    if (isOpen) this.draw();
    this.list.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.list.querySelector("button")?.focus();
    else if (hadFocus) this.button.focus();
  }

  draw() {
    const buttons = () => [...this.list.querySelectorAll("button")], at = buttons().indexOf(document.activeElement);
    this.list.replaceChildren(...this.all.map((finding) => line(finding, this.canvas.board.readOnly)));
    if (at >= 0) (buttons()[at] ?? this.button).focus();
  }

  clicked({ target }) {
    const pressed = target.closest("[data-step-findings] button");
    if (!pressed) return;
    if (pressed === this.button) return this.all.length > 0 && this.toggle(this.list.hidden);
    const finding = this.all[[...this.list.children].indexOf(pressed.closest("li"))];
    this.toggle(false);
    if (pressed.matches(".fix")) this.canvas.findings.fix(finding);
    else this.canvas.panel.point(finding);
  }

  key(event) {
    if (event.key !== "Escape" || !this.place || this.list.hidden) return;
    event.preventDefault();
    this.button.focus();
    this.toggle(false);
  }
}

/** A cure that takes the step away is left to the list of all checks: whoever looks at its form has just begun to fill it in. */
function line(finding, readOnly) {
  const item = document.createElement("li"), text = finding.here ?? finding.text, isLeading = finding.field || finding.port;
  item.className = `is-${finding.severity}`;
  item.append(isLeading ? button(text, "finding") : words(text));
  if (!readOnly && finding.fix && finding.fix.command.kind !== "remove") item.append(button(finding.fix.label, "fix"));
  return item;
}

function words(text) {
  return Object.assign(document.createElement("span"), { className: "finding", textContent: text });
}

function button(label, className) {
  return Object.assign(document.createElement("button"), { type: "button", className, textContent: label });
}
