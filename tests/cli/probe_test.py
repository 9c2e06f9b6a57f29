"""probe_test.py — does `probe: true` tell in which precision each case of a run computed?"""

import pathlib
import re
import unittest

from program import ProgramTest

FAULTS = pathlib.Path(__file__).resolve().parent.parent / "faults"

# Kernels that declare FP32, and the name that the probes must give to what they do instead.
# Whether fma() is one rounding or two is the driver's choice.
SECRETS = {
    "fp16_sums": "fp32 inputs, separate fp16 sums, sequential",
    "fp16_clamped": "fp16 clamped inputs, separate fp16 clamped sums, sequential",
    "tf32_inputs": "tf32 (RZ) inputs, fused or separate fp32 sums, sequential",
    "bf16_inputs": "bf16 (RZ) inputs, fused or separate fp32 sums, sequential",
    "bf16_first_input": "bf16 (RZ) by fp32 inputs, (fused|separate) fp32 sums, sequential",
    "bf16_last_rows": "bf16 (RZ) inputs, fused or separate fp32 sums, sequential",
}


def scenario(block, budget="1s"):
    return f"name: probes\nbudget: {budget}\ncases:\n  - {{probe: true, {block}}}\n"


def user_kernels(names):
    return ", ".join(f'{{glsl: "{FAULTS / name}.comp", tile_m: 8, tile_n: 16}}' for name in names)


class Probes(ProgramTest):
    def run_probed(self, block, *arguments):
        """Runs a case block with probes; the rows by kernel and precision."""
        text = scenario(block, "1min" if "glsl" in block else "1s")
        process = self.gpubench("run", self.write("probes.yaml", text), *arguments)
        return process, {(row["kernel"], row["precision"]): row for row in self.rows()}

    def test_every_kernel_that_computes_less_than_it_declares_is_named(self):
        process, rows = self.run_probed(
            f"op: gemm, shape: {{m: 43, n: 50, k: 61}}, kernel: [{user_kernels(SECRETS)}]")

        self.assertEqual(process.returncode, 1, process.complained)
        for name, path in SECRETS.items():
            row = rows[f"user:{name}.comp", "fp32"]
            self.assertEqual(row["precision_verdict"], "downgraded", f"{name}: {row['precision_reason']}")
            pattern = path.replace("(RZ)", r"\(RZ\)")
            self.assertRegex(row["observed_precision"], f"^{pattern}$", name)
            self.assertIn("DOWNGRADED: " + row["observed_precision"].split(",")[0],
                          re.sub(r"\s+", " ", process.said))

    def test_an_honest_kernel_of_the_user_is_confirmed(self):
        process, rows = self.run_probed(
            f"op: gemm, shape: {{m: 43, n: 50, k: 61}}, kernel: [{user_kernels(['honest'])}]")

        self.assertEqual(process.returncode, 0, process.complained)
        row = rows["user:honest.comp", "fp32"]
        self.assertEqual(row["precision_verdict"], "confirmed", row["precision_reason"])
        self.assertRegex(row["observed_precision"],
                         "^fp32 inputs, (fused|separate) fp32 sums, sequential$")

    def test_fp16_inside_is_downgraded_as_it_says_of_itself(self):
        process, rows = self.run_probed(
            "op: gemm, size: 67, precision: [fp32, fp16, fp16_acc32, fp32_via_fp16]")

        self.assertEqual(process.returncode, 0, process.complained)
        verdicts = {precision: row["precision_verdict"] for (_, precision), row in rows.items()
                    if row["status"] != "unsupported"}
        self.assertEqual(verdicts.pop("fp32"), "confirmed")
        for precision, verdict in verdicts.items():
            self.assertEqual(verdict, "downgraded" if precision == "fp32_via_fp16" else "confirmed")

    def test_batches_biases_and_copies_are_probed_as_they_are_timed(self):
        blocks = ("op: gemm, shape: {m: 11, n: 31, k: 37, batch: 3}, transpose_b: [false, true]",
                  "op: linear, shape: {m: 33, n: 47, k: 61}, bias: true",
                  "op: gemm, size: 33, probe: true}\ncache: rotate\nlabels: {of: copies")
        for block in blocks:
            with self.subTest(block):
                process = self.gpubench("run", self.write("probes.yaml", scenario(block).replace(
                    "probe: true, op: gemm, size", "op: gemm, size")))
                self.assertEqual(process.returncode, 0, process.said + process.complained)
        rows = [row for run in self.runs() for row in self.rows(run)]
        self.assertEqual(len(rows), 4)
        for row in rows:
            self.assertEqual(row["precision_verdict"], "confirmed", row["precision_reason"])

    def test_what_cannot_be_probed_says_why(self):
        process = self.gpubench("run", self.write("probes.yaml", scenario(
            "op: linear, shape: {m: 9, n: 5, k: [2, 3]}, activation: [none, relu]")
            + "  - {op: softmax, shape: {m: 9, n: [1, 9]}, probe: true}\n"))

        self.assertEqual(process.returncode, 3, "rows of one element prove nothing")
        said = re.sub(r"\s+", " ", process.said)
        for part in ("k is 2: the probes need 3", "activation relu hides",
                     "rows of one element are 1"):
            self.assertIn("not probed: " + part, said)
        verdicts = sorted(row["precision_verdict"] for row in self.rows())
        self.assertEqual(verdicts, 2 * ["confirmed"] + 4 * ["not_probed"])

    def test_probes_beyond_the_budget_are_left_out_and_the_result_stays(self):
        process, rows = self.run_probed("op: gemm, size: 300, budget: 60ms")

        (row,) = rows.values()
        self.assertEqual((row["status"], row["precision_verdict"]), ("ok", "not_probed"), process.said)
        self.assertRegex(row["precision_reason"], "^budget: the probes need about .*, the budget is 60")

    def test_full_runs_probes_beyond_the_budget_too(self):
        _, rows = self.run_probed("op: gemm, size: 300, budget: 1ms", "--full")

        (row,) = rows.values()
        self.assertEqual(row["precision_verdict"], "confirmed", row["precision_reason"])

    def test_set_turns_probes_on_and_the_dry_run_counts_them(self):
        # One row takes a launch for each of some hundred probes: no load of the machine hides that.
        file = self.write("plain.yaml", "name: plain\ncases:\n"
                          "  - {op: gemm, shape: {m: 1, n: 64, k: 4096}}\n")
        seconds = []
        for value in ("false", "true"):
            process = self.gpubench("run", file, "--dry-run", "--set", f"cases.0.probe={value}")
            self.assertEqual(process.returncode, 0, process.complained)
            ((number, unit),) = re.findall(r"in no less than ([0-9.]+) (s|ms|µs)", process.said)
            seconds.append(float(number) * {"s": 1, "ms": 1e-3, "µs": 1e-6}[unit])
        self.assertGreater(seconds[1], 5 * seconds[0])

    def test_probe_takes_true_or_false(self):
        process = self.gpubench("run", self.write("probes.yaml", scenario("op: gemm, size: 9").replace(
            "probe: true", "probe: maybe")))

        self.assertRefused(process, 2, "probes.yaml:4:13: probe", "true or false")


if __name__ == "__main__":
    unittest.main()
