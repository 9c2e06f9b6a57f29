"""cases_test.py — do the shipped scenarios answer, on lavapipe, the questions that they open with?

Figures are those of the arithmetic, not of the machine: no time is looked at.
"""

import csv
import pathlib
import re
import unittest

from program import ProgramTest

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"


class ShippedScenarios(ProgramTest):
    def run_shipped(self, name, *options):
        process = self.gpubench("run", str(SCENARIOS / name), "--budget", "200ms", *options)
        # The path of the scenario may be of any length.
        too_wide = [line for line in process.said.splitlines()
                    if len(line) > 80 and str(SCENARIOS) not in line]
        self.assertEqual(too_wide, [])
        return process

    def table(self, process, head):
        """The lines of the table whose title begins so, as words; without its legend."""
        lines = process.said[process.said.index(head):].split("\n\n")[0].splitlines()
        return [line.split() for line in lines if not line.startswith("  ")]


class Mlp(ShippedScenarios):
    def test_fp32_is_like_the_cpu_and_fp16_inside_is_not(self):
        process = self.run_shipped("mlp.yaml")

        self.assertEqual(process.returncode, 0, process.said + process.complained)
        lines = {line[0]: line[1:] for line in self.table(process, "Which paths")}
        cpu = lines["cpu"][1:]
        self.assertEqual(cpu[3:], ["-", "A", "changed"])
        self.assertEqual(lines["fp32"][4:], ["A", "changed"])
        self.assertLess(float(lines["fp32"][3]), 1e-6)
        for path in ("fp32_via_fp16", "fp16"):
            self.assertEqual(lines[path][4:], ["B", "unchanged"], path)
            self.assertGreater(float(lines[path][3]), 1e-4, path)
            for ours, theirs in zip(lines[path], cpu[:3]):
                self.assertNotEqual(ours, theirs)
                self.assertAlmostEqual(float(ours), float(theirs), delta=2e-3)
        rows = {row["precision"]: row for row in self.rows()}
        self.assertEqual(rows["fp16"]["first_outputs"].split()[:3], lines["fp16"][:3])


class Classifier(ShippedScenarios):
    def test_flips_are_counted_explained_and_held_against_labels(self):
        process = self.run_shipped("classifier.yaml", "--case", "linear/*/464x1x4+sigmoid/*")

        self.assertEqual(process.returncode, 0, process.said + process.complained)
        rows = {row["precision"]: row for row in self.rows()}
        cpu, *paths = self.table(process, "Which decisions >= 0.5")[2:]
        self.assertEqual([line[0] for line in paths], list(rows))
        matrices = {tuple(row[f"reference_{name}s"] for name in
                          ("true_negative", "false_positive", "false_negative", "true_positive"))
                    for row in rows.values()}
        self.assertEqual(matrices, {tuple(cpu[6:10])}, "one reference for all paths")
        self.assertEqual(sum(map(int, cpu[6:10])), 464)
        self.assertEqual((rows["fp32"]["flips_up"], rows["fp32"]["flips_down"]), ("0", "0"))
        # Not fp32_via_fp16: newer Mesa keeps FP32 where a value goes to FP16 and straight back.
        for precision in ("fp16", "fp16_acc32"):
            row = rows[precision]
            up = int(row["flips_up"])
            self.assertGreater(up, 10, precision)
            # No score is far from 0.5, and rounding to even flips upwards alone.
            self.assertEqual(row["flips_in_margin"], str(up + int(row["flips_down"])))
            self.assertGreater(int(row["flips_in_fp16_interval"]), up // 2)
            moved = int(row["true_positives"]) - int(row["reference_true_positives"])
            gone = int(row["false_negatives"]) - int(row["reference_false_negatives"])
            self.assertEqual(moved, -gone, "samples change sides, labels do not")
        self.assertIn("[0.4998779296875, 0.5) up", " ".join(process.said.split()))
        self.check_listed_flips(process, rows)

    def check_listed_flips(self, process, rows):
        with open(self.runs()[0] / "flips.csv", encoding="utf-8", newline="") as file:
            flips = list(csv.DictReader(file))
        for row in rows.values():
            own = [flip for flip in flips if flip["case_id"] == row["case_id"]]
            self.assertEqual(len(own), int(row["flips_up"]) + int(row["flips_down"]))
            for column in ("in_fp16_interval", "in_margin"):
                counted = sum(flip[column] == "true" for flip in own)
                self.assertEqual(counted, int(row["flips_" + column]))
            for flip in own:
                sides = [float(flip[value]) >= 0.5 for value in ("reference", "output")]
                self.assertEqual(sides.count(True), 1, flip)
                self.assertIn(flip["label"], ("0", "1"))
        shown = [line for line in self.table(process, "flipped")[1:] if line[0] == "fp16"]
        self.assertEqual(len(shown), 3)
        first = next(flip for flip in flips if flip["case_id"] == rows["fp16"]["case_id"])
        self.assertEqual(shown[0][1:5], [first[name] for name in ("element", "reference",
                                                                  "output", "label")])
        self.assertIn("more, in flips.csv", process.said)
        self.assertIn("/flips.csv", process.said.split("\nFiles")[1])

    def test_large_set_flips_beyond_what_storage_explains(self):
        process = self.run_shipped("classifier.yaml", "--case", "linear/*/fp*/*/100000x*", "--set",
                                   "cases.precision=[fp32, fp16]")

        self.assertEqual(process.returncode, 0, process.said + process.complained)
        rows = {row["precision"]: row for row in self.rows()}
        flips = int(rows["fp16"]["flips_up"]) + int(rows["fp16"]["flips_down"])
        self.assertGreater(flips, 5)
        self.assertGreater(flips, int(rows["fp16"]["flips_in_fp16_interval"]))
        self.assertEqual(int(rows["fp16"]["flips_in_margin"]), flips)
        self.assertLessEqual(int(rows["fp32"]["flips_up"]), 1)

    def test_own_labels_are_read_and_bad_ones_refused(self):
        text = """
            name: own
            budget: 100ms
            cases:
              - op: linear
                shape: {m: 4, n: 1, k: 4}
                fill: near_threshold
                decide: {labels: {file: y.csv}}
            """
        self.write("y.csv", "0\n1\n1\n0\n")
        scenario = self.write("own.yaml", text)

        good = self.gpubench("run", scenario, "-q")
        self.write("y.csv", "0\n1\n2\n0\n")
        bad = self.gpubench("run", scenario, "-q")

        self.assertEqual(good.returncode, 0, good.complained)
        (row,) = self.rows()
        self.assertEqual(int(row["true_positives"]) + int(row["false_negatives"]), 2)
        self.assertEqual(bad.returncode, 2, bad.said)
        self.assertIn("y.csv: expected labels 0 and 1, found 2 at element 2", bad.complained)


class Accumulate(ShippedScenarios):
    # The longest sums take a minute on two cores; these grow and stand still, too.
    SHORT = ("--set", "cases.shape={m: 8, n: 8, k: [256, 1024, 16384]}")

    def test_errors_grow_as_theory_says_and_stop_where_fp16_stands_still(self):
        process = self.run_shipped("accumulate.yaml", *self.SHORT)

        self.assertEqual(process.returncode, 3, "rules on longer sums are not judged")
        rows = {(row["fill"], row["precision"], int(row["k"])): row for row in self.rows()
                if row["rel_fro_err_fp64"]}

        def times_expected(*key):
            row = rows[key]
            return float(row["rel_fro_err_fp64"]) / float(row["expected_rel_fro_err"])

        for precision in ("fp32", "fp16_acc32", "fp16", "bf16"):
            for k in (256, 1024, 16384):
                ratio = times_expected("normal", precision, k)
                self.assertTrue(0.3 < ratio < 2, f"{precision} {k}: {ratio}")
        self.assertGreater(times_expected("uniform01", "fp16", 16384), 10)
        self.assertLess(times_expected("uniform01", "fp32", 16384), 2)
        self.assertEqual(re.findall(r"^ *(k|\d+)  +\S", process.said, re.MULTILINE),
                         2 * ["k", "256", "1024", "16384"], "a table for each kind of data")


class Overflow(ShippedScenarios):
    def test_what_must_break_breaks_and_nothing_else(self):
        process = self.run_shipped("overflow.yaml")

        self.assertEqual(process.returncode, 0, process.said + process.complained)
        self.assertIn("As expected: 4 of 14 cases failed or prove nothing", process.said)
        self.assertNotIn("FAILED:", process.said)
        rows = {(row["op"], row["fill"], row["precision"], row["kernel"].split(":")[0] == "user"): row
                for row in self.rows()}
        for precision in ("fp16", "fp32_via_fp16", "fp16_acc32"):
            row = rows["gemm", "overflow", precision, False]
            self.assertGreater(int(row["nonfinite"]), 2048, precision)
            self.assertEqual(row["check_status"], "mistrusted")
        unshifted = rows["softmax", "logits", "fp32", True]
        self.assertEqual((unshifted["status"], unshifted["time_median_s"]), ("failed", ""))
        self.assertGreater(int(rows["softmax", "logits", "fp16", False]["underflowed"]), 0)
        self.assertEqual(rows["softmax", "logits", "fp16", False]["nonfinite"], "0")

    def test_a_device_that_does_not_break_where_it_must_is_bad_news(self):
        process = self.run_shipped("overflow.yaml", "--case", "softmax/user*", "--set",
                                   "cases.3.fill=normal")

        self.assertEqual(process.returncode, 1, process.said)
        self.assertIn("check_status failed", " ".join(process.said.split()))


if __name__ == "__main__":
    unittest.main()
