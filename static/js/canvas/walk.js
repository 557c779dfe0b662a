// Lists of which a choice does something at once. Keys only walk a closed one: Enter decides, Escape gives up; one chosen in the open
// list is taken.

const WALKS = /^(Arrow|Page|Home$|End$)/;

export class Walk {
  /** Among the lists of `el`; `take` and `giveUp` are told the list, and `left` when the keys go elsewhere before it is decided. */
  constructor(el, lists, { take, giveUp, left }) {
    Object.assign(this, { lists, take, giveUp, isWalking: false, open: null });
    el.addEventListener("keydown", (event) => this.key(event));
    el.addEventListener("keypress", (event) => event.target.matches(lists) && event.key !== "Enter" && this.walks());
    el.addEventListener("focusout", (event) => event.target === this.open && this.end(left));
  }

  key(event) {
    if (!event.target.matches(this.lists)) return;
    if (WALKS.test(event.key) && !event.altKey) this.walks();
    if (!this.open || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    this.end(event.key === "Enter" ? this.take : this.giveUp);
  }

  /** The change that a key makes on a closed list comes with it; one that comes alone was chosen in the open list. */
  walks() {
    this.isWalking = true;
    setTimeout(() => (this.isWalking = false));
  }

  changed(select) {
    this.open = select;
    if (!this.isWalking) this.end(this.take);
  }

  end(how) {
    const select = this.open;
    this.open = null;
    how(select);
  }
}
