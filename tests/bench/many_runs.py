#!/usr/bin/env python3
"""many_runs.py — how long `gpubench judge` and `compare` take for ten thousand runs of a hundred rows.

Writes the runs (a gigabyte, unless told otherwise) below a folder and times each command a few
times, in turns: judge where no run was judged before, again with nothing changed, and with criteria
that change the checks of every run; compare of one half with the other, and of all with all. The
halves differ by 5 % in one case and by noise in the others, so that each answer is known, and is
checked. Prints the shortest time of each and the most memory that it took.

usage: many_runs.py GPUBENCH RUN [--runs 10000] [--rows 100] [--rounds 3] [--folder DIR]
RUN is a run's folder, whose first row with a time is the pattern of all rows.
"""

import argparse
import csv
import datetime
import io
import os
import pathlib
import random
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
    # How many rows the pattern's own run was to have is no matter here.
    writer.writerow({**row, **MARKS, "planned_rows": ""})
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


CRITERIA = """name: faster-than-nothing
limits:
  - {name: rate, where: {op: gemm}, metric: throughput_flops, at_least: 1}
"""


def timed(command):
    """Seconds, MiB of memory at most, exit code and output."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        pid = os.posix_spawn(command[0], command, {**os.environ, "NO_COLOR": "1"},
                             file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)])
        _, status, usage = os.wait4(pid, 0)
        seconds = time.monotonic() - began
        output.seek(0)
        return seconds, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), output.read()


def commands_of(options, folder):
    """What is timed: a name, whether the checks are thrown away before, the command, what it must say."""
    (folder / "criteria.yaml").write_text(CRITERIA, encoding="utf-8")
    program = os.path.abspath(options.program)
    base, new = str(folder / "base"), str(folder / "new")
    judge = [program, "judge", base, new, "--allow-software"]
    differs = f"1 REGRESSED, {options.rows - 1} SAME"
    return (("judge, for the first time", True, judge, 0, "QUALIFIED"),
            ("judge, nothing changed", False, judge, 0, "QUALIFIED"),
            ("judge, every check changed", False, [*judge, "--criteria", str(folder / "criteria.yaml")],
             0, "QUALIFIED"),
            ("compare, half with half", False, [program, "compare", base, new], 1, differs),
            ("compare, all with all", False, [program, "compare", str(folder), str(folder)], 0,
             f"{options.rows} SAME"))


def forget_checks(folder):
    for checks in folder.rglob("checks.csv"):
        checks.unlink()
    os.sync()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program")
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=pathlib.Path)
    options = parser.parse_args()
    shortest, most = {}, {}
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="gpubench-many-") as name:
        folder = pathlib.Path(name)
        written = write_sets(folder, options)
        for _ in range(options.rounds):
            for what, afresh, command, expected, words in commands_of(options, folder):
                if afresh:
                    forget_checks(folder)
                seconds, memory, code, output = timed(command)
                if code != expected or words not in output:
                    sys.exit(f"{what} ended with {code}:\n{output}")
                shortest[what] = min(seconds, shortest.get(what, seconds))
                most[what] = max(memory, most.get(what, memory))
    print(f"{options.runs} runs of {options.rows} rows, {written / 1e6:.0f} MB; "
          f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for what, seconds in shortest.items():
        print(f"{what:28} {seconds:5.2f} s {most[what]:6.0f} MiB")


if __name__ == "__main__":
    main()
