#!/usr/bin/env python3
"""gpu_session.py — everything that is worth measuring on a GPU that is there for nine minutes, in one go."""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))

import programs
import steps
import summary
from failure import COULD_NOT_RUN, INCONCLUSIVE, USAGE, WRONG, Failure, run_main

PURPOSE = """Runs, in the order of what is worth most: the kernels for matrix units; the tuner, FP16 with sums in
FP32 first; the kernels against cuBLAS; the measured ceilings and the kernels' share of them; a layer with bias
and gelu beside the product alone; zeros against random data and a hold of ten seconds with clocks and power; all of
matmul.yaml; and the audit of every kernel's precision. Builds nothing. Says first what it will do in which
order; each step has a limit, and the whole a deadline that counts from the start of this program. What does
not fit is skipped and said, and what a step wrote before it had to end is kept. Everything lands in one
folder."""

EXAMPLES = """examples:
  ./gpu-session                                     in the bundle; nine minutes
  ./gpu-session --minutes 5 --device H100 --out h100
  ./gpu-session --python /opt/conda/bin/python      the Python that has PyTorch
  tools/session/gpu_session.py --device llvmpipe --quick     in a checkout: every step in miniature

what it leaves, even where the session is killed half-way:
  session.json   device, driver, cores; each step: command, limit, time, exit code, and why it was skipped
  summary.txt    the device; matrix units before and after the tuning; rates; ours / cuBLAS; linear / gemm; zeros
                 against normal numbers; holds; made anew after each step
  ratios*.csv    ours / cuBLAS; made anew after each round
  cache/         what the tuner found, and compiled pipelines; your own cache is left alone
  results/       the folders of all runs; a row is on disk before the next begins
  *.log, *.txt   what each step said; devices.json, kernels.json, nvidia-smi.txt

exit codes: 0 every step ended well, 1 something was judged wrong, 2 the command line is wrong,
3 a step was skipped or ended early, 4 no device or a step could not run, 130 or 143 interrupted"""

MINUTES = 9
# For a program to write its last row and end after it was asked to, and for the driver to let it go.
GRACE_S = 10
KILL_S = 2
# Between the limit of the last step and the deadline: those two, and the summary.
END_S = 15
# For one command of the look at the machine.
PROBE_S = 20

# How long it takes to notice that somebody wants the session to end.
POLL_S = 0.2


class Clock:
    """What is left of the session's time."""

    def __init__(self, minutes, begin, now=time.monotonic):
        self.now = now
        self.begin = begin
        self.total_s = 60 * minutes

    def spent_s(self):
        return self.now() - self.begin

    def left_s(self):
        return max(0.0, self.total_s - self.spent_s())


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
    for number, wait_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, KILL_S)):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=wait_s)
            return
        except subprocess.TimeoutExpired:  # of SIGKILL: the driver holds it, and the session goes on
            continue
        except ProcessLookupError:
            process.wait()
            return


class Probe:
    """Short commands that say what is here; none takes longer than the session has."""

    def __init__(self, clock):
        self.clock = clock

    def run(self, command, **environment):
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env={**os.environ, **environment}, timeout=min(PROBE_S, self.clock.left_s()), check=False)

    def answer(self, command):
        """stdout; None where it fails."""
        try:
            process = self.run(command)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return process.stdout if process.returncode == 0 else None

    def demand(self, command):
        """stdout; a program that could not do it ends the session with its own words."""
        try:
            process = self.run(command)
        except subprocess.TimeoutExpired as error:
            raise Failure(COULD_NOT_RUN, f"{' '.join(command)}: no answer within "
                                         f"{error.timeout:.0f} s") from error
        if process.returncode in (USAGE, COULD_NOT_RUN):
            raise Failure(process.returncode, process.stderr.strip().removeprefix("gpubench: "))
        return process.stdout

    def loader_complaints(self, gpubench):
        """What the Vulkan loader says of drivers that are here and do not load, a line each."""
        try:
            process = self.run([gpubench, "devices"], VK_LOADER_DEBUG="error")
        except subprocess.TimeoutExpired:
            return ""
        said = [line.split(":", 1)[1].strip() for line in process.stderr.splitlines() if line.startswith("ERROR")]
        return "".join(f"\n  the Vulkan loader: {line}" for line in dict.fromkeys(said))

    def torch_problem(self, python):
        """Why this Python has no PyTorch that finds a CUDA device; nothing where it has."""
        test = "import torch, sys; sys.exit(0 if torch.cuda.is_available() else 1)"
        try:
            process = self.run([python, "-c", test])
        except OSError as error:
            return error.strerror
        except subprocess.TimeoutExpired:  # there is something to import; its step will tell
            return ""
        said = process.stderr.strip().splitlines()
        return "" if process.returncode == 0 else said[-1] if said else "PyTorch finds no CUDA device"


def best_device(devices, quick):
    """UUID of the device that gpubench run takes without being told: every step gets the same."""
    usable = [device["identity"] for device in devices if not device["refusals"]]
    order = ("discrete", "integrated", "virtual", "other", "software")
    usable.sort(key=lambda identity: order.index(identity["type"]))
    if not usable:
        raise Failure(COULD_NOT_RUN, "no usable Vulkan device; gpubench devices says why")
    best = usable[0]
    if best["type"] == "software" and not quick:
        raise Failure(COULD_NOT_RUN, f"no GPU, only {best['name']}, which runs on the CPU; --device names it, if "
                                     "it is what you want to measure")
    return best["uuid"]


def identity_of(probe, gpubench, device):
    """What gpubench takes for this device; refuses at once what no step could run on."""
    with tempfile.TemporaryDirectory(prefix="gpu-session-") as folder:
        facts = pathlib.Path(folder) / "audit.json"
        said = probe.demand([gpubench, "audit", "--device", device, "--op", "gemm", "--kernel", "naive",
                             "--precision", "fp32", "--size", "3", "--json", str(facts)])
        if not facts.exists():
            raise Failure(COULD_NOT_RUN, f"{gpubench} audit --device {device} names no device: {said.strip()}")
        return json.loads(facts.read_text(encoding="utf-8"))["device"]


def python_with_torch(probe, wanted):
    """The first Python whose PyTorch finds a CUDA device; the one that was asked for must."""
    if wanted:
        problem = probe.torch_problem(wanted)
        if problem:
            raise Failure(USAGE, f"--python {wanted}: {problem}")
        return wanted
    pythons = dict.fromkeys(filter(None, (sys.executable, shutil.which("python3"))))
    return next((python for python in pythons if not probe.torch_problem(python)), "")


class Machine:
    """What is here, asked once; refuses what cannot be before anything is written."""

    def __init__(self, probe, options):
        self.gpubench = programs.find("gpubench", options.gpubench)
        try:
            self.texts = {"devices.json": probe.demand([self.gpubench, "devices", "--json"])}
            self.device = options.device or best_device(json.loads(self.texts["devices.json"]), options.quick)
            self.identity = identity_of(probe, self.gpubench, self.device)
        except Failure as failure:
            raise Failure(failure.code, f"{failure}{probe.loader_complaints(self.gpubench)}") from failure
        self.torch_python = python_with_torch(probe, options.python)
        self.has_tune = probe.answer([self.gpubench, "tune", "--help"]) is not None
        self.texts["kernels.json"] = probe.answer([self.gpubench, "list", "kernels", "--json"])
        self.texts["nvidia-smi.txt"] = probe.answer(["nvidia-smi", "-q"])

    def inventory(self):
        kernels = json.loads(self.texts["kernels.json"] or "[]")
        return steps.Inventory(
            gpubench=self.gpubench, device=self.device, has_tune=self.has_tune,
            kernels=[(entry["op"], entry["kernel"]) for entry in kernels
                     if entry["precision"] == "fp16_acc32" and not entry["absent"]],
            torch_python=self.torch_python)

    def facts(self):
        """For session.json, in the words of gpubench."""
        names = ("name", "type", "uuid", "driver_id", "driver_version", "driver_info")
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return {**{name: self.identity[name] for name in names}, "cores": cores}

    def describe(self, out):
        for name, text in self.texts.items():
            if text is not None:
                (out / name).write_text(text, encoding="utf-8")


def write_whole(path, text):
    """Whoever kills this finds the old file or the new one."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def clock_text(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def plan_text(planned, clock):
    """Each step in its turn: its limit, and when it has ended at the latest."""
    lines = [f"{clock_text(clock.total_s)} in all, {clock_text(clock.spent_s())} of it gone; in this order:",
             f"  {'step':<21} {'limit':>5}  ended by"]
    latest_s, last_s = clock.spent_s(), clock.total_s - END_S
    for step in planned:
        if step.missing:
            lines.append(f"  {step.name:<21} {'–':>5}  left out: {step.missing}")
            continue
        fits = latest_s + step.least_s <= last_s
        latest_s += step.most_s
        when = clock_text(min(latest_s, last_s)) + ("" if fits else ", if those before end sooner")
        lines.append(f"  {step.name:<21} {step.most_s:>3.0f} s  {when}")
    return "\n".join(lines)


class Session:
    """The steps, one after the other, against the clock."""

    def __init__(self, out, clock, machine, planned, end_request):
        self.out = out
        self.end_request = end_request
        self.clock = clock
        self.planned = planned
        self.record = {"machine": machine, "started_at": utc_now(), "ended_at": "",
                       "minutes": clock.total_s / 60, "command_line": sys.argv,
                       "steps": [{"name": step.name, "question": step.question,
                                  "command": step.command, "status": "waiting", "reason": "",
                                  "most_s": step.most_s, "seconds": None, "exit_code": None}
                                 for step in planned]}
        self.write()

    def write(self):
        write_whole(self.out / "session.json", json.dumps(self.record, indent=2) + "\n")

    def run(self):
        for step, entry in zip(self.planned, self.record["steps"]):
            left_s = self.clock.left_s() - END_S
            if self.end_request.signal:
                self.note(entry, "skipped", "the session was ended before")
            elif step.missing:
                self.note(entry, "skipped", step.missing)
            elif left_s < step.least_s:
                self.note(entry, "skipped", f"{max(left_s, 0):.0f} s are left, and it takes at least "
                                            f"{step.least_s:.0f} s")
            else:
                self.take(step, entry, min(step.most_s, left_s))
                self.summarise()

    def note(self, entry, status, reason=""):
        entry["status"], entry["reason"] = status, reason
        self.write()
        print(f"{entry['name']:<21} {status}{': ' if reason else ''}{reason}", flush=True)

    def take(self, step, entry, limit_s):
        print(f"{step.name:<21} {step.question} (at most {limit_s:.0f} s)", flush=True)
        entry["status"] = "running"
        self.write()
        begin = self.clock.now()
        with open(self.out / f"{step.name}.txt", "wb") as said, \
                open(self.out / f"{step.name}.log", "wb") as complained:
            process = subprocess.Popen(step.command, stdin=subprocess.DEVNULL, stdout=said,
                                       stderr=complained, start_new_session=True,
                                       env={**os.environ, "XDG_CACHE_HOME": str(self.out / "cache")})
            self.wait(process, begin + limit_s)
        entry["seconds"] = round(self.clock.now() - begin, 1)
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
        while self.clock.now() < until and not self.end_request.signal:
            try:
                process.wait(timeout=POLL_S)
                return
            except subprocess.TimeoutExpired:
                continue

    def summarise(self):
        write_whole(self.out / "summary.txt", summary.summary_text(self.out))

    def close(self):
        self.record["ended_at"] = utc_now()
        self.write()
        self.summarise()

    def exit_code(self):
        if self.end_request.signal:
            return 128 + self.end_request.signal
        codes = {entry["exit_code"] for entry in self.record["steps"] if entry["status"] == "ended"}
        for code in (WRONG, COULD_NOT_RUN, USAGE):
            if code in codes:
                return code
        whole = all(entry["status"] == "ended" for entry in self.record["steps"])
        return 0 if whole and codes <= {0} else INCONCLUSIVE


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_folder(out):
    out = out or pathlib.Path(f"gpu-session-{utc_now().replace('-', '').replace(':', '')}")
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
    parser.add_argument("--minutes", type=minutes, default=MINUTES,
                        help=f"deadline of the whole, from the start of this program ({MINUTES})")
    parser.add_argument("--out", type=pathlib.Path, help="new folder for everything (gpu-session-TIME)")
    parser.add_argument("--device", default="", help="as in gpubench run; default: the best GPU. A device that runs "
                             "on the CPU only if named here, or with --quick")
    parser.add_argument("--quick", action="store_true", help="small sizes: does every step run?")
    parser.add_argument("--python", help="a Python that has PyTorch, for cuBLAS; an error where it has none")
    parser.add_argument("--gpubench", help="another gpubench")
    return parser.parse_args()


def main():
    begin = time.monotonic()
    options = parse()
    clock = Clock(options.minutes, begin)
    end_request = EndRequest()
    machine = Machine(Probe(clock), options)
    out = make_folder(options.out)
    print(f"{summary.machine_text(machine.facts())}\neverything lands in {out}", flush=True)
    machine.describe(out)
    planned = steps.plan(machine.inventory(), out, steps.QUICK if options.quick else steps.FULL)
    print(f"{plan_text(planned, clock)}\n", flush=True)
    session = Session(out, clock, machine.facts(), planned, end_request)
    try:
        session.run()
    finally:
        session.close()
    print(f"\n{(out / 'summary.txt').read_text(encoding='utf-8')}", flush=True)
    return session.exit_code()


if __name__ == "__main__":
    run_main("gpu-session", main)
