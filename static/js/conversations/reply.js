// The answer in the inbox: what is typed is kept on the server, and Ctrl+Enter sends it.
(() => {
  const PAUSE = 400;
  let timer;
  const form = () => document.querySelector("[data-reply]");

  function keep() {
    clearTimeout(timer);
    timer = undefined;
    const at = form();
    if (!at) return;
    const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content, "HX-Request": "true" };
    fetch(at.dataset.draft, { method: "POST", headers, body: new URLSearchParams({ body: at.elements.body.value }), keepalive: true }).catch(later);
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  }

  document.addEventListener("input", (event) => event.target.closest("[data-reply]") && later());
  document.addEventListener("keydown", (event) => {
    const at = event.target.closest("[data-reply]");
    if (!at || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    at.requestSubmit(at.querySelector("[type=submit]"));
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-reply]")) clearTimeout(timer), (timer = undefined);
    else if (timer) keep();
  });
  addEventListener("pagehide", () => timer && keep());
  document.addEventListener("DOMContentLoaded", () => {
    const field = form()?.elements.body;
    if (!field || matchMedia("(pointer: coarse)").matches) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  });
})();
