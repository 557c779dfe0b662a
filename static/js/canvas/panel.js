// The panel at the right: htmx brings a step's form, what is typed becomes commands at once, and news from others is morphed in
// without taking focus, caret or a keystroke.

import { Arrival, MORPH, OURS } from "./arrival.js";
import { portLabel } from "./cards.js";
import { chooseFile, clearFile } from "./files.js";
import { Faults } from "./faults.js";
import { countField, forget, limitsOf, showBeside, valueOf } from "./fields.js";
import { Goals } from "./goals.js";
import { addRow, focusFirst, gather, gatherGroup, isFull, outermost, pressed, showFull } from "./lists.js";
import { newStep } from "./queue.js";
import { followSaved } from "./saved.js";
import { Sheet } from "./sheet.js";
import { Variables } from "./variables.js";

const TYPING = 350, ELSEWHERE = ".chooser:not([hidden]), dialog:modal, [data-port]:focus";
/** What is shown of several steps, and of a connection: from a template in the page. */
const MANY = "several steps", WAY = "connection ";
/** Fields in which one goes on writing; which kind it is, and where it leads, is chosen more rarely. */
const WRITTEN = "textarea, select:not([data-goes], [data-insert]), input:not([type=radio], [type=checkbox], [type=file])";

export class Panel {
  constructor(canvas, el) {
    Object.assign(this, { canvas, el, shown: undefined });
    this.body = el.querySelector("[data-panel-body]");
    [this.goals, this.variables, this.sheet, this.faults] = [new Goals(this), new Variables(el), new Sheet(canvas, el), new Faults(this)];
    this.arrival = new Arrival(this);
    const { board } = canvas;
    followSaved(board, el);
    board.on("selection", () => this.follow());
    board.on("structure", () => this.goals.show());
    board.on("patched", ({ patch, own, news }) => (own && this.isRemade(patch) ? this.load(MORPH) : this.refresh(patch, own, news)));
    for (const type of ["input", "change"]) el.addEventListener(type, (event) => this.typed(event));
    el.addEventListener("click", (event) => this.clicked(event));
    el.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("click", ({ target }) => target.closest?.("[data-flow-settings]") && this.openSettings());
    document.addEventListener("htmx:after:swap", () => this.body.querySelector("[data-foreign]") && this.foreignCame());
  }

  /** Show what is selected: a step, several, a connection, or the flow itself. */
  follow() {
    const { board } = this.canvas;
    const wanted = board.selected?.id ?? (board.selection.size > 1 ? MANY : board.edge ? WAY + board.edge.key : "");
    if (wanted === this.shown) return wanted === MANY && this.count();
    this.canvas.sync.hurry();
    const before = board.nodes.get(this.shown);
    this.shown = wanted;
    this.sheet.show(wanted !== "" && !this.canvas.several?.isOn, before);
    if (board.selected && !board.gesture && !this.canvas.several?.isOn) this.canvas.viewport.reveal(board.selected);
    this.el.scrollTop = 0;
    Object.assign(this, { isComing: true, wantsFocus: null });
    this.faults.begin();
    this.load("innerHTML");
  }

  load(swap) {
    const asked = this.shown;
    this.arrival.stop();
    if (asked === MANY) return this.showMany();
    if (asked.startsWith(WAY)) return this.showWay(this.canvas.board.edge);
    this.arrival.ask(asked, this.isComing ? "innerHTML" : swap);
  }

  showMany() {
    this.fill("[data-many]");
    this.count();
  }

  showWay(edge) {
    const { nodes } = this.canvas.board, from = nodes.get(edge.source), to = nodes.get(edge.target);
    this.fill("[data-way]");
    const words = { from: from.el.getAttribute("aria-label"), answer: portLabel(from, edge.port), to: to.el.getAttribute("aria-label") };
    for (const [name, text] of Object.entries(words)) this.body.querySelector(`[data-${name}]`).textContent = text;
  }

  fill(template) {
    this.isComing = false;
    this.body.replaceChildren(document.querySelector(template).content.cloneNode(true));
    this.canvas.toolbar.explain(this.body);
  }

  count() {
    this.body.querySelector("[data-count]")?.replaceChildren(this.canvas.board.selection.size);
  }

  arrived() {
    const isElsewhere = ![this.wantsFocus, document.body].includes(document.activeElement) || document.querySelector(ELSEWHERE);
    Object.assign(this, { isComing: false, wantsFocus: isElsewhere ? null : this.wantsFocus });
    this.goals.show();
    this.countAll();
    this.canvas.findings.showOnPanel();
    this.canvas.toolbar.explain(this.body);
    if (this.wantsFocus) this.focus();
  }

  /** To the field that a finding speaks of, with what it says below it. */
  point(finding) {
    this.faults.point(finding);
    this.focus();
  }

  /** What is found now in the shown step: fields may be right, or wrong, that were not. */
  recheck(findings) {
    if (!this.wantsFocus) this.faults.show(findings);
  }

  /** In the first field where something is written or chosen; where there is none, at the first button that does something.
   * What is still shown of another step gets no keys,
   * and who has gone elsewhere meanwhile stays there. */
  focus() {
    if (this.isComing) return (this.wantsFocus = document.activeElement);
    const faulty = this.faults.wanted();
    if (faulty) return this.focusFault(faulty);
    if (this.faults.pointed && this.body.querySelector("[data-foreign] [hx-trigger=load]:empty, [data-foreign] .skeleton")) return (this.wantsFocus = document.activeElement);
    const all = [...this.body.querySelectorAll("textarea, input:not([type=hidden]), select, button")].filter((el) => el.checkVisibility() && !el.matches(":disabled"));
    const first = all.find((el) => el.matches(WRITTEN)) ?? all.find((el) => !el.matches("[data-close-panel]")) ?? all[0];
    this.wantsFocus = null;
    first?.focus();
  }

  foreignCame() {
    this.canvas.sync?.soon();
    if (this.faults.pointed && this.wantsFocus) this.focus();
  }

  focusFault(field) {
    this.wantsFocus = null;
    this.faults.arrive(field);
    field.focus({ preventScroll: true });
    field.scrollIntoView({ block: "center" });
  }

  // What is typed

  typed(event) {
    const field = event.target;
    if (field.dataset.opening !== undefined) return event.type === "change" && this.openBy(field.value);
    if (field.type === "file") return event.type === "change" && chooseFile(this, field);
    const form = field.closest("[data-step-form]");
    if (field.dataset.limit) countField(field);
    if (field.dataset.mirror !== undefined && form) this.mirror(form, field);
    if (field.dataset.shows !== undefined) showBeside(field);
    if (field.dataset.operator !== undefined) field.closest("[data-row]").dataset.operator = field.value;
    if (field.dataset.unit !== undefined) return event.type === "change" && this.measured(form, field);
    if (field.matches("[data-goes]")) return event.type === "change" && this.goals.changed(field);
    if (!form || field.matches("[data-insert]") || field.closest("[data-foreign]")) return;
    const wait = event.type === "input" && !field.matches("select, [type=radio], [type=checkbox]") ? TYPING : 0;
    if (event.type === "change" && !field.matches("select, [type=radio], [type=checkbox]")) return this.left(field);
    if (event.type === "input" && wait === 0) return;
    this.save(form, field, wait);
  }

  left(field) {
    this.canvas.sync.hurry();
    this.faults.leave(field);
  }

  /** Another kind of opening in place of this one. */
  openBy(kind) {
    const id = newStep();
    this.canvas.sync.send({ kind: "opening", to: kind, id });
    this.canvas.selectWhenDrawn([id]);
  }

  mirror(form, field) {
    form.dataset[field.name] = field.value;
    this.countAll();
  }

  /** A number has got another unit. */
  measured(form, select) {
    const field = select.parentElement.querySelector("[data-number]");
    field.dataset.number = select.value;
    forget(field);
    field.max = Math.floor(Number(field.dataset.most) / Number(select.value));
    this.save(form, field, 0);
  }

  save(form, field, wait) {
    const { sync } = this.canvas;
    this.arrival.begun += 1;
    const list = outermost(field);
    const group = field.closest("[data-group]");
    const whole = list ? { [list.dataset.list]: gather(list) } : valueOf(field);
    const chosen = field.dataset.whole !== undefined && (field.selectedOptions?.[0] ?? field).dataset.with;
    const data = chosen ? JSON.parse(chosen) : group ? { [group.dataset.group]: gatherGroup(form, group.dataset.group) } : whole && { ...whole, ...limitsOf(form, field) };
    if (!data) return;
    if (chosen) this.remade = form.dataset.stepForm;
    if (form.dataset.stepForm) sync.send({ kind: "change", node: form.dataset.stepForm, data }, { wait });
    else if (field.name === "name") data.name.trim() && sync.send({ kind: "rename", name: data.name.trim() }, { wait });
    else sync.send({ kind: "settings", settings: data }, { wait });
  }

  /** Whether a choice of ours has just given the shown step other fields. */
  isRemade(patch) {
    const is = this.remade === this.shown && (patch.cards ?? []).some((card) => card.id === this.shown);
    if (is) this.remade = null;
    return is;
  }

  clicked(event) {
    const button = event.target.closest("[data-do]");
    if (button) {
      const list = pressed(button);
      if (list) this.save(list.closest("[data-step-form]"), list, 0);
      this.countAll();
      this.goals.show();
    }
    const goal = event.target.closest("[data-open-goal]");
    if (goal) this.goals.follow(goal.previousElementSibling);
    const clear = event.target.closest("[data-clear]");
    if (clear) clearFile(this, clear.dataset.clear);
    if (event.target.closest("[data-close-panel]")) this.leave();
  }

  /** Enter in an answer adds the next one; Alt and an arrow move it. */
  key(event) {
    const row = event.target.closest("[data-row]");
    if (event.key === "Escape" && !event.defaultPrevented) this.back();
    if (!row || !event.target.matches("input[data-key], textarea[data-key]")) return;
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      const list = row.closest("[data-list]"), below = row.nextElementSibling?.querySelector(`[data-key="${event.target.dataset.key}"]`);
      if (below?.value === "") return below.focus();
      if (isFull(list)) return;
      const next = addRow(list, row);
      focusFirst(next);
      this.save(row.closest("[data-step-form]"), next, 0);
      this.countAll();
      this.goals.show();
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      if (event.key === "ArrowUp") row.previousElementSibling?.before(row);
      else row.nextElementSibling?.after(row);
      event.target.focus();
      this.save(row.closest("[data-step-form]"), row, 0);
    }
  }

  /** To the selected step; from anything else that is shown, to the step where the keys were last. */
  back() {
    const node = this.canvas.board.selected ?? this.canvas.here;
    if (node) this.canvas.focusCard(node);
  }

  /** What holds for the whole flow is asked for where the panel shows steps only. */
  openSettings(finding = null) {
    this.canvas.board.select([]);
    this.sheet.show(true);
    if (finding) this.point(finding);
    else this.focus();
  }

  leave() {
    if (this.shown === "") document.querySelector("[data-flow-settings]")?.focus();
    this.back();
    this.sheet.hide();
  }

  // News from others

  refresh(patch, own, news) {
    if (this.shown === "" && patch.settings && !(own && this.el.contains(document.activeElement))) return this.load(MORPH);
    if (!this.shown || !news.has(this.shown)) return;
    const inside = this.body.querySelector("[data-foreign]");
    if (!inside) this.load(MORPH);
    else this.load(inside.contains(document.activeElement) || inside.querySelector("#ob-form") ? OURS : "innerHTML");
  }

  countAll() {
    for (const list of this.body.querySelectorAll("[data-list][data-most]")) showFull(list);
    for (const field of this.body.querySelectorAll("[data-limit]")) countField(field);
  }
}
