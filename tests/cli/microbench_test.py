"""microbench_test.py — does gpubench_microbench run what it is asked for, and say why it does not?
And does agree.py tell two clocks apart?"""

import json
import os
import pathlib
import stat
import subprocess
import sys
import textwrap
import unittest

from program import TIMEOUT_S, ProgramTest

MICROBENCH = os.environ["GPUBENCH_MICROBENCH"]  # the path of the built program
AGREE = pathlib.Path(__file__).resolve().parents[1] / "bench/agree.py"
sys.path.insert(0, str(AGREE.parent))

import agree

QUICKLY = ("--benchmark_min_time=0.001", "--benchmark_format=json")


class Started(ProgramTest):
    def run_program(self, *command, environment=None):
        process = subprocess.run(
            [str(word) for word in command], cwd=self.folder, text=True, capture_output=True,
            env={**self.environment, **(environment or {})}, timeout=TIMEOUT_S, check=False)
        print(f"$ {command}\nexit code {process.returncode}\n{process.stdout}{process.stderr}")
        return process

    def microbench(self, *arguments, **more):
        return self.run_program(MICROBENCH, *arguments, **more)


class Microbench(Started):
    def test_lists_kernels_by_operation_kernel_precision_and_size(self):
        process = self.microbench("--benchmark_list_tests", "--benchmark_filter=gemm/.*/fp16/",
                                  "--size", "96,128")

        self.assertEqual(process.returncode, 0, process.stderr)
        names = process.stdout.split()
        self.assertIn("gemm/tiled/fp16/96/manual_time", names)
        self.assertIn("gemm/direct/fp16/128/manual_time", names)
        self.assertEqual([name for name in names if "/fp16/" not in name], [])

    def test_times_a_kernel_by_the_clock_of_the_device(self):
        process = self.microbench("--benchmark_filter=gemm/tiled/fp32/", "--size", "65", *QUICKLY)

        self.assertEqual(process.returncode, 0, process.stderr)
        (entry,) = json.loads(process.stdout)["benchmarks"]
        self.assertGreater(entry["real_time"], 0)
        self.assertAlmostEqual(entry["FLOP/s"] * entry["real_time"] * 1e-6, 2 * 65**3, delta=1)
        self.assertIn("tile=", entry["label"])

    def test_host_parts_need_no_device(self):
        process = self.microbench("--benchmark_filter=csv/text", *QUICKLY,
                                  environment={"VK_DRIVER_FILES": "/nowhere.json",
                                               "VK_ICD_FILENAMES": "/nowhere.json"})

        self.assertEqual(process.returncode, 0, process.stderr)
        (entry,) = json.loads(process.stdout)["benchmarks"]
        self.assertGreater(entry["real_time"], 0)

    def test_no_driver_is_said_once_and_exits_4(self):
        process = self.microbench("--benchmark_filter=gemm/tiled/", "--size", "65", *QUICKLY,
                                  environment={"VK_DRIVER_FILES": "/nowhere.json",
                                               "VK_ICD_FILENAMES": "/nowhere.json"})

        self.assertEqual(process.returncode, 4, process.stderr)
        self.assertEqual(process.stderr.count("no Vulkan driver"), 1)
        for entry in json.loads(process.stdout)["benchmarks"]:
            self.assertTrue(entry["error_occurred"])

    def test_unknown_device_exits_2_and_lists_those_there_are(self):
        process = self.microbench("--benchmark_filter=gemm/tiled/fp32", "--size", "65",
                                  "--device", "H9000", *QUICKLY)

        self.assertEqual(process.returncode, 2, process.stderr)
        self.assertIn("llvmpipe", process.stderr)

    def test_bad_arguments_exit_2(self):
        for arguments in (["--size", "0"], ["--size", "many"], ["--benchmark_nonsense"], ["stray"]):
            with self.subTest(arguments):
                self.assertEqual(self.microbench(*arguments).returncode, 2)

    def test_no_such_benchmark_is_inconclusive(self):
        process = self.microbench("--benchmark_filter=gemm/none/")

        self.assertEqual(process.returncode, 3, process.stderr)


class Agree(Started):
    def agree(self, *arguments):
        build = os.path.dirname(MICROBENCH)
        return self.run_program(sys.executable, AGREE, "--build", build, "--rounds", "1",
                                *arguments, "gemm/tiled/fp32/65")

    def fake_microbench(self, real_time_us, host_s):
        """A program that answers as gpubench_microbench does, with a clock of its own."""
        entry = {"run_type": "iteration", "real_time": real_time_us, "host_s": host_s}
        report = json.dumps({"benchmarks": [entry] * 3})
        path = self.folder / "fake_microbench"
        path.write_text(textwrap.dedent(f"""\
            #!/bin/sh
            echo '{report}'
            """), encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    def test_both_clocks_tell_the_same_time(self):
        """To a factor of 3: what else this machine does may set most rounds of one side apart, with exit code 3."""
        process = self.agree("--rounds", "5")

        self.assertIn(process.returncode, (0, 3), process.stdout + process.stderr)
        self.assertIn("gemm/tiled/fp32/65", process.stdout)

    def test_a_clock_off_by_a_large_factor_is_absurd(self):
        process = self.agree("--microbench", self.fake_microbench(1e9, 1e4))

        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertIn("ABSURD", process.stdout)

    def test_a_device_ahead_of_the_host_is_impossible(self):
        honest = json.loads(self.microbench("--benchmark_filter=gemm/tiled/fp32/", "--size", "65",
                                            *QUICKLY).stdout)["benchmarks"][0]["real_time"]

        process = self.agree("--microbench", self.fake_microbench(honest, honest * 0.5e-6))

        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertIn("IMPOSSIBLE", process.stdout)

    def test_a_doubled_clock_is_told_from_noise_and_load(self):
        """Made-up rounds: seconds and spread of gpubench run, of gpubench_microbench, and the host's clock over
        the device's."""
        honest, doubled, halved = ((1e-3, 0.02, factor * 1e-3, 0.02, 1.1) for factor in (1.05, 2, 0.5))
        for name, rounds, code in (("honest", [honest] * 5, 0), ("doubled", [doubled] * 5, 3),
                                   ("halved", [halved] * 5, 3),
                                   ("a load in two rounds of five", [honest] * 3 + [doubled] * 2, 0),
                                   ("in three", [honest] * 2 + [doubled] * 3, 3),
                                   ("less than 25 %", [(1e-3, 0.02, 1.2e-3, 0.02, 1.1)] * 5, 0),
                                   ("less than its noise, of 2 * 0.6", [(1e-3, 0.6, 2e-3, 0, 1.1)] * 5, 0),
                                   ("a factor of 4", [(1e-3, 0.02, 4e-3, 0.02, 1.1)] * 5, 1)):
            with self.subTest(name):
                self.assertEqual(agree.explain([agree.line_of("gemm/tiled/fp32/65", rounds)]), code)

    def test_kernel_that_cannot_run_is_inconclusive(self):
        process = self.run_program(sys.executable, AGREE, "--build", os.path.dirname(MICROBENCH),
                                   "--rounds", "1", "gemm/none/fp32/65")

        self.assertNotEqual(process.returncode, 0)
        self.assertIn("none", process.stderr)


if __name__ == "__main__":
    unittest.main()
