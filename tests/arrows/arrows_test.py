"""arrows_test.py — does arrows.py catch a planted breach, and let an honest tree pass?"""

import pathlib
import tempfile
import unittest

import arrows

PAGE = """
```
host/        the rooms
  base/      small things                  → nothing
  device/    the only Vulkan               → base
  record/    rows                          → base
  run/       the runner                    → all but app
  app/       main                          → run
```
| library | headers | rooms | for |
|---|---|---|---|
| Vulkan | `vulkan/` `volk.h` | device | the device |
| fmt | `fmt/` | any | text |
"""


class ArrowsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.checkout = pathlib.Path(folder.name)
        self.write("docs/design.md", PAGE)
        self.write("host/base/text.h", "#include <fmt/format.h>\n#include <string>\n")
        self.write("host/device/device.cpp", '#include <volk.h>\n#include "base/text.h"\n')
        self.write("host/record/row.h", '#include "base/text.h"\n')
        self.write("host/run/runner.cpp", '#include "device/device.h"\n#include "record/row.h"\n')
        self.write("host/run/CMakeLists.txt", "gpubench_room(run LINKS gpubench_device)\n")
        self.write("host/app/main.cpp", '#include "run/runner.h"\n#include "base/text.h"\n')

    def write(self, name, text):
        path = self.checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def errors(self):
        return list(arrows.errors_in(self.checkout))

    def test_honest_tree_passes(self):
        self.assertEqual(self.errors(), [])

    def test_include_against_the_arrow_is_named(self):
        self.write("host/base/text.cpp", '#include "record/row.h"\n')
        self.assertEqual(
            self.errors(), ['host/base/text.cpp: room base may not include record/ ("record/row.h")'])

    def test_a_second_type_of_a_name_is_named(self):
        self.write("host/base/step.h", "namespace gpubench {\nstruct Step {\n  int a;\n};\n}  // namespace gpubench\n")
        self.write("host/run/other.h", "namespace gpubench {\nenum class Step : char { a };\n}  // namespace gpubench\n")
        self.assertEqual(self.errors(), ["host/run/other.h: Step is already the name of a type in host/base/step.h"])

    def test_announced_hidden_and_inner_types_may_share_a_name(self):
        self.write("host/base/step.h", "struct Step {\n};\n")
        self.write("host/record/row.h", "class Step;\nstruct Row::Step {\n};\nstruct Row {\n  struct Step {\n  };\n};\n")
        self.write("host/run/own.cpp", "namespace {\nstruct Step {\n};\n}  // namespace\n")
        self.assertEqual(self.errors(), [])

    def test_all_but_leaves_out_what_it_names(self):
        self.write("host/run/bad.cpp", '#include "app/main.h"\n')
        self.assertIn("may not include app/", self.errors()[0])

    def test_vulkan_outside_of_device_is_caught_however_spaced(self):
        self.write("host/record/bad.cpp", "  #  include <vulkan/vulkan.h>\n")
        self.assertEqual(
            self.errors(), ["host/record/bad.cpp: only device may include <vulkan/vulkan.h>"])

    def test_link_against_the_arrow_is_caught(self):
        self.write("host/base/CMakeLists.txt", "gpubench_room(base PRIVATE_LINKS gpubench_run)\n")
        self.assertEqual(
            self.errors(), ["host/base/CMakeLists.txt: room base may not link gpubench_run"])

    def test_room_that_the_page_does_not_know_is_caught(self):
        self.write("host/attic/old.h", "")
        self.assertEqual(self.errors(), ["host/attic: is not in docs/design.md"])

    def test_page_without_picture_is_an_error_not_a_pass(self):
        self.write("docs/design.md", "# Design\n")
        with self.assertRaises(ValueError):
            self.errors()


if __name__ == "__main__":
    unittest.main()
