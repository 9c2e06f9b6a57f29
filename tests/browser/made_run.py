"""made_run.py — a run with what no software device tells of itself: clock, power and heat over time,
and failed outputs with maps of their errors. Made from a committed run; no number in it was measured.

Usage: made_run.py FOLDER
"""

import csv
import math
import pathlib
import shutil
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "results/reference/20261122T021259Z-ours-9d3e"
SAMPLES, SIDE = 240, 64
# The clock is held down from 4 s to 6 s and from 8 s on.
THROTTLED = ((4, 6), (8, 10))


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def is_throttled(at_s):
    return any(begin <= at_s < end for begin, end in THROTTLED)


def wiggle(i):
    return math.sin(i * 12.9898) * 0.5


def course(row):
    """Ten seconds of samples and of readings."""
    own = {"run_id": row["run_id"], "case_id": row["case_id"]}
    for i in range(SAMPLES):
        at_s = 10 * i / SAMPLES
        seconds = 0.04 * (1.12 if is_throttled(at_s) else 1) * (1 + 0.01 * wiggle(i)) * (2 if i == 33 else 1)
        yield "samples", {**own, "sample": i, "gpu_s": seconds, "host_s": seconds * 1.001, "at_s": at_s}
    for i in range(51):
        at_s, held = i / 5, is_throttled(i / 5)
        yield "telemetry", {**own, "device_uuid": row["device_uuid"], "at_s": at_s,
                            "clock_mhz": 1650 if held else 1980, "power_w": 690 + 8 * wiggle(i),
                            "temp_c": 45 + 30 * (1 - math.exp(-at_s / 3)), "throttled": str(held).lower()}


def error_map(row, is_wrong, is_none):
    """Cells of the output; both tell of a cell's row and column."""
    rows, columns = int(row["m"]), int(row["n"])
    for i in range(SIDE):
        for j in range(SIDE):
            wrong, none = is_wrong(i, j), is_none(i, j)
            ratio = (40 if wrong else 0.2) * (1 + 0.5 * wiggle(i * SIDE + j))
            yield {"run_id": row["run_id"], "case_id": row["case_id"], "device_uuid": row["device_uuid"],
                   "row_begin": i * rows // SIDE, "row_end": (i + 1) * rows // SIDE,
                   "column_begin": j * columns // SIDE, "column_end": (j + 1) * columns // SIDE,
                   "max_abs_err": ratio * 1e-3, "bound_ratio": ratio, "nonfinite": 16 if none else 0}


def make(folder):
    """Its first two cases failed: a block with two cells of NaN, and every eighth stretch of rows.
    The third was held for ten seconds."""
    shutil.copytree(SOURCE, folder)
    with open(folder / "results.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:2]:
        row.update(status="failed", check_status="failed", reason="wrong_result: made", samples="", bound_ratio="60",
                   **{column: "" for column in row if column.startswith("time_") or column == "host_median_s"})
    held = rows[2]
    held.update(samples=str(SAMPLES), dispatches_per_sample="1", stop_reason="held", time_min_s="0.0398",
                time_p05_s="0.0399", time_p25_s="0.04", time_median_s="0.0402", time_p75_s="0.0446",
                time_p95_s="0.0449", time_max_s="0.08", throttle_ratio="0.4", clock_mhz_median="1980",
                power_w_mean="690", temp_c_max="74")
    with open(SOURCE / "samples.csv", newline="", encoding="utf-8") as file:
        kept = [line for line in csv.DictReader(file) if line["case_id"] == rows[3]["case_id"]]
    made = list(course(held))
    write(folder / "results.csv", rows)
    write(folder / "samples.csv", [line for kind, line in made if kind == "samples"] +
          [{**line, "at_s": ""} for line in kept])
    write(folder / "telemetry.csv", [line for kind, line in made if kind == "telemetry"])
    write(folder / "errors.csv",
          list(error_map(rows[0], lambda i, j: 8 <= i < 16 and 40 <= j < 56, lambda i, j: i == 9 and j in (41, 42))) +
          list(error_map(rows[1], lambda i, j: i % 8 == 3, lambda i, j: False)))
    return folder


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]))
