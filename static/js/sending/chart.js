// The rate of a batch over time: asks for its numbers while the batch lives, and draws them.
(() => {
  const COLOURS = ["--chart-accepted", "--chart-delivered", "--chart-read", "--chart-failed"];
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#777";
  // As all pages write times: app.js.
  const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
  const minute = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const named = (plot, at, axis, space, step) => at.map((each) => (step < 60 ? time : step < 86400 ? minute : day).format(new Date(each * 1000)));
  const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

  function options(box, names) {
    const axis = { stroke: () => colour("--ink-2"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false } };
    const series = names.map((name, at) => ({
      label: name, stroke: () => colour(COLOURS[at]), width: 2, points: { show: false },
      paths: uPlot.paths.stepped({ align: 1 }),
      value: (plot, rate) => (rate == null ? "–" : `${number.format(rate)}/s`),
    }));
    return {
      width: box.clientWidth, height: 220, padding: [null, 36, null, null], legend: { live: true }, cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (plot, least, most) => [0, Math.max(1, most * 1.1)] } },
      axes: [{ ...axis, size: 32, space: 96, values: named }, { ...axis, size: 56, values: (plot, values) => values.map((value) => `${number.format(value)}/s`) }],
      series: [{ value: (plot, at) => (at == null ? "–" : full.format(new Date(at * 1000))) }, ...series],
    };
  }

  function draw(box, found) {
    const times = found.rates[0].map((rate, at) => found.start + at * found.bucket);
    const data = [times, ...found.rates.map((rates) => (rates.some(Boolean) ? rates : rates.map(() => null)))];
    if (box.plot) box.plot.setData(data);
    else box.plot = new uPlot(options(box, found.names), data, box);
    const most = Math.max(...found.rates[0]);
    const at = times[found.rates[0].indexOf(most)];
    box.setAttribute("aria-label", `Messages a second over time. At most ${number.format(most)} accepted a second, at ${time.format(new Date(at * 1000))}.`);
    box.dataset.drawn = times.length;
  }

  async function look(box) {
    try {
      const answer = await fetch(box.dataset.chart, { headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : null;
      box.closest("[data-chart-card]").hidden = !found?.rates; // before drawing: what is hidden has no width
      if (found?.rates) draw(box, found);
    } catch {
      // The page says itself when the server is away; the next look may find it again.
    }
  }

  function follow(box) {
    look(box);
    setInterval(() => {
      if (document.visibilityState === "visible" && document.querySelector("#batch[hx-get]")) look(box);
    }, Number(box.dataset.every) * 1000);
    new ResizeObserver(() => box.plot?.setSize({ width: box.clientWidth, height: 220 })).observe(box.parentElement);
    new MutationObserver(() => box.plot?.redraw()).observe(document.documentElement, { attributes: true });
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-chart]").forEach(follow));
})();
