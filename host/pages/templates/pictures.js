// pictures.js — the pictures of a report that are no plain lines: spreads of samples, samples beside
// what the device told of itself, maps of errors. Adds its makers to those of charts.js.
// Descriptions: spread_figure.cpp, course_figure.cpp and error_map_figure.cpp write them.
"use strict";

(() => {
  const {colour, common, quantity, scale, shortened} = charts;

  /** An entry of the legend that has no points of its own. */
  const legendOnly = (label, pointStyle, tone) =>
    ({label, pointStyle, backgroundColor: tone, borderColor: tone, data: []});

  /** `draw` is called below the points, and cannot draw outside of the axes. */
  const below = (draw) => ({
    id: "below",
    beforeDatasetsDraw(chart) {
      const {ctx, chartArea: area} = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.width, area.height);
      ctx.clip();
      draw(chart, ctx, area);
      ctx.restore();
    },
  });

  // --- Spread of samples: a row for each case

  const ROW_HEIGHT = 26, GOLDEN = 0.618034;

  /** The same place for the same sample each time, so that dots of one value lie beside each other. */
  const jitter = (i) => (i * GOLDEN % 1 - 0.5) * 0.62;

  function drawBoxes(spec, chart, ctx) {
    const {x, y} = chart.scales;
    spec.rows.forEach((row, i) => {
      const at = (name) => x.getPixelForValue(row[name] / row.median);
      const middle = y.getPixelForValue(i);
      ctx.fillStyle = colour("--c5");
      ctx.fillRect(at("p05"), middle - 1, Math.max(1, at("p95") - at("p05")), 2);
      ctx.fillStyle = ctx.strokeStyle = colour("--c1");
      ctx.globalAlpha = 0.25;
      ctx.fillRect(at("p25"), middle - 7, Math.max(1, at("p75") - at("p25")), 14);
      ctx.globalAlpha = 1;
      ctx.strokeRect(at("p25"), middle - 7, Math.max(1, at("p75") - at("p25")), 14);
      ctx.fillRect(at("median") - 1, middle - 10, 2, 20);
    });
  }

  /** A quantile farther from the median is of a damaged table, and no end of an axis. */
  const FARTHEST = 1e9;

  function spreadChart(spec) {
    const options = common(spec);
    const {rows} = spec;
    options.scales = {
      x: scale(spec.x),
      y: {
        type: "linear", reverse: true, min: -0.6, max: rows.length - 0.4,
        grid: {display: false, borderColor: colour("--line")},
        afterBuildTicks: (built) => { built.ticks = rows.map((row, value) => ({value})); },
        ticks: {color: colour("--text"), autoSkip: false,
          callback(value) { return shortened(rows[value].name, this.chart.width); }},
      },
    };
    const ends = [1, ...rows.flatMap((row) => [row.p05 / row.median, row.p95 / row.median, ...row.dots])
      .filter((x) => x > 1 / FARTHEST && x < FARTHEST)];
    Object.assign(options.scales.x, spec.x.log
      ? {min: Math.min(...ends) / 1.05, max: Math.max(...ends) * 1.05}
      : {beginAtZero: false, grace: "4%", suggestedMin: Math.min(...ends), suggestedMax: Math.max(...ends)});
    options.plugins.tooltip.callbacks = {
      title: () => "",
      label: ({raw}) => rows[raw.row].name + ": " + quantity(raw.x * rows[raw.row].median, "s") + ", " +
        quantity(raw.x, "times") + " of its median",
    };
    const tone = colour("--c0");
    const dots = {
      label: "sample", backgroundColor: tone + "99", borderWidth: 0, pointRadius: 2, pointHoverRadius: 5,
      data: rows.flatMap((row, place) => row.dots.map((x, i) => ({x, y: place + jitter(i), row: place}))),
    };
    return {
      type: "scatter", height: 110 + rows.length * ROW_HEIGHT, options,
      data: {datasets: [dots, legendOnly("middle half, median", "rect", colour("--c1")),
        legendOnly("5 to 95 %", "line", colour("--c5"))]},
      plugins: [below((chart, ctx) => drawBoxes(spec, chart, ctx))],
    };
  }

  // --- Samples over time, with what the device told of itself below

  // Chart.js leaves axes of a stack too little room where there is little at all.
  const FIRST_PANEL = 190, NEXT_PANEL = 86, AXIS_WIDTH = 72;

  /** Grey with strokes through it: told from the ground without any colour. */
  function hatch(ctx, left, top, width, height) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    ctx.fillStyle = ctx.strokeStyle = colour("--soft");
    ctx.globalAlpha = 0.16;
    ctx.fillRect(left, top, width, height);
    ctx.globalAlpha = 0.45;
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (let at = left - height; at < left + width; at += 8) {
      ctx.moveTo(at, top + height);
      ctx.lineTo(at + height, top);
    }
    ctx.stroke();
    ctx.restore();
  }

  function drawBands(spec, chart, ctx, area) {
    const {x} = chart.scales;
    for (const [begin, end] of spec.bands) {
      const left = x.getPixelForValue(begin);
      hatch(ctx, left, area.top, Math.max(2, x.getPixelForValue(end) - left), area.height);
    }
  }

  function courseChart(spec) {
    const options = common(spec);
    options.scales = {x: scale(spec.x)};
    const times = spec.panels.flatMap((panel) => panel.points.map(([x]) => x));
    Object.assign(options.scales.x, {min: Math.min(0, ...times), max: Math.max(...times)});
    const datasets = spec.panels.map((panel, place) => {
      const tone = colour("--c" + place);
      options.scales["y" + place] = Object.assign(scale({title: panel.name, unit: panel.unit}), {
        // The last of a stack stands on top.
        weight: -place, stack: "panels", stackWeight: place === 0 ? FIRST_PANEL : NEXT_PANEL, offset: true,
        grace: "10%", afterFit: (axis) => { axis.width = AXIS_WIDTH; },
      });
      options.scales["y" + place].ticks.maxTicksLimit = place === 0 ? 7 : 4;
      return {
        label: panel.name, yAxisID: "y" + place, data: panel.points.map(([x, y]) => ({x, y})),
        backgroundColor: tone, borderColor: tone, borderWidth: 1.5, tension: 0, showLine: place > 0,
        pointRadius: place === 0 ? 2 : panel.points.length > 60 ? 0 : 2, pointHitRadius: 6,
        pointStyle: ["circle", "rectRot", "triangle", "rect"][place],
      };
    });
    if (spec.bands.length) datasets.push(legendOnly("clock held down", "rect", colour("--soft")));
    options.plugins.tooltip.callbacks = {
      title: () => "",
      label: (item) => item.dataset.label + ": " + quantity(item.parsed.y, spec.panels[item.datasetIndex].unit) +
        " at " + quantity(item.parsed.x, "s"),
    };
    return {
      type: "line", height: 110 + FIRST_PANEL + (spec.panels.length - 1) * NEXT_PANEL, options, data: {datasets},
      plugins: [below((chart, ctx, area) => drawBands(spec, chart, ctx, area))],
    };
  }

  // --- Map of errors

  // Magma: its lightness grows evenly, for every kind of sight and in print.
  const MAGMA = [[0, 0, 4], [28, 16, 68], [79, 18, 123], [129, 37, 129], [181, 54, 122], [229, 80, 100],
    [251, 135, 97], [254, 194, 135], [252, 253, 191]];
  const LEGEND = 62, MOST_DECADES = 6;

  const isDark = () => getComputedStyle(document.documentElement).colorScheme.startsWith("dark");

  /** `share` from 0 to 1; the worst stands out most from the ground. */
  function heatColour(share, dark) {
    const at = (dark ? share : 1 - share) * (MAGMA.length - 1);
    const low = MAGMA[Math.floor(at)], high = MAGMA[Math.ceil(at)];
    return low.map((value, i) => Math.round(value + (high[i] - value) * (at % 1)));
  }

  /** Black or white, whichever is seen better on it. */
  const inkOn = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b > 128 ? "#000" : "#fff";

  function range(values) {
    const known = values.filter((value) => value > 0);
    const high = Math.max(1, ...known);
    const low = Math.max(Math.min(high / 10, ...known), high / 10 ** MOST_DECADES);
    return {low, high, share: (value) => Math.min(1, Math.max(0, Math.log(value / low) / Math.log(high / low)))};
  }

  function strokes(ctx, left, top, width, height, crossed) {
    ctx.beginPath();
    ctx.moveTo(left + 1, top + height - 1);
    ctx.lineTo(left + width - 1, top + 1);
    if (crossed) {
      ctx.moveTo(left + 1, top + 1);
      ctx.lineTo(left + width - 1, top + height - 1);
    }
    ctx.stroke();
  }

  /** One cell, or the sample of it in the legend. */
  function drawCell(ctx, {left, top, width, height}, share, kind, dark) {
    const fill = kind === "nonfinite" ? null : heatColour(share, dark);
    ctx.fillStyle = fill ? `rgb(${fill.join(",")})` : colour("--ground");
    ctx.fillRect(left, top, width, height);
    ctx.strokeStyle = fill ? inkOn(fill) : colour("--text");
    ctx.lineWidth = width > 6 ? 1.2 : 0.8;
    if (kind !== "within") strokes(ctx, left, top, width, height, kind === "nonfinite");
  }

  function cellsOf(spec) {
    const columns = spec.columns.length - 1;
    return spec.bound_ratio.map((ratio, i) => {
      const row = Math.floor(i / columns), column = i % columns;
      return {
        ratio, error: spec.max_abs_err[i], nonfinite: spec.nonfinite[i],
        rows: [spec.rows[row], spec.rows[row + 1]], columns: [spec.columns[column], spec.columns[column + 1]],
        kind: spec.nonfinite[i] > 0 ? "nonfinite" : ratio > 1 ? "beyond" : "within",
      };
    }).filter(({ratio, nonfinite}) => ratio !== null || nonfinite > 0);
  }

  const stretch = ([begin, end]) => end - begin === 1 ? String(begin) : `${begin} to ${end - 1}`;

  function cellText({rows, columns, ratio, error, nonfinite}) {
    return `rows ${stretch(rows)}, columns ${stretch(columns)}: ` + (nonfinite > 0 ? `${nonfinite} not finite, ` : "") +
      quantity(ratio ?? NaN, "times") + " its tolerance, error " + quantity(error ?? NaN, "ratio");
  }

  function worse(a, b) {
    const none = (b.nonfinite > 0) - (a.nonfinite > 0);
    return none || (b.ratio ?? -1) - (a.ratio ?? -1);
  }

  function drawMap(cells, shares, chart, ctx) {
    const {x, y} = chart.scales, dark = isDark();
    const boxOf = ({rows, columns}) => {
      const [left, right] = columns.map((value) => Math.round(x.getPixelForValue(value)));
      const [top, bottom] = rows.map((value) => Math.round(y.getPixelForValue(value)));
      return {left, top, width: right - left, height: bottom - top};
    };
    for (const cell of cells) drawCell(ctx, boxOf(cell), shares.share(cell.ratio ?? 0), cell.kind, dark);
    const {left, top, width, height} = boxOf([...cells].sort(worse)[0]);
    ctx.lineWidth = 2;
    ctx.strokeStyle = colour("--bad");
    ctx.strokeRect(left - 1, top - 1, width + 2, height + 2);
  }

  /** Colours with what they stand for, and the marks that need none. */
  function drawHeatLegend(shares, chart) {
    const {ctx, chartArea: area, scales: {x}} = chart;
    const dark = isDark(), top = x.bottom + 6, width = Math.min(260, area.width);
    ctx.save();
    for (let i = 0; i < width; ++i) {
      ctx.fillStyle = `rgb(${heatColour(i / width, dark).join(",")})`;
      ctx.fillRect(area.left + i, top, 1.5, 10);
    }
    ctx.fillStyle = ctx.strokeStyle = colour("--text");
    ctx.font = "11px sans-serif";
    ctx.textAlign = "center";
    const first = Math.ceil(Math.log10(shares.low) - 1e-9), last = Math.floor(Math.log10(shares.high) + 1e-9);
    const step = Math.max(1, Math.ceil((last - first + 1) / (width / 45)));
    for (let decade = first; decade <= last; decade += step) {
      const at = area.left + shares.share(10 ** decade) * width;
      ctx.fillRect(at, top + 10, 1, 3);
      ctx.fillText(quantity(10 ** decade, "times"), at, top + 24);
    }
    ctx.textAlign = "left";
    let left = area.left;
    for (const [kind, text] of [["beyond", "beyond tolerance"], ["nonfinite", "not finite or never written"]]) {
      drawCell(ctx, {left, top: top + 34, width: 12, height: 12}, 1, kind, dark);
      ctx.strokeStyle = colour("--soft");
      ctx.strokeRect(left, top + 34, 12, 12);
      ctx.fillStyle = colour("--text");
      ctx.fillText(text, left + 17, top + 44);
      left += 17 + ctx.measureText(text).width + 14;
    }
    ctx.restore();
  }

  function edgeAxis(title, edges, more) {
    const axis = scale({title, unit: ""});
    const step = Math.max(1, Math.ceil((edges.length - 1) / 8));
    axis.afterBuildTicks = (built) => {
      built.ticks = edges.filter((edge, i) => i % step === 0).map((value) => ({value}));
    };
    axis.ticks.callback = (value) => String(value);
    axis.grid.display = false;
    return Object.assign(axis, {type: "linear", min: edges[0], max: edges[edges.length - 1]}, more);
  }

  function heatChart(spec, width) {
    const cells = cellsOf(spec), shares = range(cells.map(({ratio}) => ratio));
    const options = common(spec);
    options.plugins.legend.display = false;
    options.layout = {padding: {bottom: LEGEND}};
    options.scales = {x: edgeAxis("column", spec.columns), y: edgeAxis("row", spec.rows, {reverse: true})};
    options.interaction = {mode: "nearest", intersect: false};
    options.plugins.tooltip.callbacks = {title: () => "", label: ({raw}) => cellText(raw.cell)};
    const middle = ([begin, end]) => (begin + end) / 2;
    const data = cells.map((cell) => ({x: middle(cell.columns), y: middle(cell.rows), cell}));
    const high = spec.rows[spec.rows.length - 1] - spec.rows[0], wide = spec.columns[spec.columns.length - 1];
    return {
      type: "scatter", options, data: {datasets: [{data, pointRadius: 0, pointHoverRadius: 0}]},
      height: Math.min(420, Math.max(160, Math.round((width - 80) * high / wide))) + LEGEND + 60,
      plugins: [below((chart, ctx) => drawMap(cells, shares, chart, ctx)),
        {id: "key", afterDraw: (chart) => drawHeatLegend(shares, chart)}],
    };
  }

  Object.assign(charts.makers, {spread: spreadChart, course: courseChart, heat: heatChart});
})();
