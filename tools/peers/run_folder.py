"""run_folder.py — writes the folder of a run as gpubench does: results.csv, samples.csv, flips.csv and
run.json, with the columns that the program at hand has.

Knows how rows are kept, not how they come about.
"""

import csv
import datetime
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import secrets
import socket
import sys

import programs
from failure import COULD_NOT_RUN, Failure

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def content_hash(text):
    """128 bits in hexadecimal, as the hashes of gpubench are; another function."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def cell(value):
    """Shortest digits for numbers, nothing for what is missing, no formula for a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value)
        return "" if text in ("nan", "inf", "-inf") else text.removesuffix(".0")
    text = str(value)
    if text.lstrip("'").startswith(FORMULA_STARTS) and not is_number(text):
        return "'" + text
    return text


def csv_line(cells):
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


class RunFolder:
    """One run of a peer. Each row is on disk before `append` returns."""

    def __init__(self, results_dir, gpubench, name, scenario, labels):
        columns = json.loads(programs.output_of([gpubench, "list", "columns", "--json"]))
        self.schema_version = columns["schema_version"]
        self.columns = {file: [column["name"] for column in columns[file]]
                        for file in ("results.csv", "samples.csv", "flips.csv")}
        started = utc_now()
        kept = re.sub(r"[^A-Za-z0-9_-]", "", name)[:40]
        version, commit = programs.tool_version(gpubench)
        self.facts = {
            "schema_version": self.schema_version,
            "run_id": f"{started:%Y%m%dT%H%M%SZ}-{kept}-{secrets.token_hex(2)}",
            "started_at": stamp(started), "tool_version": version, "tool_commit": commit,
            "host": socket.gethostname(), "scenario": name,
            "scenario_hash": content_hash(scenario), "labels": labels}
        self.scenario = scenario
        self.devices = {}
        self.libraries = {}
        self.notes = {}
        self.path = pathlib.Path(results_dir) / self.facts["run_id"]
        try:
            pathlib.Path(results_dir).mkdir(exist_ok=True)
            self.path.mkdir()
            for file, names in self.columns.items():
                self._write(file, csv_line(names))
            self._write_document("running", complete=False)
        except OSError as error:
            raise Failure(COULD_NOT_RUN, f"{self.path}: cannot write results: "
                                         f"{error.strerror}") from error

    def append(self, row, samples):
        """`samples`: pairs of gpu_s (or None) and host_s; none for a row without a time."""
        unknown = set(row) - set(self.columns["results.csv"])
        assert not unknown, f"no such columns: {unknown}"
        uuid = row["device_uuid"]
        if uuid not in self.devices:
            self.devices[uuid] = {"uuid": uuid, "env_id": row["env_id"],
                                  "facts": {"name": row["device_name"]}}
            self._write_document("running", complete=False)
        facts = [self.facts["run_id"], row["case_id"]]
        self._write("samples.csv", "".join(
            csv_line([cell(value) for value in (*facts, position, gpu_s, host_s)])
            for position, (gpu_s, host_s) in enumerate(samples)))
        whole = {**self.facts, **row}
        self._write("results.csv",
                    csv_line([cell(whole.get(name)) for name in self.columns["results.csv"]]))

    def finish(self):
        self._write_document("finished", complete=True)

    def abandon(self, why):
        self._write_document(f"failed: {why}", complete=False)

    def _write(self, file, text):
        with open(self.path / file, "a", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())

    def _write_document(self, ended, complete):
        facts = self.facts
        session = {"started_at": facts["started_at"],
                   "ended_at": "" if ended == "running" else stamp(utc_now()),
                   "ended": ended, "command_line": [pathlib.Path(sys.argv[0]).name, *sys.argv[1:]]}
        document = {
            "schema_version": self.schema_version, "run_id": facts["run_id"],
            "started_at": facts["started_at"], "complete": complete, "sessions": [session],
            "tool": {"version": facts["tool_version"], "commit": facts["tool_commit"]},
            "host": facts["host"], "labels": facts["labels"],
            "scenario": {"name": facts["scenario"], "file": pathlib.Path(sys.argv[0]).name,
                         "hash": facts["scenario_hash"], "resolved": self.scenario,
                         "selection": ""},
            "devices": list(self.devices.values()),
            "environment": {"system": platform.platform(), "libraries": self.libraries},
            "notes": self.notes}
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        temporary = self.path / "run.json.new"
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, self.path / "run.json")
