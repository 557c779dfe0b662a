// While the wheel moves the view under a pointer at rest, nothing beneath hovers and none is looked for: of a large flow, looking for what
// lies under the pointer takes longer than to draw it.

const REST = 120;

/** Lies over the cards until a moment after the wheel's last turn. What moves or is pressed meets what lies beneath, as ever. */
export class Shield {
  constructor(root) {
    this.root = root;
    this.timer = 0;
    root.addEventListener("pointermove", () => this.lift(), true);
    root.addEventListener("pointerdown", (event) => this.pressed(event), true);
  }

  lay() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lift(), REST);
    this.root.toggleAttribute("data-wheeling", true);
  }

  lift() {
    clearTimeout(this.timer);
    this.root.toggleAttribute("data-wheeling", false);
  }

  pressed(event) {
    const isMet = event.target === this.root && this.root.hasAttribute("data-wheeling");
    this.lift();
    if (!isMet) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    const beneath = document.elementFromPoint(event.clientX, event.clientY);
    beneath.closest("[tabindex]")?.focus({ preventScroll: true });
    beneath.dispatchEvent(new PointerEvent(event.type, event));
  }
}
