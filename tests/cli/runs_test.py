"""runs_test.py — does a run leave what it promises, on the screen, on disk and as exit code?"""

import json
import pathlib
import re
import shlex
import signal
import textwrap
import time
import unittest

from program import QUICK, ProgramTest, lavapipe_manifest, npy, with_drivers

# The columns of schema 2 in their order; docs/results-format.md says what each holds.
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
build spirv_fp32 spirv_fp16 spirv_to_fp16 spirv_relaxed spirv_no_contraction spirv_modes declared_evidence
precision_reason
end_to_end_max_abs_err end_to_end_rel_fro_err first_outputs first_expected
decision decided flips_up flips_down flips_in_fp16_interval references_in_fp16_interval
flips_in_margin reference_true_negatives reference_false_positives reference_false_negatives
reference_true_positives true_negatives false_positives false_negatives true_positives mcnemar_p
expected_rel_fro_err peak_bandwidth_bytes_per_s fraction_of_bandwidth kernel_choice
planned_rows api_validation repeats
""".split()

# Enough work to be interrupted in the middle of: each case samples for most of its budget.
SLOW = """
    name: slow
    budget: 1s
    cases:
      - {op: gemm, size: [256, 257, 258, 259, 260], kernel: naive}
    """


def printed_command(text, option):
    """Arguments of the ./gpubench command with this option, as a shell would pass them on."""
    lines = text.replace("\\\n", "").splitlines()
    (command,) = (line.removeprefix("  ./gpubench ") for line in lines
                  if line.startswith("  ./gpubench ") and f" {option} " in line)
    return shlex.split(command)


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
        self.assertEqual(samples[0], "run_id,case_id,sample,gpu_s,host_s,at_s")
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
        again = self.gpubench(*printed_command(process.said, "--case"), "-q")

        self.assertEqual(again.returncode, 0, again.complained)
        self.assertEqual(len(self.runs()), 2)

    def test_repeat_command_survives_the_shell(self):
        scenario = self.write("it's quick.yaml", QUICK)

        process = self.gpubench("run", scenario, "--device", "llvmpipe (", "--set",
                                "description=a b", "--budget", "500ms")
        command = printed_command(process.said, "--case")

        self.assertEqual(command[:8], ["run", scenario, "--device", "llvmpipe (", "--set",
                                       "description=a b", "--budget", "0.5s"])
        self.assertEqual(self.gpubench(*command, "-q").returncode, 0)


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

    def test_output_that_proves_nothing_is_inconclusive(self):
        self.write("zeros.npy", npy((33, 33)))
        scenario = self.write("a.yaml", QUICK.replace("33}", "33, fill: {file: zeros.npy}}"))

        process = self.gpubench("run", scenario)

        self.assertEqual(process.returncode, 3, process.said)
        self.assertIn("Proves nothing: 1 of 1 cases", process.said)
        self.assertIn("mostly_zero", process.said)
        (row,) = self.rows()
        self.assertEqual((row["status"], row["check_status"]), ("ok", "mistrusted"))

    def test_output_that_cannot_be_shown_is_no_success(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = self.gpubench("run", self.write("a.yaml", QUICK), stdout=full)

        self.assertEqual(process.returncode, 4, process.complained)
        self.assertIn("standard output: cannot write", process.complained)

    def test_validation_layers_find_nothing(self):
        process = self.gpubench("run", self.write("quick.yaml", QUICK), "--validate-api")

        self.assertEqual(process.returncode, 0, process.said + process.complained)


    def test_variants_are_told_apart_within_80_columns(self):
        kernels = "kernel: [naive, tiled, direct], precision: [fp32, fp32_via_fp16]"
        process = self.gpubench("run", self.write("a.yaml", QUICK.replace("33", f"33, {kernels}")),
                                "--budget", "200ms")

        self.assertEqual(process.returncode, 0, process.complained)
        cases = [line.split("  ")[0] for line in process.said.splitlines() if "passed" in line]
        self.assertEqual(len(cases), 6)
        self.assertEqual(len(set(cases)), 6, "cases that read the same")
        self.assertLessEqual(max(map(len, process.said.splitlines())), 80)
        for row in self.rows():
            (line,) = (line for line in process.said.splitlines() if "passed" in line
                       and f"{row['precision']} {row['kernel']} " in line)
            unsteady = row["timing_status"] != "steady"
            self.assertEqual(f"passed, {row['timing_status']}" in line, unsteady, line)


class Levels(ProgramTest):
    """What does not end in the time of the level is not begun, and says so."""

    SCENARIO = """
        name: levels
        levels: {short: 3s, long: 1h}
        cases:
          - {op: gemm, size: 8, repeats: 3}
          - {op: gemm, size: 8, fill: uniform, hold: 1min}
          - {op: gemm, size: 9, level: long}
        """

    def test_only_what_fits_is_run(self):
        process = self.gpubench("run", self.write("l.yaml", textwrap.dedent(self.SCENARIO)))

        self.assertEqual(process.returncode, 0, process.complained)
        first, held = self.rows()
        self.assertEqual((first["status"], first["repeats"], first["labels"]),
                         ("ok", "5", "level=short"))
        self.assertEqual(held["status"], "skipped")
        self.assertRegex(held["reason"], r"budget: needs about 1 min .*; of the 3 s of level short "
                                         r".* are left")

    def test_the_dry_run_says_what_would_not_fit(self):
        process = self.gpubench("run", self.write("l.yaml", textwrap.dedent(self.SCENARIO)), "--dry-run")

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertIn("2 cases: 1 would run", process.said)
        self.assertRegex(" ".join(process.said.split()),
                         r"needs about 1 min .*; of the 3 s of level short [12]\.\d+ s are left")
        self.assertEqual(self.runs(), [])

    def test_a_level_is_chosen_by_name(self):
        scenario = self.write("l.yaml", textwrap.dedent(self.SCENARIO))

        process = self.gpubench("run", scenario, "--level", "long", "--case", "*9x9x9*")

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertEqual([row["labels"] for row in self.rows()], ["level=long"])

    def test_an_unknown_level_is_refused(self):
        scenario = self.write("l.yaml", textwrap.dedent(self.SCENARIO))

        self.assertRefused(self.gpubench("run", scenario, "--level", "lon"), 2,
                           'level "lon" is unknown; did you mean "long"?')


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

    def test_a_driver_on_another_api_is_found(self):
        # As MoltenVK's manifest says of itself; the loader hides such drivers from who does not ask.
        manifest = json.loads(pathlib.Path(lavapipe_manifest()).read_text())
        manifest["file_format_version"] = "1.0.1"
        manifest["ICD"]["is_portability_driver"] = True
        self.write("portability.json", json.dumps(manifest))
        process = self.gpubench("run", self.write("quick.yaml", QUICK),
                                environment=with_drivers(str(self.folder / "portability.json")))

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertEqual([row["device_type"] for row in self.rows()], ["software"])

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
        for command in ("run", "devices", "list", "validate", "version"):
            with self.subTest(command):
                process = self.gpubench(command, "--help")

                self.assertEqual(process.returncode, 0)
                self.assertIn(f"./gpubench {command}", process.said)


    def test_each_listed_case_runs_alone(self):
        scenario = self.write("a.yaml", QUICK.replace("33", "[33, 34], precision: [fp32, fp16]"))
        cases = self.gpubench("list", "cases", scenario).said.split()
        self.assertEqual(len(cases), 4)

        for case in cases:
            process = self.gpubench("run", scenario, "--case", case, "-q", "--budget", "200ms",
                                    "--out", "of-" + case.replace("/", "-"))
            self.assertEqual(process.returncode, 0, process.complained)

        found = [self.rows(run) for run in self.folder.glob("of-*/*")]
        self.assertEqual([len(rows) for rows in found], [1, 1, 1, 1])
        self.assertEqual({rows[0]["case_id"] for rows in found}, set(cases))


class InterruptedRun(ProgramTest):
    def interrupted_run(self, number=signal.SIGINT, scenario=SLOW):
        """A run that got the signal after its first row; returns the process and the rows it kept."""
        process = self.start("run", self.write("slow.yaml", scenario))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if self.runs() and (self.runs()[0] / "results.csv").is_file() and self.rows():
                break
            time.sleep(0.05)  # polls another process; nothing is measured by it
        return self.end_by(process, number), self.rows()

    def document(self):
        return json.loads((self.runs()[0] / "run.json").read_text(encoding="utf-8"))

    def test_exits_130_and_marks_its_files_incomplete(self):
        process, rows = self.interrupted_run()

        self.assertEqual(process.returncode, 130, process.complained)
        self.assertGreater(len(rows), 0)
        self.assertLess(len(rows), 5)
        self.assertIs(self.document()["complete"], False)
        self.assertIn("--resume", process.said)

    def test_resume_keeps_finished_rows_and_runs_the_rest(self):
        process, before = self.interrupted_run()
        finished = {row["case_id"]: row for row in before if row["stop_reason"] != "interrupted"}

        command = printed_command(process.said, "--resume")
        process = self.gpubench(*command, "-q")

        self.assertEqual(process.returncode, 0, process.said + process.complained)
        rows = self.rows(self.runs()[-1])
        ids = [row["case_id"] for row in rows if row["status"] == "ok"]
        self.assertEqual(len(ids), len(set(ids)), "a finished case was repeated")
        self.assertEqual(len(ids), 5)
        for row in rows:
            if row["case_id"] in finished:
                self.assertEqual(row, finished[row["case_id"]])
            self.assertNotEqual(row["stop_reason"], "interrupted")
        self.assertIs(self.document()["complete"], True)

        again = self.gpubench(*command)
        self.assertEqual(again.returncode, 2)
        self.assertIn("complete", again.complained)

    def test_resume_is_refused_for_other_cases_or_another_budget(self):
        self.interrupted_run()
        resume = ("run", "slow.yaml", "--resume", str(self.runs()[0]))

        for option, part in (("--case=*/256x*", "now --case */256x*"), ("--full", "now --full"),
                             ("--budget=7s", "the scenario's hash")):
            process = self.gpubench(*resume, option)
            self.assertEqual(process.returncode, 2, process.said)
            self.assertIn(part, process.complained)
        self.assertIs(self.document()["complete"], False)

    def test_resume_judges_the_rows_of_earlier_sessions_too(self):
        rule = "expect:\n  - {where: {m: 256}, metric: rel_fro_err, at_most: 1e-12}\n"
        process, before = self.interrupted_run(scenario=textwrap.dedent(SLOW) + rule)
        self.assertEqual(before[0]["m"], "256")

        process = self.gpubench(*printed_command(process.said, "--resume"))

        self.assertEqual(process.returncode, 1, process.said)
        self.assertIn("256x256x256/normal/s42: slow.yaml:", process.said)

    def test_termination_exits_143(self):
        process, rows = self.interrupted_run(signal.SIGTERM)

        self.assertEqual(process.returncode, 143, process.complained)
        self.assertGreater(len(rows), 0)
        self.assertIs(self.document()["complete"], False)

    def test_killed_run_leaves_whole_rows_and_resumes(self):
        process, rows = self.interrupted_run(signal.SIGKILL)

        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertGreater(len(rows), 0)
        for row in rows:
            self.assertNotIn(None, row)
            self.assertNotIn(None, row.values())
        self.assertIs(self.document()["complete"], False)
        again = self.gpubench("run", "slow.yaml", "--resume", str(self.runs()[0]), "-q")
        self.assertEqual(again.returncode, 0, again.complained)
        self.assertEqual([session["ended"] for session in self.document()["sessions"]],
                         ["killed", "finished"])


if __name__ == "__main__":
    unittest.main()
