// The list of the outline as somebody looks at it: it is drawn anew under their eyes.

/** What is asked of the canvas's view, of a list that scrolls by itself. */
export const VIEW = {
  aside: 0,
  centre: { x: 0, y: 0 },
  get frame() {
    return document.documentElement.getBoundingClientRect();
  },
  isSeen: () => true,
  comeBack() {},
  reveal({ el }) {
    el.scrollIntoView({ block: "nearest" });
  },
  show() {},
};

/** Keep in its place what somebody looks at: the step with the focus, the one that is open, else the first in view. Call the answer once
 * the list has been drawn anew: numbers that are others now are lit for a moment. */
export function hold(list) {
  const { top, bottom } = list.getBoundingClientRect(), rows = [...list.querySelectorAll("[data-step]")];
  const isSeen = (row) => row && topOf(row) < bottom && row.getBoundingClientRect().bottom > top;
  const row = [document.activeElement.closest("[data-step]"), list.querySelector("[aria-current]"), rows.find(isSeen)].find(isSeen);
  const at = row && topOf(row), numbers = new Map(rows.map((one) => [one.id, numberOf(one).textContent]));
  return () => {
    const now = row && document.getElementById(row.id);
    if (now) list.scrollTop += topOf(now) - at;
    for (const [id, number] of numbers) {
      const place = document.getElementById(id);
      if (place && numberOf(place).textContent !== number) light(numberOf(place));
    }
  };
}

function topOf(el) {
  return el.getBoundingClientRect().top;
}

function numberOf(row) {
  return row.querySelector(".outline-name b");
}

function light(number) {
  number.classList.add("is-renumbered");
  number.addEventListener("animationend", () => number.classList.remove("is-renumbered"), { once: true });
}
