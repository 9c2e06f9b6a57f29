"""summary.py — what the runs of a session say, as text: rates, ratios, zeros against random data, and holds.

From the files alone, so that it can be made again from a folder that came back.
"""

import csv
import json
import pathlib
import statistics

from failure import Failure
from runs import is_peer, number, read_rows


def machine_text(machine):
    """Device, driver and cores in one line."""
    kind = "SOFTWARE, runs on the CPU" if machine["type"] == "software" else machine["type"]
    driver = " ".join(filter(None, (machine["driver_id"], machine["driver_info"] or machine["driver_version"])))
    return f"{machine['name']} · {kind} · {driver} · {machine['cores']} cores of the CPU"


def machine_of(session):
    """From the folder of a session."""
    return json.loads((session / "session.json").read_text(encoding="utf-8"))["machine"]


def all_rows(results):
    """Rows of every run, each with its folder; a run that is damaged is left out."""
    for folder in sorted(pathlib.Path(results).glob("*")):
        try:
            rows = read_rows(folder)
        except Failure:
            continue
        for row in rows:
            yield folder, row


def rate(row):
    flops, bandwidth = number(row, "throughput_flops"), number(row, "bandwidth_bytes_per_s")
    if row["op"] == "softmax" and bandwidth:
        return f"{bandwidth / 1e9:.3g} GB/s"
    if not flops:
        return f"{row['status']}: {row['reason']}"[:40]
    return f"{flops / 1e12:.3g} TFLOP/s" if flops >= 1e12 else f"{flops / 1e9:.3g} GFLOP/s"


def share(row):
    fraction = number(row, "fraction_of_peak") or number(row, "fraction_of_bandwidth")
    return f"{fraction:.2f} of peak" if fraction else ""


def rates_text(rows):
    lines = [f"{row['case_id']:<58} {row['kernel']:<10} {rate(row):>14} {share(row)}".rstrip()
             for _, row in rows if not row["reason"].startswith("duplicate")]
    return "\n".join(lines)


def question_text(rows):
    """Kernels of the first question as it was asked, and again after the tuning, which step ceilings does."""
    def said(row):
        peak = number(row, "peak_flops")
        of_what = f" ({row['peak_source']}, {peak / 1e12:.3g} TFLOP/s)" if peak else ""
        tiles = "tuned tiles" if row["kernel_params"].endswith("tuned") else "own tiles"
        return f"{rate(row)}, {tiles}{', ' if share(row) else ''}{share(row)}{of_what}"
    products = [row for _, row in rows if row["op"] == "gemm" and row["precision"] == "fp16_acc32"]
    again = {row["kernel"]: row for row in products if row["scenario"] == "ceilings"}
    lines = []
    for row in products:
        if row["scenario"] == "first_question":
            lines.append(f"{row['kernel']} {row['m']}: {said(row)}")
            if row["kernel"] in again:
                lines.append(f"  after the tuning: {said(again[row['kernel']])}")
    return "\n".join(lines)


def without_fill(row):
    return tuple(row[name] for name in ("run_id", "op", "kernel", "precision", "m", "n", "k"))


def zeros_text(rows):
    """Speed on zeros over speed on normal numbers, of the same case in the same run."""
    short = [row for _, row in rows if "/hold" not in row["case_id"] and
             number(row, "throughput_flops") and not is_peer(row)]
    normal = {without_fill(row): row for row in short if row["fill"] == "normal"}
    lines = []
    for row in short:
        partner = normal.get(without_fill(row)) if row["fill"] == "zeros" else None
        if partner:
            ratio = number(row, "throughput_flops") / number(partner, "throughput_flops")
            lines.append(f"{row['op']} {row['m']} {row['precision']} {row['kernel']}: zeros are "
                         f"{ratio:.3f} times as fast as normal numbers")
    return "\n".join(lines)


def linear_text(rows):
    """Rate of a layer with bias and gelu over that of the product alone, of the same work in the same run."""
    def work(row):
        return tuple(row[name] for name in ("run_id", "precision", "layout", "m", "n", "k", "batch", "fill"))
    timed = [row for _, row in rows if number(row, "time_median_s") and not is_peer(row)]
    products = {work(row): row for row in timed if row["op"] == "gemm"}
    lines = []
    for row in timed:
        product = products.get(work(row))
        if row["op"] == "linear" and row["activation"] == "gelu" and product:
            ratio = number(product, "time_median_s") / number(row, "time_median_s")
            lines.append(f"{row['m']} {row['precision']}: {ratio:.3f} (linear {row['kernel']}, gemm "
                         f"{row['layout']} {product['kernel']})")
    return "\n".join(lines)


def seconds_of_samples(folder, case_id):
    """Without a line that was cut off when the run was killed."""
    with open(folder / "samples.csv", newline="", encoding="utf-8") as file:
        times = [number(line, "gpu_s") or number(line, "host_s") for line in csv.DictReader(file)
                 if line["case_id"] == case_id]
    return [time_s for time_s in times if time_s]


def hold_text(rows):
    """The first tenth of a hold against its last, and what the sensors say."""
    lines = []
    for folder, row in rows:
        if "/hold" not in row["case_id"] or not number(row, "time_median_s"):
            continue
        seconds = seconds_of_samples(folder, row["case_id"])
        if not seconds:
            continue
        tenth = max(1, len(seconds) // 10)
        change = statistics.median(seconds[:tenth]) / statistics.median(seconds[-tenth:])
        sensors = [f"{row[name]} {unit}" for name, unit in
                   (("clock_mhz_median", "MHz"), ("power_w_mean", "W"), ("temp_c_max", "°C"))
                   if row[name]]
        lines.append(f"{row['op']} {row['m']} {row['precision']} {row['kernel']}: held {rate(row)}, "
                     f"at the end {change:.3f} of the speed at the start, {row['timing_status']}; "
                     f"{', '.join(sensors) or 'no sensors'}")
    return "\n".join(lines)


def ratios_text(session):
    """Of the whole rounds, as side_by_side.py left them."""
    lines = []
    for path in sorted(session.glob("ratios*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            lines += [f"{row['op']} {row['m']} {row['precision']} {row['ours_kernel']}: "
                      f"{float(row['ratio']):.3f} ± {float(row['spread']):.0%} of {row['peer']}, "
                      f"rounds: {row['ours_runs']}" for row in csv.DictReader(file)]
    return "\n".join(lines)


def summary_text(session):
    """Of the folder of a session."""
    rows = list(all_rows(session / "results"))
    parts = [("Matrix units, before and after the tuning", question_text(rows)), ("Rates", rates_text(rows)),
             ("Ours / cuBLAS", ratios_text(session)),
             ("linear+bias+gelu / gemm", linear_text(rows)),
             ("Zeros against normal numbers", zeros_text(rows)), ("Held", hold_text(rows))]
    return "\n\n".join([machine_text(machine_of(session)),
                        *(f"{title}\n{text or 'nothing was measured'}" for title, text in parts)]) + "\n"
