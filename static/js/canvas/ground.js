// The dots under the cards. They lie on a layer of their own, which goes along by less than the way from dot to dot: as the ground of the
// canvas itself they would be drawn anew with every move, and all of it with them.

const NEAR = 20, FAR = 100;

export class Ground {
  constructor(root) {
    this.el = document.createElement("i");
    this.el.className = "canvas-ground";
    this.gap = 0;
    root.prepend(this.el);
  }

  /** As it is seen from here; where much is seen the dots lie further apart. */
  lay(x, y, k, isFar) {
    const gap = (isFar ? FAR : NEAR) * k;
    if (gap !== this.gap) {
      this.gap = gap;
      Object.assign(this.el.style, { left: `${-gap}px`, top: `${-gap}px`, backgroundSize: `${gap}px ${gap}px` });
    }
    this.el.style.transform = `translate(${rest(x, gap)}px,${rest(y, gap)}px)`;
  }
}

function rest(way, gap) {
  return ((way % gap) + gap) % gap;
}
