"use strict";
// Keeps the page of events current: the stream of Server-Sent Events says that there is something
// new, and the rows come from the server like all others.
(() => {
  const said = document.querySelector("[data-live]");
  if (!said || !window.EventSource) return;
  const body = document.getElementById("events");
  let newest = Number(said.dataset.after), asking = false, wanted = newest;

  const ask = async () => {
    if (asking || wanted <= newest) return;
    asking = true;
    const url = new URL(said.dataset.newer, location.href);
    url.searchParams.set("above", newest);
    url.searchParams.set("recorded", wanted);
    try {
      const answer = await fetch(url);
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const rows = [...page.querySelectorAll("#events tr:not(.none)")];
        newest = Number(page.querySelector("[data-live]").dataset.after);
        rows.forEach(row => row.classList.add("fresh"));
        if (rows.length) body.querySelector(".none")?.remove();
        body.prepend(...rows);
        while (body.rows.length > 500) body.lastElementChild.remove();
      }
    } finally { asking = false; }
    if (wanted > newest) setTimeout(ask, 200);
  };

  const source = new EventSource(`${said.dataset.live}?after=${newest}`);
  source.onopen = () => { said.textContent = "Live: new events appear by themselves."; };
  source.onerror = () => { said.textContent = "The live stream is interrupted; trying again."; };
  source.onmessage = message => {
    const position = Number(message.lastEventId);
    if (position > wanted) wanted = position;
    setTimeout(ask, 50);
  };
  addEventListener("pagehide", () => source.close());
})();
