#!/usr/bin/env python3
"""cpu.py — FP32 products of OpenBLAS and oneDNN as runs of gpubench, one folder for each way to run them."""

import argparse
import os
import pathlib
import subprocess

import programs
from failure import USAGE, WRONG, Failure, run_main

PURPOSE = """Measures the FP32 matrix products of the CPU's libraries: same inputs, checks and sampling as
gpubench run, and the same files. What a library does is decided by which of its code paths it takes and
on how many threads, so each variant is a run of its own and says both in kernel_params."""

EXAMPLES = """variants:
  openblas            the kernels that OpenBLAS chooses for this CPU
  openblas:CORE       pinned by OPENBLAS_CORETYPE=CORE; Haswell is its AVX2 kernel
  onednn              what oneDNN chooses
  onednn:ISA          pinned by ONEDNN_MAX_CPU_ISA=ISA, such as AVX2

examples:
  tools/peers/cpu.py --size 1024,2048
  tools/peers/cpu.py --variant openblas:Haswell,openblas --threads 2 --out results

exit codes: 0 good, 1 a result was wrong, 2 the command line is wrong, 4 could not run"""

DEFAULT_VARIANTS = "openblas:Haswell,openblas,onednn"
PINNED_BY = {"openblas": "OPENBLAS_CORETYPE", "onednn": "ONEDNN_MAX_CPU_ISA"}


def environment_of(variant, threads):
    """Of a process that runs this variant. A pin from outside would make both variants the same."""
    library, _, code_path = variant.partition(":")
    environment = {name: value for name, value in os.environ.items()
                   if name not in (*PINNED_BY.values(), "DNNL_MAX_CPU_ISA")}
    environment["OPENBLAS_NUM_THREADS"] = str(threads)
    if code_path:
        environment[PINNED_BY[library]] = code_path
    return environment


def measure(options, variant):
    """Exit code of the variant's process, whose last word is its folder."""
    library = variant.partition(":")[0]
    cores = sorted(os.sched_getaffinity(0))[:options.threads]
    command = [options.program, "--library", library, "--size", options.size, "--budget",
               options.budget, "--seed", str(options.seed), "--out", str(options.out)]
    process = subprocess.run(command, env=environment_of(variant, options.threads), check=False,
                             stdin=subprocess.DEVNULL,
                             preexec_fn=lambda: os.sched_setaffinity(0, cores))
    if process.returncode not in (0, WRONG):
        raise Failure(process.returncode, f"{variant}: {' '.join(command)} ended with exit code "
                                          f"{process.returncode}")
    return process.returncode


def variants_of(text):
    variants = text.split(",")
    for variant in variants:
        library, colon, code_path = variant.partition(":")
        if library not in PINNED_BY or (colon and not code_path):
            raise argparse.ArgumentTypeError(f"{variant}: expected openblas, openblas:CORE, onednn "
                                             f"or onednn:ISA")
    return variants


def parse():
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=PURPOSE, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="512,1024,2048", help="square sizes (512,1024,2048)")
    parser.add_argument("--variant", type=variants_of, default=variants_of(DEFAULT_VARIANTS),
                        help=f"({DEFAULT_VARIANTS})")
    parser.add_argument("--threads", type=int, default=cores,
                        help=f"cores and threads (all that may be used: {cores})")
    parser.add_argument("--seed", type=int, default=42, help="of the inputs (42)")
    parser.add_argument("--budget", default="5s", help="time for one size (5s)")
    parser.add_argument("--out", type=pathlib.Path, default="results", help="results folder (results)")
    parser.add_argument("--program", type=pathlib.Path, help="another gpubench_cpu_peer")
    options = parser.parse_args()
    if not 1 <= options.threads <= cores:
        raise Failure(USAGE, f"--threads {options.threads}: expected 1 to {cores}, the cores that "
                             f"this process may use")
    options.program = programs.find("gpubench_cpu_peer", options.program)
    return options


def main():
    options = parse()
    return max(measure(options, variant) for variant in options.variant)


if __name__ == "__main__":
    run_main("cpu.py", main)
