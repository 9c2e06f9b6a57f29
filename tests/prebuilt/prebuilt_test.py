"""prebuilt_test.py — does the configuration notice SPIR-V that is not that of its GLSL?

Usage: prebuilt_test.py CMAKE CHECKOUT. Works on a copy of shaders/, in which one thing is changed.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CMAKE, CHECKOUT = sys.argv[1], pathlib.Path(sys.argv[2])

CHECK_ALL = """
include("${FOLDER}/prebuilt/Prebuilt.cmake")
prebuilt_modules(modules)
foreach(entry IN LISTS modules)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 module)
  list(GET entry 1 source)
  list(GET entry 2 target)
  list(GET entry 3 defines)
  prebuilt_files(files "${FOLDER}/${source}")
  prebuilt_check(${module} "${files}" ${target} "${defines}")
endforeach()
"""


class Prebuilt(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.shaders = pathlib.Path(temporary.name) / "shaders"
        shutil.copytree(CHECKOUT / "shaders", self.shaders)
        self.script = pathlib.Path(temporary.name) / "check.cmake"
        self.script.write_text(CHECK_ALL, encoding="utf-8")

    def check(self):
        done = subprocess.run([CMAKE, f"-DFOLDER={self.shaders}", "-P", self.script],
                              capture_output=True, text=True, check=False)
        return done.returncode, " ".join(done.stderr.split())

    def append(self, file, text):
        path = self.shaders / file
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def assert_refused(self, why):
        code, said = self.check()
        self.assertNotEqual(code, 0)
        self.assertIn(why, said)
        self.assertIn("tests/roots/rebuild-spirv.sh --write", said)

    def test_what_is_committed_belongs_together(self):
        self.assertEqual(self.check(), (0, ""))

    def test_a_changed_shader_is_noticed(self):
        self.append("gemm/coop.comp", "// one more line\n")
        self.assert_refused("gemm_coop_fp16.spv is older than its GLSL")

    def test_a_changed_include_is_noticed(self):
        self.append("linear/epilogue.glsl", "// one more line\n")
        self.assert_refused("is older than its GLSL")

    def test_another_define_is_noticed(self):
        modules = self.shaders / "prebuilt/modules.txt"
        modules.write_text(modules.read_text(encoding="utf-8").replace(" EPILOGUE", " EPILOGUE X"),
                           encoding="utf-8")
        self.assert_refused("linear_coop_fp16.spv is older than its GLSL")

    def test_a_changed_module_is_noticed(self):
        spirv = self.shaders / "prebuilt/linear_coop_fp16.spv"
        words = bytearray(spirv.read_bytes())
        words[-1] ^= 1
        spirv.write_bytes(words)
        self.assert_refused("linear_coop_fp16.spv is not the file that manifest.txt names")

    def test_a_missing_module_is_noticed(self):
        (self.shaders / "prebuilt/gemm_coop_fp16.spv").unlink()
        self.assert_refused("has no SPIR-V of gemm_coop_fp16")

    def test_a_new_module_is_noticed(self):
        self.append("prebuilt/modules.txt", "gemm_coop_new gemm/coop.comp vulkan1.2 PATH_FP16 NEW\n")
        self.assert_refused("has no SPIR-V of gemm_coop_new")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
