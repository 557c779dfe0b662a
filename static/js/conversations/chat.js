// Keeps the end of the chat in sight as it grows, unless somebody scrolled up to read.
(() => {
  const NEAR = 80;
  let wasAtEnd = true;
  const chat = () => document.querySelector("[data-chat]");
  const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;

  document.addEventListener("htmx:before:swap", () => {
    const box = chat();
    wasAtEnd = !box || atEnd(box);
  });
  document.addEventListener("htmx:after:swap", () => {
    const box = chat();
    if (box && wasAtEnd) box.scrollTop = box.scrollHeight;
  });
  document.addEventListener("scroll", ({ target }) => {
    if (target === chat()) wasAtEnd = atEnd(target);
  }, true);
  // A picture takes its height only once it has come.
  document.addEventListener("load", ({ target }) => {
    const box = chat();
    if (box?.contains(target) && wasAtEnd) box.scrollTop = box.scrollHeight;
  }, true);
  document.addEventListener("DOMContentLoaded", () => {
    const box = chat();
    if (box) box.scrollTop = box.scrollHeight;
  });
})();
