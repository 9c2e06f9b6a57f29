"""pytorch_test.py — does the probe kit name what PyTorch computes on a CPU?

PyPI's wheel brings gigabytes for GPUs, so this runs where the system has PyTorch: in the Debian 13
root of tests/roots/pristine.sh. `GPUBENCH_PROGRAM=… python3 -m unittest pytorch_test` elsewhere.
"""

from kit import KitTest

SHAPES = ("72x56x200", "256x256x512")


class PyTorch(KitTest):
    def expect_named(self, dtype, verdict, names):
        for shape in SHAPES:
            kit = self.kit(shape)
            self.expect(verdict, names, kit, self.run_script(kit, "run_pytorch.py", dtype, "cpu"))

    def test_float32_is_confirmed(self):
        self.expect_named("float32", "confirmed", ["fp32 inputs", "fp32 sums"])

    def test_bfloat16_is_named(self):
        self.expect_named("bfloat16", "downgraded", ["bf16", "fp32", "bf16 output"])

    def test_float16_is_named(self):
        self.expect_named("float16", "downgraded", ["fp16 inputs", "fp32 sums", "fp16 output"])
