#!/usr/bin/env python3
"""side_by_side.py — gpubench and its peers in turns on one machine, and then ours / peer."""

import argparse
import pathlib
import shlex
import subprocess
import sys
import tempfile

import programs
from failure import COULD_NOT_RUN, INCONCLUSIVE, Failure, run_main
from runs import read_rows

PURPOSE = """Measures square matrix products with gpubench and with peers in turns, A B A B, so that a change
of the machine meets both sides, and after each round prints compare.py's table of all that was measured so
far. Peers: cpu (cpu.py) and torch (torch_gemm.py), the latter on the device of ours, by its UUID."""

EXAMPLES = """examples:
  tools/peers/side_by_side.py --size 1024,2048 --rounds 3
  tools/peers/side_by_side.py --size 4096,16384 --precision fp32,fp16_acc32 --peer torch
  tools/peers/side_by_side.py --device llvmpipe --peer-options cpu='--variant openblas:Haswell'

exit codes: 0 there is a ratio, 1 a result was wrong, 2 the command line is wrong, 3 nothing could be
compared, 4 could not run"""

HERE = pathlib.Path(__file__).resolve().parent
PEERS = {"cpu": "cpu.py", "torch": "torch_gemm.py"}
# Of both sides: good, or judged bad, which is a row; gpubench's also: some rows could not run.
ROWS_LEFT = (0, 1, 3, 4)


def scenario_of(options):
    return (f"name: ours\nbudget: {options.budget}s\ncases:\n  - {{op: gemm, "
            f"size: [{options.size}], precision: [{options.precision}], "
            f"kernel: [{options.kernel}]}}\n")


def run(command, allowed):
    print(f"$ {shlex.join(map(str, command))}", file=sys.stderr, flush=True)
    process = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, check=False)
    if process.returncode not in allowed:
        raise Failure(process.returncode if process.returncode > 0 else COULD_NOT_RUN,
                      f"{command[0]} ended with exit code {process.returncode}")


def peer_command(options, peer, our_runs):
    command = [sys.executable, HERE / PEERS[peer], "--size", options.size, "--out", options.out,
               "--budget", str(options.budget)]
    if peer == "torch":
        precisions = [word for word in options.precision.split(",") if word in ("fp32", "fp16_acc32")]
        command += ["--precision", ",".join(precisions or ["fp32"]), "--gpubench", options.gpubench,
                    "--device", device_of(our_runs)]
    return command + shlex.split(options.peer_options.get(peer, ""))


class Rounds:
    """Both sides in turns, and the ratios of all rounds so far, so that whoever ends this loses one at most."""

    def __init__(self, options):
        self.options = options
        options.out.mkdir(exist_ok=True)
        self.before = set(options.out.iterdir())

    def measure(self):
        """Exit code of the last comparison."""
        code = INCONCLUSIVE
        with tempfile.TemporaryDirectory(prefix="gpubench-peers-") as folder:
            scenario = pathlib.Path(folder) / "ours.yaml"
            scenario.write_text(scenario_of(self.options), encoding="utf-8")
            for number in range(1, self.options.rounds + 1):
                self.one_round(scenario)
                print(f"round {number} of {self.options.rounds}", flush=True)
                code = self.compare()
        return code

    def one_round(self, scenario):
        options, known = self.options, self.runs()
        ours = [options.gpubench, "run", scenario, "--quiet", "--full", "--out", options.out]
        run(ours + (["--device", options.device] if options.device else []), ROWS_LEFT)
        our_runs = set(self.runs()) - set(known)
        for peer in options.peer:
            run(peer_command(options, peer, our_runs), (0, 1))

    def runs(self):
        """Folders of the runs, in the order in which they were made."""
        return sorted(path for path in set(self.options.out.iterdir()) - self.before
                      if (path / "results.csv").exists())

    def compare(self):
        command = [sys.executable, HERE / "compare.py", *self.runs()]
        command += ["--csv", self.options.csv] if self.options.csv else []
        return subprocess.run([str(word) for word in command], check=False).returncode


def device_of(runs):
    """UUID of the one device that these runs of ours are of."""
    uuids = {row["device_uuid"] for folder in runs for row in read_rows(folder)}
    if len(uuids) != 1:
        raise Failure(COULD_NOT_RUN, f"gpubench measured on {len(uuids)} devices; expected one")
    return uuids.pop()


def peer_option(text):
    peer, equals, words = text.partition("=")
    if not equals or peer not in PEERS:
        raise argparse.ArgumentTypeError(f"{text}: expected cpu=OPTIONS or torch=OPTIONS")
    return peer, words


def peers(text):
    words = text.split(",")
    for word in words:
        if word not in PEERS:
            raise argparse.ArgumentTypeError(f"{word}: expected {' or '.join(PEERS)}")
    return words


def parse():
    parser = argparse.ArgumentParser(description=PURPOSE, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="1024,2048", help="square sizes (1024,2048)")
    parser.add_argument("--precision", default="fp32", help="as in a scenario (fp32)")
    parser.add_argument("--kernel", default="auto", help="ours, as in a scenario (auto)")
    parser.add_argument("--peer", type=peers, default=["cpu"], help="cpu, torch, or both (cpu)")
    parser.add_argument("--peer-options", type=peer_option, action="append", default=[],
                        metavar="PEER=OPTIONS", help="more options for one peer")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each side (3)")
    parser.add_argument("--budget", type=float, default=5, help="seconds for one product (5)")
    parser.add_argument("--device", default="", help="ours, as in gpubench run")
    parser.add_argument("--out", type=pathlib.Path, default="results", help="results folder (results)")
    parser.add_argument("--csv", help="writes the ratios as well")
    parser.add_argument("--gpubench", help="another gpubench")
    options = parser.parse_args()
    options.peer_options = dict(options.peer_options)
    options.gpubench = programs.find("gpubench", options.gpubench)
    return options


def main():
    return Rounds(parse()).measure()


if __name__ == "__main__":
    run_main("side_by_side.py", main)
