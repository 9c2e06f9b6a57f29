"""bad_input_test.py — does wrong input get a clear message, the right exit code, and leave nothing?"""

import json
import pickle
import shutil
import struct
import unittest

from program import QUICK, ProgramTest, npy, lavapipe_manifest, with_drivers


class CommandLine(ProgramTest):
    def test_no_command_is_usage(self):
        self.assertRefused(self.gpubench(), 2, "--help")

    def test_unknown_command_is_usage(self):
        self.assertRefused(self.gpubench("frob"), 2)

    def test_unknown_option_is_named(self):
        self.assertRefused(self.gpubench("run", self.write("a.yaml", QUICK), "--colour"), 2,
                           "--colour")

    def test_run_without_scenario_is_usage(self):
        self.assertRefused(self.gpubench("run"), 2, "scenario")

    def test_budget_of_zero_is_usage(self):
        self.assertRefused(self.gpubench("run", self.write("a.yaml", QUICK), "--budget", "0s"), 2,
                           "--budget")

    def test_case_that_is_not_there_is_named(self):
        self.assertRefused(self.gpubench("run", self.write("a.yaml", QUICK), "--case", "gemm/none"),
                           2, "gemm/none")

    def test_resume_of_no_run_is_named(self):
        self.assertRefused(self.gpubench("run", self.write("a.yaml", QUICK), "--resume", "gone"), 2,
                           "gone")


    def test_mistyped_command_names_the_nearest(self):
        self.assertRefused(self.gpubench("rum"), 2, '"rum"', 'did you mean "run"')


class ScenarioFiles(ProgramTest):
    def refused(self, text, *parts):
        self.assertRefused(self.gpubench("run", self.write("bad.yaml", text)), 2, *parts)

    def refused_case(self, case, *parts):
        """`case` stands alone in line 4, so errors must point there."""
        self.refused(f"name: bad\nbudget: 1s\ncases:\n  - {case}\n", "bad.yaml:4:", *parts)

    def test_missing_file(self):
        self.assertRefused(self.gpubench("run", "gone.yaml"), 2, "gone.yaml", "no such file")

    def test_directory(self):
        (self.folder / "folder.yaml").mkdir()
        self.assertRefused(self.gpubench("run", "folder.yaml"), 2, "folder.yaml", "directory")

    def test_broken_yaml_has_a_place(self):
        self.refused("name: bad\ncases: [\n", "bad.yaml:")

    def test_empty_file(self):
        self.refused("", "bad.yaml")

    def test_binary_file(self):
        self.refused(bytes(range(256)), "bad.yaml")

    def test_unknown_key(self):
        self.refused_case("{op: gemm, sizze: 33}", "sizze", 'did you mean "size"')

    def test_unknown_op(self):
        self.refused_case("{op: gem, size: 33}", '"gem"', 'did you mean "gemm"')

    def test_unknown_precision(self):
        self.refused_case("{op: gemm, size: 33, precision: fp23}", '"fp23"', "did you mean")

    def test_unknown_fill(self):
        self.refused_case("{op: gemm, size: 33, fill: nromal}", '"nromal"', 'did you mean "normal"')

    def test_unknown_kernel(self):
        self.refused_case("{op: gemm, size: 33, kernel: tilde}", '"tilde"', 'did you mean "tiled"')

    def test_sizes_that_are_no_sizes(self):
        for size in ("0", "-1", "1.5", "1e30", "99999999999999999999", "big", "[]", "[33, 0]", "~"):
            with self.subTest(size):
                self.refused_case(f"{{op: gemm, size: {size}}}", "size")

    def test_shape_whose_product_overflows(self):
        huge = 2**31 - 1
        self.refused_case(f"{{op: gemm, shape: {{m: {huge}, n: {huge}, k: {huge}, batch: {huge}}}}}")

    def test_override_says_that_it_came_from_the_command_line(self):
        name = self.write("a.yaml", QUICK)

        process = self.gpubench("run", name, "--set", "cases.size=1.5")

        self.assertRefused(process, 2, "--set cases.size=1.5")

    def test_several_bad_files_are_all_reported_by_validate(self):
        self.write("a.yaml", "name: a\ncases: 3\n")
        self.write("b.yaml", "nome: b\n")

        process = self.gpubench("validate", "a.yaml", "b.yaml")

        self.assertRefused(process, 2, "a.yaml:2:", "b.yaml:1:")


class Devices(ProgramTest):
    def test_name_that_fits_none_lists_what_is_there(self):
        self.assertRefused(self.gpubench("run", self.write("a.yaml", QUICK), "--device", "nobody"), 2,
                           "nobody", "llvmpipe")

    def test_name_that_fits_two_asks_for_one(self):
        with open(lavapipe_manifest(), encoding="utf-8") as file:
            self.write("second.json", file.read())
        both = with_drivers(lavapipe_manifest(), str(self.folder / "second.json"))

        process = self.gpubench("run", self.write("a.yaml", QUICK), "--device", "llvmpipe",
                                environment=both)

        self.assertRefused(process, 2, "2 devices")

    def test_no_driver(self):
        for command in (["devices"], ["run", self.write("a.yaml", QUICK)]):
            process = self.gpubench(*command, environment=with_drivers("/nowhere.json"))

            self.assertRefused(process, 4, "driver")

    def test_driver_that_is_no_library(self):
        self.write("bad.so", "not a library")
        self.write("bad.json", '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", '
                   '"api_version": "1.3.0"}}' % (self.folder / "bad.so"))

        process = self.gpubench("devices",
                                environment=with_drivers(str(self.folder / "bad.json")))

        self.assertRefused(process, 4, "driver")

    def test_no_loader(self):
        for name in ("libvulkan.so.1", "libvulkan.so"):
            self.write(name, "not a library")

        process = self.gpubench("devices", environment={"LD_LIBRARY_PATH": str(self.folder)})

        self.assertRefused(process, 4, "loader", "libvulkan1")


class FilesOfTheUser(ProgramTest):
    """Shaders and arrays are looked at before anything runs."""

    def refused_case(self, key, *parts):
        scenario = f"name: user\nbudget: 1s\ncases:\n  - {{op: gemm, size: 33, {key}}}\n"
        self.assertRefused(self.gpubench("run", self.write("user.yaml", scenario)), 2, *parts)

    def test_files_that_are_not_there(self):
        for key in ("kernel: {glsl: no.comp}", "kernel: {spirv: no.spv}", "fill: {file: no.npy}"):
            with self.subTest(key):
                self.refused_case(key, "is not a file")

    def test_shader_that_does_not_compile_shows_the_compilers_line(self):
        self.write("bad.comp", "#version 450\nvoid main() {\n  nonsense;\n}\n")

        self.refused_case("kernel: {glsl: bad.comp}", "bad.comp:3:", "'nonsense'")

    def test_shader_without_code_is_empty(self):
        for text in ("", "// to be written\n"):
            with self.subTest(text):
                self.write("bad.comp", text)

                self.refused_case("kernel: {glsl: bad.comp}", "bad.comp: is empty")

    def test_shader_without_version_names_the_line(self):
        self.write("bad.comp", "// mine\nvoid main() {}\n")

        self.refused_case("kernel: {glsl: bad.comp}", "bad.comp:2:", '"#version 450"')

    def test_shader_with_a_descriptor_never_meets_the_driver(self):
        self.write("bad.comp", "#version 450\nlayout(set = 0, binding = 1) buffer X { float x[]; } mine;\n"
                   "void main() { mine.x[0] = 1.0; }\n")

        self.refused_case("kernel: {glsl: bad.comp}", 'bad.comp: declares a descriptor "mine"',
                          "set 0, binding 1", "docs/adding-a-kernel.md")

    def test_push_block_beyond_the_contract(self):
        self.write("bad.comp", "#version 450\nlayout(push_constant) uniform P { uint x[60]; };\n"
                   "void main() {}\n")

        self.refused_case("kernel: {glsl: bad.comp}", "bad.comp: declares 240 bytes", "there are 72")

    def test_spirv_that_is_no_spirv(self):
        self.write("bad.spv", b"this is no SPIR-V at all")

        self.refused_case("kernel: {spirv: bad.spv}", "bad.spv", "SPIR-V")

    def test_spirv_cut_short(self):
        self.write("bad.spv", struct.pack("<6I", 0x07230203, 0x00010500, 0, 9, 0, 0x00020011))

        self.refused_case("kernel: {spirv: bad.spv}", "bad.spv", "SPIR-V")

    def test_constant_of_gpubench_is_refused_by_validate_too(self):
        self.write("k.comp", "#version 450\nvoid main() {}\n")
        name = self.write("user.yaml", "name: user\nbudget: 1s\ncases:\n"
                          "  - {op: gemm, size: 33, kernel: {glsl: k.comp, constants: {3: 4}}}\n")

        for command in ("validate", "run"):
            with self.subTest(command):
                self.assertRefused(self.gpubench(command, name), 2, "user.yaml:4:61:",
                                   "constant 3 belongs to gpubench", "begin at 8")

    def test_array_of_the_wrong_shape(self):
        self.write("x.npy", npy((33, 32)))

        self.refused_case("fill: {file: x.npy}", "x.npy", "32", "33")

    def test_array_of_the_wrong_type(self):
        self.write("x.npy", npy((33, 33), "<i4"))

        self.refused_case("fill: {file: x.npy}", "x.npy", "i4")

    def test_array_cut_short(self):
        self.write("x.npy", npy((33, 33), data=bytes(100)))

        self.refused_case("fill: {file: x.npy}", "x.npy")

    def test_array_of_pickled_objects(self):
        self.write("x.npy", npy((33, 33), "|O", data=pickle.dumps([1.0])))

        self.refused_case("fill: {file: x.npy}", "x.npy", "'|O'")

    def test_array_with_nan(self):
        values = [0.0] * (33 * 33)
        values[1000] = float("nan")
        self.write("x.npy", npy((33, 33), data=struct.pack("<1089f", *values)))

        self.refused_case("fill: {file: x.npy}", "x.npy", "found nan at index 1000")

    def test_array_that_is_no_array(self):
        self.write("x.npy", "1 2 3\n")

        self.refused_case("fill: {file: x.npy}", "x.npy", "NUMPY")


class OutputFolders(ProgramTest):
    def test_folder_below_a_file(self):
        self.write("file", "")

        process = self.gpubench("run", self.write("a.yaml", QUICK), "--out", "file/results")

        self.assertIn(process.returncode, (2, 4))
        self.assertIn("file/results", process.complained)

    def test_read_only_folder(self):
        # Permission bits do not bind root, and tests run as root too; /proc takes no folders from anyone.
        process = self.gpubench("run", self.write("a.yaml", QUICK), "--out", "/proc/self")

        self.assertIn(process.returncode, (2, 4))
        self.assertIn("/proc/self", process.complained)

    def test_disk_that_is_full_leaves_nothing(self):
        process = self.gpubench_on_small_disk(4096, "run", self.write("a.yaml", QUICK))

        self.assertEqual(process.returncode, 4, process.complained)
        self.assertIn("No space left on device", process.complained)
        self.assertEqual(self.runs(), [])

    def test_disk_that_fills_up_keeps_whole_rows(self):
        self.gpubench("run", self.write("a.yaml", QUICK), "-q")
        (probe,) = self.runs()
        # run.json is written beside the old one and takes its place.
        room = 2 * (probe / "run.json").stat().st_size + 16 * 1024
        shutil.rmtree(probe)
        # Seventy rows of about 1 KiB, each with its samples: more than there is room for.
        many = QUICK.replace("size: 33", f"size: {[*range(31, 101)]}").replace("1s", "100ms")

        process = self.gpubench_on_small_disk(room, "run", self.write("a.yaml", many))

        self.assertEqual(process.returncode, 4, process.complained)
        self.assertRegex(process.complained, "results.csv|samples.csv")
        self.assertRegex(process.complained, r"(\d+) rows? of this run (is|are) safe")
        # What is there is whole: csv.DictReader puts what is too much under None, too little as None.
        for row in self.rows():
            self.assertNotIn(None, row)
            self.assertNotIn(None, row.values())
        document = json.loads((self.runs()[0] / "run.json").read_text(encoding="utf-8"))
        self.assertIs(document["complete"], False)

    def test_resume_of_a_run_of_another_scenario_is_refused(self):
        self.gpubench("run", self.write("a.yaml", QUICK), "-q")
        (run,) = self.runs()
        before = {path.name: path.read_bytes() for path in run.iterdir()}
        other = self.write("b.yaml", QUICK.replace("33", "34"))

        process = self.gpubench("run", other, "--resume", str(run))

        self.assertEqual(process.returncode, 2, process.complained)
        self.assertEqual(before, {path.name: path.read_bytes() for path in run.iterdir()})


if __name__ == "__main__":
    unittest.main()
