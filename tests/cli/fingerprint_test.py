"""fingerprint_test.py — does the fingerprint of kernels say what each is, on the device at hand?"""

import unittest

from program import ProgramTest


def verdicts(text):
    """Subject → verdict, from the first line of each."""
    lines = (line.split() for line in text.splitlines() if line.startswith(("gemm/", "linear/")))
    return {words[0]: words[1] for words in lines}


class Fingerprint(ProgramTest):
    def test_fp32_is_confirmed_and_fp16_inside_is_called_downgraded(self):
        process = self.gpubench("fingerprint", "--kernel", "tiled", "--size", "67")

        said = verdicts(process.said)
        self.assertEqual(process.returncode, 0, process.complained)
        self.assertEqual(said["gemm/tiled/fp32"], "confirmed")
        self.assertEqual(said["gemm/tiled/tf32"], "confirmed")
        self.assertEqual(said["gemm/tiled/bf16"], "confirmed")
        self.assertIn(said["gemm/tiled/fp32_via_fp16"], ("downgraded", "skipped"))

    def test_linear_layers_are_products_too(self):
        process = self.gpubench(
            "fingerprint", "--op", "linear", "--kernel", "direct", "--precision", "fp32", "--size", "35")

        self.assertEqual(process.returncode, 0, process.complained)
        self.assertEqual(verdicts(process.said), {"linear/direct/fp32": "confirmed"})

    def test_unknown_names_suggest_the_nearest(self):
        for option, word, nearest in (("--kernel", "tild", "tiled"), ("--precision", "fp23", "fp32")):
            process = self.gpubench("fingerprint", option, word)

            self.assertRefused(process, 2, f'did you mean "{nearest}"')

    def test_a_size_without_depth_is_refused(self):
        process = self.gpubench("fingerprint", "--size", "2")

        self.assertRefused(process, 2)


if __name__ == "__main__":
    unittest.main()
