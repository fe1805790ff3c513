// Printing: a button that only a browser can carry out, and a link that ends in #print prints at once.
(() => {
  const buttons = document.querySelectorAll("[data-print]");
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  if (buttons.length && location.hash === "#print") {
    history.replaceState(history.state, "", location.pathname + location.search);
    addEventListener("load", () => window.print());
  }
})();
