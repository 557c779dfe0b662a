// What the checks say of one step, above its form: on the canvas and in the outline.

/** How many are shown before the rest is folded; on a phone they would fill the sheet. */
const FOLDED = 2, FOLDED_NARROW = 1;
const FOLLOWS = Node.DOCUMENT_POSITION_FOLLOWING;
const narrow = window.matchMedia("(max-width: 820px)");

/** Whether keys have gone from field to field since the pointer moved last. */
let isWalked = false;
document.addEventListener("keydown", ({ key }) => key === "Tab" && (isWalked = true), true);
document.addEventListener("pointermove", () => (isWalked = false), { capture: true, passive: true });

/** `fix` does what a finding offers; null where nothing may be changed. */
export function showProblems(place, findings, fix) {
  const most = narrow.matches ? FOLDED_NARROW : FOLDED;
  const shown = findings.length > most + 1 && !place.classList.contains("is-open") ? findings.slice(0, most) : findings;
  steady(place, () => {
    place.replaceChildren(...shown.map((finding) => line(finding, fix)));
    if (shown.length < findings.length) place.append(more(place, findings, fix, findings.length - shown.length));
    if (findings.length === 0 && place.dataset.lacked) place.append(fine());
  });
  if (findings.length) place.dataset.lacked = "some";
}

/** What is said above a form may come and go while somebody types: the form stays where it is, under the pointer that aims at it. */
function steady(place, change) {
  const form = [...place.parentElement.children].find((el) => place.compareDocumentPosition(el) === FOLLOWS && el.offsetHeight > 0);
  const top = form?.getBoundingClientRect().top;
  place.style.removeProperty("min-height");
  change();
  if (!form || !place.dataset.lacked) return;
  const moved = () => form.getBoundingClientRect().top - top;
  scrollerOf(place).scrollTop += moved();
  const missing = -moved();
  if (missing > 0 && place.parentElement.matches(":hover") && !isWalked) hold(place, place.getBoundingClientRect().height + missing);
}

/** Room that is left over is given back as soon as nobody aims: the pointer has pressed or is gone, or the keys go on to another field. */
function hold(place, height) {
  const held = new AbortController(), { signal } = held, { parentElement: panel } = place;
  const release = () => {
    place.style.removeProperty("min-height");
    held.abort();
  };
  place.style.minHeight = `${height}px`;
  panel.addEventListener("click", () => setTimeout(release), { signal });
  panel.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && release(), { signal });
  panel.addEventListener("keydown", ({ key }) => key === "Tab" && release(), { signal });
}

function scrollerOf(el) {
  for (let one = el.parentElement; one; one = one.parentElement) if (/auto|scroll/.test(getComputedStyle(one).overflowY)) return one;
  return document.scrollingElement;
}

function fine() {
  const item = document.createElement("li");
  item.className = "is-fine";
  item.textContent = "Nothing is missing here any more.";
  return item;
}

/** A cure that takes the step away is left to the list of all checks: whoever looks at its form has just begun to fill it in. */
function line(finding, fix) {
  const item = document.createElement("li");
  item.className = `is-${finding.severity}`;
  item.textContent = finding.text;
  if (fix && finding.fix && finding.fix.command.kind !== "remove") item.append(button(finding.fix.label, "fix", () => fix(finding)));
  return item;
}

/** A new step lacks everything at once: its form should not begin below a wall of problems. */
function more(place, findings, fix, count) {
  const item = document.createElement("li");
  item.className = "is-more";
  const open = () => {
    place.classList.add("is-open");
    delete place.dataset.lacked;
    showProblems(place, findings, fix);
  };
  item.append(button(`${count} more`, "", open));
  return item;
}

function button(label, name, act) {
  const el = document.createElement("button");
  Object.assign(el, { type: "button", className: name, textContent: label });
  el.addEventListener("click", act);
  return el;
}
