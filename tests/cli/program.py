"""program.py — starts the program as a person would: in an empty folder, on lavapipe.

Knows nothing of what the program should answer; the *_test.py files beside it do.
"""

import csv
import glob
import os
import pathlib
import shlex
import struct
import subprocess
import tempfile
import textwrap
import unittest

PROGRAM = os.environ["GPUBENCH_PROGRAM"]  # the path of the built program
ICD_PATTERNS = ("/usr/share/vulkan/icd.d/lvp_icd*.json", "/etc/vulkan/icd.d/lvp_icd*.json")

# Long enough for a loaded machine; only a hang gets there.
TIMEOUT_S = 120

QUICK = """
    name: quick
    budget: 1s
    cases:
      - {op: gemm, size: 33}
    """


def npy(shape, descr="<f4", data=None):
    """A NumPy array file, format 1.0."""
    count = 1
    for extent in shape:
        count *= extent
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(64 * ((10 + len(header) + 1 + 63) // 64) - 11) + "\n"
    payload = data if data is not None else bytes(count * int(descr[-1]))
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + payload


def lavapipe_manifest():
    found = [path for pattern in ICD_PATTERNS for path in sorted(glob.glob(pattern))]
    if not found:
        raise RuntimeError("no lavapipe here; install mesa-vulkan-drivers")
    return found[0]


def with_drivers(*manifests):
    """Environment in which these Vulkan drivers are the only ones; by the new and the old name."""
    return {name: ":".join(manifests) for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES")}


class ProgramTest(unittest.TestCase):
    """A test in a folder of its own, which is also the working directory of the program."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gpubench-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # Pipelines compiled by one test serve the next; nothing is left in the user's own cache.
        cache = os.path.join(os.path.dirname(PROGRAM), "cli-test-cache")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": cache,
            **({"LSAN_OPTIONS": os.environ["LSAN_OPTIONS"]} if "LSAN_OPTIONS" in os.environ else {}),
            **with_drivers(lavapipe_manifest()),
        }

    def write(self, name, text):
        """Writes a file of the test, text or bytes; returns its name."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return name

    def start(self, *arguments, environment=None, wrapper=(), **more):
        process = subprocess.Popen(
            [*wrapper, PROGRAM, *arguments], cwd=self.folder, text=True, encoding="utf-8",
            env={**self.environment, **(environment or {})},
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               **more})
        self.addCleanup(self.reap, process)
        return process

    @staticmethod
    def reap(process):
        """Nothing outlives its test, whatever went wrong in it."""
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def finish(self, process):
        process.said, process.complained = process.communicate(timeout=TIMEOUT_S)
        # Shown by unittest only beside a failure of the test (ctest runs it with --buffer).
        print(f"$ {shlex.join(process.args)}\nexit code {process.returncode}\n"
              f"{process.said}{process.complained}")
        return process

    def gpubench(self, *arguments, **more):
        """Runs to the end; the result has .returncode, .said (stdout) and .complained (stderr)."""
        return self.finish(self.start(*arguments, **more))

    def gpubench_on_small_disk(self, disk_bytes, *arguments):
        """Runs with results/ on a disk of its own of this size; what is on it in the end is kept."""
        script = f"""
            mkdir -p disk results && mount -t tmpfs -o size={disk_bytes} none results || exit 99
            "$@"
            status=$?
            cp -a results/. disk && umount results && cp -a disk/. results || exit 99
            exit $status
            """
        return self.gpubench(*arguments, wrapper=(*self.own_mounts(), "sh", "-c", script, "sh"))

    def own_mounts(self):
        """Command that runs another where what it mounts is its own."""
        user = () if os.geteuid() == 0 else ("--map-root-user",)
        # In a chroot the root is no mount, so how it propagates cannot be set.
        for propagation in ("private", "unchanged"):
            command = ("unshare", "--mount", "--propagation", propagation, *user)
            trial = [*command, "mount", "-t", "tmpfs", "none", self.folder]
            if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
                return command
        return self.skipTest("this machine lets this user mount nothing")

    def end_by(self, process, number):
        """Sends the signal and waits; the process may take its time to end well."""
        process.send_signal(number)
        return self.finish(process)

    def runs(self):
        """Folders of runs below results/, oldest first."""
        return sorted(path for path in (self.folder / "results").glob("*") if path.is_dir())

    def rows(self, run=None):
        """Rows of results.csv of the only run there is, or of this one."""
        if run is None:
            (run,) = self.runs()
        with open(run / "results.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def assertRefused(self, process, code, *parts):
        """Ended with this code; one message that holds these parts; nothing on stdout or on disk."""
        output = f"stdout: {process.said}\nstderr: {process.complained}"
        self.assertEqual(process.returncode, code, output)
        for part in parts:
            self.assertIn(part, process.complained)
        self.assertTrue(process.complained.startswith("gpubench: "), output)
        self.assertEqual(process.said, "")
        self.assertEqual(self.runs(), [], "a refused command left a run behind")
