// How many errors and warnings there are, each number in its colour.

/** How many there are of each severity. */
export function tally(all) {
  const errors = all.filter((finding) => finding.severity === "error").length;
  return [["error", errors], ["warning", all.length - errors]];
}

/** Who hears the numbers hears what they count; where there is room (`isTold`) who sees them reads it. */
export function pills(found, { kind = "", isTold = false } = {}) {
  return found.filter(([tone, number]) => number || tone === "fine").map(([tone, number]) => {
    const pill = document.createElement("b"), words = ` ${plural(number, tone === "fine" ? "problem" : tone)}`;
    pill.className = `${kind}is-${tone}`;
    pill.append(number, isTold ? words : unseen(words));
    return pill;
  });
}

export function unseen(text) {
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = text;
  return words;
}

export function many(count, word) {
  return `${count} ${plural(count, word)}`;
}

function plural(count, word) {
  return count === 1 ? word : `${word}s`;
}
