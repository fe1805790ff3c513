"use strict";
// Keys for what is done often; the page lists them under "?". None is taken while one is writing.
(() => {
  const show = id => document.getElementById(id)?.togglePopover?.();
  const follow = selector => document.querySelector(selector)?.click();
  const isWriting = element => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  let goes = false;

  const rows = () => [...document.querySelectorAll("main tbody tr")]
    .map(row => row.querySelector("a, input, button")).filter(Boolean);
  const move = by => {
    const all = rows();
    const at = all.findIndex(each => each.closest("tr").contains(document.activeElement));
    all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by]?.focus();
  };
  const filter = () => document.querySelector("main .filters input:not([type=hidden]), main input[type=search]")?.focus();

  const KEYS = {
    "?": () => show("keys"), f: filter, j: () => move(1), k: () => move(-1),
    n: () => follow("main a[rel=next]"), d: () => show("days"), "0": () => follow("a.now"),
  };

  document.addEventListener("keydown", event => {
    const {key, target} = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const button = document.querySelector("main button[value=apply]") ?? document.querySelector("main button[value=try]");
      if (button) { event.preventDefault(); button.click(); }
      return;
    }
    if (key === "Escape" && isWriting(target)) { target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(target)) return;
    const went = goes;
    goes = key === "g" && !went;
    if (goes) { setTimeout(() => { goes = false; }, 1500); return; }
    const act = went ? () => follow(`nav [data-key="${CSS.escape(key)}"]`) : KEYS[key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // What was typed before the scripts were there is taken as if it were typed now. The others
  // listen from this event on, and their listeners were added first.
  document.addEventListener("DOMContentLoaded", () => {
    const {activeElement: field} = document;
    if (field.matches("main input") && field.value !== field.defaultValue)
      field.dispatchEvent(new Event("input", {bubbles: true}));
  });
})();
