// A time zone that nobody has chosen yet is that of the browser.
(() => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const choose = () => document.querySelectorAll("select[data-zone]").forEach((field) => {
    if ([...field.options].some((option) => option.value === here)) field.value = here;
    field.removeAttribute("data-zone");
  });
  document.addEventListener("DOMContentLoaded", choose);
  document.addEventListener("htmx:after:swap", choose);
})();
