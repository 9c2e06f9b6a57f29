#!/usr/bin/env python3
"""peaks.py — what clpeak and vkpeak say a device reaches, as rows of gpubench's results.csv."""

import argparse
import pathlib
import re
import shutil
import subprocess

import programs
from devices import id_of_name
from failure import COULD_NOT_RUN, INCONCLUSIVE, Failure, run_main
from run_folder import RunFolder, content_hash

PURPOSE = """Runs clpeak and vkpeak, where they are on PATH, and writes their figures as rows with op peak, which
compare.py holds against the ceilings that gpubench measured. Neither program says whether what it timed
was right, so check_status stays not_run. An absent program is said and skipped."""

EXAMPLES = """examples:
  tools/peers/peaks.py
  tools/peers/peaks.py --program vkpeak --vkpeak-device 0 --out results

exit codes: 0 at least one figure was found, 2 the command line is wrong, 3 none of the programs is here,
4 a program failed or says nothing that is understood"""

# Of what each bounds: precision and formats. What vkpeak's matrices add up in depends on the device and is not said.
CEILINGS = {"fp32": ("fp32", "f32", "f32", "f32"), "fp16": ("fp16", "f16", "f16", "f16"),
            "fp16_matrix": ("fp16", "f16", "", ""), "bf16_matrix": ("bf16", "bf16", "", "")}
# vkpeak's lines, such as "fp32-vec4    = 16910.07 GFLOPS", by what they bound.
VKPEAK_LINES = {"fp32-scalar": "fp32", "fp32-vec4": "fp32", "fp16-scalar": "fp16",
                "fp16-vec4": "fp16", "fp16-matrix": "fp16_matrix", "bf16-matrix": "bf16_matrix",
                "copy-d2d": "copy"}
# clpeak's headings (versions 1.x), above lines such as "float4  : 7012.61".
CLPEAK_HEADINGS = {"Single-precision compute (GFLOPS)": "fp32",
                   "Half-precision compute (GFLOPS)": "fp16",
                   "Global memory bandwidth (GBPS)": "copy"}
TIMEOUT_S = 300


def parse_vkpeak(text):
    """(device, what, line, giga) for each figure that is not 0, which is how it says "absent"."""
    device = ""
    for line in text.splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if equals and name == "device":
            device = value
        match = re.match(r"([\d.]+) (GFLOPS|TFLOPS|GBPS)$", value)
        if match and name in VKPEAK_LINES and float(match.group(1)) > 0:
            scale = 1000 if match.group(2) == "TFLOPS" else 1
            yield device, VKPEAK_LINES[name], name, float(match.group(1)) * scale


def parse_clpeak(text):
    device = what = ""
    for line in text.splitlines():
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon:
            what = CLPEAK_HEADINGS.get(name, "")
        elif name == "Device":
            device, what = value, ""
        elif what and re.fullmatch(r"[\d.]+", value) and float(value) > 0:
            yield device, what, name, float(value)


PROGRAMS = {"vkpeak": parse_vkpeak, "clpeak": parse_clpeak}


def best_of(figures):
    """For each device and ceiling the largest figure, and the line that it stood in."""
    best = {}
    for device, what, line, giga in figures:
        if giga > best.get((device, what), (0, ""))[0]:
            best[device, what] = (giga, line)
    return best


def row_of(program, device, what, giga, line):
    facts = {"device_name": device, "device_type": "other", "driver_id": program,
             "device_uuid": id_of_name(device), "env_id": content_hash(f"{program} {device}")}
    rate = giga * 1e9
    case = {"case_id": f"peak/{program}/{what}", "op": "peak", "kernel": program,
            "kernel_params": f"line={line}", "check_status": "not_run",
            "timing_status": "not_run", "stop_reason": "not_run", "status": "ok",
            "precision_verdict": "not_probed"}
    if what == "copy":
        return {**facts, **case, "bandwidth_bytes_per_s": rate}
    precision, dtype_in, dtype_acc, dtype_out = CEILINGS[what]
    return {**facts, **case, "precision": precision, "dtype_in": dtype_in, "dtype_acc": dtype_acc,
            "dtype_out": dtype_out, "throughput_flops": rate}


def measure(options, program):
    """Rows of one program."""
    command = [program] + ([options.vkpeak_device] if program == "vkpeak" and options.vkpeak_device
                           else [])
    try:
        process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failure(COULD_NOT_RUN, f"{program} did not end within {TIMEOUT_S} s") from error
    # vkpeak says all of it on stderr.
    best = best_of(PROGRAMS[program](f"{process.stdout}\n{process.stderr}"))
    if process.returncode != 0 or not best:
        raise Failure(COULD_NOT_RUN, f"{program} ended with exit code {process.returncode} and said "
                                     f"no figure that is understood: "
                                     f"{(process.stderr or process.stdout).strip()[:500]}")
    return [row_of(program, device, what, *found) for (device, what), found in best.items()]


def parse():
    parser = argparse.ArgumentParser(description=PURPOSE, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", choices=sorted(PROGRAMS), action="append",
                        help="only this one; may be repeated (both)")
    parser.add_argument("--vkpeak-device", default="", help="vkpeak's own number of the device")
    parser.add_argument("--out", type=pathlib.Path, default="results", help="results folder (results)")
    parser.add_argument("--gpubench", help="another gpubench, which knows the columns")
    return parser.parse_args()


def main():
    options = parse()
    present = []
    for program in options.program or sorted(PROGRAMS):
        if shutil.which(program):
            present.append(program)
        else:
            print(f"{program}: absent: not on PATH")
    if not present:
        return INCONCLUSIVE
    gpubench = programs.find("gpubench", options.gpubench)
    for program in present:
        rows = measure(options, program)
        folder = RunFolder(options.out, gpubench, f"peer_{program}", f"name: peer_{program}\n",
                           f"peer={program}")
        for row in rows:
            folder.append(row, [])
        folder.finish()
        print(folder.path)
    return 0


if __name__ == "__main__":
    run_main("peaks.py", main)
