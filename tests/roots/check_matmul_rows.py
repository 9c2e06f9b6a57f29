"""check_matmul_rows.py — did the one run in a results folder measure what matmul.yaml promises?

Usage: check_matmul_rows.py RESULTS [LARGEST]: sizes up to LARGEST must be measured. Knows the columns of results.csv, nothing of how they are made.
"""

import csv
import pathlib
import sys

SIZES = {256, 512, 1024, 2048, 4096, 8192, 16384}
MEASURED_ANYWHERE = 1024  # a software device manages these within the scenario's own budget


def complaints(rows, largest):
    """Everything that is wrong with the rows, as sentences."""
    sizes = {int(row["m"]) for row in rows}
    for size in sorted(SIZES - sizes):
        yield f"no row of size {size}"
    for row in rows:
        case, status = row["case_id"], row["status"]
        if status == "ok" and row["check_status"] != "passed":
            yield f"{case} was timed with check_status {row['check_status']}"
        if status == "ok" and not float(row["time_median_s"]) > 0:
            yield f"{case} has no time"
        if status != "ok" and not row["reason"]:
            yield f"{case} is {status} without a reason"
        if int(row["m"]) <= largest and status not in ("ok", "unsupported"):
            yield f"{case} is {status}: {row['reason']}"


def main():
    runs = sorted(pathlib.Path(sys.argv[1]).glob("*/results.csv"))
    runs = [run for run in runs if "reference" not in run.parts]
    if len(runs) != 1:
        sys.exit(f"expected one run in {sys.argv[1]}, found {len(runs)}")
    with open(runs[0], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    largest = int(sys.argv[2]) if len(sys.argv) > 2 else MEASURED_ANYWHERE
    wrong = list(complaints(rows, largest))
    for sentence in wrong:
        print(sentence)
    print(f"{len(rows)} rows, {len(wrong)} complaints")
    sys.exit(1 if wrong or not rows else 0)


if __name__ == "__main__":
    main()
