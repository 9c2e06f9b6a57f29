#!/usr/bin/env python3
"""cold_runs.py — what compiling costs: a whole run with nothing compiled before, and again with all of it.

Runs every kernel on every path of every operation, each in a process of its own with empty caches of
gpubench and of Mesa, then once more, and prints those that differ most, in seconds of the processor,
which other programs lengthen little. The outputs are small, and large enough for a kernel's largest
tile with a short sum. What the device lacks is counted and left out.

usage: cold_runs.py GPUBENCH [--device llvmpipe] [--show 5]
"""

import argparse
import csv
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

SCENARIO = """name: cold
budget: 100ms
cases:
  - {op: gemm, size: 96, kernel: [KERNELS], precision: [PATHS]}
  - {op: linear, size: 96, activation: gelu, bias: true, kernel: [KERNELS], precision: [PATHS]}
  - {op: gemm, shape: {m: 1024, n: 1024, k: 16}, kernel: [KERNELS], precision: [PATHS]}
  - {op: linear, shape: {m: 1024, n: 1024, k: 16}, activation: gelu, bias: true, kernel: [KERNELS], precision: [PATHS]}
  - {op: softmax, shape: {m: 8, n: [4096, 16384]}, kernel: [SOFTMAX], precision: [PATHS]}
"""
KERNELS = "naive, tiled, split, direct, coop, coop_split, coop2"
SOFTMAX = "naive, tiled, split, direct"
PATHS = "fp32, fp16, fp16_acc32, fp32_via_fp16, fp32_relaxed, tf32, bf16"


def cases_of(program, scenario):
    listed = subprocess.run([program, "list", "cases", scenario], text=True, check=True,
                            stdout=subprocess.PIPE)
    return [line.split()[0] for line in listed.stdout.splitlines() if "/" in line]


def processor_seconds():
    """Of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_once(program, scenario, case_id, device, folder):
    """Seconds of the processor for the whole process, and the status of its row."""
    environment = {**os.environ, "XDG_CACHE_HOME": folder, "MESA_SHADER_CACHE_DIR": f"{folder}/mesa"}
    with tempfile.TemporaryDirectory(prefix="gpubench-cold-") as out:
        command = [program, "run", scenario, "--case", case_id, "--out", out, "--no-tuned"]
        before = processor_seconds()
        done = subprocess.run(command + (["--device", device] if device else []), env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        seconds = processor_seconds() - before
        tables = list(pathlib.Path(out).glob("*/results.csv"))
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
            with tempfile.TemporaryDirectory(prefix="gpubench-cold-") as caches:
                what = (options.program, scenario.name, case_id, options.device, caches)
                cold, status = run_once(*what)
                if status == "ok":
                    took[case_id] = (cold, run_once(*what)[0])
                else:
                    others[status] = others.get(status, 0) + 1
    slowest = sorted(took, key=lambda case_id: took[case_id][1] - took[case_id][0])[:options.show]
    print(f"{len(took)} cases; not counted: {others or 'none'}; load {os.getloadavg()[0]:.1f} on "
          f"{os.cpu_count()} cores\n  cold   warm   compiling, in seconds of the processor")
    for case_id in slowest:
        cold, warm = took[case_id]
        print(f"{cold:6.2f} {warm:6.2f} {cold - warm:6.2f}  {case_id}")


if __name__ == "__main__":
    main()
