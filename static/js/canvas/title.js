// The name of the flow in the bar, typed there, and how it stands beside it; the same on the canvas and in the outline.

const PAUSE = 500;

export class Title {
  constructor(canvas, root = document) {
    this.field = root.querySelector("[data-flow-name]");
    this.state = root.querySelector("[data-flow-status]");
    this.field.form.addEventListener("input", () => {
      const name = this.field.value.trim();
      if (name && !this.field.readOnly) canvas.sync.send({ kind: "rename", name }, { wait: PAUSE });
    });
    this.field.form.addEventListener("submit", (event) => (event.preventDefault(), this.field.blur()));
  }

  enter() {
    this.field.focus();
    this.field.select();
  }

  show({ name, status }) {
    if (name !== undefined && this.field !== document.activeElement) this.field.value = name;
    if (status !== undefined) this.state.innerHTML = status;
  }
}
