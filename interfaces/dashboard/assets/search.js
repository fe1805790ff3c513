"use strict";
// The one search: `/` or Ctrl-K goes to the box, what is found is shown while one types, arrows
// choose, Enter goes there, Escape closes. Without this script the box is a form.
(() => {
  const box = document.getElementById("find"), list = document.getElementById("answers");
  if (!box || !list) return;
  let chosen = -1;
  const options = () => [...list.querySelectorAll("a[role=option]")];

  const choose = number => {
    const all = options();
    all.forEach((each, place) => each.setAttribute("aria-selected", place === number));
    chosen = number;
    if (number < 0) box.removeAttribute("aria-activedescendant");
    else {
      box.setAttribute("aria-activedescendant", all[number].id);
      all[number].scrollIntoView({ block: "nearest" });
    }
  };
  const show = shown => {
    list.hidden = !shown;
    box.setAttribute("aria-expanded", shown);
    choose(-1);
  };

  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "What is found");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"],
    ["aria-controls", "answers"], ["aria-expanded", "false"]]) box.setAttribute(name, value);

  list.addEventListener("htmx:afterSwap", () => {
    show(list.textContent.trim() !== "" && box.closest("form").contains(document.activeElement));
  });
  box.addEventListener("focus", () => { if (options().length && box.value.trim()) show(true); });
  box.closest("form").addEventListener("focusout", event => {
    if (!box.closest("form").contains(event.relatedTarget)) show(false);
  });
  // A pointer that goes down on an answer must not take the focus, or the list were gone before.
  list.addEventListener("pointerdown", event => event.preventDefault());

  box.addEventListener("keydown", event => {
    const count = options().length;
    if (event.key === "Escape") {
      if (list.hidden) box.blur();
      else { event.preventDefault(); event.stopPropagation(); show(false); }
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      location.assign(options()[chosen].href);
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && count) {
      event.preventDefault();
      if (list.hidden) show(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 && step < 0 ? count - 1 : (chosen + step + count) % count);
    }
  });

  addEventListener("keydown", event => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const writes = event.target.closest?.("input, textarea, select, [contenteditable]");
    const wanted = (event.key === "/" && plain && !writes)
      || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey);
    if (!wanted) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  addEventListener("pageshow", () => show(false));
})();
