"""terminal_test.py — does a run look right on a terminal, and plain everywhere else?"""

import fcntl
import os
import pty
import re
import struct
import termios
import threading
import unittest

from program import QUICK, ProgramTest

ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class TerminalTest(ProgramTest):
    def on_terminal(self, streams, *arguments, width=80, **more):
        """Runs with these streams ("stdout", "stderr") on a terminal; what that showed is .shown."""
        try:
            master, slave = pty.openpty()
        except OSError as error:  # a root without /dev/pts
            self.skipTest(f"this machine has no terminal to give: {error}")
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, width, 0, 0))
        shown = []
        # The terminal must be read while the program runs, or its buffer fills up and blocks it.
        reader = threading.Thread(target=self.read_all, args=(master, shown))
        process = self.start(*arguments, **{stream: slave for stream in streams}, **more)
        os.close(slave)
        reader.start()
        self.finish(process)
        reader.join()
        os.close(master)
        process.shown = b"".join(shown).decode("utf-8")
        return process

    @staticmethod
    def read_all(master, shown):
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:  # EIO: the last writer has gone
                return
            if not data:
                return
            shown.append(data)


class LiveLine(TerminalTest):
    LINES = QUICK.replace("size: 33", "size: [33, 34], kernel: [naive, tiled]")

    def test_says_what_runs_on_one_line_and_goes_away(self):
        process = self.on_terminal(["stderr"], "run", self.write("a.yaml", self.LINES),
                                   "--budget", "200ms")

        self.assertEqual(process.returncode, 0, process.shown)
        self.assertIn("[1/4] gemm 33² fp32 naive", process.shown)
        self.assertIn("[4/4] gemm 34² fp32 tiled", process.shown)
        self.assertNotIn("\n", process.shown)
        self.assertTrue(process.shown.endswith("\r\x1b[K"), repr(process.shown[-40:]))
        self.assertNotIn("\x1b", process.said)

    def test_never_wraps(self):
        width = 24
        process = self.on_terminal(["stderr"], "run", self.write("a.yaml", self.LINES),
                                   "--budget", "200ms", width=width)

        lines = [ESCAPE.sub("", line) for line in process.shown.split("\r")]
        self.assertIn("[4/4]", process.shown)
        # One column stays free: a full line would put the cursor on the next.
        self.assertLess(max(map(len, lines)), width)

    def test_quiet_shows_none(self):
        process = self.on_terminal(["stderr"], "run", self.write("a.yaml", QUICK), "-q")

        self.assertEqual(process.shown, "")


class Colours(TerminalTest):
    def shown(self, **environment):
        process = self.on_terminal(["stdout"], "run", self.write("a.yaml", QUICK),
                                   environment={"TERM": "xterm", **environment})
        self.assertEqual(process.returncode, 0, process.shown)
        return process.shown

    def test_on_a_terminal(self):
        self.assertIn("\x1b[", self.shown())

    def test_not_with_no_color(self):
        self.assertNotIn("\x1b", self.shown(NO_COLOR="1"))

    def test_not_on_a_dumb_terminal(self):
        self.assertNotIn("\x1b", self.shown(TERM="dumb"))


if __name__ == "__main__":
    unittest.main()
