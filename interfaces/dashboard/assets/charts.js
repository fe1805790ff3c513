"use strict";
// Draws the charts of a page with uPlot from the JSON of their addresses. Without it the tables
// below each chart say the same.
(() => {
  const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const seconds = text => Date.parse(text) / 1000;
  const DAY = 86400;
  const written = value => value == null ? "–"
    : value.toLocaleString("en").replaceAll(",", "\u202f").replace("-", "\u2212");
  const clear = node => { while (node.firstChild) node.removeChild(node.firstChild); };

  const element = (name, parent, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    parent.append(made);
    return made;
  };

  // Fills what lies below a line of the y axis and nothing above it.
  const below = (level, shade) => u => {
    const height = u.bbox.height, y = u.valToPos(level, "y", true) - u.bbox.top;
    if (![y, height, u.bbox.top].every(Number.isFinite)) return "transparent";
    const at = Math.min(Math.max(y / height, 0), 1);
    const gradient = u.ctx.createLinearGradient(0, u.bbox.top, 0, u.bbox.top + height);
    gradient.addColorStop(0, "transparent");
    gradient.addColorStop(at, "transparent");
    gradient.addColorStop(at, shade);
    gradient.addColorStop(1, shade);
    return gradient;
  };

  const stepped = uPlot.paths.stepped({ align: 1 });

  const stock = found => {
    const now = seconds(found.today);
    const last = found.on_hand.length ? seconds(found.on_hand.at(-1)[0]) : now;
    const until = Math.max(now, last);
    const past = points => {
      const xs = points.map(([moment]) => seconds(moment)), ys = points.map(([, y]) => y);
      if (xs.length && xs.at(-1) < until) { xs.push(until); ys.push(ys.at(-1)); }
      return [xs, ys];
    };
    const days = new Map([[until, found.supply]]);
    for (const row of found.expected) days.set(Math.max(seconds(row.date), until), row.balance);
    const end = Math.max(...days.keys());
    const first = found.on_hand.length ? seconds(found.on_hand[0][0]) : until - DAY;
    days.set(end + Math.max((end - first) * .04, DAY), [...days.values()].at(-1));
    const expected = [[...days.keys()], [...days.values()]];
    const data = uPlot.join([past(found.on_hand), past(found.available), expected]);
    const level = value => data[0].map(() => value);
    const series = [
      { label: "On hand", stroke: color("--ink"), width: 2, paths: stepped, spanGaps: true },
      { label: "Available (supply minus demand)", stroke: color("--second"), width: 1.5,
        paths: stepped, spanGaps: true, fill: below(0, color("--short-shade")), fillTo: 0 },
      { label: "Expected", stroke: color("--accent"), width: 2, dash: [6, 4], paths: stepped,
        spanGaps: true, fill: below(0, color("--short-shade")), fillTo: 0 },
    ];
    if (!found.unlimited) {
      series.push({ label: "Out of stock at", level: found.out_of_stock_threshold,
        stroke: color("--quiet"), width: 1, dash: [2, 3] });
      data.push(level(found.out_of_stock_threshold));
    }
    if (!found.unlimited) {
      series.push({ label: "Low-stock notice at", level: found.out_of_stock_threshold + found.notify_below,
        stroke: color("--past-line"), width: 1, dash: [2, 3] });
      data.push(level(found.out_of_stock_threshold + found.notify_below));
    }
    return { data, series, today: until, stepped: [1, 2, 3],
      nothing: !found.on_hand.length && !found.expected.length };
  };

  const backlog = found => {
    const xs = found.rows.map(row => seconds(row.date));
    const ys = found.rows.map(row => row.backordered);
    const now = Math.floor(Date.now() / 1000 / DAY) * DAY;
    if (xs.length && xs.at(-1) < now && !location.search.includes("as_of")) {
      xs.push(now); ys.push(ys.at(-1));
    }
    // Before the first day nothing was backordered; of one point alone there is no axis to draw.
    if (xs.length === 1) { xs.unshift(xs[0] - DAY); ys.unshift(0); }
    return { data: [xs, ys], stepped: [1], nothing: !ys.some(y => y > 0), series: [
      { label: "Backordered units", stroke: color("--short"), width: 2, paths: stepped,
        fill: color("--short-shade"), fillTo: 0 } ] };
  };

  const kinds = { stock, backlog };

  // From this distance of ticks on (seconds): the text of a tick, and what a new year or day adds.
  const dates = [
    [365 * DAY, "{YYYY}", null, null, null, null, null, null, 1],
    [28 * DAY, "{YYYY}-{MM}", null, null, null, null, null, null, 1],
    [DAY, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
    [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
    [0.001, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  ];

  const today = at => ({ hooks: { draw: [u => {
    if (at == null) return;
    const x = Math.round(u.valToPos(at, "x", true));
    if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
    const { ctx } = u;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = color("--quiet");
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath(); ctx.moveTo(x, u.bbox.top); ctx.lineTo(x, u.bbox.top + u.bbox.height); ctx.stroke();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "right"; ctx.textBaseline = "top";
    ctx.fillText("today", x - 4 * devicePixelRatio, u.bbox.top + 2);
    ctx.restore();
  }] } });

  const tooltip = (box, steppedAt) => {
    const tip = element("div", box, "", "tip");
    tip.hidden = true;
    const value = (u, number, index) => {
      const row = u.data[number];
      if (!steppedAt.includes(number)) return row[index];
      const end = row.findLastIndex(y => y != null);
      if (index > end) return null;
      while (index > 0 && row[index] == null) index--;
      return row[index];
    };
    return { hooks: {
      setCursor: [u => {
        const index = u.cursor.idx;
        if (index == null || u.cursor.left < 0) { tip.hidden = true; return; }
        const moment = new Date(u.data[0][index] * 1000).toISOString();
        const lines = [moment.endsWith("00:00:00.000Z") ? moment.slice(0, 10)
          : moment.slice(0, 16).replace("T", " ")];
        u.series.slice(1).forEach((each, at) => {
          const y = value(u, at + 1, index);
          if (y != null) lines.push(`${each.label}: ${written(y)}`);
        });
        tip.textContent = lines.join("\n");
        tip.hidden = false;
        const left = u.over.offsetLeft + u.root.offsetLeft + u.cursor.left;
        tip.style.left = `${Math.max(4, left > box.clientWidth / 2 ? left - tip.offsetWidth - 12 : left + 12)}px`;
        tip.style.top = `${u.over.offsetTop + u.root.offsetTop + 8}px`;
      }],
    } };
  };

  const draw = (box, found) => {
    clear(box);
    const chart = kinds[box.dataset.chart](found);
    if (chart.nothing) {
      element("p", box, box.dataset.nothing, "calm");
      box.dataset.drawn = "empty";
      return;
    }
    const key = element("ul", box, "", "chart-key");
    for (const each of chart.series) {
      const item = element("li", key);
      const mark = element("i", item, "", each.dash ? "dashed" : "");
      mark.style.borderColor = each.stroke;
      item.append(each.level == null ? each.label : `${each.label} ${written(each.level)}`);
    }
    const reset = element("button", box, "See all", "reset");
    reset.type = "button"; reset.hidden = true;
    const full = [chart.data[0][0], chart.data[0].at(-1)];
    const axis = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 },
      ticks: { stroke: color("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
    const height = box.classList.contains("tall") ? 280 : 150;
    const u = new uPlot({
      width: box.clientWidth - 28, height, series: [{}, ...chart.series.map(each => ({
        ...each, points: { show: false } }))],
      tzDate: at => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      scales: { y: { range: (_, low, high) => {
        const [from, to] = [Math.min(low ?? 0, 0), Math.max(high ?? 1, 1)];
        return [from < 0 ? from - (to - from) * .06 : 0, to + (to - from) * .06];
      } } },
      axes: [{ ...axis, values: dates }, { ...axis, size: 62, values: (_, ticks) => ticks.map(written) }],
      cursor: { drag: { x: true, y: false }, points: { size: 7 } },
      plugins: [today(chart.today), tooltip(box, chart.stepped)],
      hooks: { setScale: [(it, name) => {
        if (name === "x") reset.hidden = it.scales.x.min <= full[0] && it.scales.x.max >= full[1];
      }] },
    }, chart.data, box);
    u.root.setAttribute("role", "img");
    u.root.setAttribute("aria-label", box.dataset.label);
    reset.addEventListener("click", () => u.setScale("x", { min: full[0], max: full[1] }));
    new ResizeObserver(() => {
      if (u.width !== box.clientWidth - 28) u.setSize({ width: box.clientWidth - 28, height });
    }).observe(box);
    box.dataset.drawn = "yes";
  };

  const begin = async box => {
    if (box.dataset.asked) return;
    box.dataset.asked = "yes";
    const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
    if (!answer.ok) { box.textContent = "The chart could not be loaded."; return; }
    const found = await answer.json();
    draw(box, found);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(box, found));
  };

  const all = () => document.querySelectorAll("[data-chart]").forEach(begin);
  all();
  document.addEventListener("htmx:afterSettle", all);
})();
