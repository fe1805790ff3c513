"use strict";
// The focus goes where the outcome is. A dry run is kept for as long as its tab is open, so that
// Back returns to it; what is applied from there is tried again by the server, as always.
(() => {
  const KEPT = "kept-outcome:", MOST = 8, LONGEST = 400_000;

  const focusOutcome = () => {
    const found = ["[aria-invalid=true]", "main [role=alert]", "#outcome", ".done"]
      .map(each => document.querySelector(each)).find(Boolean);
    if (!found) return;
    if (found.tabIndex < 0) found.tabIndex = -1;
    found.focus();
  };

  const keys = () => Object.keys(sessionStorage).filter(each => each.startsWith(KEPT)).sort();
  const forget = () => keys().forEach(each => sessionStorage.removeItem(each));

  const keep = () => {
    const main = document.getElementById("main");
    if (!main.querySelector("#outcome:not([data-problem])") || main.outerHTML.length > LONGEST) return;
    const key = history.state?.outcome ?? KEPT + Date.now();
    try {
      sessionStorage.setItem(key, main.outerHTML);
      history.replaceState({...history.state, outcome: key}, "");
      keys().slice(0, -MOST).forEach(each => sessionStorage.removeItem(each));
    } catch { /* The tab keeps no more: Back shows the form as it was first. */ }
  };

  const bringBack = () => {
    const html = history.state?.outcome && sessionStorage.getItem(history.state.outcome);
    const [navigation] = performance.getEntriesByType("navigation");
    if (!html || navigation?.type !== "back_forward") return;
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = document.importNode(page.getElementById("main"), true);
    document.getElementById("main").replaceWith(main);
    window.htmx?.process(main);
  };

  document.querySelector("form.leave")?.addEventListener("submit", forget);
  document.addEventListener("htmx:afterSettle", ({detail}) => {
    if (detail.target.id !== "main" && !detail.elt.querySelector?.("#outcome")) return;
    focusOutcome();
    keep();
  });
  bringBack();
  focusOutcome();
})();
