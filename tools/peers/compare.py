#!/usr/bin/env python3
"""compare.py — ours / peer for each case, from the folders of runs; and what was not compared, and why."""

import argparse
import csv
import math
import os
import statistics
import sys

from devices import device_text, is_one_device
from failure import INCONCLUSIVE, run_main
from runs import is_peer, number, read_rows

PURPOSE = """Joins runs of gpubench with runs of peers (tools/peers) and prints ours / peer for each case. Only
like is compared with like: the same work, data and formats, verified on both sides, on one device of
one host. What is not compared is listed with the reason: TF32 is no peer of FP32, nor FP16 sums of FP32 sums.

With several runs of the same thing on a side, the median of their medians counts: run them in turns."""

EXAMPLES = """examples:
  tools/peers/compare.py results/*
  tools/peers/compare.py results/20261122T0101*-matmul-* results/*-peer_* --csv ratios.csv

exit codes: 0 there is a ratio, 2 a run cannot be read, 3 nothing could be compared"""

WORK = ("op", "m", "n", "k", "batch", "layout", "activation")
FORMATS = ("dtype_in", "dtype_acc", "dtype_out")
CSV_COLUMNS = (*WORK, "precision", "ours_kernel", "ours_flops", "peer", "peer_params", "peer_flops",
               "ratio", "spread", "ours_runs", "peer_runs")


class Side:
    """One kernel or library on one case: every run of it."""

    def __init__(self, row):
        self.row = row
        self.rates = []
        self.spreads = []

    def add(self, row):
        self.rates.append(rate_of(row))
        quartiles = [number(row, f"time_{name}_s") for name in ("p25", "median", "p75")]
        if None not in quartiles:
            self.spreads.append((quartiles[2] - quartiles[0]) / 1.349 / quartiles[1])

    @property
    def rate(self):
        return statistics.median(self.rates)

    @property
    def spread(self):
        """Of the samples, or between runs where that is more."""
        between = (max(self.rates) - min(self.rates)) / 2 / self.rate
        return max(between, statistics.median(self.spreads) if self.spreads else 0.0)

    @property
    def name(self):
        return f"{self.row['kernel']} {self.row['driver_version']}".strip()


def rate_of(row):
    """FLOP/s; of a ceiling of the memory, bytes a second."""
    if row["op"] == "peak" and not row["precision"]:
        return number(row, "bandwidth_bytes_per_s")
    return number(row, "throughput_flops")


def ceiling(row):
    """What reaches it, by the end of its name: measured_fp16_matrix of ours, peak/vkpeak/fp16_matrix of a peer."""
    name = row["case_id"]
    kinds = (("workgroup_matrix", "workgroup matrix"), ("matrix", "matrix"))
    return next((kind for end, kind in kinds if name.endswith(end)), "vector")


def case_text(row):
    if row["op"] == "peak":
        return f"peak {row['precision'] or 'copy'} {ceiling(row)}".removesuffix(" vector")
    sides = [row[name] for name in ("m", "n", "k") if row[name] not in ("", "0")]
    shape = f"{sides[0]}^{len(sides)}" if len(set(sides)) == 1 else "x".join(sides)
    extra = [word for word in (row["activation"], row["layout"]) if word not in ("", "none", "nn")]
    batch = [f"batch {row['batch']}"] if row["batch"] not in ("", "1") else []
    return " ".join([row["op"], shape, row["precision"], *extra, *batch])


def formats_text(row):
    return "/".join(row[name] or "?" for name in FORMATS)


def why_useless(row):
    """Why a row has no rate that may be compared; nothing where it has."""
    if row["status"] != "ok":
        return f"it {row['status']}: {row['reason']}"
    if not rate_of(row):
        return "it was not timed"
    if row["op"] != "peak" and row["check_status"] != "passed":
        return f"its result was not verified (check_status {row['check_status'] or 'empty'})"
    return ""


def is_same_arithmetic(ours, peer):
    """A ceiling of matrix units that does not say what it adds up in bounds any format of sums."""
    if ours["op"] == "peak" and ceiling(peer) != "vector" and not peer["dtype_acc"]:
        return ours["dtype_in"] == peer["dtype_in"]
    return all(ours[name] == peer[name] for name in ("precision", *FORMATS))


def why_not(ours, peer, any_host):
    """Why these two rows of the same work are no pair; nothing where they are."""
    if not is_same_arithmetic(ours, peer):
        return (f"other arithmetic: ours {ours['precision']} ({formats_text(ours)}), peer "
                f"{peer['precision']} ({formats_text(peer)})")
    if ours["op"] == "peak" and ceiling(ours) != ceiling(peer):
        return f"other units: ours {ceiling(ours)}, peer {ceiling(peer)}"
    if ours["op"] != "peak" and ours["fill"] != peer["fill"]:
        return f"other data: ours {ours['fill']}, peer {peer['fill']}"
    if ours["host"] != peer["host"] and not any_host:
        return f"other hosts: ours {ours['host']}, peer {peer['host']}"
    if not any_host and not is_one_device(ours, peer):
        return f"other devices: ours {device_text(ours)}, peer {device_text(peer)}"
    return ""


def peak_rows(row):
    """The ceilings that a row of ours was held against, as rows of their own."""
    blank = {**row, "op": "peak", "case_id": f"peak/{row['peak_source']}", "kernel": row["peak_source"],
             "kernel_params": "", "status": "ok"}
    for name in (*WORK[1:], *FORMATS, "fill", "precision", "time_median_s", "throughput_flops"):
        blank[name] = ""
    if number(row, "peak_flops"):
        kept = {name: row[name] for name in (*FORMATS, "precision")}
        yield {**blank, **kept, "throughput_flops": row["peak_flops"]}
    if number(row, "peak_bandwidth_bytes_per_s"):
        yield {**blank, "bandwidth_bytes_per_s": row["peak_bandwidth_bytes_per_s"]}


def with_peaks(rows):
    """Each ceiling once for a run, beside the rows themselves."""
    seen = set()
    for row in rows:
        yield row
        for peak in [] if is_peer(row) else peak_rows(row):
            known = (peak["device_uuid"], peak["precision"], peak["kernel"], peak["run_id"])
            if known not in seen:
                seen.add(known)
                yield peak


def sides_of(rows):
    """Sides by what they are, in the order of the rows."""
    sides = {}
    for row in rows:
        key = tuple(row[name] for name in (*WORK, "precision", *FORMATS, "fill", "host", "kernel",
                                           "kernel_params", "driver_version", "device_uuid"))
        sides.setdefault(key, Side(row)).add(row)
    return list(sides.values())


def join(rows, any_host):
    """Pairs, and lines about what was not compared."""
    left_out = []
    good = []
    for row in rows:
        why = why_useless(row)
        if not why:
            good.append(row)
        elif is_peer(row):
            left_out.append(f"{case_text(row)}, {row['kernel']}: {why}")
    ours = sides_of(row for row in good if not is_peer(row))
    pairs = []
    for peer in sides_of(row for row in good if is_peer(row)):
        same_work = [side for side in ours
                     if all(side.row[name] == peer.row[name] for name in WORK)]
        reasons = {side: why_not(side.row, peer.row, any_host) for side in same_work}
        matches = [side for side, why in reasons.items() if not why]
        pairs.extend((side, peer) for side in matches)
        if matches:
            continue
        why = "; ".join(sorted(set(reasons.values()))) or "no such case of ours"
        left_out.append(f"{case_text(peer.row)}, {peer.name}: {why}")
    return pairs, left_out


def rate_text(side):
    unit = "B/s" if side.row["op"] == "peak" and not side.row["precision"] else "FLOP/s"
    for factor, prefix in ((1e12, "T"), (1e9, "G")):
        if side.rate >= factor:
            return f"{side.rate / factor:.3g} {prefix}{unit}"
    return f"{side.rate / 1e6:.3g} M{unit}"


def print_pairs(pairs):
    legend = {}
    print(f"{'case':<25} {'ours':<10} {'':>12} {'peer':>4} {'':>12} ours/peer")
    for ours, peer in sorted(pairs, key=lambda pair: case_text(pair[0].row)):
        place = legend.setdefault((peer.row["device_name"], peer.name, peer.row["kernel_params"],
                                   peer.row["timer"]), len(legend) + 1)
        spread = math.hypot(ours.spread, peer.spread)
        print(f"{case_text(ours.row):<25} {ours.row['kernel'][:10]:<10} {rate_text(ours):>12} "
              f"{f'[{place}]':>4} {rate_text(peer):>12} {ours.rate / peer.rate:.3f} "
              f"± {spread:.0%}")
    print()
    for (device, name, params, timer), place in legend.items():
        print(f"[{place}] {name}, {params or 'no parameters'}")
        print(f"    on {device}; clock: {timer or 'its own'}")
    devices = {(ours.row["device_name"], ours.row["driver_id"], ours.row["driver_info"])
               for ours, _ in pairs}
    for device, driver, info in sorted(devices):
        print(f"ours on {device}, driver {driver} {info}")


def write_csv(path, pairs):
    """As a whole: whoever ends this finds the old ratios or the new ones."""
    path = os.path.realpath(path)
    whole = os.path.isfile(path) or not os.path.exists(path)  # and no pipe or device
    new = f"{path}.new" if whole else path
    write_pairs(new, pairs)
    if whole:
        os.replace(new, path)


def write_pairs(path, pairs):
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(CSV_COLUMNS)
        for ours, peer in pairs:
            out.writerow([*(ours.row[name] for name in WORK), ours.row["precision"],
                          ours.row["kernel"], ours.rate, peer.name, peer.row["kernel_params"],
                          peer.rate, ours.rate / peer.rate, math.hypot(ours.spread, peer.spread),
                          len(ours.rates), len(peer.rates)])


def parse():
    parser = argparse.ArgumentParser(description=PURPOSE, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN",
                        help="folders of runs; those with the label peer= are the peers'")
    parser.add_argument("--csv", metavar="FILE", help="writes the ratios as well")
    parser.add_argument("--any-host", action="store_true",
                        help="compare runs of different hosts and devices, too")
    return parser.parse_args()


def main():
    options = parse()
    rows = [row for run in options.runs for row in read_rows(run)]
    pairs, left_out = join(list(with_peaks(rows)), options.any_host)
    if pairs:
        print_pairs(pairs)
    if left_out:
        print("\nNot compared:" if pairs else "Not compared:")
        for line in dict.fromkeys(left_out):
            print(f"  {line}")
    if options.csv:
        write_csv(options.csv, pairs)
    if pairs:
        return 0
    print("compare.py: nothing could be compared; expected at least one run of gpubench and one of a "
          "peer, of the same case", file=sys.stderr)
    return INCONCLUSIVE


if __name__ == "__main__":
    run_main("compare.py", main)
