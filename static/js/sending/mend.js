// A corrected cell leaves the list: go on in the next one, or to the start when none is left.
(() => {
  let place = -1;

  document.addEventListener("htmx:before:request", ({ target }) => {
    const form = target.closest?.("form.mend");
    if (form) place = [...document.querySelectorAll("form.mend")].indexOf(form);
  });
  document.addEventListener("htmx:after:swap", () => {
    if (place < 0) return;
    const cells = document.querySelectorAll("form.mend input[name=value]");
    const next = cells[Math.min(place, cells.length - 1)] ?? document.querySelector("#start button[type=submit]");
    place = -1;
    next?.focus();
  });
})();
