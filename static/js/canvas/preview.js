// What the person sees of the selected step, below its form: drawn by the server whenever something of the step was saved.

import { fragment } from "./fragment.js";

export class Preview {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el, shown: null });
    this.body = el.querySelector("[data-preview-body]");
    canvas.board.on("selection", () => this.follow());
    canvas.board.on("patched", ({ patch }) => (patch.cards ?? []).some((card) => card.id === this.shown) && this.load());
    this.follow();
  }

  follow() {
    const id = this.canvas.board.selected?.id ?? null;
    if (id === this.shown) return;
    this.shown = id;
    this.el.hidden = true;
    if (id && !this.canvas.sync?.queue.pending().added.has(id)) this.load();
  }

  async load() {
    const asked = this.shown, text = (await fragment(this.canvas.urls.preview.replace("__step__", encodeURIComponent(asked))))?.trim();
    if (text === undefined || this.shown !== asked) return;
    this.el.hidden = text === "";
    await window.htmx.swap({ text, sourceElement: this.body, target: this.body, swap: "innerHTML", transition: false });
    this.clear();
  }

  /** It stays in sight at the foot of the panel, and must not lie over the field that somebody types in. */
  clear() {
    const panel = this.el.closest("[data-panel]"), field = document.activeElement;
    if (!panel || getComputedStyle(this.el).position !== "sticky") return;
    panel.style.scrollPaddingBottom = `${this.el.offsetHeight + 8}px`;
    if (panel.contains(field) && !this.el.contains(field)) field.scrollIntoView({ block: "nearest" });
  }
}
