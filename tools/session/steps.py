"""steps.py — what a session on a GPU runs, in the order of what is worth most if time runs out.

Commands only; runs nothing.
"""

import dataclasses
import pathlib
import sys
import typing

PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers"


@dataclasses.dataclass(frozen=True)
class Scale:
    """How much work a session takes on."""
    small: int
    middle: int
    large: int
    softmax_rows: int
    hold: str
    rounds: int
    tune_s: int
    budget_s: float
    factor: float  # of the steps' times
    matmul: tuple = ()
    audit: tuple = ()


FULL = Scale(small=4096, middle=8192, large=16384, softmax_rows=16384, hold="10s", rounds=2, tune_s=60,
             budget_s=5, factor=1)
# A session in miniature: every step, on whatever device, to see that they all run.
QUICK = Scale(small=64, middle=72, large=96, softmax_rows=64, hold="300ms", rounds=1, tune_s=2,
              budget_s=0.2, factor=0.1, matmul=("--set", "cases.size=64", "--budget", "100ms"),
              audit=("--op", "gemm", "--precision", "fp32", "--size", "24"))


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    question: str
    command: list
    most_s: float   # then it is told to end, and what it wrote is kept
    least_s: float  # with less time left it is not begun
    missing: str = ""  # why it cannot be run here


class Inventory(typing.NamedTuple):
    """What this machine and this program have."""
    gpubench: str
    device: str
    has_tune: bool
    kernels: list  # (op, kernel) of which fp16_acc32 runs here
    torch_python: str  # empty: none


def on(inventory):
    return ["--device", inventory.device]


def write_scenario(folder, name, cases):
    """A scenario of this session, kept beside its results."""
    path = folder / f"{name}.yaml"
    blocks = "".join(f"  - {case}\n" for case in cases)
    path.write_text(f"name: {name}\nbudget: 20s\ncases:\n{blocks}", encoding="utf-8")
    return path


def run_scenario(inventory, out, *more):
    return [inventory.gpubench, "run", *map(str, more), "--quiet", "--full", "--out",
            str(out / "results"), *on(inventory)]


def ceilings(inventory, out, scale):
    scenario = write_scenario(out, "ceilings", [
        f"{{op: gemm, size: {scale.small}, precision: [fp32, fp16, fp16_acc32]}}",
        f"{{op: softmax, size: {scale.softmax_rows}, precision: [fp32, fp16]}}"])
    return Step("ceilings", "What does the device reach at most, and what share do the kernels have?",
                run_scenario(inventory, out, scenario), 60, 10)


def matrix_units(inventory, out, scale):
    names = [kernel for op, kernel in inventory.kernels if op == "gemm" and kernel != "naive"]
    scenario = write_scenario(out, "first_question", [
        f"{{op: gemm, size: {scale.middle}, precision: fp16_acc32, kernel: [{', '.join(names)}]}}"])
    return Step("first_question", "Which kernel uses the matrix units, and do they pass 0.65 of the peak?",
                run_scenario(inventory, out, scenario), 45, 10,
                missing="" if names else "no kernel of fp16_acc32 runs on this device")


def tune(inventory, _out, scale, size):
    """What it finds goes into the session's own cache, from which later steps take it."""
    command = [inventory.gpubench, "tune", "--op", "gemm", "--size", str(size), "--precision",
               "fp32,fp16_acc32", "--budget", f"{scale.tune_s}s", *on(inventory)]
    return Step(f"tune_{size}", f"Which tiles are fastest at {size}?", command,
                (scale.tune_s + 15) / scale.factor, 15,
                missing="" if inventory.has_tune else "this gpubench has no command tune")


def against_cublas(inventory, out, scale):
    command = [inventory.torch_python or sys.executable, str(PEERS / "side_by_side.py"), "--size",
               f"{scale.small},{scale.large}", "--precision", "fp32,fp16_acc32", "--peer", "torch",
               "--rounds", str(scale.rounds), "--budget", str(scale.budget_s), "--out",
               str(out / "results"), "--csv", str(out / "ratios.csv"), "--gpubench",
               inventory.gpubench, *on(inventory)]
    return Step("against_cublas", "How do the kernels stand beside cuBLAS?", command, 120, 30,
                missing="" if inventory.torch_python else
                "no Python here has PyTorch with a CUDA device (--python names another)")


def power(inventory, out, scale):
    return Step("power", "Zeros against random data, and a hold with clocks and power",
                run_scenario(inventory, out, scenarios(inventory) / "power.yaml", "--set",
                             f"cases.size={scale.middle}", "--set", f"cases.1.hold={scale.hold}"),
                90, 30)


def matmul(inventory, out, scale):
    return Step("matmul", "All of scenarios/matmul.yaml",
                run_scenario(inventory, out, scenarios(inventory) / "matmul.yaml", *scale.matmul),
                120, 30)


def audit(inventory, _out, scale):
    return Step("audit", "In which precision does each kernel really compute?",
                [inventory.gpubench, "audit", *on(inventory), *scale.audit], 60, 20)


def scenarios(inventory):
    """Beside the program, or in the checkout that these scripts are in."""
    beside = pathlib.Path(inventory.gpubench).parent / "scenarios"
    return beside if beside.is_dir() else pathlib.Path(__file__).resolve().parents[2] / "scenarios"


def plan(inventory, out, scale):
    steps = [ceilings(inventory, out, scale), matrix_units(inventory, out, scale),
             tune(inventory, out, scale, scale.small), tune(inventory, out, scale, scale.large),
             against_cublas(inventory, out, scale), power(inventory, out, scale),
             matmul(inventory, out, scale), audit(inventory, out, scale)]
    return [dataclasses.replace(step, most_s=step.most_s * max(scale.factor, 0.3),
                                least_s=step.least_s * scale.factor) for step in steps]
