"""runs.py — folders of runs read back: rows with the spreadsheet's apostrophes taken away.

Knows nothing of what is done with the rows.
"""

import csv
import pathlib

from failure import USAGE, Failure

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def restored(field):
    """The field as it was before it was made safe for spreadsheets; docs/results-format.md."""
    bare = field.lstrip("'")
    return field[1:] if bare != field and bare.startswith(FORMULA_STARTS) else field


def read_rows(folder):
    """Rows of results.csv of the run in this folder."""
    path = pathlib.Path(folder)
    path = path / "results.csv" if path.is_dir() else path
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, strict=True))
    except OSError as error:
        raise Failure(USAGE, f"{folder}: no run of gpubench: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise Failure(USAGE, f"{path}: not a CSV file of gpubench: {error}") from error
    if rows and ("schema_version" not in rows[0] or "case_id" not in rows[0]):
        raise Failure(USAGE, f"{path}: no results.csv of gpubench: columns schema_version and "
                             f"case_id are missing")
    return [{name: restored(value or "") for name, value in row.items() if name} for row in rows]


def number(row, column):
    """None where the cell is empty or missing."""
    try:
        return float(row.get(column) or "nan") if row.get(column) else None
    except ValueError:
        return None


def is_peer(row):
    """Whether a row comes from a peer and not from a kernel of gpubench."""
    return any(label.startswith("peer=") for label in row["labels"].split(";"))
