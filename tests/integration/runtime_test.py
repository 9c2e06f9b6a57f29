"""runtime_test.py — does the probe kit name what ONNX Runtime and NumPy really compute?

Runs in the environment that in_venv.py makes; PyTorch has pytorch_test.py.
"""

import ml_dtypes
import numpy as np
import onnx
from onnxconverter_common import float16

from kit import KitTest, products, rounded

# With tails of tiles in rows, columns and chunks of k; and as large as CPU libraries block.
SMALL = "72x56x200"
LARGE = "256x256x512"


class OnnxRuntime(KitTest):
    def run_model(self, kit, model):
        return self.run_script(kit, "run_onnxruntime.py", "CPUExecutionProvider", model)

    def converted(self, kit, **options):
        """matmul.onnx as onnxconverter-common makes it FP16; the name of the new model."""
        model = float16.convert_float_to_float16(onnx.load(kit / "matmul.onnx"), **options)
        onnx.save(model, kit / "converted.onnx")
        return "converted.onnx"

    def test_models_of_the_kit_are_valid(self):
        for storage in ("fp32", "fp16"):
            kit = self.kit(SMALL, "--storage", storage)
            for name in ("matmul.onnx", "linear.onnx"):
                onnx.checker.check_model(onnx.load(kit / name), full_check=True)

    def test_fp32_is_confirmed(self):
        for shape in (SMALL, LARGE):
            kit = self.kit(shape)
            output = self.run_model(kit, "matmul.onnx")
            self.expect("confirmed", ["fp32 inputs", "fp32 sums"], kit, output)

    def test_model_converted_to_fp16_is_named(self):
        kit = self.kit(SMALL)
        output = self.run_model(kit, self.converted(kit))
        names = ["fp16 inputs", "fp32 sums", "fp16 output"]
        self.expect("downgraded", names, kit, output)
        self.expect("better", names, kit, output, declared="fp16")

    # ONNX Runtime's CPU provider has no FP16 product and takes casts around one away.
    def test_converted_model_with_float32_at_its_ends_runs_in_fp32(self):
        kit = self.kit(SMALL)
        output = self.run_model(kit, self.converted(kit, keep_io_types=True))
        self.expect("confirmed", ["fp32 inputs", "fp32 sums"], kit, output)

    def test_model_of_fp16_is_better_than_declared(self):
        kit = self.kit(SMALL, "--storage", "fp16")
        output = self.run_model(kit, "matmul.onnx")
        self.assertEqual(output.dtype, np.float16)
        self.expect("better", ["fp16 inputs", "fp32 sums"], kit, output, declared="fp16")

    def test_linear_layer_is_confirmed_and_its_fp16_version_is_not(self):
        kit = self.kit(SMALL)
        self.run_model(kit, "matmul.onnx")
        arguments = ("audit", "--reference", kit / "linear_reference.npy", "--output")
        said = self.gpubench(0, *arguments, kit / "linear_output.npy")
        self.assertIn("confirmed as FP32", said)

        short = kit / "linear_short.npy"
        np.save(short, rounded(np.load(kit / "linear_output.npy"), np.float16))
        self.assertIn("DOWNGRADED to FP16", self.gpubench(1, *arguments, short))


class NumPy(KitTest):
    def setUp(self):
        self.small = self.kit(SMALL)
        self.a, self.b = self.operands(self.small)

    def test_fp32_is_confirmed(self):
        for shape in (SMALL, LARGE):
            kit = self.kit(shape)
            output = self.run_script(kit, "run_numpy.py")
            self.expect("confirmed", ["fp32 inputs", "fp32 sums"], kit, output)

    def test_float64_is_better(self):
        output = products(self.a.astype(np.float64), self.b.astype(np.float64))
        self.expect("better", ["fp32 inputs", "fp64 sums"], self.small, output)

    def test_inputs_rounded_to_bf16_are_named(self):
        a, b = (rounded(each, ml_dtypes.bfloat16) for each in (self.a, self.b))
        self.expect("downgraded", ["bf16 inputs", "fp32 sums"], self.small, products(a, b))
        self.expect("downgraded", ["fp32 by bf16 inputs"], self.small, products(self.a, b))

    def test_inputs_rounded_to_fp16_are_named(self):
        a, b = (rounded(each, np.float16) for each in (self.a, self.b))
        self.expect("downgraded", ["fp16 inputs", "fp32 sums"], self.small, products(a, b))

    def test_sixteen_bits_at_both_ends_are_named_at_any_size(self):
        for shape in (SMALL, LARGE):
            kit = self.kit(shape)
            for dtype, name in ((np.float16, "fp16"), (ml_dtypes.bfloat16, "bf16")):
                a, b = (rounded(each, dtype) for each in self.operands(kit))
                self.expect("downgraded", [f"{name} inputs", "fp32 sums", f"{name} output"], kit,
                            rounded(products(a, b), dtype))

    def test_results_rounded_to_bf16_and_fp16_are_named(self):
        output = products(self.a, self.b)
        self.expect("downgraded", ["fp32 inputs", "fp32 sums", "bf16 output"], self.small,
                    rounded(output, ml_dtypes.bfloat16))
        self.expect("downgraded", ["fp32 inputs", "fp32 sums", "fp16 output"], self.small,
                    rounded(output, np.float16))
