// The browser's way back closes what lies over the canvas on a phone, before it leaves the page: each time that is opened there is one
// more entry in the history of the browser, which goes again once it is closed by other means, or is not open any more after a reload.

const OVER = { htmx: true, isOver: true }; // Where htmx is not named, it writes its own over it.

export class GoBack {
  /** `close` closes what is open; nobody else moves in the history of these pages. */
  constructor(close) {
    Object.assign(this, { close, isOpen: false, isAhead: false, isLeaving: Boolean(history.state?.isOver) });
    window.addEventListener("popstate", () => this.came());
    document.addEventListener("htmx:before:history:restore", (event) => event.preventDefault());
    if (this.isLeaving) history.back();
  }

  show(isOpen) {
    this.isOpen = isOpen;
    if (this.isLeaving || isOpen === this.isAhead) return;
    this.isAhead = isOpen;
    if (isOpen) return history.pushState(OVER, "");
    this.isLeaving = true;
    history.back();
  }

  /** By the browser's button, or because it was closed; it may be open again by now. */
  came() {
    const { isLeaving, isOpen, isAhead } = this;
    Object.assign(this, { isLeaving: false, isAhead: false });
    if (isLeaving) this.show(isOpen);
    else if (isAhead) this.close();
  }
}
