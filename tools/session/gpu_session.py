#!/usr/bin/env python3
"""gpu_session.py — everything that is worth measuring on a GPU that is there for ten minutes, in one go."""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))

import programs
import steps
import summary
from failure import COULD_NOT_RUN, INCONCLUSIVE, USAGE, WRONG, Failure, run_main

PURPOSE = """Runs, in the order of what is worth most: the measured ceilings and the kernels' share of them; the
kernels for matrix units; the tuner at two sizes; the kernels against cuBLAS; zeros against random data and
a hold of ten seconds with clocks and power; all of matmul.yaml; and the audit of every kernel's precision.
Builds nothing. Each step has a time of its own and the whole a deadline; what does not fit is skipped and
said, and what a step wrote before it had to end is kept. Everything lands in one folder."""

EXAMPLES = """examples:
  ./gpu-session                                     in the bundle; ten minutes
  ./gpu-session --minutes 5 --device H100 --out h100
  ./gpu-session --python /opt/conda/bin/python      the Python that has PyTorch
  tools/session/gpu_session.py --device llvmpipe --quick     in a checkout: every step in miniature

what it leaves:
  session.json   each step: command, time, exit code, and why it was skipped
  summary.txt    rates, zeros against normal numbers, holds
  ratios.csv     ours / cuBLAS
  cache/         what the tuner found, and compiled pipelines; your own cache is left alone
  results/       the folders of all runs
  *.log, *.txt   what each step said; devices.json, nvidia-smi.txt

exit codes: 0 every step ended well, 1 something was judged wrong, 2 the command line is wrong,
3 a step was skipped or ended early, 4 no device or a step could not run, 130 or 143 interrupted"""

# For a program to write its last row and end after it was asked to.
GRACE_S = 10
PROBE_TIMEOUT_S = 60


# How long it takes to notice that somebody wants the session to end.
POLL_S = 0.2


class EndRequest:
    """Whether somebody asked the session to end, by Ctrl-C, a signal or a closed terminal."""

    def __init__(self):
        self.signal = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, number, _frame):
        self.signal = number


def stop(process):
    """Asks the whole group to end, waits, and then does not ask any more."""
    for number, wait_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=wait_s)
            return
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            process.wait()
            return


def answer_of(command):
    """stdout of a short command; None where it fails."""
    try:
        process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 timeout=PROBE_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return process.stdout if process.returncode == 0 else None


def finish(command):
    """stdout; a program that could not do it ends the session with its own words."""
    process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             check=False)
    if process.returncode in (USAGE, COULD_NOT_RUN):
        raise Failure(process.returncode, process.stderr.strip().removeprefix("gpubench: "))
    return process.stdout


def best_device(gpubench):
    """UUID of the device that gpubench run takes without being told: every step gets the same."""
    usable = [device["identity"] for device in json.loads(finish([gpubench, "devices", "--json"]))
              if not device["refusals"]]
    order = ("discrete", "integrated", "virtual", "other", "software")
    usable.sort(key=lambda identity: order.index(identity["type"]))
    if not usable:
        raise Failure(COULD_NOT_RUN, "no usable Vulkan device; gpubench devices says why")
    return usable[0]["uuid"]


def find_device(gpubench, wanted):
    """Refuses at once what no step could run on."""
    device = wanted or best_device(gpubench)
    finish([gpubench, "audit", "--device", device, "--op", "gemm", "--kernel", "naive", "--precision",
            "fp32", "--size", "3"])
    return device


def python_with_torch(options):
    """The first Python whose PyTorch finds a CUDA device."""
    test = "import torch, sys; sys.exit(0 if torch.cuda.is_available() else 1)"
    for python in [options.python] if options.python else [sys.executable, shutil.which("python3")]:
        if python and answer_of([python, "-c", test]) is not None:
            return python
    return ""


def take_inventory(options, gpubench):
    kernels = json.loads(answer_of([gpubench, "list", "kernels", "--json"]) or "[]")
    return steps.Inventory(
        gpubench=gpubench, device=options.device,
        has_tune=answer_of([gpubench, "tune", "--help"]) is not None,
        kernels=[(entry["op"], entry["kernel"]) for entry in kernels
                 if entry["precision"] == "fp16_acc32" and not entry["absent"]],
        torch_python=python_with_torch(options))


def describe_machine(out, gpubench):
    for name, command in (("devices.json", [gpubench, "devices", "--json"]),
                          ("kernels.json", [gpubench, "list", "kernels", "--json"]),
                          ("nvidia-smi.txt", ["nvidia-smi", "-q"])):
        text = answer_of(command)
        if text is not None:
            (out / name).write_text(text, encoding="utf-8")


class Session:
    """The steps, one after the other, against the clock."""

    def __init__(self, out, minutes, planned, end_request):
        self.out = out
        self.end_request = end_request
        self.deadline = time.monotonic() + 60 * minutes
        self.planned = planned
        self.record = {"started_at": now(), "ended_at": "", "minutes": minutes,
                       "command_line": sys.argv,
                       "steps": [{"name": step.name, "question": step.question,
                                  "command": step.command, "status": "waiting", "reason": "",
                                  "most_s": step.most_s, "seconds": None, "exit_code": None}
                                 for step in planned]}
        self.write()

    def write(self):
        """As a whole, so that whoever kills this finds the old state or the new one."""
        new = self.out / "session.json.new"
        new.write_text(json.dumps(self.record, indent=2) + "\n", encoding="utf-8")
        os.replace(new, self.out / "session.json")

    def run(self):
        for step, entry in zip(self.planned, self.record["steps"]):
            left_s = self.deadline - time.monotonic() - GRACE_S
            if self.end_request.signal:
                self.note(entry, "skipped", "the session was ended before")
            elif step.missing:
                self.note(entry, "skipped", step.missing)
            elif left_s < step.least_s:
                self.note(entry, "skipped", f"{max(left_s, 0):.0f} s are left, and it takes at least "
                                            f"{step.least_s:.0f} s")
            else:
                self.take(step, entry, min(step.most_s, left_s))

    def note(self, entry, status, reason=""):
        entry["status"], entry["reason"] = status, reason
        self.write()
        print(f"{entry['name']:<16} {status}{': ' if reason else ''}{reason}", flush=True)

    def take(self, step, entry, limit_s):
        print(f"{step.name:<16} {step.question} (at most {limit_s:.0f} s)", flush=True)
        entry["status"] = "running"
        self.write()
        begin = time.monotonic()
        with open(self.out / f"{step.name}.txt", "wb") as said, \
                open(self.out / f"{step.name}.log", "wb") as complained:
            process = subprocess.Popen(step.command, stdin=subprocess.DEVNULL, stdout=said,
                                       stderr=complained, start_new_session=True,
                                       env={**os.environ, "XDG_CACHE_HOME": str(self.out / "cache")})
            self.wait(process, begin + limit_s)
        entry["seconds"] = round(time.monotonic() - begin, 1)
        if process.poll() is not None:
            entry["exit_code"] = process.returncode
            return self.note(entry, "ended", f"exit code {process.returncode}, "
                                             f"{entry['seconds']:.0f} s")
        stop(process)
        why = (f"signal {self.end_request.signal} ended the session" if self.end_request.signal
               else f"after {limit_s:.0f} s")
        return self.note(entry, "cut short", f"{why}; what it wrote is kept")

    def wait(self, process, until):
        """Until the process or its time ends, or somebody asks."""
        while time.monotonic() < until and not self.end_request.signal:
            try:
                process.wait(timeout=POLL_S)
                return
            except subprocess.TimeoutExpired:
                continue

    def close(self):
        self.record["ended_at"] = now()
        self.write()
        text = summary.summary_text(self.out / "results")
        (self.out / "summary.txt").write_text(text, encoding="utf-8")

    def exit_code(self):
        if self.end_request.signal:
            return 128 + self.end_request.signal
        codes = {entry["exit_code"] for entry in self.record["steps"] if entry["status"] == "ended"}
        for code in (WRONG, COULD_NOT_RUN, USAGE):
            if code in codes:
                return code
        whole = all(entry["status"] == "ended" for entry in self.record["steps"])
        return 0 if whole and codes <= {0} else INCONCLUSIVE


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_folder(out):
    out = out or pathlib.Path(f"gpu-session-{now().replace('-', '').replace(':', '')}")
    try:
        out.mkdir()
        (out / "results").mkdir()
    except FileExistsError as error:
        raise Failure(USAGE, f"{out}: exists already; a session goes into a folder of its own") from error
    return out.resolve()


def minutes(text):
    value = float(text)
    if not 0 < value <= 24 * 60:
        raise argparse.ArgumentTypeError(f"{text}: expected a number above 0, in minutes")
    return value


def parse():
    parser = argparse.ArgumentParser(prog="gpu-session", description=PURPOSE, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=minutes, default=10, help="deadline of the whole (10)")
    parser.add_argument("--out", type=pathlib.Path, help="new folder for everything (gpu-session-TIME)")
    parser.add_argument("--device", default="", help="as in gpubench run; default: the best GPU")
    parser.add_argument("--quick", action="store_true", help="small sizes: does every step run?")
    parser.add_argument("--python", help="a Python that has PyTorch, for cuBLAS")
    parser.add_argument("--gpubench", help="another gpubench")
    return parser.parse_args()


def main():
    options = parse()
    end_request = EndRequest()
    gpubench = programs.find("gpubench", options.gpubench)
    options.device = find_device(gpubench, options.device)
    out = make_folder(options.out)
    print(f"everything lands in {out}", flush=True)
    describe_machine(out, gpubench)
    scale = steps.QUICK if options.quick else steps.FULL
    inventory = take_inventory(options, gpubench)
    session = Session(out, options.minutes, steps.plan(inventory, out, scale), end_request)
    try:
        session.run()
    finally:
        session.close()
    print(f"\n{(out / 'summary.txt').read_text(encoding='utf-8')}", flush=True)
    return session.exit_code()


if __name__ == "__main__":
    run_main("gpu-session", main)
