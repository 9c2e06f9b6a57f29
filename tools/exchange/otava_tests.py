#!/usr/bin/env python3
"""otava_tests.py — makes tests for Apache Otava of a wide table of gpubench: one for each series.

Usage: otava_tests.py WIDE.csv FOLDER

Otava stops at an empty cell, and a case that failed or was left out in one run leaves one. So each
series gets a table of its own, with the runs that have a value, and FOLDER/otava.yaml names them all.
Knows nothing of what the values mean but that more is worse, unless --higher-is-better is given.
"""

import argparse
import csv
import json
import pathlib
import sys

RUN_COLUMNS = ("run_id", "time", "tool_commit")
GROUP = "gpubench"


def read_wide(path):
    """Header and lines of a table that `gpubench export --format wide-csv` wrote."""
    with open(path, newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    if tuple(header[:len(RUN_COLUMNS)]) != RUN_COLUMNS:
        raise ValueError(f"{path}:1: expected a table of gpubench export --format wide-csv, whose first "
                         f"columns are {', '.join(RUN_COLUMNS)}")
    return header, lines


def write_series(folder, number, name, lines, place, direction):
    """Writes one series' table; returns its test, or None where no run has a value."""
    kept = [line[:len(RUN_COLUMNS)] + [line[place]] for line in lines if line[place] != ""]
    if not kept:
        return None
    file = folder / f"{number:04d}.csv"
    with open(file, "w", newline="", encoding="utf-8") as out:
        csv.writer(out, lineterminator="\n").writerows([[*RUN_COLUMNS, "value"], *kept])
    return {"type": "csv", "file": str(file), "time_column": "time", "attributes": ["run_id", "tool_commit"],
            "metrics": {name: {"column": "value", "direction": direction}}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("table", type=pathlib.Path, metavar="WIDE.csv")
    parser.add_argument("folder", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--higher-is-better", action="store_true", help="as for throughput_flops")
    given = parser.parse_args()
    try:
        header, lines = read_wide(given.table)
        given.folder.mkdir(parents=True, exist_ok=True)
        tests = {}
        for number, name in enumerate(header[len(RUN_COLUMNS):]):
            test = write_series(given.folder, number, name, lines, len(RUN_COLUMNS) + number,
                                1 if given.higher_is_better else -1)
            if test:
                tests[f"{GROUP}-{number:04d}"] = test
        # JSON is YAML, and needs no library.
        config = {"tests": tests, "test_groups": {GROUP: list(tests)}}
        (given.folder / "otava.yaml").write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n",
                                                 encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"otava_tests.py: {error}", file=sys.stderr)
        return 2
    print(f"{given.folder / 'otava.yaml'}: {len(tests)} series of {len(lines)} runs, group {GROUP}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
