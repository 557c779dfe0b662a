// What the checks say: a badge on the card, a list with a count, and the way that shows the fault, lit on the canvas.

import { leaveAside } from "./asides.js";
import { goalsOf } from "./goals.js";
import { many, pills, tally, unseen } from "./pills.js";
import { Problems } from "./problems.js";
import { proved, row, told } from "./verdicts.js";

/** How many problems the list shows at most. */
const LISTED = 200;
/** Where the problems are shown that speak of a field of the whole flow. */
const SETTINGS = "";

export class Findings {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el, all: [], lit: [] });
    this.lists = { error: el.querySelector("[data-errors]"), warning: el.querySelector("[data-warnings]") };
    this.proved = el.querySelector("[data-proved]");
    this.template = el.querySelector("template");
    this.button = document.querySelector("[data-act=checks]");
    this.problems = new Problems(canvas, document.querySelector("[data-panel]"));
    el.addEventListener("click", (event) => this.clicked(event));
    el.querySelector("[data-close-checks]").addEventListener("click", () => this.toggle(false));
    el.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
    document.addEventListener("click", (event) => this.elsewhere(event));
    canvas.board.on("selection", () => this.unlight());
  }

  toggle(open = this.el.hidden) {
    if (!open) leaveAside(this);
    this.el.hidden = !open;
    if (open) this.showList();
    this.button.setAttribute("aria-expanded", String(open));
    this.canvas.viewport.aside = open ? this.el.offsetWidth + 16 : 0;
    if (open) this.enter();
    else this.unlight();
  }

  /** To the problem that was looked at last, else to the first. */
  enter() {
    const [last, first, close] = ["[data-pick][aria-current]", "[data-pick]", "[data-close-checks]"].map((place) => this.el.querySelector(place));
    (last ?? first ?? close).focus();
  }

  show(all, numbers) {
    this.badges(all);
    this.numbers = numbers ?? this.numbers;
    if (!this.el.hidden) this.showList();
    this.showCount();
    this.showOnPanel();
  }

  badges(all) {
    const { board } = this.canvas;
    const by = new Map();
    for (const finding of all) {
      const place = finding.node ?? (finding.field ? SETTINGS : null);
      if (place === null) continue;
      if (!by.has(place)) by.set(place, []);
      by.get(place).push(finding);
    }
    for (const node of board.nodes.values()) this.mark(node, by.get(node.id) ?? []);
    this.all = all;
    this.by = by;
  }

  mark(node, mine) {
    badge(node, mine);
  }

  showList() {
    const kept = this.keptFocus(), words = apart(this.all, this.canvas);
    for (const [severity, list] of Object.entries(this.lists)) {
      const mine = this.all.filter((finding) => finding.severity === severity);
      list.querySelector("ul").replaceChildren(...mine.slice(0, LISTED).map((one) => row(this.template, { ...one, text: words(one) }, this.all.indexOf(one), this.canvas.board.readOnly)));
      list.querySelector("[data-number]").textContent = mine.length;
      list.hidden = mine.length === 0;
    }
    proved(this.proved, this.numbers);
    kept?.();
  }

  /** A list that is drawn anew under somebody's fingers gives the focus back to what stands there now. */
  keptFocus() {
    const old = document.activeElement;
    if (!this.el.contains(old) || old.matches("[data-close-checks]")) return null;
    const at = [...this.el.querySelectorAll("[data-pick], [data-fix]")].indexOf(old);
    return () => {
      const buttons = this.el.querySelectorAll("[data-pick], [data-fix]");
      (buttons[Math.min(at, buttons.length - 1)] ?? this.el.querySelector("[data-close-checks]")).focus();
    };
  }

  showCount() {
    const found = tally(this.all), { error, warning } = Object.fromEntries(found);
    this.button.querySelector("[data-counts]").replaceChildren(...pills(this.all.length ? found : [["fine", 0]], { kind: "count " }));
    const words = this.all.length ? `${many(error, "error")}, ${many(warning, "warning")}` : "every check holds";
    this.button.title = `${this.button.dataset.tip}: ${words}`;
    this.canvas.board.root.dataset.errors = error;
  }

  /** The selected step's findings are told in its panel too. */
  showOnPanel() {
    const mine = this.problems.show(this.by ?? new Map());
    if (mine) this.canvas.panel.recheck(mine);
  }

  /** To the next problem, around the end, and to the field that it speaks of. */
  walk(by) {
    const { all } = this, at = all.findIndex((one) => one.key === this.looked);
    if (all.length === 0) return this.canvas.toast("Every check holds.", "info");
    const next = all.at(at < 0 ? Math.min(by, 0) : (at + by) % all.length);
    this.goTo(next);
    this.canvas.say(next.text);
  }

  clicked(event) {
    const picked = event.target.closest("[data-pick]"), fixed = event.target.closest("[data-fix]");
    if (picked) this.pick(picked);
    if (fixed) this.fix(this.all[Number(fixed.dataset.fix)]);
  }

  async pick(button) {
    const { board, viewport } = this.canvas;
    const finding = this.all[Number(button.dataset.pick)];
    if (this.canvas.panel.sheet.isOver) this.toggle(false);
    const node = this.goTo(finding);
    this.el.querySelector("[aria-current]")?.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    for (const chat of this.el.querySelectorAll("[data-told]")) chat.replaceChildren();
    const shown = await this.shown(finding);
    if (!shown || !button.hasAttribute("aria-current")) return;
    const way = shown.path.map((id) => board.nodes.get(id)).filter(Boolean);
    this.light(way, shown.through);
    if (way.length > 1) viewport.show(way, node);
    told(button.closest("li").querySelector("[data-told]"), shown.told);
  }

  /** The way that shows a finding; none where the flow has changed meanwhile or the server is out of reach. */
  async shown(finding) {
    try {
      const answer = await fetch(this.canvas.urls.shown.replace("__key__", finding.key), { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  /** One click, one change, told in the words of the history and shown where it was made; undo takes it back. */
  fix(finding) {
    const { panel, sync, board, viewport } = this.canvas, { command } = finding.fix, node = board.nodes.get(finding.node);
    sync.hurry();
    if (node && command.kind !== "remove") {
      if (panel.sheet.isOver && !this.el.hidden) this.toggle(false);
      panel.remade = node.id;
      board.select([node.id]);
      viewport.reveal(node);
    }
    sync.send(command, { isTold: true });
  }

  elsewhere(event) {
    const shown = event.target.closest("[data-show-step]");
    if (!shown || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const { showStep: node, finding: key } = shown.dataset;
    this.goTo(this.all.find((one) => one.key === key) ?? { node });
  }

  /** To the step, and there to the field that is spoken of; until that is there, keys are the step's, not those of where one was. */
  goTo(finding) {
    const { board, viewport, panel } = this.canvas, node = board.nodes.get(finding.node), isListed = this.el.contains(document.activeElement);
    this.looked = finding.key;
    if (!finding.node && finding.field) this.canvas.panel.openSettings(finding);
    if (!node) return null;
    board.select([node.id]);
    viewport.reveal(node);
    if (!isListed) this.canvas.focusCard(node);
    if (finding.field || !isListed) panel.point(finding);
    else panel.faults.point(finding);
    return node;
  }

  light(way, through = []) {
    this.unlight();
    for (const node of way) {
      node.el.classList.add("is-lit");
      this.lit.push(node.el);
    }
    way.slice(0, -1).forEach((node, at) => {
      const leading = [...node.outs].filter((edge) => edge.target === way[at + 1].id);
      const edge = leading.find((one) => one.port === through[at]) ?? leading[0];
      if (!edge) return;
      edge.path.classList.add("is-lit");
      this.lit.push(edge.path);
    });
    this.canvas.board.root.toggleAttribute("data-light", way.length > 1);
  }

  unlight() {
    for (const el of this.lit.splice(0)) el.classList.remove("is-lit");
    this.canvas.board.root.toggleAttribute("data-light", false);
  }
}

/** The same is said of several steps that are called alike: each is told with its number there, as where one chooses among them. */
function apart(all, canvas) {
  const once = new Set(), twice = new Set();
  for (const { text } of all) (once.has(text) ? twice : once).add(text);
  const names = twice.size ? goalsOf(canvas) : new Map();
  return ({ node, text }) => {
    const counted = names.get(node) ?? "", plain = counted.replace(/ \(\d+\)$/, "");
    return twice.has(text) && counted !== plain ? text.replace(plain, counted) : text;
  };
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
    el.className = "step-badge";
    el.id = `badge-${node.id}`;
    node.el.append(el);
    node.el.setAttribute("aria-describedby", el.id);
  }
  if (el.title === text) return;
  el.title = text;
  el.replaceChildren(...pills(tally(mine)), unseen(text));
}
