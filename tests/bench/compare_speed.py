#!/usr/bin/env python3
"""compare_speed.py — how long `gpubench compare` takes for ten thousand runs of a hundred rows.

Writes the runs (a gigabyte, unless told otherwise) below a folder, compares one half with the
other three times, and prints the shortest time and the peak of memory. The two halves differ by 5 %
in one case and by noise in the others, so that the answer is known, and checked.

usage: compare_speed.py GPUBENCH RUN [--runs 10000] [--rows 100] [--folder DIR]
RUN is a run's folder, whose first row with a time is the pattern of all rows.
"""

import argparse
import csv
import datetime
import io
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

TIMES = ("time_min_s", "time_p05_s", "time_p25_s", "time_median_s", "time_p75_s", "time_p95_s",
         "time_max_s", "time_mean_s")
MARKS = {"run_id": "@RUN@", "started_at": "@START@", "case_id": "@CASE@", **{t: f"@{t}@" for t in TIMES}}


def pattern_of(run):
    """Header line and one row with marks where runs differ."""
    with open(run / "results.csv", newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        row = next(row for row in reader if row["time_median_s"])
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(row), lineterminator="\n")
    writer.writeheader()
    header = text.getvalue()
    writer.writerow({**row, **MARKS})
    return header, text.getvalue()[len(header):]


def write_run(folder, header, pattern, number, rows, slower):
    began = datetime.datetime(2026, 1, 1) + datetime.timedelta(minutes=20 * number)
    run_id = f"{began:%Y%m%dT%H%M%SZ}-many-{number:05}"
    text = [header]
    start = pattern.replace("@RUN@", run_id).replace("@START@", f"{began:%Y-%m-%dT%H:%M:%SZ}")
    for case in range(rows):
        seconds = (1 + case) * 1e-4 * random.lognormvariate(0, 0.01) * (1.05 if case == 0 and slower else 1)
        row = start.replace("@CASE@", f"gemm/auto/fp32/nn/{case + 1}x64x64/normal/s42")
        for column in TIMES:
            row = row.replace(f"@{column}@", repr(seconds))
        text.append(row)
    (folder / run_id).mkdir()
    (folder / run_id / "results.csv").write_text("".join(text), encoding="utf-8")


def write_sets(folder, options):
    """In turns, so that one session's effect cannot be the difference."""
    random.seed(1)
    header, pattern = pattern_of(options.run)
    for side in ("base", "new"):
        (folder / side).mkdir(parents=True)
    for number in range(options.runs):
        side = "base" if number % 2 == 0 else "new"
        write_run(folder / side, header, pattern, number, options.rows, side == "new")
    return sum(file.stat().st_size for file in folder.rglob("results.csv"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program")
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--folder", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="gpubench-many-") as name:
        folder = pathlib.Path(name)
        written = write_sets(folder, options)
        shortest = float("inf")
        for _ in range(3):
            began = time.monotonic()
            done = subprocess.run([options.program, "compare", "base", "new"], cwd=folder, text=True,
                                  stdout=subprocess.PIPE, check=False)
            shortest = min(shortest, time.monotonic() - began)
        if done.returncode != 1 or f"1 REGRESSED, {options.rows - 1} SAME" not in done.stdout:
            sys.exit(f"compare ended with {done.returncode}:\n{done.stdout}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{options.runs} runs of {options.rows} rows, {written / 1e6:.0f} MB: {shortest:.2f} s, "
          f"{peak:.0f} MiB; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
