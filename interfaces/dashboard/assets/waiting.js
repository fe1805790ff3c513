"use strict";
// Says in words what is going on: a slow answer, a slow database, no connection. A form is sent
// once, however often its button is pressed.
(() => {
  const state = document.getElementById("state");
  const SOON = 700, LONG = 5000;
  let timers = [];

  const say = text => { state.textContent = text; state.hidden = !text; };
  const stop = () => { timers.forEach(clearTimeout); timers = []; say(""); };
  const wait = what => {
    stop();
    timers = [
      setTimeout(say, SOON, `${what} …`),
      setTimeout(say, LONG, `${what} … The database is slow to answer; this goes on.`),
    ];
  };
  const said = form => form?.dataset.busy
    ?? (form?.method === "post" ? "Trying it out, nothing is recorded yet" : "Looking it up");

  document.addEventListener("submit", event => {
    const form = event.target;
    if (event.defaultPrevented || form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
    if (form.ariaBusy === "true") { event.preventDefault(); return; }
    if (form.method === "post") form.ariaBusy = "true";
    wait(said(form));
  });
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[href]");
    const isPlain = !event.defaultPrevented && !event.button
      && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || link.target || link.hasAttribute("hx-get")) return;
    const to = new URL(link.href);
    const isPage = !to.searchParams.has("format") && to.pathname + to.search !== location.pathname + location.search;
    if (isPage && to.origin === location.origin) wait("Looking it up");
  });

  document.addEventListener("htmx:beforeRequest", ({detail}) => {
    const button = detail.requestConfig?.triggeringEvent?.submitter;
    const applies = button?.value === "apply";
    wait(applies ? "Recording" : said(detail.elt.closest("form")));
  });
  document.addEventListener("htmx:afterRequest", ({detail}) => { if (!detail.failed || detail.xhr?.status) stop(); });
  document.addEventListener("htmx:sendError", ({detail}) => {
    stop();
    const wrote = detail.requestConfig?.verb === "post";
    say(navigator.onLine ? "The service did not answer. " : "You are offline. ");
    state.textContent += wrote
      ? "Send it again: what was recorded already is not recorded twice."
      : "What you see is as it was; try again in a moment.";
  });

  const offline = () => say("You are offline: what you see is as it was when it was loaded.");
  addEventListener("offline", offline);
  addEventListener("online", stop);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", () => {
    stop();
    document.querySelectorAll("form[aria-busy]").forEach(form => { form.ariaBusy = null; });
    if (!navigator.onLine) offline();
  });
})();
