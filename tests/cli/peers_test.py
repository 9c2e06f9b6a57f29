"""peers_test.py — do the scripts of tools/peers leave rows that gpubench's own readers take, never time
what is wrong, and compare only like with like?"""

import csv
import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import textwrap
import unittest

from program import PROGRAM, TIMEOUT_S, ProgramTest

PEERS = pathlib.Path(__file__).resolve().parents[2] / "tools/peers"
CPU_PEER = os.environ["GPUBENCH_CPU_PEER"]  # the path of the built program
FAKE_TORCH = pathlib.Path(__file__).resolve().parent / "fake_torch"
# A row of any side; each test changes what it is about.
ROW = {"schema_version": "3", "run_id": "r", "host": "here", "labels": "", "device_name": "GPU",
       "device_type": "discrete", "device_uuid": "u", "driver_id": "d", "driver_version": "1",
       "driver_info": "", "op": "gemm", "case_id": "c", "kernel": "tiled", "kernel_params": "",
       "precision": "fp32", "dtype_in": "f32",
       "dtype_acc": "f32", "dtype_out": "f32", "m": "64", "n": "64", "k": "64", "batch": "1",
       "layout": "nn", "activation": "none", "fill": "normal", "status": "ok", "reason": "",
       "timer": "gpu_timestamp", "time_p25_s": "1", "time_median_s": "1", "time_p75_s": "1",
       "throughput_flops": "1e12", "bandwidth_bytes_per_s": "", "check_status": "passed",
       "peak_flops": "", "peak_bandwidth_bytes_per_s": "", "peak_source": ""}
PEER = {**ROW, "labels": "peer=cublas", "kernel": "cublas", "throughput_flops": "2e12"}


def iter_until(stream, start, times):
    """Lines, up to the one that is this many'th to begin so."""
    for line in stream:
        times -= line.startswith(start)
        yield line
        if times == 0:
            return


class PeerTest(ProgramTest):
    def script(self, name, *arguments, environment=None):
        process = subprocess.run(
            [sys.executable, "-B", str(PEERS / name), *map(str, arguments)], cwd=self.folder,
            env={**self.environment, **(environment or {})}, text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False)
        print(f"$ {name} {arguments}\nexit code {process.returncode}\n"
              f"{process.stdout}{process.stderr}")
        return process

    def program_on_path(self, name, says, code=0, stream=1):
        """A program of this name that says this on stdout, or on this stream; returns the environment that finds it."""
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ncat >&{stream} <<'END'\n{textwrap.dedent(says)}\nEND\nexit {code}\n",
                        encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return {"PATH": f"{path.parent}:{self.environment['PATH']}"}

    def assertReadableRun(self, run):
        """As gpubench's own reader wants it: every column in order, samples as many as said."""
        columns = json.loads(self.gpubench("list", "columns", "--json").said)
        with open(run / "results.csv", newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        self.assertEqual(header, [column["name"] for column in columns["results.csv"]])
        with open(run / "samples.csv", newline="", encoding="utf-8") as file:
            samples = list(csv.DictReader(file))
        cells = [dict(zip(header, row)) for row in rows]
        self.assertEqual(len(samples), sum(int(row["samples"] or 0) for row in cells))
        document = json.loads((run / "run.json").read_text(encoding="utf-8"))
        self.assertTrue(document["complete"])
        self.assertEqual(document["sessions"][0]["ended"], "finished")
        self.assertEqual({device["uuid"] for device in document["devices"]},
                         {row["device_uuid"] for row in cells})
        for row in cells:
            self.assertEqual(row["run_id"], run.name)
            self.assertIn("peer=", row["labels"])
        return cells


class CpuPeer(PeerTest):
    def cpu(self, *arguments, **more):
        return self.script("cpu.py", "--program", CPU_PEER, "--budget", "100ms", *arguments, **more)

    def test_every_variant_leaves_a_verified_run_that_says_its_code_path_and_threads(self):
        process = self.cpu("--size", "64", "--variant", "openblas:Haswell,openblas,onednn",
                           environment={"OPENBLAS_CORETYPE": "Prescott"})

        self.assertEqual(process.returncode, 0, process.stderr)
        pinned, chosen, onednn = (self.assertReadableRun(run / ".")[0]
                                  for run in map(pathlib.Path, map(self.folder.joinpath,
                                                                   process.stdout.split())))
        self.assertRegex(pinned["kernel_params"], r"^core=Haswell \(pinned\) threads=\d+$")
        self.assertRegex(chosen["kernel_params"], r"^core=.* \(as chosen\) threads=\d+$")
        self.assertRegex(onednn["kernel_params"], r"^isa=.* \(as chosen\) threads=\d+$")
        for row in (pinned, chosen, onednn):
            self.assertEqual((row["status"], row["check_status"], row["timer"]),
                             ("ok", "passed", "host"))
            self.assertGreater(float(row["throughput_flops"]), 0)

    def test_one_thread_is_one_thread(self):
        process = self.cpu("--size", "64", "--variant", "openblas,onednn", "--threads", "1")

        self.assertEqual(process.returncode, 0, process.stderr)
        for run in process.stdout.split():
            self.assertIn("threads=1", self.rows(self.folder / run)[0]["kernel_params"])

    def test_bad_arguments_exit_2(self):
        for arguments in (["--variant", "mkl"], ["--variant", "openblas:"], ["--size", "0"],
                          ["--threads", "0"], ["--budget", "soon"]):
            with self.subTest(arguments):
                process = self.script("cpu.py", "--program", CPU_PEER, *arguments)

                self.assertEqual(process.returncode, 2, process.stderr)
                self.assertEqual(self.runs(), [])


class TorchPeer(PeerTest):
    def torch(self, *arguments, **fake):
        return self.script("torch_gemm.py", "--size", "12", "--budget", "0.2", "--gpubench", PROGRAM,
                           *arguments, environment={"PYTHONPATH": str(FAKE_TORCH), **fake})

    def rows_by_kernel(self):
        (run,) = self.runs()
        return {(row["kernel"], row["precision"]): row for row in self.assertReadableRun(run)}

    def test_pins_both_precisions_and_records_the_defaults(self):
        process = self.torch()

        self.assertEqual(process.returncode, 0, process.stderr)
        rows = self.rows_by_kernel()
        self.assertEqual(set(rows), {(kernel, precision) for kernel in ("cublas", "cublas_default")
                                     for precision in ("fp32", "fp16_acc32")})
        for row in rows.values():
            self.assertEqual((row["status"], row["timer"]), ("ok", "gpu_timestamp"))
            self.assertGreaterEqual(int(row["samples"]), 7)
        self.assertIn("allow_tf32=0", rows["cublas", "fp32"]["kernel_params"])
        self.assertEqual(rows["cublas", "fp16_acc32"]["dtype_acc"], "f32")
        self.assertNotEqual(rows["cublas_default", "fp16_acc32"]["dtype_acc"], "f32")

    def test_a_default_of_tf32_is_called_tf32(self):
        process = self.torch("--precision", "fp32", FAKE_TORCH_TF32="on")

        self.assertEqual(process.returncode, 0, process.stderr)
        rows = self.rows_by_kernel()
        self.assertEqual(rows["cublas", "fp32"]["dtype_in"], "f32")
        self.assertEqual(rows["cublas_default", "tf32"]["dtype_in"], "tf32")

    def test_tf32_in_the_place_of_fp32_is_wrong_and_not_timed(self):
        process = self.torch("--precision", "fp32", FAKE_TORCH_TF32="always")

        self.assertEqual(process.returncode, 1, process.stderr)
        row = self.rows_by_kernel()["cublas", "fp32"]
        self.assertEqual((row["status"], row["check_status"]), ("failed", "failed"))
        self.assertEqual((row["time_median_s"], row["throughput_flops"]), ("", ""))
        self.assertTrue(row["reason"].startswith("wrong_result: "))

    def test_wrong_result_is_not_timed(self):
        process = self.torch(FAKE_TORCH_WRONG="1")

        self.assertEqual(process.returncode, 1, process.stderr)
        for row in self.rows_by_kernel().values():
            self.assertEqual((row["status"], row["time_median_s"]), ("failed", ""))

    def test_cpu_is_timed_by_the_host(self):
        process = self.torch("--device", "cpu", "--precision", "fp32")

        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(self.rows_by_kernel()["torch_cpu", "fp32"]["timer"], "host")

    def test_a_uuid_names_the_same_device_however_it_is_written(self):
        uuids = ["0a0b0c0d-0000-0000-0000-000000000001", "0a0b0c0d-0000-0000-0000-000000000002"]
        for name in (uuids[1], uuids[1].upper(), f"GPU-{uuids[1]}"):
            with self.subTest(name):
                process = self.torch("--device", name, "--out", name,
                                     FAKE_TORCH_UUIDS=",".join(uuids))

                self.assertEqual(process.returncode, 0, process.stderr)
                (run,) = (self.folder / name).iterdir()
                self.assertEqual({row["device_uuid"] for row in self.rows(run)}, {uuids[1]})

    def test_a_uuid_that_cuda_does_not_have_is_refused(self):
        unknown = "ffffffff-0000-0000-0000-000000000000"
        for uuids in ("0a0b0c0d-0000-0000-0000-000000000001", "none,none"):
            process = self.torch("--device", unknown, FAKE_TORCH_UUIDS=uuids)

            self.assertEqual(process.returncode, 4, process.stderr)
            self.assertIn(f"no CUDA device of PyTorch has the UUID {unknown}", process.stderr)
            self.assertEqual(self.runs(), [])

    def test_an_old_torch_has_its_only_device_taken_and_claims_no_uuid(self):
        process = self.torch("--device", "0a0b0c0d-0000-0000-0000-000000000001",
                             FAKE_TORCH_UUIDS="none")

        self.assertEqual(process.returncode, 0, process.stderr)
        for row in self.rows_by_kernel().values():
            self.assertTrue(row["device_uuid"].startswith("name:"), row["device_uuid"])

    def test_no_device_and_no_torch_exit_4(self):
        self.assertEqual(self.torch(FAKE_TORCH_CUDA="0").returncode, 4)
        self.assertEqual(self.torch("--device", "cuda:7").returncode, 2)
        (self.folder / "none").mkdir()
        self.write("none/torch.py", "raise ImportError('none here')\n")
        process = self.torch(PYTHONPATH=str(self.folder / "none"))
        self.assertEqual(process.returncode, 4)
        self.assertIn("no PyTorch here", process.stderr)
        self.assertEqual(self.runs(), [])


class PeakPeers(PeerTest):
    VKPEAK = """\
        device       = Some GPU

        fp32-scalar  = 17137.46 GFLOPS
        fp32-vec4    = 16910.07 GFLOPS
        fp16-vec4    = 0.00 GFLOPS
        fp16-matrix  = 101485.35 GFLOPS
        bf16-matrix  = 50742.5 GFLOPS
        int8-matrix  = 202947.80 GIOPS
        copy-d2d     = 190.70 GBPS"""
    CLPEAK = """\

        Platform: Some platform
          Device: Some GPU
            Driver version  : 1.0 (Linux x64)
            Compute units   : 16

            Global memory bandwidth (GBPS)
              float   : 180.5
              float2  : 185.25

            Single-precision compute (GFLOPS)
              float   : 17001.5
              float4  : 17100.25

            Kernel launch latency : 5.04 us"""

    def peaks(self, environment):
        return self.script("peaks.py", "--gpubench", PROGRAM, environment=environment)

    def test_absent_programs_are_said(self):
        process = self.peaks({"PATH": "/nowhere"})

        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertIn("vkpeak: absent", process.stdout)
        self.assertIn("clpeak: absent", process.stdout)

    def test_best_figure_of_each_ceiling_is_a_row(self):
        self.program_on_path("clpeak", self.CLPEAK)
        process = self.peaks(self.program_on_path("vkpeak", self.VKPEAK, stream=2))

        self.assertEqual(process.returncode, 0, process.stderr)
        found = {}
        for run in self.runs():
            for row in self.assertReadableRun(run):
                self.assertEqual((row["op"], row["device_name"]), ("peak", "Some GPU"))
                found[row["case_id"]] = row["throughput_flops"] or row["bandwidth_bytes_per_s"]
        self.assertEqual({case: float(rate) for case, rate in found.items()},
                         {"peak/vkpeak/fp32": 17137.46e9, "peak/vkpeak/copy": 190.7e9,
                          "peak/vkpeak/fp16_matrix": 101485.35e9, "peak/vkpeak/bf16_matrix": 50742.5e9,
                          "peak/clpeak/fp32": 17100.25e9, "peak/clpeak/copy": 185.25e9})

    def test_program_that_says_nothing_exits_4(self):
        process = self.peaks(self.program_on_path("vkpeak", "no vulkan device", code=255))

        self.assertEqual(process.returncode, 4)
        self.assertIn("no vulkan device", process.stderr)


class Compare(PeerTest):
    def compare(self, *rows, options=()):
        runs = []
        for position, row in enumerate(rows):
            run = self.folder / f"run{position}"
            run.mkdir(exist_ok=True)
            with open(run / "results.csv", "w", newline="", encoding="utf-8") as file:
                out = csv.DictWriter(file, ROW, lineterminator="\n")
                out.writeheader()
                out.writerow(row)
            runs.append(run.name)
        return self.script("compare.py", *runs, *options)

    def test_like_is_compared(self):
        process = self.compare(ROW, PEER, options=["--csv", "ratios.csv"])

        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertRegex(process.stdout, r"gemm 64\^3 fp32 +tiled +1 TFLOP/s +\[1\] +2 TFLOP/s 0\.500")
        self.assertLessEqual(max(map(len, process.stdout.splitlines())), 80)
        with open(self.folder / "ratios.csv", newline="", encoding="utf-8") as file:
            (ratio,) = csv.DictReader(file)
        self.assertEqual(float(ratio["ratio"]), 0.5)

    def test_several_runs_count_by_their_median(self):
        process = self.compare(ROW, PEER, {**ROW, "throughput_flops": "3e12"}, PEER,
                               {**ROW, "throughput_flops": "4e12"})

        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("1.500", process.stdout)

    def test_other_things_are_refused_with_the_reason(self):
        for change, reason in (({"precision": "tf32", "dtype_in": "tf32"}, "other arithmetic"),
                               ({"dtype_acc": "f16"}, "other arithmetic"),
                               ({"fill": "zeros"}, "other data"), ({"host": "there"}, "other hosts"),
                               ({"m": "65"}, "no such case of ours"),
                               ({"status": "failed", "reason": "wrong_result: x"}, "wrong_result"),
                               ({"check_status": "not_run"}, "not verified"),
                               ({"throughput_flops": ""}, "not timed")):
            with self.subTest(change):
                process = self.compare(ROW, {**PEER, **change})

                self.assertEqual(process.returncode, 3, process.stdout)
                self.assertIn(reason, process.stdout)

    def test_other_devices_of_one_host_are_no_pair(self):
        one, two = ({"device_uuid": f"0a0b0c0d-0000-0000-0000-00000000000{i}"} for i in (1, 2))
        gpu = {"device_type": "discrete"}
        software = {"device_type": "software", "device_name": "llvmpipe"}
        library = {"device_type": "other", "device_name": "some CPU"}
        no_uuid = {"device_uuid": "name:0a0b0c0d000000000000000000000001"}
        written_by_nvidia = {"device_uuid": "GPU-0A0B0C0D-0000-0000-0000-000000000001"}
        for name, ours, peer, code in (
                ("two GPUs of one name", {**gpu, **one}, {**gpu, **two}, 3),
                ("one GPU", {**gpu, **one}, {**gpu, **one}, 0),
                ("one GPU, written in two ways", {**gpu, **one}, {**gpu, **written_by_nvidia}, 0),
                ("software and a GPU", {**software, **one}, {**gpu, **two}, 3),
                ("software and a library on the CPU", {**software, **one}, {**library, **two}, 0),
                ("a GPU and a library on the CPU", {**gpu, **one}, {**library, **two}, 3),
                ("no UUID, one name", {**gpu, **one}, {**gpu, **no_uuid}, 0),
                ("no UUID, two names", {**software, **one}, {**gpu, **no_uuid}, 3)):
            with self.subTest(name):
                process = self.compare({**ROW, **ours}, {**PEER, **peer})

                self.assertEqual(process.returncode, code, process.stdout)
                if code == 3:
                    self.assertIn("other devices: ours ", process.stdout)

    def test_ratios_are_replaced_as_a_whole(self):
        self.compare(ROW, PEER, options=["--csv", "ratios.csv"])
        os.link(self.folder / "ratios.csv", self.folder / "old.csv")
        old = (self.folder / "old.csv").read_text(encoding="utf-8")

        self.compare(ROW, {**PEER, "throughput_flops": "4e12"}, options=["--csv", "ratios.csv"])

        self.assertEqual((self.folder / "old.csv").read_text(encoding="utf-8"), old)
        self.assertIn("0.25", (self.folder / "ratios.csv").read_text(encoding="utf-8"))
        self.assertEqual(list(self.folder.glob("*.new")), [])

    def test_ceilings_are_compared_with_ceilings(self):
        ours = {**ROW, "peak_flops": "4e12", "peak_source": "measured_fp32_fma"}
        peer = {**PEER, "op": "peak", "m": "", "n": "", "k": "", "batch": "", "layout": "",
                "activation": "", "fill": "", "check_status": "not_run"}

        process = self.compare(ours, peer)

        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        self.assertRegex(process.stdout, r"peak fp32 .* 4 TFLOP/s .* 2\.000")

    def test_a_ceiling_of_matrix_units_is_none_of_vectors(self):
        """vkpeak's figures of both kinds; what its matrices add up in, it does not say."""
        fp16 = {"precision": "fp16", "dtype_in": "f16", "dtype_acc": "f16", "dtype_out": "f16"}
        ours = [{**ROW, **fp16, "peak_flops": flops, "peak_source": source} for flops, source in (
            ("900e12", "measured_fp16_matrix"), ("20e12", "measured_fp16_fma"),
            ("950e12", "measured_fp16_workgroup_matrix"))]
        ours.append({**ROW, **fp16, "precision": "fp16_acc32", "dtype_acc": "f32", "peak_flops": "800e12",
                     "peak_source": "measured_fp16_acc32_matrix"})
        peak = {**PEER, **fp16, "op": "peak", "m": "", "n": "", "k": "", "batch": "", "layout": "", "activation": "",
                "fill": "", "check_status": "not_run", "kernel": "vkpeak"}
        vectors = {**peak, "case_id": "peak/vkpeak/fp16", "throughput_flops": "10e12"}
        matrices = {**peak, "case_id": "peak/vkpeak/fp16_matrix", "throughput_flops": "400e12", "dtype_acc": "",
                    "dtype_out": ""}

        self.compare(*ours, vectors, matrices, options=["--csv", "ratios.csv"])

        with open(self.folder / "ratios.csv", newline="", encoding="utf-8") as file:
            ratios = {(row["ours_kernel"], float(row["peer_flops"])): float(row["ratio"])
                      for row in csv.DictReader(file)}
        self.assertEqual(ratios, {("measured_fp16_fma", 10e12): 2, ("measured_fp16_matrix", 400e12): 2.25,
                                  ("measured_fp16_acc32_matrix", 400e12): 2})

        process = self.compare(ours[0], ours[2], vectors)
        self.assertEqual(process.returncode, 3, process.stdout)
        self.assertIn("other units: ours matrix, peer vector", process.stdout)

    def test_files_that_are_no_runs_exit_2(self):
        self.write("x/results.csv", "a,b\n1,2\n")
        self.write("y/results.csv", b"\xff\xfe\x00")
        for run in ("x", "y", "nowhere"):
            with self.subTest(run):
                self.assertEqual(self.script("compare.py", run).returncode, 2)


class SideBySide(PeerTest):
    def uuid_of_ours(self):
        return json.loads(self.gpubench("devices", "--json").said)[0]["identity"]["uuid"]

    def beside_cublas(self, **fake):
        return self.script("side_by_side.py", "--size", "12", "--rounds", "1", "--budget", "0.1",
                           "--gpubench", PROGRAM, "--peer", "torch", "--csv", "ratios.csv",
                           environment={"PYTHONPATH": str(FAKE_TORCH), **fake})

    def test_cublas_runs_on_the_device_of_ours(self):
        other = "0a0b0c0d-0000-0000-0000-000000000001"
        process = self.beside_cublas(FAKE_TORCH_UUIDS=f"{other},{self.uuid_of_ours()}")

        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        self.assertRegex(process.stdout, r"gemm 12\^3 fp32 .*\[1\]")

    def test_cublas_without_the_device_of_ours_is_refused(self):
        process = self.beside_cublas()

        self.assertEqual(process.returncode, 4, process.stdout + process.stderr)
        self.assertIn("no CUDA device of PyTorch has the UUID", process.stderr)
        self.assertFalse((self.folder / "ratios.csv").exists())

    def test_whole_rounds_are_kept_when_it_is_ended(self):
        """Ours hangs in the third round; the two before are whole."""
        slow = self.write("hangs", f"""\
            #!/bin/sh
            echo "$1" >> calls
            [ "$(grep -c run calls)" = 3 ] && exec tail --pid=$PPID -f /dev/null 2>&1
            exec {PROGRAM} "$@"
            """)
        (self.folder / slow).chmod(0o755)
        process = subprocess.Popen(
            [sys.executable, "-B", str(PEERS / "side_by_side.py"), "--size", "12", "--rounds", "5",
             "--budget", "0.1", "--gpubench", str(self.folder / slow), "--csv", "ratios.csv",
             "--peer-options", f"cpu=--variant openblas --program {CPU_PEER}"], cwd=self.folder,
            env=self.environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(self.reap, process)
        begun = [line for line in iter_until(process.stderr, f"$ {self.folder / slow} run", 3)]

        process = self.end_by(process, signal.SIGTERM)

        self.assertEqual(process.returncode, -signal.SIGTERM, begun)
        with open(self.folder / "ratios.csv", newline="", encoding="utf-8") as file:
            (ratio,) = csv.DictReader(file)
        self.assertEqual((ratio["ours_runs"], ratio["peer_runs"]), ("2", "2"))
        self.assertRegex(process.said, r"(?s)round 2 of 5\n.*gemm 12\^3 fp32 .*\[1\]")

    def test_measures_in_turns_and_prints_ratios(self):
        process = self.script("side_by_side.py", "--size", "48", "--rounds", "2", "--budget", "0.1",
                              "--gpubench", PROGRAM, "--device", "llvmpipe", "--peer-options",
                              f"cpu=--variant openblas --program {CPU_PEER}")

        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertRegex(process.stdout, r"gemm 48\^3 fp32 .*\[1\]")
        sides = ["peer" if "peer_" in run.name else "ours" for run in self.runs()]
        self.assertEqual(sorted(sides), ["ours", "ours", "peer", "peer"])

    def test_peer_that_cannot_run_is_said(self):
        process = self.script("side_by_side.py", "--size", "48", "--rounds", "1", "--budget", "0.1",
                              "--gpubench", PROGRAM, "--peer-options", "cpu=--variant mkl")

        self.assertEqual(process.returncode, 2)
        self.assertIn("mkl", process.stderr)


if __name__ == "__main__":
    unittest.main()
