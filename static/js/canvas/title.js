// The name of the flow in the bar, typed there, and how it stands beside it; the same on the canvas and in the outline.

const PAUSE = 500;

export class Title {
  constructor(canvas, root = document) {
    this.canvas = canvas;
    this.field = root.querySelector("[data-flow-name]");
    this.state = root.querySelector("[data-flow-status]");
    this.field.addEventListener("focus", () => (this.before = this.field.value));
    this.field.addEventListener("input", () => this.save(PAUSE));
    this.field.addEventListener("change", () => this.field.value.trim() || this.keep());
    this.field.addEventListener("keydown", (event) => event.key === "Escape" && this.giveUp(event));
    this.field.form.addEventListener("submit", (event) => (event.preventDefault(), this.leave()));
  }

  enter() {
    this.field.focus();
    this.field.select();
  }

  save(wait) {
    const name = this.field.value.trim();
    if (name && !this.field.readOnly) this.canvas.sync.send({ kind: "rename", name }, { wait });
  }

  /** On the way to nothing a part of the name may have been saved. */
  keep() {
    this.takeBack();
    this.canvas.toast(`A flow needs a name, so “${this.before}” stays.`, "info");
  }

  giveUp(event) {
    event.preventDefault();
    event.stopPropagation();
    this.takeBack();
    this.leave();
  }

  takeBack() {
    if (this.field.value === this.before) return;
    this.field.value = this.before;
    this.save(0);
  }

  /** The keys go on at the step where they were. */
  leave() {
    this.field.blur();
    this.canvas.panel.back();
  }

  /** A name for which there is no room is told whole by its tooltip. */
  show({ name, status }) {
    if (name !== undefined && name !== this.field.title) document.title = document.title.replace(this.field.title, () => name);
    if (name !== undefined) this.field.title = name;
    if (name !== undefined && this.field !== document.activeElement) this.field.value = name;
    if (status !== undefined) this.state.innerHTML = status;
  }
}
