"""tidy.py — clang-tidy over many files in half of the time: files of a folder are read together, so that the
headers they share are parsed and searched once. usage: tidy.py BUILD FILE..., where BUILD has a compile_commands.json.

Together is only a faster way to see that there is nothing to find. A batch that is not clean, be it for a fault
or because two files use a name for different things, is halved, and what a file gives alone is what counts. What
clang says of unused constants and inline functions is lost in a batch that is clean: it says it of main files. (Of
constants g++ says it, when it builds.)"""

import concurrent.futures
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

# Of so many, three batches of four compile; of more, names collide more often.
BATCH = 6
# In a batch the files of a room are what headers are elsewhere.
OF_A_BATCH = ("--checks=-bugprone-suspicious-include", "--header-filter=/(host|tests|tools)/")
DECLARES = re.compile(r"^\s*(using [\w:]+;|namespace \w+ =)", re.MULTILINE)
OF_NO_USE = ("warnings generated.", "warning generated.", "warnings treated as errors", "warning treated as error")


class Tidy:
    def __init__(self, build):
        self.build = build
        self.folder = build / "batches"
        self.folder.mkdir(exist_ok=True)
        self.numbers = itertools.count()
        entries = json.loads((build / "compile_commands.json").read_text())
        self.commands = {entry["file"]: shlex.split(entry["command"]) for entry in entries}

    def flags_of(self, file):
        """What the compiler is told, but for its name, the source and the object."""
        words = self.commands[str(file)][1:]
        output = words.index("-o")
        return [word for word in words[:output] + words[output + 2:] if word not in ("-c", str(file))]

    @staticmethod
    def run(*arguments):
        done = subprocess.run(["clang-tidy", "--quiet", *arguments], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode == 0, [line for line in done.stdout.splitlines() if not line.endswith(OF_NO_USE)]

    def check_together(self, files):
        source = self.folder / f"{next(self.numbers)}.cpp"
        source.write_text("".join(f'#include "{file}"\n' for file in files))
        return self.run(*OF_A_BATCH, str(source), "--", *self.flags_of(files[0]))[0]

    def check(self, files):
        """Whether there is nothing to find, and the lines that say what was found."""
        if len(files) == 1:
            return self.run("-p", str(self.build), str(files[0]))
        if self.check_together(files):
            return True, []
        half = len(files) // 2
        clean, lines = zip(self.check(files[:half]), self.check(files[half:]))
        return all(clean), lines[0] + lines[1]


def batches_of(files):
    """Of those in one folder. A declaration that nobody uses is found in files read alone, and nowhere else."""
    folders = {}
    for file in files:
        if DECLARES.search(file.read_text()):
            yield [file]
        else:
            folders.setdefault(file.parent, []).append(file)
    for of_folder in folders.values():
        for start in range(0, len(of_folder), BATCH):
            yield of_folder[start:start + BATCH]


def main():
    checker = Tidy(pathlib.Path(sys.argv[1]).resolve())
    batches = list(batches_of([pathlib.Path(name).resolve() for name in sys.argv[2:]]))
    found = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for is_clean, lines in pool.map(checker.check, batches):
            found = found or not is_clean
            if lines:
                print("\n".join(lines), flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
