// A bar over the canvas while what is pressed next decides something: what to press, and a button that ends it.

export class Hint {
  constructor(el) {
    this.el = el;
    this.words = el.querySelector("[data-words]");
    this.button = el.querySelector("button");
    this.button.addEventListener("click", () => this.pressed());
  }

  show(words, label, pressed) {
    this.words.textContent = words;
    this.button.textContent = label;
    this.pressed = pressed;
    this.el.hidden = false;
  }

  hide() {
    this.el.hidden = true;
  }
}
