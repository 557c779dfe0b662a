// How many people wait in the inbox, beside its name in the navigation. By fetch and not by htmx: whoever types on some page
// is neither told nor led away when this answer fails or the session has ended.
(() => {
  "use strict";
  const badge = document.querySelector("[data-waiting]");
  if (!badge) return;
  const EVERY = 10000;
  const key = badge.dataset.waiting;

  function show(count) {
    badge.hidden = !(count > 0);
    badge.querySelector("b").textContent = count > 99 ? "99+" : count;
  }

  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(badge.dataset.waiting, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
      if (!answer.ok) return;
      const { waiting } = await answer.json();
      sessionStorage.setItem(key, waiting);
      show(waiting);
    } catch {
      // The next one may come through.
    }
  }

  show(Number(sessionStorage.getItem(key)));
  addEventListener("load", () => setTimeout(ask));
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
})();
