// dashboard.js — filters, the list of series, lines over time, and the facts of one run. All of its
// state is in the address, after the #, so that a view can be sent on.
"use strict";

(() => {
  const {rows, facts, states, runs, changes, series} = board;
  const byKey = new Map(series.map((one) => [one.key, one]));
  const form = document.getElementById("filters");
  const FILTERS = ["device", "driver", "op", "precision", "size"];
  const METRICS = {
    throughput: {title: "Throughput", unit: "FLOP/s", of: (one, row) => one.flop / rows.seconds[row]},
    time: {title: "Median time", unit: "s", of: (one, row) => rows.seconds[row]},
    share: {title: "Share of the peak", unit: "%", of: (one, row) => rows.share[row]},
  };
  const ORDERS = {
    worst: board.worse,
    name: (a, b) => a.case < b.case ? -1 : a.case > b.case ? 1 : a.first - b.first,
    marks: (a, b) => b.marks - a.marks || board.worse(a, b),
    runs: (a, b) => b.count - a.count,
  };
  const ROWS_ON_A_PAGE = 20, MOST_LINES = 8, LINES_AT_FIRST = 4, MOST_BANDS = 3;
  const COLOURS = 8;

  let view;      // As the address says.
  let matching;  // Series that pass the filters, in order.
  let shown;     // Series that are drawn.

  // --- The address

  function readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    view = {page: Math.max(0, Number.parseInt(asked.get("page") ?? "0", 10) || 0), changed: asked.has("changed"),
      q: asked.get("q") ?? "", metric: asked.get("metric") in METRICS ? asked.get("metric") : "throughput",
      order: asked.get("order") in ORDERS ? asked.get("order") : "worst",
      series: asked.has("series") ? asked.get("series").split(".").filter((key) => byKey.has(key)) : null,
      point: asked.get("point")};
    for (const name of FILTERS) view[name] = asked.get(name) ?? "";
  }

  function writeAddress() {
    const address = new URLSearchParams();
    for (const name of [...FILTERS, "q", "point"]) if (view[name]) address.set(name, view[name]);
    if (view.metric !== "throughput") address.set("metric", view.metric);
    if (view.order !== "worst") address.set("order", view.order);
    if (view.changed) address.set("changed", "1");
    if (view.page) address.set("page", view.page);
    if (view.series) address.set("series", view.series.join("."));
    history.replaceState(null, "", "#" + address);
  }

  // --- Filters

  function fill(select, values, all) {
    const options = values.map((value) => {
      const [key, text] = Array.isArray(value) ? value : [value, value];
      return new Option(text || "(none)", key);
    });
    select.replaceChildren(...(all ? [new Option("All", "")] : []), ...options);
  }

  function fillFilters() {
    const distinct = (name) => [...new Set(series.map((one) => one[name]))].sort();
    for (const name of FILTERS) if (name !== "size") fill(form.elements[name], distinct(name), true);
    const sizes = new Map(series.map((one) => [one.size, one.side]));
    fill(form.elements.size, [...sizes].sort((a, b) => a[1] - b[1]).map(([size]) => size), true);
    fill(form.elements.metric, Object.entries(METRICS).map(([key, one]) => [key, one.title]));
    fill(form.elements.order, [["worst", "Worst first"], ["marks", "Most marks"], ["name", "By name"],
      ["runs", "Most runs"]]);
  }

  function showFilters() {
    for (const name of [...FILTERS, "q", "metric", "order"]) form.elements[name].value = view[name];
    form.elements.changed.checked = view.changed;
  }

  function passes(one) {
    return FILTERS.every((name) => !view[name] || one[name] === view[name]) &&
      (!view.q || one.case.toLowerCase().includes(view.q.toLowerCase())) &&
      (!view.changed || one.marks > 0 || one.outside || one.bad || one.imprecise);
  }

  // --- The list

  const element = (name, text, kind) => {
    const made = document.createElement(name);
    made.textContent = text ?? "";
    if (kind) made.className = kind;
    return made;
  };

  const signed = (share) => !Number.isFinite(share) ? "–"
    : (share >= 0 ? "+" : "") + (share * 100).toFixed(1) + " %";

  function changeTone(one) {
    const least = one.effect ?? 0.02;
    return one.change > least ? "bad" : one.change < -least ? "good" : "";
  }

  function stateOf(row) {
    const state = states[rows.state[row]];
    const failed = board.isBad(row);
    const words = [failed ? "failed" : state.check_status || state.status];
    if (state.status === "skipped" || state.status === "unsupported") words[0] = state.status;
    if (state.precision_verdict && state.precision_verdict !== "not_probed") words.push(state.precision_verdict);
    if (state.declared_evidence && state.declared_evidence !== "as_declared")
      words.push("declares " + state.declared_evidence);
    if (["noisy", "drifting", "short"].includes(state.timing_status)) words.push(state.timing_status);
    const tone = failed || board.isImprecise(row) ? "bad" : words.length > 1 || words[0] === "mistrusted" ? "warn" : "";
    return [words.join(", "), state.precision_verdict === "confirmed" && words.length === 2 ? "" : tone];
  }

  function seriesRow(one) {
    const row = document.createElement("tr");
    const place = shown.indexOf(one);
    row.dataset.key = one.key;
    row.setAttribute("aria-selected", String(place >= 0));
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = place >= 0;
    box.setAttribute("aria-label", "Show " + one.case + " on " + one.device);
    box.addEventListener("change", () => toggle(one));
    const first = document.createElement("td");
    first.append(box);
    if (place >= 0) {
      const swatch = element("span", "", "swatch");
      swatch.style.background = charts.colour("--c" + (place % COLOURS));
      row.style.setProperty("--own", charts.colour("--c" + (place % COLOURS)));
      first.append(swatch);
    }
    const name = element("th", one.case, "code");
    name.scope = "row";
    name.append(element("span", [one.device, one.host, one.pci].filter(Boolean).join(" · "), "where"));
    const metric = METRICS[view.metric];
    const [state, tone] = stateOf(one.last);
    const latest = one.latest > 0 ? (view.metric === "time" ? one.latest
      : view.metric === "throughput" ? one.flop / one.latest : rows.share[one.last]) : NaN;
    row.append(first, name, element("td", charts.quantity(latest, metric.unit), "number"),
      element("td", signed(one.change), "number " + changeTone(one)),
      element("td", charts.quantity(rows.error[one.last], "ratio"), "number"),
      element("td", state, "text " + tone), element("td", one.marks || "–", "number"),
      element("td", one.count, "number"));
    return row;
  }

  function showList() {
    const pages = Math.max(1, Math.ceil(matching.length / ROWS_ON_A_PAGE));
    view.page = Math.min(view.page, pages - 1);
    const part = matching.slice(view.page * ROWS_ON_A_PAGE, (view.page + 1) * ROWS_ON_A_PAGE);
    document.querySelector("#series-table tbody").replaceChildren(...part.map(seriesRow));
    document.getElementById("page-number").textContent = `Page ${view.page + 1} of ${pages}`;
    document.getElementById("previous-page").disabled = view.page === 0;
    document.getElementById("next-page").disabled = view.page === pages - 1;
    document.getElementById("found").textContent =
      `${matching.length} of ${series.length} series; ${shown.length} shown.`;
  }

  function toggle(one) {
    const keys = shown.map((other) => other.key);
    view.series = keys.includes(one.key) ? keys.filter((key) => key !== one.key)
      : [...keys, one.key].slice(-MOST_LINES);
    update();
  }

  // --- Lines

  /**
   * Points of a series; where they are more than twice as many as pixels, the lowest and the highest
   * of each stretch, and every one that is marked.
   */
  function pointsOf(one, value, width) {
    const stretch = Math.max(1, Math.floor(one.count / width));
    const points = [];
    let lastY = NaN;
    const point = (row) => {
      let y = value(one, row);
      if (Number.isFinite(y) && y > 0) lastY = y;
      else y = board.isBad(row) ? lastY : NaN;
      return {x: runs[rows.run[row]].at, y, row};
    };
    for (let begin = one.first; begin < one.first + one.count; begin += stretch) {
      const part = [];
      for (let row = begin; row < Math.min(begin + stretch, one.first + one.count); ++row) part.push(point(row));
      if (stretch === 1) { points.push(part[0]); continue; }
      const finite = part.filter(({y}) => Number.isFinite(y));
      const kept = new Set(part.filter(({row}) => changes.has(row)));
      if (finite.length) {
        kept.add(finite.reduce((a, b) => b.y < a.y ? b : a));
        kept.add(finite.reduce((a, b) => b.y > a.y ? b : a));
      }
      points.push(...part.filter((one_) => kept.has(one_)));
    }
    return points;
  }

  function markOf(row, plain) {
    if (board.isBad(row)) return {style: "crossRot", tone: "--bad", radius: 6};
    const kind = changes.get(row);
    if (kind === "slower") return {style: "triangle", tone: "--bad", radius: 7, rotation: 180};
    if (kind === "faster") return {style: "triangle", tone: "--good", radius: 7, rotation: 0};
    return plain;
  }

  function driftMarkOf(row, plain) {
    return board.isImprecise(row) ? {style: "rectRot", tone: "--bad", radius: 6} : plain;
  }

  function lineOf(one, place, value, mark, width) {
    const own = "--c" + (place % COLOURS);
    const points = pointsOf(one, value, width);
    const plain = {style: "circle", tone: own, radius: points.length > 150 ? 0 : 3, rotation: 0};
    const marks = points.map(({row}) => mark(row, plain));
    const chosen = ({row}) => one.key + "." + runs[rows.run[row]].id === view.point;
    return {
      label: one.case, data: points, parsing: false, normalized: true, spanGaps: false,
      borderColor: charts.colour(own), borderWidth: 1.6, tension: 0,
      pointStyle: marks.map((one_) => one_.style),
      pointRadius: marks.map((one_, i) => chosen(points[i]) ? Math.max(7, one_.radius) : one_.radius),
      pointRotation: marks.map((one_) => one_.rotation ?? 0),
      pointBackgroundColor: marks.map((one_) => charts.colour(one_.tone)),
      pointBorderColor: marks.map((one_, i) => charts.colour(chosen(points[i]) ? "--text" : one_.tone)),
      pointBorderWidth: points.map((point) => chosen(point) ? 2 : 1.5),
      pointHitRadius: 8, pointHoverRadius: 6,
    };
  }

  const dayOf = (at) => new Date(at).toISOString().slice(0, 10);

  const HOUR = 36e5, DAY = 24 * HOUR;
  const STEPS = [HOUR / 4, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY,
    91 * DAY, 182 * DAY, 365 * DAY];

  function timeAxis(datasets) {
    const times = datasets.flatMap(({data}) => data.length ? [data[0].x, data[data.length - 1].x] : []);
    const axis = charts.scale({title: "Start of the run (UTC)", unit: ""});
    const low = Math.min(...times), high = Math.max(...times);
    if (times.length) {
      const margin = Math.max((high - low) * 0.02, HOUR / 4);
      Object.assign(axis, {min: low - margin, max: high + margin});
    }
    axis.afterBuildTicks = (built) => {
      const room = Math.max(2, built.chart.width / 110);
      const step = STEPS.find((one) => (built.max - built.min) / one <= room) ?? 10 * 365 * DAY;
      built.ticks = [];
      for (let at = Math.ceil(built.min / step) * step; at <= built.max; at += step) built.ticks.push({value: at});
    };
    axis.ticks.callback = (value) => {
      const iso = new Date(value).toISOString();
      return value % DAY ? iso.slice(5, 16).replace("T", " ") : iso.slice(0, 10);
    };
    return axis;
  }

  function valueAxis(title, unit, values) {
    const low = Math.min(...values), high = Math.max(...values);
    const axis = charts.scale({title, unit, log: high / low > 8 || unit === "ratio"});
    if (axis.type === "linear") axis.grace = "8%";
    return axis;
  }

  /** What is behind the lines: bands of baselines, and the days that somebody wrote about. */
  const ground = {
    id: "ground",
    beforeDatasetsDraw(chart) {
      const {ctx, chartArea: area, scales: {x, y}} = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.width, area.height);
      ctx.clip();
      if (chart.canvas.closest("#speed") && view.metric !== "share") {
        shown.slice(0, MOST_BANDS).forEach((one, place) => {
          if (one.median === undefined) return;
          const ends = [one.median / (1 + one.effect), one.median * (1 + one.effect)]
            .map((seconds) => y.getPixelForValue(view.metric === "time" ? seconds : one.flop / seconds));
          ctx.globalAlpha = 0.16;
          ctx.fillStyle = charts.colour("--c" + (place % COLOURS));
          ctx.fillRect(area.left, Math.min(...ends), area.width, Math.abs(ends[0] - ends[1]));
        });
      }
      ctx.globalAlpha = 1;
      ctx.strokeStyle = ctx.fillStyle = charts.colour("--soft");
      ctx.setLineDash([3, 3]);
      ctx.font = "11px sans-serif";
      for (const note of board.annotations) {
        const at = x.getPixelForValue(note.at);
        if (at < area.left || at > area.right) continue;
        ctx.beginPath();
        ctx.moveTo(at, area.top);
        ctx.lineTo(at, area.bottom);
        ctx.stroke();
        if (!chart.canvas.closest("#speed")) continue;
        const right = at + ctx.measureText(note.text).width + 8 > area.right;
        ctx.textAlign = right ? "right" : "left";
        ctx.fillText(note.text, at + (right ? -4 : 4), area.top + 12);
      }
      ctx.restore();
    },
  };

  function drawLines(id, title, unit, value, mark) {
    const canvas = document.querySelector(`#${id} canvas`);
    Chart.getChart(canvas)?.destroy();
    const datasets = shown.map((one, place) => lineOf(one, place, value, mark, canvas.parentElement.clientWidth));
    const values = datasets.flatMap(({data}) => data.map(({y}) => y).filter((y) => Number.isFinite(y) && y > 0));
    const options = charts.common({legend: false});
    options.scales = {x: timeAxis(datasets), y: valueAxis(title, unit, values.length ? values : [1, 1])};
    options.interaction = {mode: "nearest", intersect: true, axis: "xy"};
    options.plugins.tooltip.callbacks = {
      title: ([item]) => runs[rows.run[item.raw.row]].id,
      label: (item) => item.dataset.label + ": " + charts.quantity(item.raw.y, unit),
    };
    options.onClick = (event, hits) => {
      if (!hits.length) return;
      const {datasetIndex: place, index} = hits[0];
      // Once the chart is through with the event: choosing draws a new one in its place.
      queueMicrotask(() => choose(shown[place], datasets[place].data[index].row));
    };
    new Chart(canvas, {type: "line", data: {datasets}, options, plugins: [ground]});
  }

  function showLines() {
    const metric = METRICS[view.metric];
    document.getElementById("speed-title").textContent = metric.title + " over time";
    drawLines("speed", metric.title, metric.unit, metric.of, markOf);
    drawLines("drift", "Relative error", "ratio", (one, row) => rows.error[row], driftMarkOf);
  }

  // --- One run

  function choose(one, row) {
    view.point = one.key + "." + runs[rows.run[row]].id;
    view.series ??= shown.map((other) => other.key);
    writeAddress();
    showLines();
    showRun();
  }

  /** The point that the address names: a series, a dot, a run. */
  function chosenRow() {
    const dot = view.point?.indexOf(".") ?? -1;
    const one = dot < 0 ? undefined : byKey.get(view.point.slice(0, dot));
    if (!one) return null;
    const id = view.point.slice(dot + 1);
    for (let row = one.first; row < one.first + one.count; ++row)
      if (runs[rows.run[row]].id === id) return {one, row};
    return null;
  }

  const shellWord = (text) => /^[\w\-+=:,./@%]+$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'";

  function commandOf(one, row) {
    const {command} = runs[rows.run[row]];
    return command ? command + " --case " + shellWord(one.case) : "";
  }

  function showRun() {
    const body = document.getElementById("facts-body");
    const found = chosenRow();
    if (!found) {
      body.replaceChildren(element("p", "No point is chosen.", "muted"));
      return;
    }
    const {one, row} = found;
    const own = facts[rows.facts[row]], state = states[rows.state[row]], run = runs[rows.run[row]];
    const list = element("dl", "", "facts");
    const add = (name, text) => {
      if (!text) return;
      const line = element("div");
      line.append(element("dt", name), element("dd", text));
      list.append(line);
    };
    add("Run", run.id);
    add("Started", new Date(run.at).toISOString().replace(".000Z", "Z"));
    add("Case", one.case);
    add("Device", [one.device, one.host, one.pci].filter(Boolean).join(" · "));
    add("Driver", [own.driver_version, own.driver_info].filter(Boolean).join(" · "));
    add("Marked", changes.get(row));
    add("Median time", charts.quantity(rows.seconds[row], "s"));
    add("Throughput", rows.seconds[row] > 0 ? charts.quantity(one.flop / rows.seconds[row], "FLOP/s") : "");
    add("Of the peak", Number.isFinite(rows.share[row]) ? charts.quantity(rows.share[row], "%") : "");
    add("Relative error", charts.quantity(rows.error[row], "ratio"));
    for (const [name, key] of [["Status", "status"], ["Check", "check_status"], ["Timing", "timing_status"],
      ["Precision", "precision_verdict"], ["SPIR-V says", "declared_evidence"], ["Reason", "reason"]]) add(name, state[key]);
    add("Kernel", [own.kernel, own.kernel_params, own.kernel_hash].filter(Boolean).join(" · "));
    add("Scenario", [own.scenario, own.scenario_hash].filter(Boolean).join(" · "));
    add("gpubench", [own.tool_version, own.tool_commit].filter(Boolean).join(" · "));
    add("env_id", own.env_id);
    add("Labels", own.labels);
    const command = commandOf(one, row);
    body.replaceChildren(list);
    if (command) {
      const pre = element("pre", "", "command");
      pre.append(element("code", command));
      body.append(element("p", "The same again:"), pre);
    } else {
      body.append(element("p", `No run.json lies beside this run, so its command is not known; the case is ${one.case}.`));
    }
  }

  /** Arrow keys: left and right along a line, up and down from line to line. */
  function step(event) {
    const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    if (!(event.key in moves) || !shown.length) return;
    event.preventDefault();
    const [along, across] = moves[event.key];
    const found = chosenRow();
    if (!found) { choose(shown[0], shown[0].last); return; }
    const place = Math.max(0, shown.indexOf(found.one));
    const next = shown[(place + across + shown.length) % shown.length];
    const row = next === found.one ? found.row + along : next.last;
    choose(next, Math.min(Math.max(row, next.first), next.last));
  }

  // --- All together

  function update() {
    matching = series.filter(passes).sort(ORDERS[view.order]);
    shown = view.series ? view.series.map((key) => byKey.get(key)) : matching.slice(0, LINES_AT_FIRST);
    showFilters();
    showList();
    showLines();
    showRun();
    writeAddress();
  }

  function turn(pages) {
    view.page += pages;
    update();
  }

  function showNotes() {
    const notes = board.annotations.map((note) => element("li", dayOf(note.at) + ": " + note.text));
    document.querySelector("#notes ul").replaceChildren(...notes);
    document.getElementById("notes").hidden = notes.length === 0;
  }

  function changeView() {
    for (const name of [...FILTERS, "q", "metric", "order"]) view[name] = form.elements[name].value;
    view.changed = form.elements.changed.checked;
    view.page = 0;
    view.series = null;
    update();
  }

  form.addEventListener("input", changeView);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    history.replaceState(null, "", "#");
    readAddress();
    update();
  });
  document.getElementById("previous-page").addEventListener("click", () => turn(-1));
  document.getElementById("next-page").addEventListener("click", () => turn(1));
  for (const canvas of document.querySelectorAll("figure canvas")) canvas.addEventListener("keydown", step);
  addEventListener("hashchange", () => { readAddress(); update(); });

  fillFilters();
  showNotes();
  readAddress();
  // page.js draws again when the theme changes, and before the first time.
  globalThis.redrawPage = update;
})();
