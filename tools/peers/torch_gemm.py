#!/usr/bin/env python3
"""torch_gemm.py — cuBLAS through PyTorch as a run of gpubench: verified, timed by CUDA events."""

import argparse
import pathlib
import time

import programs
import sampling
from devices import id_of_name, own_uuid
from failure import COULD_NOT_RUN, USAGE, WRONG, Failure, run_main
from run_folder import RunFolder, content_hash

PURPOSE = """Measures square matrix products of PyTorch, which on an NVIDIA GPU are cuBLAS. Each data type runs
twice: pinned (fp32: TF32 off; fp16: sums in FP32 throughout) and with PyTorch's own defaults, which are
recorded as they are. Every result is first held against FP64 on sampled rows, closely enough to tell
FP32 from TF32; a wrong one is never timed. Inputs are normal numbers from the seed, drawn by PyTorch:
the same distribution as gpubench's fill, other numbers."""

EXAMPLES = """examples:
  tools/peers/torch_gemm.py --size 4096,16384 --precision fp32,fp16_acc32
  tools/peers/torch_gemm.py --device cpu --size 512        PyTorch on the CPU, by the host's clock

exit codes: 0 good, 1 a result was wrong, 2 the command line is wrong, 4 no PyTorch or no CUDA device"""

ROWS_CHECKED = 16
SHORTEST_SAMPLE_S = 0.01
LEAST_WARMUP_S = 0.1
# Relative error against FP64 over the rows, by what the inputs are rounded to. Measured errors of FP32
# sums stay below 1e-6 up to k = 16384, TF32 inputs alone make 3e-4, and so does FP16 output. FP16 sums
# of normal numbers make more than 2e-3 from k = 256 on.
TOLERANCES = {"fp32": 1e-5, "tf32": 2e-3, "fp16_acc32": 1e-3}
FORMATS = {"fp32": ("f32", "f32", "f32"), "tf32": ("tf32", "f32", "f32"),
           "fp16_acc32": ("f16", "f32", "f16")}
# FP16 products whose partial sums may be added in FP16 when k is split.
DEFAULT_FP16_SUMS = "f32, f16 between parts of k"


def import_torch():
    try:
        import torch
    except ImportError as error:
        raise Failure(COULD_NOT_RUN, f"no PyTorch here ({error}); install torch for this Python, or "
                                     f"start the script with one that has it") from error
    return torch


def open_device(torch, name):
    if name == "cpu":
        return "cpu"
    if not torch.cuda.is_available():
        raise Failure(COULD_NOT_RUN, "PyTorch finds no CUDA device; --device cpu measures the CPU")
    index = index_of_uuid(torch, name) if own_uuid(name) else index_of_number(torch, name)
    torch.cuda.set_device(index)
    return f"cuda:{index}"


def index_of_number(torch, name):
    count = torch.cuda.device_count()
    kind, _, number = name.partition(":")
    if kind != "cuda" or not (number or "0").isdigit() or int(number or "0") >= count:
        raise Failure(USAGE, f"--device {name}: expected cpu, cuda:0 to cuda:{count - 1}, or a UUID")
    return int(number or "0")


def index_of_uuid(torch, name):
    """CUDA and Vulkan count devices in orders of their own; the UUID is the same in both."""
    uuids = [uuid_of(torch, index) for index in range(torch.cuda.device_count())]
    known = [own_uuid(uuid) for uuid in uuids]
    if own_uuid(name) in known:
        return known.index(own_uuid(name))
    if known == [""]:  # an older PyTorch; compare.py goes by the name of its only device
        return 0
    raise Failure(COULD_NOT_RUN, f"no CUDA device of PyTorch has the UUID {name}; it finds "
                                 f"{', '.join(uuid or 'one without' for uuid in uuids)}")


def uuid_of(torch, index):
    return str(getattr(torch.cuda.get_device_properties(index), "uuid", ""))


class Settings:
    """What PyTorch lets cuBLAS lower; remembers how it was."""

    def __init__(self, torch):
        self.matmul = torch.backends.cuda.matmul
        self.defaults = {name: getattr(self.matmul, name) for name in (
            "allow_tf32", "allow_fp16_reduced_precision_reduction", "allow_fp16_accumulation")
            if hasattr(self.matmul, name)}

    def apply(self, pinned):
        for name, default in self.defaults.items():
            setattr(self.matmul, name, False if pinned else default)

    def text(self, pinned):
        words = [f"{name}={int(False if pinned else value)}"
                 for name, value in self.defaults.items()]
        return " ".join([*words, "(pinned)" if pinned else "(PyTorch's defaults)"])


class Product:
    """One product on the device, and its clock."""

    def __init__(self, torch, device, size, dtype, seed):
        self.torch = torch
        self.device = device
        torch.manual_seed(seed)
        self.a = torch.randn(size, size, device=device, dtype=torch.float32).to(dtype)
        self.b = torch.randn(size, size, device=device, dtype=torch.float32).to(dtype)
        self.c = torch.zeros(size, size, device=device, dtype=dtype)

    def synchronize(self):
        if self.device != "cpu":
            self.torch.cuda.synchronize()

    def run(self, launches):
        """Seconds of one launch, by the device (None on a CPU) and by the host."""
        self.synchronize()
        events = None
        begin = time.perf_counter()
        if self.device != "cpu":
            events = [self.torch.cuda.Event(enable_timing=True) for _ in range(2)]
            events[0].record()
        for _ in range(launches):
            self.torch.matmul(self.a, self.b, out=self.c)
        if events:
            events[1].record()
        self.synchronize()
        host_s = (time.perf_counter() - begin) / launches
        return (events[0].elapsed_time(events[1]) * 1e-3 / launches if events else None), host_s

    def error(self):
        """Largest and relative error of sampled rows against FP64; NaN where the output has some."""
        size = self.c.shape[0]
        count = min(ROWS_CHECKED, size)
        rows = sorted({position * (size - 1) // max(count - 1, 1) for position in range(count)})
        exact = self.torch.matmul(self.a[rows].double(), self.b.double())
        difference = self.c[rows].double() - exact
        return difference.abs().max().item(), (difference.norm() / exact.norm()).item()


def device_columns(torch, device, settings):
    library = f"PyTorch {torch.__version__}"
    if device == "cpu":
        name, uuid, driver = "CPU", content_hash("torch cpu"), torch.__version__
    else:
        index = int(device.partition(":")[2])
        name, driver = torch.cuda.get_device_properties(index).name, torch.version.cuda
        uuid = uuid_of(torch, index) or id_of_name(name)
    return {"device_name": name, "device_uuid": uuid,
            "device_type": "other" if device == "cpu" else "discrete",
            "driver_id": "torch_cpu" if device == "cpu" else "cuda", "driver_version": driver,
            "driver_info": library,
            "env_id": content_hash(f"{name} {driver} {library} {settings.defaults}")}


def observed(precision, rel_error):
    """A default may be TF32: the result tells."""
    return "tf32" if precision == "fp32" and rel_error > TOLERANCES["fp32"] else precision


class Case:
    """One size in one precision, pinned or by default: its row and samples."""

    def __init__(self, options, torch, size, precision, pinned, settings):
        self.options, self.torch, self.size, self.precision = options, torch, size, precision
        self.pinned, self.settings = pinned, settings
        library = "torch_cpu" if options.device == "cpu" else "cublas"
        self.kernel = library if pinned else f"{library}_default"

    def run(self):
        self.settings.apply(self.pinned)
        dtype = self.torch.float32 if self.precision == "fp32" else self.torch.float16
        product = Product(self.torch, self.options.device, self.size, dtype, self.options.seed)
        warm_s, warm_launches = self.warm_up(product)
        max_abs, rel = product.error()
        precision = self.precision if self.pinned else observed(self.precision, rel)
        row = self.columns(precision, max_abs, rel)
        if not rel <= TOLERANCES[precision]:
            return {**row, "status": "failed", "check_status": "failed",
                    "reason": f"wrong_result: relative error {rel:.3g} against FP64 on "
                              f"{ROWS_CHECKED} rows, at most {TOLERANCES[precision]:g} expected"}, []
        launches = max(1, min(1000, round(SHORTEST_SAMPLE_S * warm_launches / warm_s)))
        samples, why = sampling.take(lambda: product.run(launches), self.options.budget)
        timing = sampling.timing_columns(samples, why)
        flop = 2 * self.size**3
        return {**row, **timing, "status": "ok", "check_status": "passed", "warmup_s": warm_s,
                "discarded": warm_launches, "dispatches_per_sample": launches,
                "throughput_flops": flop / timing["time_median_s"],
                "bandwidth_bytes_per_s": row["moved_bytes"] / timing["time_median_s"]}, samples

    @staticmethod
    def warm_up(product):
        spent_s, launches = 0.0, 0
        while launches < 3 or spent_s < LEAST_WARMUP_S:
            spent_s += product.run(1)[1]
            launches += 1
        return spent_s, launches

    def columns(self, precision, max_abs, rel):
        size, params = self.size, self.settings.text(self.pinned)
        dtype_in, dtype_acc, dtype_out = FORMATS[precision]
        if precision == "fp16_acc32" and not self.pinned:
            allowed = self.settings.defaults.get("allow_fp16_reduced_precision_reduction", False)
            dtype_acc = DEFAULT_FP16_SUMS if allowed else dtype_acc
        return {
            "case_id": f"gemm/{self.kernel}/{precision}/nn/{size}x{size}x{size}/normal/"
                       f"s{self.options.seed}",
            "op": "gemm", "kernel": self.kernel, "kernel_params": params,
            "kernel_hash": content_hash(f"{self.kernel} {params} {self.torch.__version__}"),
            "precision": precision, "dtype_in": dtype_in, "dtype_acc": dtype_acc,
            "dtype_out": dtype_out, "m": size, "n": size, "k": size, "batch": 1, "layout": "nn",
            "activation": "none", "fill": "normal", "seed": self.options.seed,
            "flop": 2 * size**3, "moved_bytes": 3 * size**2 * (4 if dtype_out == "f32" else 2),
            "check_coverage": "sampled_rows", "reference": "fp64 by PyTorch",
            "max_abs_err": max_abs, "rel_fro_err_fp64": rel, "tolerance": TOLERANCES[precision],
            "bound_ratio": rel / TOLERANCES[precision], "tolerance_rule": "rows_against_fp64",
            "precision_verdict": "not_probed", "timing_status": "not_run",
            "stop_reason": "not_run"}


def scenario_of(options):
    return (f"name: peer_torch\nseed: {options.seed}\nbudget: {options.budget:g}s\ncases:\n"
            f"  - {{op: gemm, size: {options.size}, precision: {options.precision}}}\n")


def measure_all(options, torch, settings, folder):
    """Whether every result was right."""
    device = device_columns(torch, options.device, settings)
    right = True
    for size in options.size:
        for precision in options.precision:
            for pinned in (True, False):
                row, samples = Case(options, torch, size, precision, pinned, settings).run()
                folder.append({**device, **row}, samples)
                right = right and row["status"] == "ok"
    return right


def numbers(text):
    values = [int(word) for word in text.split(",")]
    if min(values) < 1:
        raise argparse.ArgumentTypeError(f"{text}: expected sizes of at least 1")
    return values


def precisions(text):
    words = text.split(",")
    for word in words:
        if word not in ("fp32", "fp16_acc32"):
            raise argparse.ArgumentTypeError(f"{word}: expected fp32 or fp16_acc32")
    return words


def parse():
    parser = argparse.ArgumentParser(description=PURPOSE, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=numbers, default=[4096], help="square sizes (4096)")
    parser.add_argument("--precision", type=precisions, default=["fp32", "fp16_acc32"],
                        help="(fp32,fp16_acc32)")
    parser.add_argument("--device", default="cuda:0", help="cuda:0, cuda:1, ..., a UUID, or cpu (cuda:0)")
    parser.add_argument("--seed", type=int, default=42, help="of the inputs (42)")
    parser.add_argument("--budget", type=float, default=5, help="seconds for one product (5)")
    parser.add_argument("--out", type=pathlib.Path, default="results", help="results folder (results)")
    parser.add_argument("--gpubench", help="another gpubench, which knows the columns")
    return parser.parse_args()


def main():
    options = parse()
    torch = import_torch()
    options.device = open_device(torch, options.device)
    settings = Settings(torch)
    label = "peer=torch_cpu" if options.device == "cpu" else "peer=cublas"
    folder = RunFolder(options.out, programs.find("gpubench", options.gpubench), "peer_torch",
                       scenario_of(options), label)
    folder.libraries = {"torch": torch.__version__, "cuda": torch.version.cuda or ""}
    folder.notes = {"inputs": "normal numbers drawn by PyTorch from the seed; the distribution of "
                              "gpubench's fill, other numbers"}
    try:
        right = measure_all(options, torch, settings, folder)
    except RuntimeError as error:  # out of memory, a lost device
        folder.abandon(str(error))
        raise Failure(COULD_NOT_RUN, f"PyTorch: {error}; rows so far are in {folder.path}") from error
    folder.finish()
    print(folder.path)
    return 0 if right else WRONG


if __name__ == "__main__":
    run_main("torch_gemm.py", main)
