// Formats the phone number as it is typed: the server says how, the caret stays where it is.
(() => {
  const digits = (text) => text.replace(/[^\d+]/g, "");

  function apply(form) {
    const words = form.querySelector("#phone-words");
    const field = form.querySelector("[data-phone]");
    if (!words || !field) return;
    field.placeholder = words.dataset.example || "";
    const shown = words.dataset.shown;
    if (!shown || shown === field.value || digits(shown) !== digits(field.value)) return;
    const atEnd = document.activeElement !== field || field.selectionEnd === field.value.length;
    if (!atEnd) return;
    field.value = shown;
    if (document.activeElement === field) field.setSelectionRange(shown.length, shown.length);
  }

  function showFirstFault(event) {
    if (event.detail.ctx?.response?.status !== 422) return;
    document.querySelector("[data-phone-form] [aria-invalid]")?.focus();
  }

  const all = () => document.querySelectorAll("[data-phone-form]").forEach(apply);
  document.addEventListener("htmx:after:swap", all);
  document.addEventListener("htmx:after:swap", showFirstFault);
  document.addEventListener("DOMContentLoaded", all);
})();
