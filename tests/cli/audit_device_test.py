"""audit_device_test.py — does `audit --device` say of each kernel what it computes on lavapipe?"""

import json
import unittest

from program import ProgramTest


def verdicts(text):
    """Subject → verdict, from the first line of each."""
    lines = (line.split() for line in text.splitlines()
             if line.startswith(("gemm/", "linear/", "softmax/")))
    return {words[0]: words[1] for words in lines}


class AuditDevice(ProgramTest):
    def audit(self, *arguments):
        return self.gpubench("audit", "--device", "llvmpipe", *arguments)

    def test_fp32_is_confirmed_and_fp16_inside_is_called_downgraded(self):
        process = self.audit("--kernel", "tiled", "--op", "gemm", "--size", "67")

        said = verdicts(process.said)
        self.assertEqual(process.returncode, 0, process.complained)
        self.assertEqual(said["gemm/tiled/fp32"], "confirmed")
        self.assertEqual(said["gemm/tiled/tf32"], "confirmed")
        self.assertEqual(said["gemm/tiled/bf16"], "confirmed")
        self.assertIn(said["gemm/tiled/fp32_via_fp16"], ("downgraded", "not"))

    def test_every_kernel_of_the_catalogue_gets_a_verdict(self):
        process = self.audit("--shape", "37x41x43")

        self.assertEqual(process.returncode, 0, process.complained)
        said = verdicts(process.said)
        for subject, verdict in said.items():
            if subject.endswith("/fp32"):
                self.assertEqual(verdict, "confirmed", subject)
            if subject.endswith("/fp32_via_fp16") and not subject.startswith("linear/"):
                self.assertIn(verdict, ("downgraded", "not"), subject)  # no FP16: "not probed"
        kernels = {subject.rsplit("/", 1)[0] for subject in said}
        listed = self.gpubench("list", "kernels").said.splitlines()
        for op in ("gemm", "linear", "softmax"):
            for kernel in ("naive", "tiled", "direct"):
                self.assertIn(f"{op}/{kernel}", kernels)
                self.assertTrue(any(line.split()[:2] == [op, kernel] for line in listed))

    def test_device_and_width_are_as_in_a_run(self):
        process = self.audit("--op", "linear", "--kernel", "direct", "--precision", "fp32",
                             "--size", "35", "--verbose")

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertIn("SOFTWARE", process.said.splitlines()[0])
        self.assertEqual([line for line in process.said.splitlines() if len(line) > 80], [])
        for part in ("input A    23 of 23 fraction bits kept", "profile ", "nearest    fp32"):
            self.assertIn(part, process.said)
        self.assertIn("linear direct fp32", process.complained)

    def test_strict_build_is_audited_beside_the_default(self):
        process = self.audit("--op", "gemm", "--kernel", "tiled", "--precision", "fp32",
                             "--size", "33", "--build", "both", "--json", "facts.json")

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertEqual(verdicts(process.said), {"gemm/tiled/fp32": "confirmed",
                                                  "gemm/tiled+strict/fp32": "confirmed"})
        facts = json.loads((self.folder / "facts.json").read_text(encoding="utf-8"))
        default, strict = facts["kernels"]
        self.assertEqual((default["build"], strict["build"]), ("default", "strict"))
        self.assertIn("separate fp32 sums", strict["observed"])
        differ = default["observed"] != strict["observed"]
        self.assertEqual(strict["differs_from_default"], differ)
        self.assertEqual("computes otherwise" in process.said, differ)

    def test_json_has_every_fact(self):
        process = self.audit("--op", "gemm", "--kernel", "direct", "--precision", "bf16",
                             "--size", "33", "--seed", "7", "--json", "facts.json")

        self.assertEqual(process.returncode, 0, process.complained)
        facts = json.loads((self.folder / "facts.json").read_text(encoding="utf-8"))
        self.assertEqual((facts["m"], facts["seed"], facts["device"]["software"]), (33, 7, True))
        (kernel,) = facts["kernels"]
        self.assertEqual((kernel["declared"], kernel["verdict"]), ("bf16", "confirmed"))
        (region,) = kernel["regions"]
        self.assertEqual((region["rows"], region["columns"], region["first"]), (33, 33, [0, 0]))
        self.assertEqual(region["input_a"]["format"], "bf16")
        self.assertEqual(region["input_b"]["kept_fraction_bits"], 7)
        self.assertEqual(region["accumulator"]["significand_bits"], 24)
        self.assertEqual(region["outputs_mismatched"], 0)
        self.assertGreaterEqual(region["outputs_compared"], 4096)
        self.assertEqual(len(region["order_profile_hash"]), 32)
        self.assertTrue(region["nearest"].startswith("bf16"))

    def test_softmax_says_what_was_seen_of_each_part(self):
        process = self.audit("--op", "softmax", "--kernel", "naive", "--precision", "fp32",
                             "--size", "70", "--verbose", "--json", "facts.json")

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertEqual([line for line in process.said.splitlines() if len(line) > 80], [])
        for part in ("inputs     23 of 23 fraction bits kept", "range      the row's maximum",
                     "a row of ones sums to 70"):
            self.assertIn(part, process.said)
        facts = json.loads((self.folder / "facts.json").read_text(encoding="utf-8"))
        (kernel,) = facts["kernels"]
        self.assertEqual(kernel["observed"], "fp32 inputs, fp32 exp, fp32 sums")
        self.assertNotIn("regions", kernel)
        seen = kernel["softmax"]
        self.assertEqual((seen["input_fraction_bits"], seen["shifted"], seen["wide_range"]),
                         (23, True, True))
        self.assertGreaterEqual(seen["outputs_compared"], 2048)
        self.assertLess(seen["largest_relative_error"], seen["allowed_relative_error"])
        self.assertLess(3 * seen["nearest_rms"], seen["runner_up_rms"])

    def test_unknown_names_suggest_the_nearest(self):
        for option, word, nearest in (("--kernel", "tild", "tiled"), ("--precision", "fp23", "fp32")):
            self.assertRefused(self.audit(option, word), 2, f'did you mean "{nearest}"')

    def test_shapes_that_cannot_be_probed_are_refused(self):
        for arguments, part in ((("--size", "2"), "3"), (("--shape", "9x9"), "512x512x512"),
                                (("--shape", "9x9x2"), "k is 2"),
                                (("--shape", "99999x99999x3"), "16384²"),
                                (("--shape", "9x9x9", "--size", "9"), "--shape and --size")):
            self.assertRefused(self.audit(*arguments), 2, part)

    def test_one_audit_is_about_arrays_or_about_a_device(self):
        for arguments in (("--reference", "a.npy"), ("--labels", "y.npy"), ("--top-k", "3")):
            self.assertRefused(self.audit(*arguments), 2, "--device", arguments[0], "about arrays")
        self.assertRefused(self.gpubench("audit"), 2, "--reference", "--device")
        self.assertRefused(self.gpubench("audit", "--output", "a.npy"), 2, "--reference is required")


if __name__ == "__main__":
    unittest.main()
