// charts.js — draws what a page describes: points and lines over linear or logarithmic axes, and
// whatever else has a maker. Colours come from the page's CSS, so they follow its theme.
// A description: {type, x, y, series}; see figures.cpp, which writes them.
"use strict";

const charts = (() => {
  const PREFIXES = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""],
    [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"], [1e-12, "p"]];

  const PAPER_WIDTH = 680;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const digits = (value, count) => String(Number(value.toPrecision(count)));

  /** A number as a person reads it in this unit: "56.5 GFLOP/s", "3.4e-4", "2 ms", "12 %". */
  function quantity(value, unit) {
    if (!Number.isFinite(value)) return "–";
    if (unit === "%") return digits(value * 100, 3) + " %";
    if (unit === "ratio") return value === 0 ? "0" : value.toExponential(1);
    if (unit === "times") return digits(value, 4) + "×";
    if (!unit) return digits(value, 4);
    if (value === 0) return "0 " + unit;
    const [size, prefix] = PREFIXES.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
    return digits(value / size, 3) + " " + prefix + unit;
  }

  /** On a logarithmic axis only 1, 2 and 5 of a decade, or its ones where there are many. */
  function isLogTick(value, axis) {
    const decades = Math.log10(axis.max / axis.min);
    const lead = Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
    return lead === 1 || (decades <= 2.5 && (lead === 2 || lead === 5));
  }

  function scale(axis) {
    const soft = colour("--soft");
    const options = {
      type: axis.log ? "logarithmic" : "linear",
      title: {display: true, text: axis.title, color: soft},
      grid: {color: colour("--line"), borderColor: colour("--line")},
      ticks: {
        color: soft, maxRotation: 0, autoSkipPadding: 12,
        callback(value) {
          const shown = !axis.log || axis.ticks || isLogTick(value, this);
          return shown ? quantity(value, axis.unit) : null;
        },
      },
    };
    if (axis.log && !axis.ticks) options.grid.color = (line) =>
      line.tick && isLogTick(line.tick.value, line.chart.scales[line.scale?.id ?? "y"] ?? line.scale)
        ? colour("--line") : "transparent";
    if (axis.ticks) {
      options.afterBuildTicks = (built) => {
        built.ticks = axis.ticks.map((value) => ({value}));
      };
      options.min = axis.ticks[0] / 1.25;
      options.max = axis.ticks[axis.ticks.length - 1] * 1.25;
    }
    for (const bound of ["min", "max"]) if (axis[bound] !== undefined) options[bound] = axis[bound];
    return options;
  }

  const POINTS = ["circle", "rectRot", "triangle", "rect", "cross", "star", "crossRot", "circle"];

  function lineSet(series) {
    const own = series.colour === "peak" ? colour("--peak") : colour("--c" + (series.colour % 8));
    const dashed = series.style === "dashed";
    return {
      type: "line", label: series.name, data: series.points.map(([x, y]) => ({x, y})),
      borderColor: own, backgroundColor: own, pointStyle: dashed ? "line" : POINTS[series.colour % 8],
      borderDash: dashed ? [6, 4] : [], borderWidth: dashed ? 1.5 : 2,
      showLine: series.style !== "points", pointRadius: dashed ? 0 : series.radius ?? 4,
      pointHoverRadius: dashed ? 0 : 6, pointHitRadius: 6, tension: 0,
    };
  }

  function common(spec) {
    return {
      animation: false, responsive: true, maintainAspectRatio: false,
      plugins: {
        legend: {
          display: spec.legend !== false, position: "bottom",
          labels: {color: colour("--text"), usePointStyle: true, boxHeight: 7, boxWidth: 7,
            padding: 14},
        },
        tooltip: {callbacks: {}},
      },
    };
  }

  function xyChart(spec) {
    const options = common(spec);
    options.scales = {x: scale(spec.x), y: scale(spec.y)};
    options.interaction = {mode: "nearest", intersect: true};
    options.plugins.tooltip.callbacks.label = (item) => item.dataset.label + ": " +
      quantity(item.parsed.y, spec.y.unit) + " at " + quantity(item.parsed.x, spec.x.unit);
    options.plugins.tooltip.callbacks.title = () => "";
    return {type: "line", data: {datasets: spec.series.map(lineSet)}, options};
  }

  function shortened(name, width) {
    const most = Math.max(14, Math.floor(width / 17));
    return name.length <= most ? name : "…" + name.slice(name.length - most + 1);
  }

  /** By type, from a description and the width that there is; pictures.js has more of them. */
  const makers = {xy: xyChart};

  /** `paper`: as wide as A4 has room for, whatever the window is. */
  function draw(figure, paper) {
    const canvas = figure.querySelector("canvas");
    const spec = JSON.parse(figure.querySelector("script").textContent);
    Chart.getChart(canvas)?.destroy();
    const box = canvas.parentElement.style;
    box.width = paper ? PAPER_WIDTH + "px" : "";
    const made = makers[spec.type](spec, paper ? PAPER_WIDTH : canvas.parentElement.clientWidth);
    box.height = made.height ? made.height + "px" : paper ? "250px" : "";
    if (paper) Object.assign(made.options, {responsive: false, devicePixelRatio: 2});
    if (paper) [canvas.width, canvas.height] = [PAPER_WIDTH, canvas.parentElement.clientHeight];
    return new Chart(canvas, made);
  }

  return {draw, makers, quantity, colour, scale, common, shortened};
})();
