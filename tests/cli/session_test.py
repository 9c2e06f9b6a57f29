"""session_test.py — does the one command for a borrowed GPU run every step, keep what it has when its time
ends, and say what it left out?

Where time matters, steps and clock are made up: no test waits for a limit."""

import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import types
import unittest
import unittest.mock

from program import PROGRAM, ProgramTest, lavapipe_manifest, with_drivers

SESSION = pathlib.Path(__file__).resolve().parents[2] / "tools/session/gpu_session.py"
sys.path.insert(0, str(SESSION.parent))

import gpu_session
import steps
import summary

FAKE_TORCH = pathlib.Path(__file__).resolve().parent / "fake_torch"
STEPS = ["first_question", "tune_fp16_acc32_96", "tune_fp16_acc32_48", "tune_fp32_96", "tune_fp32_48", "cublas_96",
         "ceilings", "linear", "power", "against_cublas", "matmul", "audit"]
MACHINE = {"name": "GPU", "type": "discrete", "uuid": "0", "driver_id": "DRIVER", "driver_version": "1",
           "driver_info": "", "cores": 2}
# What of a session's nine minutes the steps' limits leave.
START_AND_END_S = 45


class GpuSession(ProgramTest):
    def session(self, *arguments, gpubench=PROGRAM, environment=None, scale=("--quick",)):
        process = subprocess.Popen(
            [sys.executable, "-B", str(SESSION), *scale, "--out", "s", "--gpubench", str(gpubench),
             *arguments], cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**self.environment, **(environment or {})})
        self.addCleanup(self.reap, process)
        return process

    def record(self):
        return json.loads((self.folder / "s/session.json").read_text(encoding="utf-8"))

    def statuses(self):
        return {step["name"]: step["status"] for step in self.record()["steps"]}

    def hanging_gpubench(self, command="run"):
        """gpubench, but this command of it never ends."""
        path = self.folder / "hanging"
        path.write_text(f'#!/bin/sh\n[ "$1" = {command} ] && exec tail --pid=$PPID -f /dev/null\n'
                        f'exec {PROGRAM} "$@"\n', encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def test_every_step_runs_or_says_why_not(self):
        process = self.finish(self.session("--device", "llvmpipe", "--minutes", "3"))

        self.assertIn(process.returncode, (0, 3), process.complained)
        steps = {step["name"]: step for step in self.record()["steps"]}
        self.assertEqual(list(steps), STEPS)
        for step in steps.values():
            if step["status"] == "skipped":
                self.assertRegex(step["reason"], "no command tune|PyTorch", step["name"])
            else:
                # A second for a kernel is too short to tell where a machine is busy.
                codes = (0, 3) if step["name"].startswith("tune_") else (0,)
                self.assertEqual(step["status"], "ended", step)
                self.assertIn(step["exit_code"], codes, step)
        for name in ("first_question", "ceilings", "linear", "power", "matmul", "audit"):
            self.assertEqual(steps[name]["status"], "ended")
        said_first = process.said.split("\n\n")[0]
        self.assertRegex(said_first, r"^llvmpipe .* · SOFTWARE, .* · MESA_LLVMPIPE .* cores of the CPU\n")
        self.assertIn("3:00 in all, ", said_first)
        planned = [line.split()[0] for line in said_first.splitlines() if line.startswith("  ")]
        self.assertEqual(planned, ["step", *STEPS])
        text = (self.folder / "s/summary.txt").read_text(encoding="utf-8")
        self.assertRegex(text, r"zeros are \d\.\d+ times as fast as normal numbers")
        for size in (48, 96):
            for precision in ("fp16_acc32", "fp32"):
                self.assertRegex(text, fr"\n{size} {precision}: \d+\.\d+ \(linear direct, gemm nt direct\)")
        self.assertRegex(text, r"direct 48: .* GFLOP/s, .*\n  after the tuning: .* GFLOP/s, ")
        self.assertRegex(text, r"held .* of the speed at the start")
        self.assertIn("devices.json", os.listdir(self.folder / "s"))
        results = self.folder / "s/results"
        self.assertGreaterEqual(len(list(results.glob("*/results.csv"))), 4)
        self.assertIn("gemm/auto/fp32/nn/48x48x48", text)

    def test_a_device_on_the_cpu_is_measured_only_where_it_is_named(self):
        process = self.finish(self.session("--minutes", "0.24", scale=()))

        self.assertEqual(process.returncode, 4, process.complained)
        self.assertRegex(process.complained, "no GPU, only llvmpipe .* runs on the CPU; --device names it")
        self.assertFalse((self.folder / "s").exists())

        process = self.finish(self.session("--device", "llvmpipe", "--minutes", "0.24", scale=()))

        self.assertEqual(process.returncode, 3, process.complained)

    def test_a_driver_that_does_not_load_is_told_as_the_loader_does(self):
        gpu = self.write("icd.json", '{"file_format_version": "1.0.0", "ICD": '
                                     '{"library_path": "libnowhere.so.0", "api_version": "1.3.0"}}')
        alone = with_drivers(str(self.folder / gpu))
        beside_software = with_drivers(str(self.folder / gpu), lavapipe_manifest())
        for code, environment, arguments, why in (
                (4, alone, [], "no Vulkan driver"), (4, beside_software, [], "no GPU, only llvmpipe"),
                (2, beside_software, ["--device", "H9000"], "H9000")):
            with self.subTest(why):
                process = self.finish(self.session("--minutes", "0.24", *arguments, scale=(),
                                                   environment=environment))

                self.assertEqual(process.returncode, code, process.complained)
                self.assertIn(why, process.complained)
                self.assertRegex(process.complained, "the Vulkan loader: libnowhere.so.0: cannot open shared object")

    def test_device_driver_and_cores_come_first(self):
        self.finish(self.session("--minutes", "0.24"))

        machine = self.record()["machine"]
        device = json.loads(self.gpubench("devices", "--json").said)[0]["identity"]
        for name in ("name", "type", "uuid", "driver_id", "driver_version", "driver_info"):
            self.assertEqual(machine[name], device[name])
        self.assertGreaterEqual(machine["cores"], 1)
        line = (f"{device['name']} · SOFTWARE, runs on the CPU · {device['driver_id']} {device['driver_info']} "
                f"· {machine['cores']} cores of the CPU")
        self.assertEqual((self.folder / "s/summary.txt").read_text(encoding="utf-8").splitlines()[0], line)

    def test_ratios_are_in_the_summary(self):
        """The fake PyTorch has the device that ours runs on."""
        uuid = json.loads(self.gpubench("devices", "--json").said)[0]["identity"]["uuid"]
        process = self.finish(self.session("--minutes", "3", environment={
            "PYTHONPATH": str(FAKE_TORCH), "FAKE_TORCH_UUIDS": uuid}))

        self.assertEqual(self.statuses()["cublas_96"], "ended", process.complained)
        text = (self.folder / "s/summary.txt").read_text(encoding="utf-8")
        self.assertRegex(text, r"gemm 96 fp16_acc32 \S+: \d+\.\d+ ± \d+% of cublas")

    def test_steps_without_time_are_skipped_with_the_reason(self):
        process = self.finish(self.session("--device", "llvmpipe", "--minutes", "0.24"))

        self.assertEqual(process.returncode, 3, process.complained)
        for step in self.record()["steps"]:
            self.assertEqual(step["status"], "skipped")
        self.assertIn("0 s are left, and it takes at least", process.said)
        self.assertIn("nothing was measured", (self.folder / "s/summary.txt").read_text())

    def test_a_look_at_the_machine_that_hangs_ends_with_the_session(self):
        process = self.finish(self.session("--device", "llvmpipe", "--minutes", "0.05",
                                           gpubench=self.hanging_gpubench("audit")))

        self.assertEqual(process.returncode, 4, process.complained)
        self.assertRegex(process.complained, r"audit --device llvmpipe .*: no answer within \d s")
        self.assertFalse((self.folder / "s").exists())

    def test_ended_from_outside_keeps_what_there_is(self):
        process = self.session("--minutes", "3", gpubench=self.hanging_gpubench())
        for line in process.stdout:
            if line.startswith("first_question"):
                break
        while self.statuses()["first_question"] != "running":
            pass

        process = self.end_by(process, signal.SIGTERM)

        self.assertEqual(process.returncode, 143, process.complained)
        self.assertEqual(self.statuses()["first_question"], "cut short")
        self.assertEqual(set(list(self.statuses().values())[1:]), {"skipped"})
        self.assertTrue((self.folder / "s/summary.txt").exists())

    def test_what_cannot_begin_leaves_nothing(self):
        self.write("none/torch.py", "raise ImportError('none here')\n")
        no_torch = {"PYTHONPATH": str(self.folder / "none")}
        no_cuda = {"PYTHONPATH": str(FAKE_TORCH), "FAKE_TORCH_CUDA": "0"}
        nowhere = {"VK_DRIVER_FILES": "/nowhere.json", "VK_ICD_FILENAMES": "/nowhere.json"}
        for code, arguments, environment in ((4, [], nowhere), (2, ["--device", "H9000"], {}),
                                             (2, ["--minutes", "0"], {}),
                                             (2, ["--python", "/nowhere/python"], {}),
                                             (2, ["--python", sys.executable], no_torch),
                                             (2, ["--python", sys.executable], no_cuda),
                                             (2, ["--gpubench", "/nowhere"], {})):
            with self.subTest(arguments):
                process = self.finish(self.session(*arguments, environment=environment))

                self.assertEqual(process.returncode, code, process.complained)
                self.assertFalse((self.folder / "s").exists())

    def test_never_adds_to_another_session(self):
        (self.folder / "s").mkdir()

        process = self.finish(self.session("--device", "llvmpipe"))

        self.assertEqual(process.returncode, 2)
        self.assertIn("exists already", process.complained)
        self.assertEqual(os.listdir(self.folder / "s"), [])


def yaml_case(line):
    """A block of a scenario of one line, as steps.py writes it."""
    return dict(pair.split(": ") for pair in line.strip(" -{}").split(", "))


class Ticks:
    """A clock of which each look costs a second."""

    def __init__(self):
        self.time_s = 0

    def __call__(self):
        self.time_s += 1
        return self.time_s


class SessionClock(ProgramTest):
    """Steps and clocks that are made up."""

    def run_steps(self, clock, *planned):
        (self.folder / "results").mkdir()
        session = gpu_session.Session(self.folder, clock, MACHINE, planned, types.SimpleNamespace(signal=0))
        session.run()
        return {step["name"]: step for step in session.record["steps"]}

    @staticmethod
    def step(name, *command, most_s=60.0, least_s=1.0):
        return steps.Step(name, "?", list(command), most_s, least_s)

    def test_step_over_its_time_is_cut_short_and_the_session_goes_on(self):
        record = self.run_steps(gpu_session.Clock(9, 0, Ticks()),
                                self.step("hangs", "tail", "-f", "/dev/null", most_s=3),
                                self.step("next", "true"))

        self.assertEqual(record["hangs"]["status"], "cut short")
        self.assertEqual((record["next"]["status"], record["next"]["exit_code"]), ("ended", 0))

    def test_time_before_the_first_step_counts(self):
        time_s = 0.0
        clock = gpu_session.Clock(0.5, 0, lambda: time_s)
        time_s = 20.0

        record = self.run_steps(clock, self.step("first", "true"))

        self.assertEqual(record["first"]["status"], "skipped")
        self.assertIn("0 s are left", record["first"]["reason"])

    def test_summary_is_there_before_the_session_ends(self):
        self.run_steps(gpu_session.Clock(9, 0, lambda: 0.0), self.step(
            "first", "sh", "-c", f"mkdir {self.folder}/results/r; touch {self.folder}/results/r/results.csv"),
            self.step("second", "cp", str(self.folder / "summary.txt"), str(self.folder / "seen.txt")))

        self.assertIn("nothing was measured", (self.folder / "seen.txt").read_text(encoding="utf-8"))

    def test_a_process_that_no_signal_ends_does_not_hold_the_session(self):
        sent = []

        def never(timeout):
            self.assertIsNotNone(timeout)
            raise subprocess.TimeoutExpired("driver", timeout)

        with unittest.mock.patch("os.killpg", lambda _, number: sent.append(number)):
            gpu_session.stop(types.SimpleNamespace(pid=0, wait=never))

        self.assertEqual(sent, [signal.SIGTERM, signal.SIGKILL])


class SessionSummary(ProgramTest):
    """Rows that are made up."""

    @staticmethod
    def row(**cells):
        empty = ("run_id", "labels", "batch", "bandwidth_bytes_per_s", "fraction_of_bandwidth")
        return (None, {**{name: "" for name in empty}, "op": "gemm", "layout": "nt",
                       "m": "4096", "n": "4096", "k": "4096", "precision": "fp32", "fill": "normal",
                       "kernel": "coop", "activation": "none", "time_median_s": "0.0019", **cells})

    def test_a_layer_is_held_against_the_product_with_the_same_b(self):
        """gelu alone would be beside another product in each of those that are left out."""
        layer = {"op": "linear", "activation": "gelu", "kernel": "coop2", "time_median_s": "0.002"}
        rows = [self.row(), self.row(layout="nn", time_median_s="0.001"), self.row(**layer),
                self.row(**{**layer, "precision": "fp16"}), self.row(**{**layer, "run_id": "other"}),
                self.row(**{**layer, "time_median_s": ""}), self.row(**{**layer, "activation": "none"}),
                self.row(**{**layer, "m": "64"})]

        self.assertEqual(summary.linear_text(rows), "4096 fp32: 0.950 (linear coop2, gemm nt coop)")

    def test_the_tuned_rate_stands_beside_the_first_answer(self):
        asked = {"scenario": "first_question", "precision": "fp16_acc32", "layout": "nn", "kernel": "coop2",
                 "kernel_params": "tile=128x256x64", "throughput_flops": "3e14", "fraction_of_peak": "0.5",
                 "peak_flops": "6e14", "peak_source": "measured_fp16_acc32_workgroup_matrix"}
        again = {**asked, "scenario": "ceilings", "kernel_params": "tile=256x128x64 tuned",
                 "throughput_flops": "4.5e14", "fraction_of_peak": "0.75"}
        other = {**again, "throughput_flops": "1e14"}
        rows = [self.row(**asked), self.row(**{**asked, "kernel": "tiled"}), self.row(**again),
                self.row(**{**other, "precision": "fp16"}), self.row(**{**other, "scenario": "matmul"})]

        self.assertEqual(summary.question_text(rows).splitlines(), [
            "coop2 4096: 300 TFLOP/s, own tiles, 0.50 of peak (measured_fp16_acc32_workgroup_matrix, 600 TFLOP/s)",
            "  after the tuning: 450 TFLOP/s, tuned tiles, 0.75 of peak (measured_fp16_acc32_workgroup_matrix, "
            "600 TFLOP/s)",
            "tiled 4096: 300 TFLOP/s, own tiles, 0.50 of peak (measured_fp16_acc32_workgroup_matrix, 600 TFLOP/s)"])


class SessionPlan(ProgramTest):
    def plan(self, *kernels, torch_python="python3", scale=steps.FULL):
        kernels = [("gemm", kernel) for kernel in kernels or ("naive", "tiled", "split", "direct",
                                                              "coop", "coop2")]
        return steps.plan(steps.Inventory("gpubench", "llvmpipe", True, kernels, torch_python),
                          self.folder, scale)

    def sizes(self, step):
        """Of the products that a step asks for, on its command line or in the scenario that it wrote."""
        said = " ".join(step.command)
        path = self.folder / f"{step.name}.yaml"
        said += path.read_text(encoding="utf-8") if path.exists() else ""
        lists = re.findall(r"(?:--size |cases\.size=|op: (?:gemm|linear), [^}]*?size: )([\d,]+)", said)
        return {int(size) for sizes in lists for size in sizes.strip(",").split(",")}

    def test_what_is_measured_is_what_was_tuned(self):
        for scale in (steps.FULL, steps.QUICK):
            planned = {step.name: step for step in self.plan(scale=scale)}
            tuned = set().union(*(self.sizes(step) for name, step in planned.items() if "tune" in name))
            self.assertEqual(tuned, {scale.small, scale.large})
            for name in ("first_question", f"cublas_{scale.large}", "ceilings", "linear", "power", "against_cublas"):
                with self.subTest(name, large=scale.large):
                    self.assertTrue(self.sizes(planned[name]))
                    self.assertLessEqual(self.sizes(planned[name]), tuned)

    def test_the_sizes_of_a_scale_do_not_share_their_tiles(self):
        for scale in (steps.FULL, steps.QUICK):
            self.assertLess(scale.small.bit_length(), scale.large.bit_length())

    def test_limits_of_all_steps_fit_into_nine_minutes(self):
        self.assertEqual(gpu_session.MINUTES, 9)
        self.assertLessEqual(gpu_session.END_S, START_AND_END_S)
        self.assertLessEqual(sum(step.most_s for step in self.plan()), 9 * 60 - START_AND_END_S)

    def test_the_page_has_the_same_steps_and_limits(self):
        page = (SESSION.parents[2] / "docs/running-on-a-gpu-node.md").read_text(encoding="utf-8")
        said = re.findall(r"^\| `(\w+)` \| (\d+) s \|", page, re.MULTILINE)

        self.assertEqual([(name, float(limit)) for name, limit in said],
                         [(step.name, step.most_s) for step in self.plan()])

    def test_the_first_question_comes_first_and_its_newest_kernel_too(self):
        first = self.plan()[0]

        self.assertEqual(first.name, "first_question")
        scenario = (self.folder / "first_question.yaml").read_text(encoding="utf-8")
        self.assertIn("kernel: [coop2, coop, tiled, direct, split]", scenario)
        self.assertIn(f"budget: {steps.FULL.budget_s}s", scenario)
        self.assertLess(5 * steps.FULL.budget_s + 25, first.most_s)

    def test_a_layer_stands_beside_the_product_of_its_shape_and_layout(self):
        self.plan()

        cases = [yaml_case(line) for line in
                 (self.folder / "linear.yaml").read_text(encoding="utf-8").splitlines() if "op:" in line]
        self.assertEqual({(case["size"], case["precision"]) for case in cases},
                         {(size, precision) for size in ("4096", "16384") for precision in ("fp32", "fp16_acc32")})
        for product, layer in zip(cases[::2], cases[1::2]):
            self.assertEqual((product.pop("op"), product.pop("transpose_b")), ("gemm", "true"))
            self.assertEqual((layer.pop("op"), layer.pop("bias"), layer.pop("activation")),
                             ("linear", "true", "gelu"))
            self.assertEqual(product, layer)

    def test_kernels_that_are_not_here_are_not_asked_for(self):
        self.plan("naive", "direct", "tiled", "something_new")

        self.assertIn("kernel: [tiled, direct, something_new]",
                      (self.folder / "first_question.yaml").read_text(encoding="utf-8"))

    def test_each_size_is_tuned_by_itself_with_room_for_its_reference(self):
        tunes = [step for step in self.plan() if step.name.startswith("tune_")]

        self.assertEqual([step.name for step in tunes], ["tune_fp16_acc32_16384", "tune_fp16_acc32_4096",
                                                         "tune_fp32_16384", "tune_fp32_4096"])
        budgets_s = {}
        for step in tunes:
            precision, size = (step.command[step.command.index(option) + 1] for option in ("--precision", "--size"))
            self.assertEqual(f"tune_{precision}_{size}", step.name)
            budgets_s[precision, size] = float(step.command[step.command.index("--budget") + 1].removesuffix("s"))
            self.assertGreaterEqual(step.most_s - 1.1 * budgets_s[precision, size], 8)
        for precision in ("fp16_acc32", "fp32"):
            self.assertGreater(budgets_s[precision, "16384"], 2 * budgets_s[precision, "4096"])

    def test_the_first_question_is_asked_again_after_the_tuning(self):
        names = [step.name for step in self.plan()]
        self.assertGreater(names.index("ceilings"), names.index("tune_fp16_acc32_4096"))
        again = (self.folder / "ceilings.yaml").read_text(encoding="utf-8")
        self.assertIn("size: 4096, precision: fp16_acc32, kernel: [coop2, coop]", again)
        self.assertIn("size: 4096, precision: fp16_acc32", (self.folder / "first_question.yaml").read_text())

        self.plan("naive", "tiled")
        self.assertIn("fp16_acc32, kernel: [auto]", (self.folder / "ceilings.yaml").read_text(encoding="utf-8"))

    def tuned_kernels(self, *kernels):
        """By precision; all of its sizes have the same."""
        tunes = [step for step in self.plan(*kernels) if step.name.startswith("tune_")]
        pairs = {tuple(step.command[step.command.index(option) + 1] for option in ("--precision", "--kernel"))
                 for step in tunes}
        self.assertEqual(len(pairs), len(dict(pairs)))
        return dict(pairs)

    def test_only_kernels_are_tuned_for_which_there_is_time(self):
        self.assertEqual(self.tuned_kernels(), {"fp16_acc32": "coop,coop2", "fp32": "tiled"})
        self.assertEqual(self.tuned_kernels("naive", "tiled", "coop"),
                         {"fp16_acc32": "coop", "fp32": "tiled"})
        self.assertEqual(self.tuned_kernels("naive", "tiled", "direct"),
                         {"fp16_acc32": "tiled", "fp32": "tiled"})

    def test_the_plan_says_when_each_step_has_ended(self):
        planned = self.plan(torch_python="")
        lines = gpu_session.plan_text(planned, gpu_session.Clock(9, 0, lambda: 12.0)).splitlines()

        self.assertEqual(lines[0], "9:00 in all, 0:12 of it gone; in this order:")
        self.assertRegex(lines[2], r"^  first_question +50 s  1:02$")
        self.assertRegex(lines[7], r"^  cublas_16384 +– +left out: no Python here has PyTorch")
        self.assertNotIn("sooner", "".join(lines))

    def test_the_plan_says_what_may_not_fit(self):
        text = gpu_session.plan_text(self.plan(), gpu_session.Clock(2, 0, lambda: 0.0))

        self.assertRegex(text, r"first_question +50 s  0:50\n")
        self.assertRegex(text, r"audit +20 s  1:45, if those before end sooner")


if __name__ == "__main__":
    unittest.main()
