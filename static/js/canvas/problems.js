// What the checks say of one step, above its form: on the canvas and in the outline.

/** How many are shown before the rest is folded; on a phone they would fill the sheet. */
const FOLDED = 2, FOLDED_NARROW = 1;
const narrow = window.matchMedia("(max-width: 820px)");

/** `fix` does what a finding offers; null where nothing may be changed. */
export function showProblems(place, findings, fix) {
  const most = narrow.matches ? FOLDED_NARROW : FOLDED;
  const shown = findings.length > most + 1 && !place.classList.contains("is-open") ? findings.slice(0, most) : findings;
  place.replaceChildren(...shown.map((finding) => line(finding, fix)));
  if (shown.length < findings.length) place.append(more(place, findings, fix, findings.length - shown.length));
}

function line(finding, fix) {
  const item = document.createElement("li");
  item.className = `is-${finding.severity}`;
  item.textContent = finding.text;
  if (finding.fix && fix) item.append(button(finding.fix.label, "fix", () => fix(finding)));
  return item;
}

/** A new step lacks everything at once: its form should not begin below a wall of problems. */
function more(place, findings, fix, count) {
  const item = document.createElement("li");
  item.className = "is-more";
  const open = () => {
    place.classList.add("is-open");
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
