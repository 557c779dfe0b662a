// The simulator's pages: regions that keep themselves fresh, forms that do not reload, a search that filters as one types.
// Everything works without this file; it only saves reloads.
(() => {
  const toast = document.getElementById("toast");
  let toastTimer;

  const say = (text) => {
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { toast.hidden = true; }, 5000);
  };

  document.querySelector(".bar nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

  // --- live regions -------------------------------------------------------------------------------------------------
  const seen = new WeakMap();
  const asked = new WeakMap();

  const isBusy = (region) => {
    if (region.querySelector("details[open]")) return true;
    const active = document.activeElement;
    return region.contains(active) && active.matches("input:not([type=hidden]), select, textarea");
  };

  const atBottom = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 80;

  // Whoever reads the end stays there, also when a picture or video gets its height only later: only who scrolls up leaves it.
  const atEnd = new WeakSet();
  const tops = new WeakMap();
  const toEnd = (region) => {
    atEnd.add(region);
    region.scrollTop = region.scrollHeight;
  };
  for (const name of ["load", "loadedmetadata"]) {
    document.addEventListener(name, (event) => {
      const region = event.target.closest?.("[data-bottom]");
      if (region && atEnd.has(region)) toEnd(region);
    }, true);
  }
  document.addEventListener("scroll", ({ target: region }) => {
    if (!region.dataset || !("bottom" in region.dataset)) return;
    if (atBottom(region)) atEnd.add(region);
    else if (region.scrollTop < tops.get(region)) atEnd.delete(region);
    tops.set(region, region.scrollTop);
  }, true);

  /** Put news into a region; true where there were any. */
  const swap = (region, html) => {
    if (seen.get(region) === html) return false;
    const isFirst = !seen.has(region);
    seen.set(region, html);
    if (isFirst && region.dataset.fresh !== "no" && region.innerHTML.trim() === html.trim()) return false;
    const active = region.contains(document.activeElement) ? document.activeElement : null;
    const focused = active?.id || active?.value;
    const opener = active?.closest("summary")?.parentElement.id;
    const stick = atEnd.has(region);
    const top = region.scrollTop;
    const typed = [...region.querySelectorAll("input[id]:not([type=file]), textarea[id]")].filter((field) => field.value !== field.defaultValue);
    region.innerHTML = html;
    for (const { id, value } of typed) {
      const field = document.getElementById(id);
      if (field) field.value = value;
    }
    if (stick) toEnd(region);
    else region.scrollTop = top;
    if (opener) document.getElementById(opener)?.querySelector("summary").focus({ preventScroll: true });
    else if (focused) {
      const same = document.getElementById(focused) ?? [...region.querySelectorAll("button")].find((one) => one.value === focused);
      (same ?? region.querySelector("[data-go-on]"))?.focus({ preventScroll: true });
    }
    return true;
  };

  const refresh = async (region, { force = false } = {}) => {
    if (!force && document.hidden) return;
    const turn = (asked.get(region) ?? 0) + 1;
    asked.set(region, turn);
    try {
      const answer = await fetch(region.dataset.live, { headers: { "X-Quiet": "1" } });
      if (!answer.ok || asked.get(region) !== turn) return;
      const html = await answer.text();
      if (asked.get(region) !== turn || (!force && isBusy(region))) return;
      // What a chat says anew counts beside it, too, and at once.
      if (swap(region, html) && region.hasAttribute("data-bottom")) regions.filter((one) => one !== region).forEach((one) => refresh(one));
    } catch {
      // The simulator is restarting: the next round tries again.
    }
  };

  const regions = [...document.querySelectorAll("[data-live]")];
  const refreshAll = (options) => Promise.all(regions.map((region) => refresh(region, options)));
  for (const region of regions) {
    if (region.hasAttribute("data-bottom")) toEnd(region);
    const round = async () => {
      await refresh(region);
      setTimeout(round, Number(region.dataset.every));
    };
    setTimeout(round, region.hasAttribute("data-bottom") ? 0 : Number(region.dataset.every)); // A chat is read when it is seen.
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshAll(); });

  // --- forms without a reload ---------------------------------------------------------------------------------------
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-quiet]")) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { "X-Quiet": "1" }, body: new FormData(form, event.submitter) });
      if (answer.ok) {
        if (form.hasAttribute("data-clear")) form.reset();
        const sheet = form.closest("details");
        sheet?.removeAttribute("open");
        sheet?.querySelector("summary").focus();
      } else {
        const problem = await answer.json().catch(() => ({}));
        say(problem.error ?? "That did not work. Reload the page and try again.");
      }
      const box = document.querySelector("[data-bottom]");
      if (box && answer.ok) toEnd(box);
      await refreshAll({ force: true });
    } catch {
      say("The simulator does not answer. Is it still running?");
    } finally {
      delete form.dataset.sending;
    }
  });

  // --- search as one types ------------------------------------------------------------------------------------------
  let typing;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.dataset?.filters) return;
    clearTimeout(typing);
    typing = setTimeout(() => {
      const region = document.getElementById(field.dataset.filters);
      const url = new URL(region.dataset.live, location.href);
      url.searchParams.set("search", field.value);
      url.searchParams.delete("before");
      region.dataset.live = url.pathname + url.search;
      refresh(region, { force: true });
    }, 180);
  });

  // --- files of the kind that was chosen ----------------------------------------------------------------------------
  document.addEventListener("click", ({ target }) => {
    if (target.dataset?.typesBy) target.accept = document.getElementById(target.dataset.typesBy).selectedOptions[0].dataset.types;
  }, true);

  // --- sheets, copying, keys ----------------------------------------------------------------------------------------
  const closeSheets = () => {
    for (const open of document.querySelectorAll(".messages details[open], .attach[open]")) {
      open.removeAttribute("open");
      open.querySelector("summary").focus();
    }
  };

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      try {
        await navigator.clipboard.writeText(copy.dataset.copy);
        say(`Copied ${copy.dataset.copy}`);
      } catch {
        say(`Copy it by hand: ${copy.dataset.copy}`);
      }
    }
    if (event.target.closest("[data-close]")) closeSheets();
    else if (!event.target.closest("details")) closeSheets();
  });

  document.addEventListener("keydown", (event) => {
    const inField = event.target.closest?.("input, select, textarea");
    if (event.key === "Escape") closeSheets();
    if (event.key === "/" && !inField && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      document.querySelector("input[type=search]")?.focus();
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.closest?.(".chat-list")) {
      const links = [...document.querySelectorAll(".chat-list a")];
      const next = links[links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  });
})();
