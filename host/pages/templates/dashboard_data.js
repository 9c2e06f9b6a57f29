// dashboard_data.js — the rows of the page as typed arrays, and what can be said of a series without
// drawing it. Knows nothing of the page.
"use strict";

const board = (() => {
  const raw = JSON.parse(document.getElementById("data").textContent);
  const texts = raw.texts;
  const FACTS = ["driver_version", "driver_info", "tool_version", "tool_commit", "kernel",
    "kernel_params", "kernel_hash", "scenario", "scenario_hash", "env_id", "labels"];
  const STATES = ["status", "check_status", "timing_status", "precision_verdict", "reason",
    "precision", "declared_evidence"];
  const KINDS = ["slower", "faster", "failed", "less precise"];

  function bytes(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const binary = atob(text);
    const all = new Uint8Array(binary.length);
    for (let i = 0; i < all.length; ++i) all[i] = binary.charCodeAt(i);
    return all;
  }

  function column(name, type) {
    const element = document.getElementById("column-" + name);
    const values = new type(bytes(element.textContent).buffer);
    element.remove();  // The text is of no more use, and large.
    return values;
  }

  const rows = {
    run: column("run", Uint32Array), facts: column("facts", Uint32Array),
    state: column("state", Uint32Array), seconds: column("seconds", Float32Array),
    error: column("error", Float32Array), share: column("share", Float32Array),
  };

  const named = (names, codes) =>
    Object.fromEntries(names.map((name, i) => [name, texts[codes[i]]]));
  const facts = raw.facts.map((codes) => named(FACTS, codes));
  const states = raw.states.map((codes) => named(STATES, codes));
  const runs = raw.runs.map(([id, at, command]) => ({id, at: at * 1000, command: texts[command]}));
  const annotations = raw.annotations.map(([at, text]) => ({at: at * 1000, text}));
  const changes = new Map(raw.changes.map(([row, kind]) => [row, KINDS[kind]]));
  const driverOf = (row) => {
    const own = facts[rows.facts[row]];
    return own.driver_info || own.driver_version;
  };

  const isBad = (row) => {
    const state = states[rows.state[row]];
    return !["ok", "skipped", "unsupported"].includes(state.status) || state.check_status === "failed";
  };
  const isImprecise = (row) => raw.computes_less[rows.state[row]];

  /** A short name for the address: FNV-1a of what makes a series one. */
  function keyOf(words) {
    let hash = 0x811c9dc5;
    for (const letter of words.join("\n")) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193);
    return (hash >>> 0).toString(36);
  }

  const middle = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  };

  /** The latest runs beside the baseline or, without one, beside the first. */
  function summarise(one) {
    const latest = [], first = [];
    one.last = one.first + one.count - 1;
    for (let row = one.last; row >= one.first && latest.length < 5; --row)
      if (rows.seconds[row] > 0) latest.push(rows.seconds[row]);
    for (let row = one.first; row <= one.last && first.length < 10; ++row)
      if (rows.seconds[row] > 0) first.push(rows.seconds[row]);
    one.latest = latest[0] ?? NaN;
    // A single run without a baseline is beside itself, which says nothing.
    one.change = latest.length > (one.median ? 0 : 1) ? middle(latest) / (one.median ?? middle(first)) - 1 : NaN;
    one.bad = isBad(one.last);
    one.imprecise = isImprecise(one.last);
    one.outside = Math.abs(Math.log1p(one.change)) > Math.log1p(one.effect ?? 0.02);
  }

  const series = raw.series.map((parts) => {
    const one = {
      case: texts[parts[0]], device: texts[parts[1]], host: texts[parts[2]], pci: texts[parts[3]],
      op: texts[parts[4]], precision: texts[parts[5]], size: texts[parts[6]], side: parts[7],
      flop: parts[8], first: parts[9], count: parts[10], median: parts[11], effect: parts[12], marks: 0,
    };
    one.key = keyOf([one.case, one.device, one.host, one.pci]);
    summarise(one);
    one.driver = driverOf(one.last);
    return one;
  });

  for (const row of changes.keys()) {
    let low = 0, high = series.length - 1;
    while (low < high) {
      const half = (low + high + 1) >> 1;
      if (series[half].first <= row) low = half; else high = half - 1;
    }
    ++series[low].marks;
  }

  /** Worse comes first: wrong, less precise, then by how much slower. */
  const worse = (a, b) => (b.bad - a.bad) || (b.imprecise - a.imprecise) ||
    ((Number.isFinite(b.change) ? b.change : -9) - (Number.isFinite(a.change) ? a.change : -9));

  return {rows, facts, states, runs, annotations, changes, series, worse, isBad, isImprecise, driverOf};
})();
