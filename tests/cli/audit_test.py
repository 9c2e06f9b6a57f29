"""audit_test.py — does `gpubench audit` judge other programs' arrays rightly, and refuse bad ones?"""

import json
import os
import pickle
import struct
import unittest

from program import PROGRAM, ProgramTest

# The published case: one output vector of a 4→3 layer, by a CPU and by a GPU through CoreML.
PUBLISHED_CPU = (0.6480752, -0.34015813, 1.4329923)
PUBLISHED_GPU = (0.6484375, -0.34033203, 1.4326172)


def npy(values, shape=None, descr="<f4", fortran=False, data=None):
    """A NumPy array file, format 1.0, of these numbers in the order of the file."""
    code = descr[0].replace("|", "<") + {"f2": "e", "f4": "f", "f8": "d", "i8": "q", "b1": "?",
                                         "O": "B"}[descr[1:]]
    shape = shape or (len(values),)
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    header = header.ljust(64 * ((10 + len(header) + 1 + 63) // 64) - 11) + "\n"
    if data is None:
        data = struct.pack(code[0] + str(len(values)) + code[1], *values)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def fp16(value):
    return struct.unpack("<e", struct.pack("<e", value))[0]


def fp32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def classifier():
    """464 scores and labels with the published counts; two scores lie in [0.49987…, 0.5)."""
    groups = [(206, 0.1, 0), (24, 0.6, 0), (68, 0.2, 1), (164, 0.7, 1), (1, 0.49991, 0),
              (1, 0.49995, 1)]
    samples = [(fp32(start + 1e-4 * i), label) for count, start, label in groups
               for i in range(count)]
    return [score for score, _ in samples], [label for _, label in samples]


class AuditTest(ProgramTest):
    def audit(self, *arguments):
        return self.gpubench("audit", "--reference", "cpu.npy", "--output", "theirs.npy", *arguments)

    def audit_facts(self, *arguments):
        process = self.audit("--json", "audit.json", *arguments)
        facts = json.loads((self.folder / "audit.json").read_text(encoding="utf-8"))
        for line in process.said.splitlines():
            self.assertLessEqual(len(line), 80, line)
        return process, facts


class AuditVerdicts(AuditTest):
    def test_published_vectors_are_fp16_storage_and_reduced_internals(self):
        self.write("cpu.npy", npy(PUBLISHED_CPU))
        self.write("theirs.npy", npy(PUBLISHED_GPU))

        process, facts = self.audit_facts()

        self.assertEqual(process.returncode, 1)
        self.assertIn("DOWNGRADED to FP16", process.said)
        self.assertIn("by chance 2^-39", process.said)
        self.assertRegex(process.said, r"reduced: 2 of 3 values are off by more than half an FP16")
        judgement = facts["outputs"][0]["judgement"]
        self.assertEqual(judgement["storage"]["format"], "fp16")
        self.assertEqual(judgement["internals"]["finding"], "reduced")

    def test_csv_does_as_well(self):
        self.write("cpu.csv", "".join(f"{value}\n" for value in PUBLISHED_CPU))
        self.write("theirs.csv", "".join(f"{value}\n" for value in PUBLISHED_GPU))

        process = self.gpubench("audit", "--reference", "cpu.csv", "--output", "theirs.csv")

        self.assertEqual(process.returncode, 1)
        self.assertIn("DOWNGRADED to FP16", process.said)

    def test_published_classifier(self):
        scores, labels = classifier()
        self.write("cpu.npy", npy(scores))
        self.write("theirs.npy", npy([fp16(score) for score in scores], shape=(464, 1)))
        self.write("y.npy", npy(labels, descr="<i8"))

        process, facts = self.audit_facts("--labels", "y.npy", "--threshold", "0.5")

        self.assertEqual(process.returncode, 1)
        flips = facts["outputs"][0]["flips"]
        self.assertEqual(flips["confusion"]["reference"], {"tp": 164, "fp": 24, "fn": 69, "tn": 207})
        self.assertEqual(flips["confusion"]["output"], {"tp": 165, "fp": 25, "fn": 68, "tn": 206})
        self.assertEqual((flips["up"], flips["down"]), (2, 0))
        window = flips["windows"]["fp16"]
        self.assertEqual(window["window"]["text"], "[0.4998779296875, 0.5)")
        self.assertEqual((window["at_risk"], window["explained"]), (2, 2))
        self.assertIn("2 of 464 flipped, 2 up, 0 down", process.said)
        self.assertIn("[0.4998779296875, 0.5)", process.said)

    def test_strict_rule_turns_none_of_them(self):
        scores, _ = classifier()
        self.write("cpu.npy", npy(scores))
        self.write("theirs.npy", npy([fp16(score) for score in scores]))

        _, facts = self.audit_facts("--threshold", "0.5", "--rule", ">")

        flips = facts["outputs"][0]["flips"]
        self.assertEqual((flips["up"], flips["down"]), (0, 0))
        self.assertEqual(flips["windows"]["fp16"]["window"]["text"], "(0.5, 0.500244140625]")

    def test_fp32_is_confirmed(self):
        self.write("cpu.npy", npy(PUBLISHED_CPU))
        self.write("theirs.npy", npy((0.64807528, -0.34015816, 1.4329922), descr=">f4"))

        process = self.audit()

        self.assertEqual(process.returncode, 0, process.said)
        self.assertIn("confirmed as FP32", process.said)

    def test_file_of_float16_is_named_as_such(self):
        self.write("cpu.npy", npy(PUBLISHED_CPU, descr="<f8"))
        self.write("theirs.npy", npy(PUBLISHED_CPU, descr="<f2"))

        process = self.audit()

        self.assertEqual(process.returncode, 1)
        self.assertIn("The file itself holds float16", " ".join(process.said.split()))

    def test_exact_data_are_inconclusive(self):
        self.write("cpu.npy", npy(range(1, 100)))
        self.write("theirs.npy", npy(range(1, 100)))

        process = self.audit()

        self.assertEqual(process.returncode, 3)
        self.assertIn("proves nothing", " ".join(process.said.split()))

    def test_nan_is_wrong(self):
        self.write("cpu.npy", npy(PUBLISHED_CPU))
        self.write("theirs.npy", npy((float("nan"), *PUBLISHED_GPU[1:])))

        process, facts = self.audit_facts()

        self.assertEqual(process.returncode, 1)
        self.assertIn("WRONG", process.said)
        self.assertEqual(facts["outputs"][0]["counts"]["nan"], 1)

    def test_fortran_order_and_rankings(self):
        # Rows (0.1 0.7 0.2) and (0.6 0.3 0.1), by columns; the output swaps the first row's classes.
        self.write("cpu.npy", npy((0.1, 0.6, 0.7, 0.3, 0.2, 0.1), shape=(2, 3), fortran=True))
        self.write("theirs.npy", npy((0.7, 0.1, 0.2, 0.6, 0.3, 0.1), shape=(2, 3)))

        _, facts = self.audit_facts("--top-k", "2")

        ranking = facts["outputs"][0]["ranking"]
        self.assertEqual((ranking["rows"], ranking["same_argmax"]), (2, 1))
        self.assertEqual(ranking["listed"][0]["row"], 0)
        self.assertAlmostEqual(ranking["listed"][0]["margin"], 0.6, 6)
        self.assertTrue(ranking["distributions"])

    def test_several_outputs_make_a_matrix(self):
        self.write("cpu.npy", npy(PUBLISHED_CPU))
        self.write("theirs.npy", npy(PUBLISHED_GPU))
        for name in "abcdefgh":
            self.write(f"{name}.npy", npy(PUBLISHED_CPU if name < "e" else PUBLISHED_GPU))
        more = [part for name in "abcdefgh" for part in ("--output", f"{name}.npy")]

        process, facts = self.audit_facts(*more)

        self.assertEqual(process.returncode, 1)
        self.assertEqual(facts["paths"]["groups"], [0, 1, 0, 0, 0, 0, 1, 1, 1, 1])
        self.assertAlmostEqual(facts["paths"]["max_abs_err"][0][1], 3.75e-4, 6)
        self.assertIn("Alike within 1e-5: 0 2 3 4 5 | 1 6 7 8 9", process.said)

    def test_help_shows_examples(self):
        process = self.gpubench("audit", "--help")

        self.assertEqual(process.returncode, 0)
        self.assertIn("./gpubench audit --reference cpu.npy --output coreml.npy", process.said)


class AuditBadInput(AuditTest):
    """A message, exit code 2, and neither a report nor a JSON file."""

    def setUp(self):
        super().setUp()
        self.write("cpu.npy", npy(PUBLISHED_CPU))
        self.write("theirs.npy", npy(PUBLISHED_GPU))

    def refused(self, *parts, arguments=(), code=2):
        self.assertRefused(self.audit("--json", "audit.json", *arguments), code, *parts)
        self.assertFalse((self.folder / "audit.json").exists())

    def test_missing_file(self):
        os.remove(self.folder / "theirs.npy")
        self.refused("theirs.npy", "No such file")

    def test_shapes_that_differ(self):
        self.write("theirs.npy", npy((1, 2, 3, 4)))
        self.refused("theirs.npy: expected shape (3,)", "found (4,)")

    def test_wrong_type(self):
        self.write("theirs.npy", npy((1, 2, 3), descr="<i8"))
        self.refused("theirs.npy: expected float16, float32 or float64, found int64")

    def test_pickled(self):
        self.write("theirs.npy", npy((), shape=(1,), descr="|O", data=pickle.dumps([1.0])))
        self.refused("theirs.npy", "'|O'", "pickled")

    def test_truncated(self):
        self.write("theirs.npy", npy(PUBLISHED_GPU)[:-5])
        self.refused("theirs.npy: shape (3,) needs 12 bytes of data, found 7")

    def test_header_that_lies(self):
        for shape, words in (((10**9, 10**9), "theirs.npy: shape"), ((2**62, 64), "over 2^64")):
            self.write("theirs.npy", npy((), shape=shape, data=b"\0" * 64))
            self.refused(words)

    def test_nan_in_the_reference(self):
        self.write("cpu.npy", npy((1.5, float("nan"), 2.5)))
        self.refused("cpu.npy", "NaN at element 1")

    def test_empty_arrays(self):
        for name in ("cpu.npy", "theirs.npy"):
            self.write(name, npy((), shape=(0,)))
        self.refused("cpu.npy", "empty")

    def test_labels(self):
        self.write("y.npy", npy((0, 1, 2), descr="<i8"))
        self.refused("y.npy: expected labels 0 and 1, found 2 at element 2",
                     arguments=("--labels", "y.npy"))
        self.write("y.npy", npy((0, 1), descr="<i8"))
        self.refused("y.npy: expected shape (3,)", arguments=("--labels", "y.npy"))
        self.write("y.csv", "0\n1\ncat\n")
        self.refused("y.csv:3:", '"cat"', arguments=("--labels", "y.csv"))

    def test_options(self):
        for option, value in (("--threshold", "half"), ("--rule", "=="), ("--declared", "fp64"),
                              ("--top-k", "0"), ("--top-k", "9999"), ("--threshold", "nan")):
            self.refused(option, arguments=(option, value))
        self.refused("--top-k needs rows", arguments=("--top-k", "2"))

    def test_json_does_not_overwrite_an_array(self):
        before = (self.folder / "cpu.npy").read_bytes()
        self.assertRefused(self.audit("--json", "./cpu.npy"), 2, "--json", "one of the arrays")
        self.assertEqual((self.folder / "cpu.npy").read_bytes(), before)

    def test_json_that_cannot_be_written(self):
        process = self.audit("--json", "no/such/folder/audit.json")
        self.assertIn(process.returncode, (2, 4))
        self.assertIn("no/such/folder", process.complained)
        self.assertEqual(process.said, "")

    def test_no_output_is_usage(self):
        self.assertRefused(self.gpubench("audit", "--reference", "cpu.npy"), 2, "--output")


if __name__ == "__main__":
    unittest.main()
