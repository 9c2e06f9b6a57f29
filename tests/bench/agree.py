#!/usr/bin/env python3
"""agree.py — do gpubench and Google Benchmark, each by its own rules, tell the same time?

Runs both on the same kernels in turns, A B A B, and prints a table. Judges only what no load on the
machine explains.
"""

import argparse
import csv
import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile

PURPOSE = """Times kernels with `gpubench run` and with gpubench_microbench in turns, and prints the ratio of
their medians beside the noise that both sides state of themselves.

The ratio is the median over the rounds. The noise is twice the root of the sum of squares of the two
spreads, and at least 2 %: gpubench's spread is that of its samples, (p75 - p25) / 1.349 / median;
gpubench_microbench's is the standard deviation of its repetitions over their median. Column host/gpu is
the host's clock over the device's in gpubench_microbench: below 1 the device's clock is wrong."""

EXAMPLES = """examples:
  tests/bench/agree.py
  tests/bench/agree.py --rounds 7 gemm/tiled/fp32/1024 softmax/tiled/fp32/2048
  tests/bench/agree.py --build build/release --device llvmpipe

exit codes: 0 every pair agrees, or differs by no more than its noise or 25 % in half of the rounds, 1 one is
beyond a factor of 3, or a device's clock is ahead of the host's, 2 the command line is wrong, 3 one is further
apart than that in most rounds, or a kernel cannot run here, 4 a program failed"""

CASES = ["gemm/tiled/fp32/512", "gemm/direct/fp16_acc32/512", "linear/direct/fp32/256",
         "softmax/tiled/fp32/1024"]

# What another program on the same cores was never seen to do to one side alone, in turns.
ABSURD_FACTOR = 3
# What a load may do to most rounds of one side; a clock that is off by two is far beyond.
APART = 0.25
# The smallest effect that a comparison of runs reports; docs/measuring.md.
LEAST_NOISE = 0.02
REPETITIONS = 9
# Two crystals never differ by more.
CLOCK_MARGIN = 1.01


class Failure(Exception):
    """Ends the program with this exit code."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def scenario_of(case):
    op, kernel, precision, size = case.split("/")
    layer = ", activation: gelu, bias: true" if op == "linear" else ""
    return (f"name: agree\nbudget: 5s\ncases:\n"
            f"  - {{op: {op}, size: {size}, kernel: {kernel}, precision: {precision}{layer}}}\n")


def finish(command, good=(0,)):
    process = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, check=False)
    if process.returncode not in good:
        raise Failure(4, f"{' '.join(map(str, command))} ended with exit code "
                         f"{process.returncode}\n{process.stderr.strip()}")
    return process.stdout


def time_by_run(options, case, folder):
    """Median and spread of `gpubench run`, in seconds and as a ratio."""
    scenario = folder / "agree.yaml"
    scenario.write_text(scenario_of(case), encoding="utf-8")
    # gpubench_microbench knows no tuned tiles.
    finish([options.gpubench, "run", scenario, "--quiet", "--no-tuned", "--out", folder / "results",
            *device(options)], good=(0, 4))
    results = max((folder / "results").glob("*/results.csv"))
    with open(results, newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    if not row["time_median_s"]:
        raise Failure(3, f"{case}: {row['status']}: {row['reason']}")
    median = float(row["time_median_s"])
    quartiles = float(row["time_p75_s"]) - float(row["time_p25_s"])
    return median, quartiles / 1.349 / median


def time_by_microbench(options, case):
    """Median, spread, and the host's time over the device's."""
    size = case.rsplit("/", 1)[1]
    report = json.loads(finish([
        options.microbench, f"--benchmark_filter=^{case}/", "--size", size, *device(options),
        f"--benchmark_repetitions={REPETITIONS}", "--benchmark_min_time=0.05",
        "--benchmark_format=json"], good=(0, 3)))
    repetitions = [entry for entry in report["benchmarks"] if entry["run_type"] == "iteration"]
    for entry in repetitions:
        if entry.get("error_occurred"):
            raise Failure(3, f"{case}: {entry['error_message']}")
    if not repetitions:
        raise Failure(2, f"{case}: gpubench_microbench has no such kernel")
    seconds = [entry["real_time"] * 1e-6 for entry in repetitions]
    median = statistics.median(seconds)
    host = statistics.median(entry["host_s"] for entry in repetitions)
    return median, statistics.stdev(seconds) / median, host / median


def device(options):
    return ["--device", options.device] if options.device else []


def compare(options, case):
    """One line of the table."""
    return line_of(case, measure(options, case))


def measure(options, case):
    """Of each round: seconds and spread of both sides, and the host's time over the device's."""
    rounds = []
    with tempfile.TemporaryDirectory(prefix="gpubench-agree-") as folder:
        for _ in range(options.rounds):
            run_s, run_spread = time_by_run(options, case, pathlib.Path(folder))
            bench_s, bench_spread, host_over_gpu = time_by_microbench(options, case)
            rounds.append((run_s, run_spread, bench_s, bench_spread, host_over_gpu))
    return rounds


def noise_of(run_spread, bench_spread):
    return max(LEAST_NOISE, 2 * math.hypot(run_spread, bench_spread))


def is_apart(run_s, run_spread, bench_s, bench_spread, _host_over_gpu):
    """Whether the two of a round differ by more than noise and load explain."""
    return max(run_s / bench_s, bench_s / run_s) - 1 > max(APART, noise_of(run_spread, bench_spread))


def line_of(case, rounds):
    run_s, _, bench_s, _, host_over_gpu = map(statistics.median, zip(*rounds))
    return {"case": case, "run_s": run_s, "microbench_s": bench_s,
            "ratio": statistics.median(bench_s / run_s for run_s, _, bench_s, _, _ in rounds),
            "noise": statistics.median(noise_of(one[1], one[3]) for one in rounds),
            "host_over_gpu": host_over_gpu,
            "apart": sum(is_apart(*one) for one in rounds) > len(rounds) / 2}


def verdict(line):
    if not 1 / ABSURD_FACTOR < line["ratio"] < ABSURD_FACTOR:
        return "ABSURD"
    if line["host_over_gpu"] * CLOCK_MARGIN < 1:
        return "IMPOSSIBLE"
    if line["apart"]:
        return "APART"
    return "agrees" if abs(line["ratio"] - 1) <= line["noise"] else "differs"


def text_of(line):
    return (f"{line['case']:<30} {line['run_s'] * 1e6:>9.1f} {line['microbench_s'] * 1e6:>9.1f}  "
            f"{line['ratio']:.3f} {line['noise']:>6.1%}  {line['host_over_gpu']:.2f}  {verdict(line)}")


def explain(lines):
    """What a person should do about the last column; returns the exit code."""
    words = [verdict(line) for line in lines]
    if "differs" in words:
        print("\ndiffers: more than the stated noise; stop what else runs and repeat, since one side\n"
              "may have met a load that the other did not.")
    if "APART" in words:
        print("\nAPART: more than noise and 25 % in most rounds. Stop what else runs and repeat; if it stays, one\n"
              "of the clocks, or the count of launches in a sample, is wrong.")
    if "ABSURD" in words:
        print("\nABSURD: no load explains a factor of 3 in turns. One of the clocks, or the count of\n"
              "launches in a sample, is wrong.")
    if "IMPOSSIBLE" in words:
        print("\nIMPOSSIBLE: the device says that work inside a submission took longer than the whole\n"
              "submission did by the host's clock.")
    if {"ABSURD", "IMPOSSIBLE"} & set(words):
        return 1
    return 3 if "APART" in words else 0


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: expected at least 1")
    return value


def case_name(text):
    if len(text.split("/")) != 4 or not text.rsplit("/", 1)[1].isdigit():
        raise argparse.ArgumentTypeError(f"{text}: expected op/kernel/precision/size")
    return text


def parse():
    top = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=PURPOSE, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", type=case_name, default=CASES, metavar="CASE",
                        help="op/kernel/precision/size; without any: " + ", ".join(CASES))
    parser.add_argument("--rounds", type=positive, default=5, help="turns of each side (5)")
    parser.add_argument("--device", default="", help="as in gpubench run")
    parser.add_argument("--build", type=pathlib.Path, default=top / "build/release",
                        help="folder with both programs (build/release)")
    parser.add_argument("--microbench", type=pathlib.Path, help="another gpubench_microbench")
    options = parser.parse_args()
    options.gpubench = options.build / "gpubench"
    options.microbench = options.microbench or options.build / "gpubench_microbench"
    for program in (options.gpubench, options.microbench):
        if not program.is_file():
            parser.error(f"{program}: no such program; build gpubench_microbench first")
    return options


def main():
    options = parse()
    print(f"{'kernel':<30} {'run µs':>9} {'bench µs':>9}  ratio  noise  host/gpu", flush=True)
    lines = []
    for case in options.cases:
        lines.append(compare(options, case))
        print(text_of(lines[-1]), flush=True)
    return explain(lines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(f"agree.py: {failure}", file=sys.stderr)
        sys.exit(failure.code)
    except KeyboardInterrupt:
        sys.exit(130)
