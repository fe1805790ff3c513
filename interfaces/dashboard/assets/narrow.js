"use strict";
// Tables of pages that do not label their cells themselves: on a phone each row is a card, and a
// cell shows the heading of its column (class "stacks" in dashboard.css).
(() => {
  const label = table => {
    const headings = [...table.tHead.rows[0].cells];
    if (headings.some(each => each.colSpan > 1)) return;
    for (const body of table.tBodies)
      for (const row of body.rows)
        if (row.cells.length === headings.length)
          [...row.cells].forEach((cell, at) => {
            if (!("label" in cell.dataset)) cell.dataset.label = headings[at].textContent.trim();
          });
    table.classList.add("stacks");
  };
  const labelAll = () => document.querySelectorAll(".scroll > table").forEach(table => {
    if (table.tHead?.rows.length === 1 && !table.querySelector("tbody th")) label(table);
  });
  labelAll();
  document.addEventListener("htmx:afterSettle", labelAll);
})();
