"""in_browser.py — runs a test module that needs a browser.

Usage: in_browser.py MODULE. Exit code 77, with the reason, where there is no browser to drive; with
GPUBENCH_NEEDS_BROWSER=1 that is a failure.
"""

import os
import shutil
import sys
import unittest

SKIPPED = 77


def missing():
    """What there is no browser test without; empty when all of it is here."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return f"{sys.executable} has no selenium (Debian: python3-selenium)"
    for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver"),
                             ("pdftotext", "poppler-utils")):
        if shutil.which(program) is None:
            return f"there is no {program} (Debian: {package})"
    return ""


def main():
    reason = missing()
    if reason:
        needed = os.environ.get("GPUBENCH_NEEDS_BROWSER")
        print(f"{'failed' if needed else 'skipped'}: {reason}")
        sys.exit(1 if needed else SKIPPED)
    unittest.main(module=None, argv=["in_browser.py", "-v", "--buffer", sys.argv[1]])


if __name__ == "__main__":
    main()
