// What every page does: the CSRF header of htmx, toasts, copy buttons, local times, menus, names of keys. Dialogs are in dialogs.js.
(() => {
  const isMac = /Mac|iP(hone|ad)/i.test(navigator.userAgentData?.platform || navigator.platform);

  /** Keys as they stand on this keyboard. */
  window.keyWords = (text) => (isMac ? text.replaceAll("Ctrl", "⌘") : text);

  function nameKeys() {
    if (!isMac) return;
    for (const el of document.querySelectorAll('[title*="Ctrl"]')) el.title = window.keyWords(el.title);
    for (const el of document.querySelectorAll("kbd, [data-key-words]")) if (el.textContent.includes("Ctrl")) el.textContent = window.keyWords(el.textContent);
  }
  document.addEventListener("DOMContentLoaded", nameKeys);
  document.addEventListener("htmx:after:swap", nameKeys);

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
    svg.append(use);
    return svg;
  }

  function fade(note) {
    const close = () => note.remove();
    let timer = setTimeout(close, note.classList.contains("toast-danger") ? 12000 : 6000);
    note.addEventListener("mouseenter", () => clearTimeout(timer));
    note.addEventListener("mouseleave", () => { timer = setTimeout(close, 3000); });
    note.querySelector("[data-dismiss]")?.addEventListener("click", close);
  }

  function toast(text, level = "success", undo = null) {
    const note = document.createElement("div");
    note.className = `toast-note toast-${level}`;
    const words = document.createElement("span");
    words.textContent = text;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.dismiss = "";
    button.setAttribute("aria-label", "Dismiss");
    button.append(icon("x"));
    note.append(words, ...(level === "undoable" ? [undoButton(undo)] : []), button);
    const box = document.getElementById("toasts");
    const isOld = (other) => other.querySelector("span")?.textContent === text || (level === "undone" && other.matches(".toast-undone"));
    [...box.children].filter(isOld).forEach((other) => other.remove());
    box.append(note);
    fade(note);
  }

  /** Who shows the flow undoes, by the gesture `undo` where that takes more than one step, which `words` call; what is done next makes
   * the notice go, lest its button undoes that. */
  function undoButton(undo) {
    const { words = "Undo", ...gesture } = undo ?? {};
    const button = document.createElement("button");
    button.type = "button";
    button.className = "toast-undo";
    button.textContent = words;
    button.addEventListener("click", () => document.dispatchEvent(new CustomEvent("undo:asked", { detail: undo && gesture })));
    return button;
  }
  document.addEventListener("undo:stale", () => document.querySelectorAll(".toast-undoable").forEach((note) => note.remove()));

  // Made when a page first has a time to show: it takes a while.
  const formats = {};
  const partsOf = (name, moment) => (formats[name] ??= new Intl.DateTimeFormat(undefined, STYLES[name])).formatToParts(moment);
  // A line may end between a day and its time only.
  const say = (name, moment) => partsOf(name, moment).map(({ value }, at, all) => (all[at + 1]?.type === "hour" ? value : value.replaceAll(" ", "\u00a0"))).join("");
  const STYLES = { day: { dateStyle: "medium", timeStyle: "short" }, clock: { timeStyle: "medium" } };

  function localise(root) {
    for (const element of root.querySelectorAll("time[data-time]")) {
      const moment = new Date(element.dateTime);
      element.textContent = say("day", moment);
      element.title = moment.toISOString();
      element.removeAttribute("data-time");
    }
  }

  function localiseClocks(root) {
    for (const element of root.querySelectorAll("time[data-clock]")) {
      const moment = new Date(element.dateTime);
      element.textContent = say("clock", moment);
      element.title = say("day", moment);
      element.removeAttribute("data-clock");
    }
  }

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("is-done");
      button.replaceChildren(icon("check"));
      setTimeout(() => { button.classList.remove("is-done"); button.replaceChildren(icon("copy")); }, 1600);
      toast("Copied.", "info");
    } catch {
      toast(`Your browser does not let us copy. Select it by hand: ${button.dataset.copy}`, "warning");
    }
  }

  // A refused form tells at its fields what is wrong: go to the first of them, unless somebody has gone to another field meanwhile.
  let sentFrom = null;
  document.addEventListener("submit", () => { sentFrom = document.activeElement; }, true);
  function goToFirstFault() {
    const here = document.activeElement, isWhereItWasSent = here === sentFrom || (here?.id && here.id === sentFrom?.id);
    sentFrom = null;
    if (here && here !== document.body && !here.matches("button, main") && !isWhereItWasSent) return;
    document.querySelector("main form [aria-invalid=true], main form .has-error :is(input, select, textarea)")?.focus();
  }

  document.addEventListener("htmx:config:request", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]')?.content;
    if (token) event.detail.ctx.request.headers["X-CSRFToken"] = token;
  });
  document.addEventListener("htmx:error", () => toast("The server does not answer. Nothing was lost; try again in a moment.", "danger"));
  // Morphing carries the attribute over, but a bar that was drawn before may keep its length.
  const fillBars = (root) => root.querySelectorAll("progress[value]").forEach((bar) => { bar.value = Number(bar.getAttribute("value")); });

  const openMenus = () => [...document.querySelectorAll("details[data-menu][open]")];

  // The keys go back to the button of the menu.
  function closeMenus() {
    for (const menu of openMenus()) {
      menu.querySelector("summary").focus();
      menu.open = false;
    }
  }

  document.addEventListener("htmx:after:swap", () => { localise(document); localiseClocks(document); fillBars(document); });
  document.addEventListener("htmx:after:swap", (event) => { if (event.detail.ctx?.response?.status === 422) goToFirstFault(); });
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level, event.detail.undo));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button);
  });
  // A tap beside an open menu closes it and does nothing else, for it may lie over half of the page.
  document.addEventListener("click", (event) => {
    const left = openMenus().filter((menu) => !menu.contains(event.target));
    for (const menu of left) menu.open = false;
    if (left.length === 0 || !matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  // A menu that opens near the lower rim is brought into view whole.
  document.addEventListener("toggle", ({ target }) => {
    if (target.open && target.matches("details[data-menu]")) target.lastElementChild.scrollIntoView({ block: "nearest" });
  }, true);
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details[data-menu][open]"), by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!menu || !by) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll("a, button")], at = items.indexOf(document.activeElement);
    items.at((at < 0 && by < 0 ? -1 : at + by) % items.length).focus();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus());
  document.addEventListener("DOMContentLoaded", () => {
    localise(document);
    localiseClocks(document);
    document.querySelectorAll("[data-toast]").forEach(fade);
    if (document.querySelector("main form .has-error")) goToFirstFault();
  });
  window.flowbuilder = { toast, icon, closeMenus };
})();
