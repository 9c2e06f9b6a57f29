"""declared_test.py — is a shader that declares less than its case a finding, run or not?"""

import json
import pathlib
import unittest

from program import ProgramTest

EXAMPLE = pathlib.Path(__file__).parents[2] / "scenarios" / "examples" / "my_gemm.comp"

SCENARIO = """
    name: mine
    budget: 1s
    cases:
      - {{op: gemm, size: 33, precision: {precision}, kernel: {{glsl: mine.comp, tile_m: 8, tile_n: 16}}}}
    """

# Where the example's own lines begin, after its #version and #extension.
HEAD = "#extension GL_EXT_buffer_reference : require\n"


class DeclaredPrecision(ProgramTest):
    def scenario(self, precision, head=""):
        source = EXAMPLE.read_text(encoding="utf-8")
        self.assertIn(HEAD, source)
        self.write("mine.comp", source.replace(HEAD, HEAD + head))
        return self.write("mine.yaml", SCENARIO.format(precision=precision))

    def test_honest_shader_is_as_declared(self):
        process = self.gpubench("run", self.scenario("fp32"), "-q")

        self.assertEqual(process.returncode, 0, process.said)
        (row,) = self.rows()
        self.assertEqual(row["declared_evidence"], "as_declared")
        self.assertGreater(int(row["spirv_fp32"]), 0)
        self.assertEqual((row["spirv_fp16"], row["spirv_relaxed"]), ("0", "0"))

    def test_mediump_shader_that_claims_fp32_is_judged_bad_though_it_passed(self):
        process = self.gpubench("run", self.scenario("fp32", "precision mediump float;\n"), "-q")

        self.assertEqual(process.returncode, 1, process.said)
        self.assertIn("NOT AS DECLARED: 1 of 1 cases", process.said)
        (row,) = self.rows()
        self.assertEqual((row["check_status"], row["declared_evidence"]), ("passed", "relaxed"))

    def test_mediump_shader_may_claim_to_be_relaxed(self):
        process = self.gpubench("run", self.scenario("fp32_relaxed", "precision mediump float;\n"), "-q")

        self.assertEqual(process.returncode, 0, process.said)

    def test_dry_run_finds_it_without_a_device(self):
        process = self.gpubench("run", "--dry-run", self.scenario("fp32", "precision mediump float;\n"),
                                environment={"VK_DRIVER_FILES": "/nothing", "VK_ICD_FILENAMES": "/nothing"})

        self.assertIn("No device", process.said)
        self.assertIn("not as declared", process.said)
        self.assertEqual(process.returncode, 1)

    def test_strict_build_is_another_case_whose_arithmetic_is_pinned(self):
        scenario = self.write("both.yaml", """
            name: both
            budget: 1s
            cases:
              - {op: gemm, size: 33, build: [default, strict]}
            """)

        process = self.gpubench("run", scenario, "-q")

        self.assertEqual(process.returncode, 0, process.said)
        default, strict = self.rows()
        self.assertEqual((default["build"], strict["build"]), ("default", "strict"))
        self.assertEqual(strict["case_id"], default["case_id"].replace("/auto/", "/auto+strict/"))
        self.assertEqual(default["spirv_no_contraction"], "0")
        self.assertGreater(int(strict["spirv_no_contraction"]), 0)
        self.assertNotEqual(default["kernel_hash"], strict["kernel_hash"])
        differ = int(default["output_hash"] != strict["output_hash"])
        self.assertIn(f"Strict build: {differ} of 1 outputs differ", process.said)

    def test_users_own_shader_has_a_strict_build_too(self):
        process = self.gpubench("run", self.scenario("fp32"), "-q", "--set", "cases.0.build=strict")

        self.assertEqual(process.returncode, 0, process.said)
        (row,) = self.rows()
        self.assertIn("+strict/", row["case_id"])
        self.assertGreater(int(row["spirv_no_contraction"]), 0)

    def test_unknown_build_is_refused(self):
        process = self.gpubench("run", self.scenario("fp32"), "--set", "cases.0.build=strikt")

        self.assertRefused(process, 2, 'did you mean "strict"')

    def test_kernels_are_listed_with_what_they_declare(self):
        process = self.gpubench("list", "kernels", "--json")

        said = {(entry["op"], entry["kernel"], entry["precision"]): entry
                for entry in json.loads(process.said)}
        self.assertEqual(process.returncode, 0)
        self.assertEqual(said["gemm", "tiled", "fp32"]["spirv_relaxed"], 0)
        self.assertGreater(said["gemm", "tiled", "fp32_relaxed"]["spirv_relaxed"], 0)
        self.assertGreater(said["softmax", "naive", "fp16"]["spirv_fp16"], 0)
        self.assertEqual({entry["declared_evidence"] for entry in said.values()}, {"as_declared"})

    def test_json_is_for_kernels(self):
        self.assertRefused(self.gpubench("list", "scenarios", "--json"), 2, "kernels")


if __name__ == "__main__":
    unittest.main()
