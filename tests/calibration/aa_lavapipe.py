#!/usr/bin/env python3
"""aa_lavapipe.py — compares sets of runs of one scenario with themselves, over and over: whatever
is reported then is a false alarm. On whatever device there is; meant for lavapipe, under load.

Prints how often each verdict came, and writes the median of every run, so that compare_power can
make the table of docs/measuring.md again without a device.

usage: aa_lavapipe.py GPUBENCH [--rounds 20] [--runs 5] [--csv tests/calibration/aa_lavapipe.csv]
"""

import argparse
import collections
import csv
import os
import pathlib
import re
import subprocess
import tempfile

SCENARIO = """
name: aa
budget: 100ms
cases:
  - {op: gemm, size: [128, 256], kernel: direct}
  - {op: linear, size: 192, kernel: direct, precision: fp16_acc32}
  - {op: softmax, shape: {m: 256, n: 1024}, kernel: direct}
"""
COLUMNS = ("case_id", "device_name", "started_at", "time_p05_s", "time_median_s", "time_p95_s")
# A verdict, however the table is clipped.
COUNT = re.compile(r"(\d+) (REGRESSED|MISSING|INCOMPARABLE|AMBIGUOUS|IMPROVED|NEW|SAME)\b")


def run_once(program, folder, side):
    subprocess.run([program, "run", "aa.yaml", "--out", side, "--quiet", "--no-tuned"], cwd=folder,
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def medians_of(folder, number, side):
    for table in sorted((folder / side).glob("*/results.csv")):
        with open(table, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield [number, side, *(row[column] for column in COLUMNS)]


def compare(program, folder):
    done = subprocess.run([program, "compare", "base", "new"], cwd=folder, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    counts = [line for line in done.stdout.splitlines() if COUNT.match(line)]
    if done.returncode not in (0, 1, 3) or len(counts) != 1:
        raise RuntimeError(f"compare ended with {done.returncode}: {done.stdout}{done.stderr}")
    return {word: int(count) for count, word in COUNT.findall(counts[0])}


def one_round(program, number, runs):
    """Both sides in turns, the first of each pair changing; verdicts and medians."""
    with tempfile.TemporaryDirectory(prefix="gpubench-aa-") as name:
        folder = pathlib.Path(name)
        (folder / "aa.yaml").write_text(SCENARIO, encoding="utf-8")
        for pair in range(runs):
            for side in ("base", "new") if pair % 2 == 0 else ("new", "base"):
                run_once(program, folder, side)
        rows = [row for side in ("base", "new") for row in medians_of(folder, number, side)]
        return compare(program, folder), rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--csv", type=pathlib.Path)
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    totals, alarmed, rows, loads = collections.Counter(), 0, [], []
    for number in range(options.rounds):
        verdicts, medians = one_round(program, number, options.runs)
        totals.update(verdicts)
        alarmed += "REGRESSED" in verdicts or "IMPROVED" in verdicts
        rows += medians
        loads.append(os.getloadavg()[0])
        print(f"{number}: {verdicts}, load {loads[-1]:.1f}", flush=True)
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["round", "side", *COLUMNS])
            writer.writerows(rows)
    print(f"{alarmed} of {options.rounds} comparisons raised an alarm; series: {dict(totals)}; "
          f"load {min(loads):.1f} to {max(loads):.1f}")


if __name__ == "__main__":
    main()
