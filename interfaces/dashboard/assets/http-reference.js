"use strict";
// The reference of the HTTP API, drawn by Swagger UI; a token that is typed in is kept by this page alone.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", paint);
  paint();
  SwaggerUIBundle({
    url: document.getElementById("reference").dataset.url, dom_id: "#reference", validatorUrl: null,
    deepLinking: true, docExpansion: "list", filter: true, tryItOutEnabled: false, persistAuthorization: false,
    defaultModelsExpandDepth: -1, displayRequestDuration: true, requestSnippetsEnabled: false,
  });
})();
