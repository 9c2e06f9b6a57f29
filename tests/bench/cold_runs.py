#!/usr/bin/env python3
"""cold_runs.py — how long a whole run takes when nothing was compiled before.

Runs every kernel on every path of every operation once, small, each in a process of its own with
empty caches of gpubench and of Mesa, and prints the slowest: what is slow there is the compiling of
its pipelines. What the device lacks is counted and left out.

usage: cold_runs.py GPUBENCH [--device llvmpipe] [--show 5]
"""

import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SCENARIO = """name: cold
budget: 200ms
cases:
  - {op: gemm, size: 96, kernel: [KERNELS], precision: [PATHS]}
  - {op: linear, size: 96, activation: gelu, bias: true, kernel: [KERNELS], precision: [PATHS]}
  - {op: softmax, shape: {m: 8, n: 4096}, kernel: [SOFTMAX], precision: [PATHS]}
"""
KERNELS = "naive, tiled, split, direct, coop, coop_split, coop2"
SOFTMAX = "naive, tiled, split, direct"
PATHS = "fp32, fp16, fp16_acc32, fp32_via_fp16, fp32_relaxed, tf32, bf16"


def cases_of(program, scenario):
    listed = subprocess.run([program, "list", "cases", scenario], text=True, check=True,
                            stdout=subprocess.PIPE)
    return [line.split()[0] for line in listed.stdout.splitlines() if "/" in line]


def cold_run(program, scenario, case_id, device):
    """Seconds of the whole process, and the status of its row."""
    with tempfile.TemporaryDirectory(prefix="gpubench-cold-") as folder:
        environment = {**os.environ, "XDG_CACHE_HOME": folder, "MESA_SHADER_CACHE_DISABLE": "true"}
        command = [program, "run", scenario, "--case", case_id, "--out", folder, "--no-tuned"]
        began = time.monotonic()
        done = subprocess.run(command + (["--device", device] if device else []), env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        seconds = time.monotonic() - began
        tables = list(pathlib.Path(folder).glob("*/results.csv"))
        if not tables:
            sys.exit(f"{case_id} left no table:\n{done.stderr}")
        with open(tables[0], newline="", encoding="utf-8") as file:
            return seconds, next(csv.DictReader(file))["status"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("--device")
    parser.add_argument("--show", type=int, default=5)
    options = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as scenario:
        scenario.write(SCENARIO.replace("KERNELS", KERNELS).replace("SOFTMAX", SOFTMAX)
                       .replace("PATHS", PATHS))
        scenario.flush()
        took, others = {}, {}
        for case_id in cases_of(options.program, scenario.name):
            seconds, status = cold_run(options.program, scenario.name, case_id, options.device)
            if status == "ok":
                took[case_id] = seconds
            else:
                others[status] = others.get(status, 0) + 1
    slowest = sorted(took, key=took.get, reverse=True)[:options.show]
    print(f"{len(took)} whole runs from nothing; not counted: {others or 'none'}; "
          f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for case_id in slowest:
        print(f"{took[case_id]:6.2f} s  {case_id}")


if __name__ == "__main__":
    main()
