// The place to drop a recipient file: shows its name, says when it is too big, shows how far the upload is.
(() => {
  const MOST = 100 * 1024 * 1024;
  const size = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);

  function show(drop) {
    const file = drop.querySelector("input[type=file]").files[0];
    const words = drop.querySelector("[data-file-name]");
    if (!file) return;
    words.textContent = file.size > MOST ? `${file.name} is too big (${size(file.size)}): split it` : `${file.name} (${size(file.size)})`;
    drop.classList.toggle("has-file", file.size <= MOST);
  }

  function over(event, is) {
    const drop = event.target.closest?.("[data-drop]");
    if (!drop) return null;
    event.preventDefault();
    drop.classList.toggle("is-over", is);
    return drop;
  }

  document.addEventListener("change", (event) => {
    const drop = event.target.closest?.("[data-drop]");
    if (drop) show(drop);
  });
  // After a refusal the chosen file is still there.
  document.addEventListener("htmx:after:swap", () => document.querySelectorAll("[data-drop]").forEach(show));
  document.addEventListener("dragover", (event) => over(event, true));
  document.addEventListener("dragleave", (event) => over(event, false));
  document.addEventListener("drop", (event) => {
    const drop = over(event, false);
    if (!drop || !event.dataTransfer.files.length) return;
    drop.querySelector("input[type=file]").files = event.dataTransfer.files;
    show(drop);
  });
  // Only while the file itself is under way: what another field asks must not move the button from under the pointer.
  const barOf = ({ detail }) => detail.ctx.sourceElement.matches("[data-upload]") ? detail.ctx.sourceElement.querySelector(".upload-progress") : null;
  document.addEventListener("htmx:before:request", (event) => {
    const bar = barOf(event);
    if (!bar) return;
    bar.hidden = false;
    bar.removeAttribute("value");
  });
  document.addEventListener("htmx:after:request", (event) => {
    const bar = barOf(event);
    if (bar) bar.hidden = true;
  });
})();
