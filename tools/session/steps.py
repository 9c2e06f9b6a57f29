"""steps.py — what a session on a GPU runs, in the order of what is worth most if time runs out.

Commands only; runs nothing.
"""

import dataclasses
import pathlib
import sys
import typing

PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers"


# The references of one product on the CPU, which no budget of tune counts (14 s of one core at 16384), starting and
# opening the device, and a last sample over the budget.
REFERENCE_ROOM_S = 13
# What a session asks first; then whatever else there is.
FIRST_KERNELS = ("coop2", "coop", "tiled", "direct", "split")
# What it asks again after the tuning: those that use matrix units.
KERNELS_ASKED_AGAIN = ("coop2", "coop")
# Some seconds tell the tilings of one or two kernels apart, but not those of seven.
TUNED_KERNELS = {"fp16_acc32": ("coop", "coop2"), "fp32": ("tiled",)}


@dataclasses.dataclass(frozen=True)
class Scale:
    """How much work a session takes on. Of products, all but those of matmul.yaml have one of two sizes, since tiles
    hold for a class of sizes, those between the same powers of two: another would run with tiles that nobody tuned."""
    small: int
    large: int
    softmax_rows: int
    hold: str
    rounds: int
    tune_s: dict  # by precision and size, in this order
    budget_s: float  # of a case
    linear_budget_s: float
    least_factor: float  # of the time without which a step is not begun
    matmul: tuple = ()
    audit: tuple = ()


FULL = Scale(small=4096, large=16384, softmax_rows=16384, hold="10s", rounds=2,
             tune_s={("fp16_acc32", 16384): 36, ("fp16_acc32", 4096): 12, ("fp32", 16384): 22, ("fp32", 4096): 8},
             budget_s=4, linear_budget_s=2, least_factor=1)
# A session in miniature: every step, on whatever device, to see that they all run.
QUICK = Scale(small=48, large=96, softmax_rows=64, hold="300ms", rounds=1,
              tune_s={("fp16_acc32", 96): 1, ("fp16_acc32", 48): 1, ("fp32", 96): 1, ("fp32", 48): 1},
              budget_s=0.2, linear_budget_s=0.1,
              least_factor=0.1,
              matmul=("--set", "cases.size=48", "--budget", "100ms"),
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


def write_scenario(folder, name, budget_s, cases):
    """A scenario of this session, kept beside its results."""
    path = folder / f"{name}.yaml"
    blocks = "".join(f"  - {case}\n" for case in cases)
    path.write_text(f"name: {name}\nbudget: {budget_s}s\ncases:\n{blocks}", encoding="utf-8")
    return path


def run_scenario(inventory, out, *more):
    return [inventory.gpubench, "run", *map(str, more), "--quiet", "--full", "--out",
            str(out / "results"), *on(inventory)]


def matrix_units(inventory, out, scale):
    names = [kernel for op, kernel in inventory.kernels if op == "gemm" and kernel != "naive"]
    names.sort(key=lambda name: FIRST_KERNELS.index(name) if name in FIRST_KERNELS else len(FIRST_KERNELS))
    scenario = write_scenario(out, "first_question", scale.budget_s, [
        f"{{op: gemm, size: {scale.small}, precision: fp16_acc32, kernel: [{', '.join(names)}]}}"])
    return Step("first_question", "Which kernel uses the matrix units, and do they pass 0.65 of the peak?",
                run_scenario(inventory, out, scenario), 50, 10,
                missing="" if names else "no kernel of fp16_acc32 runs on this device")


def tuned_kernels(inventory, precision):
    """Those of the precision that are here; without matrix units the one that a GPU takes in their place."""
    here = {kernel for op, kernel in inventory.kernels if op == "gemm"}
    return [kernel for kernel in TUNED_KERNELS[precision] if kernel in here] or ["tiled"]


def tune(inventory, target, budget_s):
    """What it finds goes into the session's own cache, from which later steps take it. A size has a budget of its
    own, since a candidate costs most at the largest."""
    precision, size = target
    command = [inventory.gpubench, "tune", "--op", "gemm", "--size", str(size), "--precision", precision,
               "--kernel", ",".join(tuned_kernels(inventory, precision)), "--budget", f"{budget_s}s",
               *on(inventory)]
    return Step(f"tune_{precision}_{size}", f"Which tiles of {precision} are fastest at {size}?", command,
                budget_s + REFERENCE_ROOM_S, 15 if budget_s > 15 else 10,
                missing="" if inventory.has_tune else "this gpubench has no command tune")


def side_by_side(inventory, out, scale, sizes, precisions, rounds, csv):
    return [inventory.torch_python or sys.executable, str(PEERS / "side_by_side.py"), "--size", sizes,
            "--precision", precisions, "--peer", "torch", "--rounds", str(rounds), "--budget",
            str(scale.budget_s), "--out", str(out / "results"), "--csv", str(out / csv), "--gpubench",
            inventory.gpubench, *on(inventory)]


def without_torch(inventory):
    return ("" if inventory.torch_python else
            "no Python here has PyTorch with a CUDA device (--python names another)")


def against_cublas(inventory, out, scale):
    command = side_by_side(inventory, out, scale, str(scale.small), "fp32,fp16_acc32", scale.rounds,
                           "ratios.csv")
    return Step("against_cublas", f"And at {scale.small}?", command, 55, 30,
                missing=without_torch(inventory))


def headline(inventory, out, scale):
    """One round: the references of this size alone may take half of the time."""
    command = side_by_side(inventory, out, scale, str(scale.large), "fp16_acc32,fp32", 1,
                           f"ratios_{scale.large}.csv")
    return Step(f"cublas_{scale.large}", f"How do the kernels stand beside cuBLAS at {scale.large}?",
                command, 80, 40,
                missing=without_torch(inventory))


def ceilings(inventory, out, scale):
    """The first question again, with the tiles that the tuner found since, among the others."""
    here = {kernel for op, kernel in inventory.kernels if op == "gemm"}
    again = [kernel for kernel in KERNELS_ASKED_AGAIN if kernel in here] or ["auto"]
    scenario = write_scenario(out, "ceilings", scale.budget_s, [
        f"{{op: gemm, size: {scale.small}, precision: fp16_acc32, kernel: [{', '.join(again)}]}}",
        f"{{op: gemm, size: {scale.small}, precision: [fp32, fp16]}}",
        f"{{op: softmax, size: {scale.softmax_rows}, precision: [fp32, fp16]}}"])
    return Step("ceilings", "What does the device reach at most, and what share do the tuned kernels have?",
                run_scenario(inventory, out, scenario), 40, 10)


def linear(inventory, out, scale):
    """The weight of a linear is n x k, and so is B of the product beside it. A pair after the other, so that what
    an early end leaves are pairs."""
    ops = ("op: gemm, transpose_b: true", "op: linear, bias: true, activation: gelu")
    scenario = write_scenario(out, "linear", scale.linear_budget_s, [
        f"{{{op}, size: {size}, precision: {precision}}}" for size in (scale.small, scale.large)
        for precision in ("fp16_acc32", "fp32") for op in ops])
    return Step("linear", "What do bias and gelu cost beside the product alone?",
                run_scenario(inventory, out, scenario), 35, 15)


def power(inventory, out, scale):
    return Step("power", "Zeros against random data, and a hold with clocks and power",
                run_scenario(inventory, out, scenarios(inventory) / "power.yaml", "--set",
                             f"cases.size={scale.small}", "--set", f"cases.1.hold={scale.hold}"),
                55, 30)


def matmul(inventory, out, scale):
    return Step("matmul", "All of scenarios/matmul.yaml",
                run_scenario(inventory, out, scenarios(inventory) / "matmul.yaml", *scale.matmul),
                30, 20)


def audit(inventory, _out, scale):
    return Step("audit", "In which precision does each kernel really compute?",
                [inventory.gpubench, "audit", *on(inventory), *scale.audit], 20, 15)


def scenarios(inventory):
    """Beside the program, or in the checkout that these scripts are in."""
    beside = pathlib.Path(inventory.gpubench).parent / "scenarios"
    return beside if beside.is_dir() else pathlib.Path(__file__).resolve().parents[2] / "scenarios"


def plan(inventory, out, scale):
    """Their limits leave 45 of the 540 s of a session to its start and end."""
    steps = [matrix_units(inventory, out, scale),
             *(tune(inventory, target, budget_s) for target, budget_s in scale.tune_s.items()),
             headline(inventory, out, scale), ceilings(inventory, out, scale),
             linear(inventory, out, scale), power(inventory, out, scale), against_cublas(inventory, out, scale),
             matmul(inventory, out, scale), audit(inventory, out, scale)]
    return [dataclasses.replace(step, least_s=step.least_s * scale.least_factor) for step in steps]
