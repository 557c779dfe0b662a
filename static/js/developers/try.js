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
});
