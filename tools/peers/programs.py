"""programs.py — where gpubench and its companions are: beside these scripts, in a checkout or a bundle."""

import os
import pathlib
import re
import subprocess

from failure import COULD_NOT_RUN, USAGE, Failure

TOP = pathlib.Path(__file__).resolve().parents[2]


def find(name, given=None):
    """The program as named on the command line, of the bundle, of the release build, or on PATH."""
    if given:
        if not os.access(given, os.X_OK):
            raise Failure(USAGE, f"{given}: no such program")
        return str(given)
    candidates = [TOP / "bin" / name, TOP / "build/release" / name]
    if (TOP / "bin" / "gpubench").exists():
        candidates.insert(0, TOP / name)  # the bundle's launcher
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    raise Failure(COULD_NOT_RUN, f"{name} is neither in {TOP / 'build/release'} nor in "
                                 f"{TOP / 'bin'}; build it: ./run-tests, or cmake --build "
                                 f"build/release --target {name}")


def output_of(command):
    """What a program says on stdout; its failure is ours."""
    process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             check=False)
    if process.returncode != 0:
        raise Failure(COULD_NOT_RUN, f"{' '.join(command)} ended with exit code "
                                     f"{process.returncode}: {process.stderr.strip()}")
    return process.stdout


def tool_version(gpubench):
    """Version and commit, for the columns of these names."""
    match = re.match(r"gpubench (\S+) \((\S+?),", output_of([gpubench, "version"]))
    return (match.group(1), match.group(2)) if match else ("unknown", "unknown")
