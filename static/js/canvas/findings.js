// What the checks say: a badge on the card, a list with a count, and the way that shows the fault, lit on the canvas.

/** How many problems of a step its panel shows before it folds the rest. */
const FOLDED = 2;

export class Findings {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el, all: [], lit: [] });
    this.list = el.querySelector("[data-findings]");
    this.row = el.querySelector("template");
    this.button = document.querySelector("[data-act=checks]");
    this.list.addEventListener("click", (event) => this.pick(event.target.closest("button")));
    el.querySelector("[data-close-checks]").addEventListener("click", () => this.toggle(false));
    document.addEventListener("click", (event) => this.goTo(event.target.closest("[data-show-step]")?.dataset.showStep));
    canvas.board.on("selection", () => this.unlight());
  }

  toggle(open = this.el.hidden) {
    this.el.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.list.querySelector("button")?.focus();
    else if (this.el.contains(document.activeElement)) this.button.focus();
    if (!open) this.unlight();
  }

  show(all) {
    this.badges(all);
    this.showList();
    this.showCount();
    this.showOnPanel();
  }

  badges(all) {
    const { board } = this.canvas;
    const by = new Map();
    for (const finding of all) {
      if (!finding.node) continue;
      if (!by.has(finding.node)) by.set(finding.node, []);
      by.get(finding.node).push(finding);
    }
    for (const node of board.nodes.values()) badge(node, by.get(node.id) ?? []);
    this.all = all;
    this.by = by;
  }

  showList() {
    const rows = this.all.slice(0, 200).map((finding, at) => {
      const row = this.row.content.firstElementChild.cloneNode(true);
      const button = row.querySelector("button");
      button.dataset.at = at;
      button.classList.add(`is-${finding.severity}`);
      row.querySelector("[data-text]").textContent = finding.text;
      row.querySelector("[data-severity]").textContent = finding.severity === "error" ? "Error" : "Advice";
      return row;
    });
    this.list.replaceChildren(...rows);
    this.el.querySelector("[data-none]").hidden = this.all.length > 0;
  }

  showCount() {
    const errors = this.all.filter((finding) => finding.severity === "error").length;
    const count = this.button.querySelector("[data-count]");
    count.textContent = this.all.length;
    count.className = `count ${errors ? "is-error" : this.all.length ? "is-warning" : "is-fine"}`;
    const advice = this.all.length - errors;
    this.button.title = this.all.length ? `${errors} ${errors === 1 ? "error" : "errors"}, ${advice} advice` : "Every check holds";
    this.canvas.board.root.dataset.errors = errors;
  }

  /** The selected step's findings stand above its form too. */
  showOnPanel() {
    const place = document.querySelector("[data-step-findings]");
    if (!place) return;
    const mine = this.by?.get(place.dataset.stepFindings) ?? [];
    const shown = mine.length > FOLDED + 1 && !place.classList.contains("is-open") ? mine.slice(0, FOLDED) : mine;
    place.replaceChildren(...shown.map(line));
    if (shown.length < mine.length) place.append(this.more(place, mine.length - shown.length));
  }

  /** A new step lacks everything at once: its form should not begin below a wall of problems. */
  more(place, count) {
    const item = document.createElement("li");
    item.className = "is-more";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${count} more`;
    button.addEventListener("click", () => {
      place.classList.add("is-open");
      this.showOnPanel();
    });
    item.append(button);
    return item;
  }

  pick(button) {
    if (!button) return;
    const { board, viewport } = this.canvas;
    const finding = this.all[Number(button.dataset.at)];
    const node = board.nodes.get(finding.node);
    if (node) board.select([node.id]);
    const way = (finding.path ?? []).map((id) => board.nodes.get(id)).filter(Boolean);
    this.light(way);
    if (way.length > 1) viewport.fit(way);
    else if (node) viewport.reveal(node);
    this.list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
  }

  /** Another page's part speaks of a step: show it. */
  goTo(id) {
    const node = this.canvas.board.nodes.get(id);
    if (!node) return;
    this.canvas.board.select([id]);
    this.canvas.viewport.reveal(node);
  }

  light(way) {
    this.unlight();
    const ids = new Set(way.map((node) => node.id));
    for (const node of way) {
      node.el.classList.add("is-lit");
      this.lit.push(node.el);
    }
    way.forEach((node, at) => {
      for (const edge of node.outs) {
        if (edge.target !== way[at + 1]?.id || !ids.has(edge.target)) continue;
        edge.path.classList.add("is-lit");
        this.lit.push(edge.path);
        break;
      }
    });
    this.canvas.board.root.classList.toggle("has-light", way.length > 1);
  }

  unlight() {
    for (const el of this.lit.splice(0)) el.classList.remove("is-lit");
    this.canvas.board.root.classList.remove("has-light");
  }
}

function badge(node, mine) {
  let el = node.el.querySelector(".step-badge");
  if (mine.length === 0) {
    el?.remove();
    node.el.removeAttribute("aria-describedby");
    return;
  }
  const text = mine.map((finding) => finding.text).join("\n");
  if (!el) {
    el = document.createElement("span");
    el.id = `badge-${node.id}`;
    node.el.append(el);
    node.el.setAttribute("aria-describedby", el.id);
  }
  if (el.title === text) return;
  el.className = `step-badge is-${mine.some((finding) => finding.severity === "error") ? "error" : "warning"}`;
  el.title = text;
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = text;
  el.replaceChildren(String(mine.length), words);
}

function line(finding) {
  const item = document.createElement("li");
  item.className = `is-${finding.severity}`;
  item.textContent = finding.text;
  return item;
}
