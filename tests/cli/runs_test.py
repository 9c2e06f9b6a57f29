"""runs_test.py — does a run leave what it promises, on the screen, on disk and as exit code?"""

import json
import re
import time
import unittest

from program import QUICK, ProgramTest

# The columns of schema 1 in their order; docs/results-format.md says what each holds.
COLUMNS = """
schema_version run_id started_at tool_version tool_commit host scenario scenario_hash labels
device_name device_type device_uuid pci_address vendor_id device_id driver_id driver_version
driver_info api_version env_id
case_id op kernel kernel_hash kernel_params precision dtype_in dtype_acc dtype_out m n k batch layout
activation fill seed
status reason
timer warmup_s samples discarded stop_reason timing_status dispatches_per_sample time_min_s
time_p05_s time_p25_s time_median_s time_p75_s time_p95_s time_max_s time_mean_s time_stddev_s
host_median_s
flop throughput_flops moved_bytes bandwidth_bytes_per_s peak_flops peak_source fraction_of_peak
check_status check_coverage reference max_abs_err max_rel_err rel_fro_err rmse max_ulp_fp32
max_ulp_fp16 worst_index nonfinite clamped underflowed bound_ratio tolerance_rule tolerance
tolerance_has_power rel_fro_err_fp64 reference_rel_fro_err output_hash distinct_outputs
observed_precision precision_verdict fp16_lattice_share
clock_mhz_median power_w_mean temp_c_max throttle_ratio
""".split()

# Enough work to be interrupted in the middle of: each case samples for most of its budget.
SLOW = """
    name: slow
    budget: 3s
    cases:
      - {op: gemm, size: [256, 257, 258, 259, 260, 261, 262, 263, 264, 265], kernel: naive}
    """


class GoodRun(ProgramTest):
    def test_leaves_rows_samples_and_document(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK))

        self.assertEqual(process.returncode, 0, process.complained)
        (row,) = self.rows()
        self.assertEqual(list(row)[:len(COLUMNS)], COLUMNS)
        self.assertEqual((row["status"], row["check_status"]), ("ok", "passed"))
        self.assertEqual(int(row["flop"]), 2 * 33**3)
        self.assertGreater(float(row["time_median_s"]), 0)
        (run,) = self.runs()
        samples = (run / "samples.csv").read_text(encoding="utf-8").splitlines()
        self.assertEqual(samples[0], "run_id,case_id,sample,gpu_s,host_s")
        self.assertEqual(len(samples) - 1, int(row["samples"]))
        self.assertIsInstance(json.loads((run / "run.json").read_text(encoding="utf-8")), dict)

    def test_first_line_says_that_the_device_is_software(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK))

        first = process.said.splitlines()[0]
        self.assertIn("llvmpipe", first)
        self.assertIn("SOFTWARE", first.upper())

    def test_fits_80_columns_and_holds_no_colour_when_piped(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK))

        self.assertNotIn("\x1b", process.said + process.complained)
        too_wide = [line for line in process.said.splitlines() if len(line) > 80]
        self.assertEqual(too_wide, [])

    def test_quiet_says_nothing_on_stderr(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK), "--quiet")

        self.assertEqual(process.complained, "")
        self.assertEqual(process.returncode, 0)

    def test_same_seed_same_output_bits(self):
        scenario = self.write("quick.yaml", QUICK)
        for _ in range(2):
            self.gpubench("run", scenario, "-q")

        hashes = {row["output_hash"] for run in self.runs() for row in self.rows(run)}
        self.assertEqual(len(self.runs()), 2)
        self.assertEqual(len(hashes), 1)
        self.assertNotIn("", hashes)

    def test_any_locale_writes_points(self):
        self.gpubench("run", self.write("quick.yaml", QUICK), "-q",
                      environment={"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"})

        (row,) = self.rows()
        self.assertNotIn(",", row["time_median_s"])

    def test_repeat_command_repeats_the_case(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK))
        (case,) = re.findall(r"--case (\S+)", process.said.replace("\\\n", " "))

        again = self.gpubench("run", "quick.yaml", "--case", case.strip("'"), "-q")

        self.assertEqual(again.returncode, 0, again.complained)
        self.assertEqual(len(self.runs()), 2)


class Verdicts(ProgramTest):
    def test_broken_expectation_exits_1(self):
        rule = "expect:\n  - {metric: rel_fro_err, at_most: 1e-12}\n"
        scenario = self.write("a.yaml", "name: a\nbudget: 1s\ncases:\n  - {op: gemm, size: 33}\n" + rule)

        process = self.gpubench("run", scenario)

        self.assertEqual(process.returncode, 1, process.said)
        self.assertIn("a.yaml:6", process.said + process.complained)

    def test_everything_skipped_by_budget_is_inconclusive(self):
        scenario = self.write("a.yaml", QUICK.replace("33", "16384"))

        process = self.gpubench("run", scenario)

        self.assertEqual(process.returncode, 3, process.said)
        (row,) = self.rows()
        self.assertEqual(row["status"], "skipped")
        self.assertRegex(row["reason"], "^(budget|memory): ")
        self.assertEqual(row["time_median_s"], "")

    def test_validation_layers_find_nothing(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK), "--validate-api")

        self.assertEqual(process.returncode, 0, process.said + process.complained)


class OtherCommands(ProgramTest):
    def test_dry_run_shows_cases_and_leaves_nothing(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK), "--dry-run")

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertIn("33", process.said)
        self.assertEqual(self.runs(), [])

    def test_dry_run_works_without_a_driver(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK), "--dry-run",
                                environment={"VK_DRIVER_FILES": "/nowhere.json",
                                             "VK_ICD_FILENAMES": "/nowhere.json"})

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertIn("driver", process.said)

    def test_devices_json_can_be_read(self):
        process = self.gpubench("devices", "--json")

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertIn("llvmpipe", json.dumps(json.loads(process.said)))

    def test_listings_and_version(self):
        self.write("quick.yaml", QUICK)
        for arguments, part in ((["list", "kernels"], "tiled"), (["version"], "gpubench "),
                                (["list", "cases", "quick.yaml"], "gemm/auto/fp32/nn/33x33x33"),
                                (["validate", "quick.yaml"], "quick.yaml: good, 1 case")):
            with self.subTest(arguments):
                process = self.gpubench(*arguments)

                self.assertEqual(process.returncode, 0, process.complained)
                self.assertIn(part, process.said)

    def test_help_of_each_command_shows_an_example(self):
        for command in ("run", "devices", "list", "validate"):
            with self.subTest(command):
                process = self.gpubench(command, "--help")

                self.assertEqual(process.returncode, 0)
                self.assertIn(f"./gpubench {command}", process.said)


class InterruptedRun(ProgramTest):
    def interrupted_run(self):
        """A run that got Ctrl-C after its first row; returns the process and the rows it kept."""
        process = self.start("run", self.write("slow.yaml", SLOW))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if self.runs() and (self.runs()[0] / "results.csv").is_file() and self.rows():
                break
            time.sleep(0.05)  # polls another process; nothing is measured by it
        return self.interrupt(process), self.rows()

    def test_exits_130_and_marks_its_files_incomplete(self):
        process, rows = self.interrupted_run()

        self.assertEqual(process.returncode, 130, process.complained)
        self.assertGreater(len(rows), 0)
        self.assertLess(sum(row["status"] == "ok" for row in rows), 10)
        document = json.loads((self.runs()[0] / "run.json").read_text(encoding="utf-8"))
        self.assertIs(document["complete"], False)
        self.assertIn("--resume", process.said)

    def test_resume_keeps_finished_rows_and_runs_the_rest(self):
        _, before = self.interrupted_run()
        (run,) = self.runs()
        finished = {row["case_id"]: row for row in before if row["status"] == "ok"}

        process = self.gpubench("run", "slow.yaml", "--resume", str(run), "--budget", "200ms", "-q")

        self.assertEqual(process.returncode, 0, process.said + process.complained)
        rows = self.rows(self.runs()[-1])
        ids = [row["case_id"] for row in rows if row["status"] == "ok"]
        self.assertEqual(len(ids), len(set(ids)), "a finished case was repeated")
        self.assertEqual(len(ids), 10)
        for row in rows:
            if row["case_id"] in finished:
                self.assertEqual(row, finished[row["case_id"]])


if __name__ == "__main__":
    unittest.main()
