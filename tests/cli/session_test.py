"""session_test.py — does the one command for a borrowed GPU run every step, keep what it has when its time
ends, and say what it left out?"""

import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import unittest

from program import PROGRAM, TIMEOUT_S, ProgramTest

SESSION = pathlib.Path(__file__).resolve().parents[2] / "tools/session/gpu_session.py"
STEPS = ["ceilings", "first_question", "tune_64", "tune_96", "against_cublas", "power", "matmul",
         "audit"]


class GpuSession(ProgramTest):
    def session(self, *arguments, gpubench=PROGRAM, environment=None):
        process = subprocess.Popen(
            [sys.executable, "-B", str(SESSION), "--quick", "--out", "s", "--gpubench", str(gpubench),
             *arguments], cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**self.environment, **(environment or {})})
        self.addCleanup(self.reap, process)
        return process

    def record(self):
        return json.loads((self.folder / "s/session.json").read_text(encoding="utf-8"))

    def statuses(self):
        return {step["name"]: step["status"] for step in self.record()["steps"]}

    def hanging_gpubench(self):
        """gpubench, but whatever it is to run never ends."""
        path = self.folder / "hanging"
        path.write_text(f'#!/bin/sh\n[ "$1" = run ] && [ "$2" != --help ] && exec tail -f /dev/null\n'
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
                self.assertEqual((step["status"], step["exit_code"]), ("ended", 0), step)
        for name in ("ceilings", "first_question", "power", "matmul", "audit"):
            self.assertEqual(steps[name]["status"], "ended")
        text = (self.folder / "s/summary.txt").read_text(encoding="utf-8")
        self.assertRegex(text, r"zeros are \d\.\d+ times as fast as normal numbers")
        self.assertRegex(text, r"held .* of the speed at the start")
        self.assertIn("devices.json", os.listdir(self.folder / "s"))
        results = self.folder / "s/results"
        self.assertGreaterEqual(len(list(results.glob("*/results.csv"))), 4)
        self.assertIn("gemm/auto/fp32/nn/64x64x64", text)

    def test_steps_without_time_are_skipped_with_the_reason(self):
        process = self.finish(self.session("--device", "llvmpipe", "--minutes", "0.1"))

        self.assertEqual(process.returncode, 3, process.complained)
        for step in self.record()["steps"]:
            self.assertEqual(step["status"], "skipped")
        self.assertIn("0 s are left, and it takes at least", process.said)
        self.assertIn("nothing was measured", (self.folder / "s/summary.txt").read_text())

    def test_step_over_its_time_is_cut_short_and_the_session_goes_on(self):
        process = self.finish(self.session("--minutes", "0.25", gpubench=self.hanging_gpubench()))

        self.assertEqual(process.returncode, 3, process.complained)
        self.assertEqual(self.statuses()["ceilings"], "cut short")
        self.assertEqual(list(self.statuses()), STEPS)
        self.assertNotIn("waiting", self.statuses().values())

    def test_ended_from_outside_keeps_what_there_is(self):
        process = self.session("--minutes", "3", gpubench=self.hanging_gpubench())
        for line in process.stdout:
            if line.startswith("ceilings"):
                break
        while self.statuses()["ceilings"] != "running":
            pass

        process = self.end_by(process, signal.SIGTERM)

        self.assertEqual(process.returncode, 143, process.complained)
        self.assertEqual(self.statuses()["ceilings"], "cut short")
        self.assertEqual(set(list(self.statuses().values())[1:]), {"skipped"})
        self.assertTrue((self.folder / "s/summary.txt").exists())

    def test_what_cannot_begin_leaves_nothing(self):
        nowhere = {"VK_DRIVER_FILES": "/nowhere.json", "VK_ICD_FILENAMES": "/nowhere.json"}
        for code, arguments, environment in ((4, [], nowhere), (2, ["--device", "H9000"], {}),
                                             (2, ["--minutes", "0"], {}),
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


if __name__ == "__main__":
    unittest.main()
