// Light, dark or as the system says: set before anything is painted.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const apply = () => {
    const choice = chosen();
    const theme = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
    document.documentElement.dataset.bsTheme = theme;
  };
  apply();
  dark.addEventListener("change", apply);

  const mark = () => {
    for (const button of document.querySelectorAll("[data-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === (chosen() ?? "system")));
    }
  };
  document.addEventListener("DOMContentLoaded", mark);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme]");
    if (!button) return;
    try {
      if (button.dataset.theme === "system") localStorage.removeItem("theme");
      else localStorage.setItem("theme", button.dataset.theme);
    } catch { /* private windows may refuse; the choice then lasts for this page */ }
    apply();
    mark();
  });
})();
