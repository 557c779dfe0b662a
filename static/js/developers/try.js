// The page Try it: the kept viewer on our own document. It loads nothing from elsewhere and tells nobody.

const place = document.getElementById("try-it");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  withCredentials: false,
  // The page has its main part; the viewer's own is none.
  onComplete: () => place.querySelector("main")?.setAttribute("role", "none"),
});

// The viewer knows its dark theme by a class.
const root = document.documentElement;
const dress = () => root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");
new MutationObserver(dress).observe(root, { attributeFilter: ["data-bs-theme"] });
dress();
