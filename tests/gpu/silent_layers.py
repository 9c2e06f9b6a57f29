#!/usr/bin/env python3
"""silent_layers.py — have the Vulkan validation layers anything to say about a test program?

Runs it with the layers below it, whatever it asks for itself. Exit code 1 when it fails, when the layers were
not there after all, or when they reported an error; 77, with the reason, where they are not installed.

usage: silent_layers.py PROGRAM [ARGUMENT...]
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

LAYER = "VK_LAYER_KHRONOS_validation"
SETTINGS = """khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.report_flags = error
khronos_validation.log_filename = stdout
"""
# Both forms that the layers have had; the code of the rule stands behind.
COMPLAINT = re.compile(r"Validation Error|VUID-\S+")
INSERTED = f'Insert instance layer "{LAYER}"'
SKIPPED = 77


def output_below_layers(command, folder):
    (folder / "vk_layer_settings.txt").write_text(SETTINGS, encoding="utf-8")
    environment = {**os.environ, "VK_INSTANCE_LAYERS": LAYER, "VK_LOADER_DEBUG": "layer,error"}
    return subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, errors="replace")


def complaints_of(text):
    return [line for line in text.splitlines() if COMPLAINT.search(line)]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    command = [os.path.abspath(sys.argv[1]), *sys.argv[2:]]
    with tempfile.TemporaryDirectory() as folder:
        done = output_below_layers(command, pathlib.Path(folder))
    complaints = complaints_of(done.stdout)
    inserted = INSERTED in done.stdout
    print(f"{sys.argv[1]}: exit code {done.returncode}, {len(complaints)} complaints of {LAYER}")
    if done.returncode != 0 or complaints:
        print("\n".join([*complaints, *done.stdout.splitlines()[-40:]]))
        sys.exit(1)
    if not inserted:
        print(f"skipped: the loader did not find {LAYER} (Debian: vulkan-validationlayers)")
        sys.exit(SKIPPED)


if __name__ == "__main__":
    main()
