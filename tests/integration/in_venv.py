"""in_venv.py — runs a test module in a virtual environment with the packages of requirements.txt.

Usage: in_venv.py FOLDER MODULE. The environment is made in FOLDER once and kept. Exit code 77, with
the reason, where PyPI cannot be reached; any other trouble is a failure.
"""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import venv

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"


def pip(python, *arguments):
    command = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def reachable(python, folder):
    """Whether PyPI, or what this machine has in its place, gives out any package at all."""
    return pip(python, "download", "--quiet", "--retries", "1", "--timeout", "10", "--no-deps",
               "--dest", folder / "trial", "packaging").returncode == 0


def python_of(folder):
    """The interpreter of the environment; makes that first where it is not there yet."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    python, done = folder / "bin/python", folder / "made-from"
    if python.exists() and done.exists() and done.read_text(encoding="ascii") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    installed = pip(python, "install", "--quiet", "--retries", "2", "--only-binary", ":all:",
                    "--requirement", REQUIREMENTS)
    if installed.returncode != 0:
        if reachable(python, folder):
            sys.exit(f"pip failed:\n{installed.stdout}{installed.stderr}")
        print(f"skipped: PyPI cannot be reached from here\n{installed.stderr}")
        sys.exit(SKIPPED)
    done.write_text(wanted, encoding="ascii")
    return python


def main():
    python = python_of(pathlib.Path(sys.argv[1]))
    test = [python, "-B", "-m", "unittest", "-v", "--buffer", sys.argv[2]]
    sys.exit(subprocess.run(test, cwd=HERE, check=False).returncode)


if __name__ == "__main__":
    main()
