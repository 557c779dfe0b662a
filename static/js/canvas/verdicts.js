// The rows of the list of checks: a finding with its cure, the way that shows it as a chat, and what is proved.

const SPEAKERS = { us: "We say: ", them: "The person: ", flow: "Then: " };

export function row(template, finding, at, readOnly) {
  const item = template.content.firstElementChild.cloneNode(true);
  item.querySelector("[data-pick]").dataset.pick = at;
  item.querySelector("[data-text]").textContent = finding.text;
  item.querySelector("[data-severity]").textContent = finding.severity === "error" ? "Error: " : "Warning: ";
  item.classList.add(`is-${finding.severity}`);
  const fix = item.querySelector("[data-fix]");
  if (!finding.fix || readOnly) {
    fix.remove();
  } else {
    fix.dataset.fix = at;
    fix.textContent = finding.fix.label;
  }
  return item;
}

/** The way as the chat that somebody would have on it. */
export function told(list, turns) {
  list.replaceChildren(...(turns.length > 1 ? turns : []).map(([voice, words]) => {
    const item = document.createElement("li");
    item.className = `is-${voice}`;
    item.dir = "auto";
    const who = document.createElement("span");
    who.className = "visually-hidden";
    who.textContent = SPEAKERS[voice];
    item.append(who, words);
    return item;
  }));
}

export function proved(place, { held, numbers, why }) {
  place.querySelector("dl").replaceChildren(...numbers.map(([label, value]) => {
    const pair = document.createElement("div"), name = document.createElement("dt"), number = document.createElement("dd");
    name.textContent = label;
    number.textContent = value;
    pair.append(name, number);
    return pair;
  }));
  place.querySelector("[data-why]").textContent = why;
  place.querySelector("ul").replaceChildren(...held.map((name) => {
    const item = document.createElement("li");
    item.textContent = name;
    return item;
  }));
  place.querySelector("[data-number]").textContent = held.length;
  place.hidden = held.length === 0;
}
