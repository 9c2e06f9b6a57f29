"""audit_kit_test.py — does `gpubench audit kit` write a kit, and `identify` refuse bad outputs?

What real runtimes give is the matter of tests/integration; products are made here by hand.
"""

import ast
import json
import struct
import unittest

from program import ProgramTest, npy

SHAPE = "8x8x16"
M, N, K = 8, 8, 16


def floats(path):
    """The numbers of a float32 .npy, without its header of 128 bytes."""
    data = path.read_bytes()[128:]
    return struct.unpack(f"<{len(data) // 4}f", data)


def add32(x, y):
    """x + y as float32, where the exact sum is beyond a double's reach only if it overflows."""
    try:
        return struct.unpack("<f", struct.pack("<f", x + y))[0]
    except OverflowError:
        return float("inf") if x + y > 0 else float("-inf")


class KitTest(ProgramTest):
    def make(self, *arguments):
        process = self.gpubench("audit", "kit", "--shape", SHAPE, "--out", "kit", *arguments)
        self.assertEqual(process.returncode, 0, process.complained)
        return json.loads((self.folder / "kit/kit.json").read_text(encoding="utf-8"))

    def identify(self, *arguments):
        return self.gpubench("audit", "identify", "kit", "output.npy", *arguments)

    def outputs(self, values, manifest, shape=None, descr="<f4"):
        shape = shape or (manifest["products"], M, N)
        self.write("output.npy", npy(shape, descr, struct.pack(f"<{len(values)}f", *values)))

    def products(self, manifest):
        """Every product in float32: fused is not possible here, so multiply, round, add, round."""
        a, b = floats(self.folder / "kit/a.npy"), floats(self.folder / "kit/b.npy")
        values = []
        for p in range(manifest["products"]):
            for i in range(M):
                row = a[(p * M + i) * K:(p * M + i + 1) * K]
                for j in range(N):
                    total = 0.0
                    for k in range(K):
                        total = add32(total, add32(row[k] * b[(p * K + k) * N + j], 0.0))
                    values.append(total)
        return values


class Kit(KitTest):
    def test_products_in_fp32_are_confirmed(self):
        manifest = self.make()
        self.outputs(self.products(manifest), manifest)

        process = self.identify("--json", "said.json")

        self.assertEqual(process.returncode, 0, process.said + process.complained)
        self.assertIn("declared fp32: confirmed", process.said)
        said = json.loads((self.folder / "said.json").read_text(encoding="utf-8"))
        self.assertEqual(said["verdict"], "confirmed")
        self.assertEqual((said["kit"], said["m"]), (manifest["id"], M))
        (region,) = said["regions"]
        self.assertEqual(region["accumulator"]["format"], "fp32")
        self.assertEqual(region["outputs_mismatched"], 0)
        self.assertEqual(region["input_a"]["kept_fraction_bits"], 23)

    def test_kit_has_what_its_readme_says(self):
        manifest = self.make("--storage", "fp16", "--seed", "5")

        self.assertEqual(manifest["storage"], "fp16")
        self.assertEqual(manifest["shape"], {"m": M, "n": N, "k": K})
        readme = (self.folder / "kit/README.txt").read_text(encoding="utf-8")
        self.assertNotIn("@", readme)
        self.assertIn(f"({manifest['products']}, {M}, {N})", readme)
        for line in readme.splitlines():
            self.assertLessEqual(len(line), 80, line)
        for script in ("run_numpy.py", "run_onnxruntime.py", "run_pytorch.py"):
            ast.parse((self.folder / "kit" / script).read_text(encoding="utf-8"))
            self.assertIn(script, readme)
        for name in ("matmul.onnx", "linear.onnx", "linear_x.npy", "linear_reference.npy"):
            self.assertTrue((self.folder / "kit" / name).stat().st_size > 0, name)
            self.assertIn(name, readme)


class KitBadInput(KitTest):
    def test_shapes_and_folders(self):
        for shape in ("512", "512x512", "0x8x16", "8x8x16x2", "axbxc", "99999999x8x16"):
            process = self.gpubench("audit", "kit", "--shape", shape, "--out", "kit")
            self.assertRefused(process, 2, "--shape")
        self.assertRefused(
            self.gpubench("audit", "kit", "--shape", "4x8x16", "--out", "kit"), 2, "at least 8")
        self.assertRefused(
            self.gpubench("audit", "kit", "--shape", "9000x9000x9000", "--out", "kit"), 2, "2.0 GiB")
        self.assertRefused(self.gpubench("audit", "kit", "--shape", SHAPE), 2, "--out")
        self.write("full/mine.txt", "mine")
        self.assertRefused(
            self.gpubench("audit", "kit", "--shape", SHAPE, "--out", "full"), 2, "not empty")

    def test_full_disk_is_said(self):
        process = self.gpubench_on_small_disk(
            65536, "audit", "kit", "--shape", "64x64x64", "--out", "results/kit")
        self.assertEqual(process.returncode, 4, process.complained)

    def test_outputs_that_are_none(self):
        manifest = self.make()
        count = manifest["products"] * M * N
        whole = [0.0] * count
        self.assertRefused(self.identify(), 2, "output.npy")
        self.outputs([0.0] * 64, manifest, shape=(1, M, N))
        self.assertRefused(self.identify(), 2, "expected shape", "(1, 8, 8)")
        self.outputs(whole, manifest, shape=(manifest["products"], N * M))
        self.assertRefused(self.identify(), 2, "expected shape")
        self.outputs(whole, manifest, descr="<i4")
        self.assertRefused(self.identify(), 2, "float")
        self.outputs(whole[:-1], manifest)
        self.assertRefused(self.identify(), 2, "output.npy")
        self.outputs(whole, manifest, shape=(manifest["products"] + 1, M, N))
        self.assertRefused(self.identify(), 2, "output.npy")
        self.write("output.npy", npy((2,), "|O8", b"\x80\x04]q\x00."))
        self.assertRefused(self.identify(), 2, "output.npy")

    def test_outputs_that_prove_nothing_get_no_verdict(self):
        manifest = self.make()
        count = manifest["products"] * M * N
        for value in (0.0, 1.0, float("nan")):
            self.outputs([value] * count, manifest)
            process = self.identify("--json", "said.json")
            self.assertEqual(process.returncode, 3, process.complained)
            self.assertIn("inconclusive", process.said)
            said = json.loads((self.folder / "said.json").read_text(encoding="utf-8"))
            self.assertEqual((said["verdict"], said["regions"]), ("inconclusive", []))

    def test_outputs_of_another_kit_or_version(self):
        manifest = self.make()
        values = self.products(manifest)
        (self.folder / "kit").rename(self.folder / "first")
        self.make("--seed", "43")
        self.outputs(values, manifest)
        self.assertRefused(self.identify(), 2, "another kit", manifest["id"])

        kit_json = self.folder / "kit/kit.json"
        kit_json.write_text(kit_json.read_text().replace('"kit_version": ', '"kit_version": 9'))
        self.assertRefused(self.identify(), 2, "kit version 9")
        kit_json.unlink()
        self.assertRefused(self.identify(), 2, "kit.json", "not the folder of a kit")

    def test_json_does_not_replace_the_output(self):
        self.make()
        self.write("output.npy", "x")
        self.assertRefused(self.identify("--json", "output.npy"), 2, "this file is the output")


if __name__ == "__main__":
    unittest.main()
