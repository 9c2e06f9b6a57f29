"""kit.py — a probe kit in a folder of its own, and what gpubench says of outputs. Needs NumPy."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

PROGRAM = os.environ["GPUBENCH_PROGRAM"]  # the path of the built program


class KitTest(unittest.TestCase):
    """A test that drives kits; each is made once for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gpubench-kit-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.kits = {}

    def kit(self, shape, *arguments):
        """The folder of the kit with this shape."""
        name = "-".join([shape, *arguments])
        if name not in self.kits:
            folder = self.folder / name
            self.gpubench(0, "audit", "kit", "--shape", shape, "--out", folder, *arguments)
            self.kits[name] = folder
        return self.kits[name]

    def gpubench(self, code, *arguments):
        command = [PROGRAM, *map(str, arguments)]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(process.returncode, code, f"{command}\n{process.stdout}{process.stderr}")
        return process.stdout

    def run_script(self, kit, *arguments):
        """One of the kit's own scripts, as its README says; returns the array that it leaves."""
        subprocess.run([sys.executable, *arguments], cwd=kit, check=True)
        return np.load(kit / "output.npy")

    def operands(self, kit):
        return np.load(kit / "a.npy"), np.load(kit / "b.npy")

    def expect(self, verdict, names, kit, output, declared="fp32"):
        """The verdict, and the name that it rests on, which begins with or holds each of `names`."""
        path = self.folder / "audited.npy"
        np.save(path, output)
        code = {"confirmed": 0, "better": 0, "downgraded": 1, "unresolved": 3}[verdict]
        said = self.folder / "said.json"
        text = self.gpubench(code, "audit", "identify", kit, path, "--declared", declared,
                             "--json", said)
        facts = json.loads(said.read_text(encoding="utf-8"))
        self.assertEqual(facts["verdict"], verdict, text)
        for region in facts["regions"]:
            self.assertEqual(region["outputs_mismatched"], 0, text)
            for name in names:
                self.assertIn(name, region["name"], text)
        return facts


def products(a, b):
    """One after the other, as the kit's scripts do."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.stack([x @ y for x, y in zip(a, b)])


def rounded(array, dtype):
    """What is left of float32 numbers after a trip through a shorter format."""
    with np.errstate(over="ignore"):
        return array.astype(dtype).astype(np.float32)
