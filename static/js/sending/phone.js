// Formats the phone number as it is typed: the server says how, the caret stays where it is. A number that begins with + chooses
// its country.
(() => {
  const digits = (text) => text.replace(/[^\d+]/g, "");

  // Where the caret stands once as many digits are before it as were before.
  function place(text, before) {
    let at = 0;
    for (let count = 0; count < before && at < text.length; at += 1) if (/[\d+]/.test(text[at])) count += 1;
    return at;
  }

  function apply(form) {
    const words = form.querySelector("#phone-words");
    const field = form.querySelector("[data-phone]");
    if (!words || !field) return;
    field.placeholder = words.dataset.example || "";
    const shown = words.dataset.shown;
    if (!shown || digits(shown) !== digits(field.value)) return;
    const country = form.querySelector("select[name=country]");
    const region = words.dataset.region;
    if (region && country.value !== region && country.querySelector(`option[value="${region}"]`)) country.value = region;
    if (shown === field.value) return;
    const before = digits(field.value.slice(0, field.selectionEnd)).length;
    field.value = shown;
    if (document.activeElement !== field) return;
    const at = place(shown, before);
    field.setSelectionRange(at, at);
  }

  const all = () => document.querySelectorAll("[data-phone-form]").forEach(apply);
  document.addEventListener("htmx:after:swap", all);
  document.addEventListener("DOMContentLoaded", all);
})();
