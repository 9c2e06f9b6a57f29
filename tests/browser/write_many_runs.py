"""write_many_runs.py — writes synthetic runs for tests of size: RUNS folders with CASES rows each.

Usage: write_many_runs.py FOLDER RUNS CASES. The numbers are made (a level, noise of 1 %, and one step
to slower in every seventh series), from a fixed seed; nobody measured them.
"""

import csv
import datetime
import json
import pathlib
import random
import sys

HEADER_FROM = pathlib.Path(__file__).resolve().parents[2] / (
    "results/reference/20261122T021259Z-ours-9d3e")
PRECISIONS = ("fp32", "fp16", "fp16_acc32", "fp32_via_fp16")
NOISE, STEP = 0.01, 1.08


def template():
    with open(HEADER_FROM / "results.csv", newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        return reader.fieldnames, next(reader)


def cases(count):
    """Case names with their sizes and times at first."""
    for i in range(count):
        size = 256 * (1 + i // (3 * len(PRECISIONS)))
        op = ("gemm", "linear", "softmax")[i // len(PRECISIONS) % 3]
        precision = PRECISIONS[i % len(PRECISIONS)]
        seconds = 1e-12 * size ** 3 * (1 + i % len(PRECISIONS))
        yield {"case_id": f"{op}/auto/{precision}/nn/{size}x{size}x{size}/normal/s{i}", "op": op,
               "precision": precision, "m": size, "n": size, "k": size, "flop": 2 * size ** 3}, seconds


def write(folder, runs, case_count):
    random.seed(5)
    header, row = template()
    planned = list(cases(case_count))
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    document = json.loads((HEADER_FROM / "run.json").read_text(encoding="utf-8"))
    document["devices"] = []
    for number in range(runs):
        at = start + datetime.timedelta(minutes=47 * number)
        run_id = f"{at:%Y%m%dT%H%M%SZ}-made-{number:04x}"
        run = folder / run_id
        run.mkdir(parents=True)
        common = {**row, "run_id": run_id, "started_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "scenario": "made",
                  "driver_info": "Mesa 22.3.6" if number < runs // 3 else "Mesa 23.0.1"}
        with open(run / "results.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, lineterminator="\n")
            writer.writeheader()
            for i, (case, level) in enumerate(planned):
                slower = STEP if i % 7 == 0 and number >= runs // 2 else 1
                seconds = level * slower * random.lognormvariate(0, NOISE)
                writer.writerow({**common, **case, "time_median_s": repr(seconds)})
        document.update(run_id=run_id, started_at=common["started_at"])
        (run / "run.json").write_text(json.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
