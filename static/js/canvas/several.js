// Selecting several steps where no key can be held meanwhile: until one has done, a press adds a step or takes it out, one finger draws
// a box around some, and two move the view.

export class Several {
  constructor(canvas, button) {
    Object.assign(this, { canvas, button, isOn: false });
    button?.addEventListener("click", () => (this.isOn ? this.end() : this.begin()));
    canvas.board.on("selection", () => this.isOn && this.count());
  }

  begin() {
    const { panel } = this.canvas;
    this.turn(true);
    panel.sheet.show(false);
    this.count();
  }

  /** What is selected is shown, and what can be done with it. */
  end() {
    this.turn(false);
    this.canvas.hint.hide();
    this.canvas.panel.sheet.show(this.canvas.board.selection.size > 0);
  }

  turn(isOn) {
    this.isOn = isOn;
    this.button.setAttribute("aria-pressed", isOn);
  }

  count() {
    const { size } = this.canvas.board.selection;
    this.canvas.hint.show(size ? `${size} selected` : "Tap steps, or draw a box around them", "Done", () => this.end());
  }
}
