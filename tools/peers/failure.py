"""failure.py — an error with gpubench's exit codes, shown in one line by whoever is the main program."""

import sys

WRONG, USAGE, INCONCLUSIVE, COULD_NOT_RUN, INTERRUPTED = 1, 2, 3, 4, 130


class Failure(Exception):
    """Ends the program with this exit code and this message."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def run_main(name, main):
    """Calls main(), which returns an exit code, and turns failures into messages on stderr."""
    try:
        sys.exit(main())
    except Failure as failure:
        sys.stdout.flush()
        print(f"{name}: {failure}", file=sys.stderr)
        sys.exit(failure.code)
    except OSError as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
