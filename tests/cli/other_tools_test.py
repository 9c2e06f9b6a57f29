"""other_tools_test.py — what other tools are given, as far as it can be tried without them: the tables
for Otava, and the queries of the Grafana dashboard against the columns of real runs."""

import csv
import json
import pathlib
import re
import sqlite3
import subprocess
import sys

from program import ProgramTest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "results/reference"
OTAVA_TESTS = REPOSITORY / "tools/exchange/otava_tests.py"
DASHBOARD = REPOSITORY / "tools/exchange/grafana.json"


class OtavaTests(ProgramTest):
    WIDE = "run_id,time,tool_commit,a@x,\"b@x (1, 2)\",c@x\nr1,t1,c,1,4,\nr2,t2,c,,5,\nr3,t3,c,3,6,\n"

    def make(self, *arguments):
        return subprocess.run([sys.executable, "-B", OTAVA_TESTS, *arguments], cwd=self.folder, text=True,
                              capture_output=True, timeout=60, check=False)

    def test_each_series_has_the_runs_that_have_a_value(self):
        self.write("wide.csv", self.WIDE)
        done = self.make("wide.csv", "made")
        self.assertEqual((done.returncode, done.stdout), (0, "made/otava.yaml: 2 series of 3 runs, group gpubench\n"))
        config = json.loads((self.folder / "made/otava.yaml").read_text(encoding="utf-8"))
        self.assertEqual(config["test_groups"], {"gpubench": ["gpubench-0000", "gpubench-0001"]})
        test = config["tests"]["gpubench-0001"]
        self.assertEqual(test["metrics"], {"b@x (1, 2)": {"column": "value", "direction": -1}})
        values = {}
        for name, one in config["tests"].items():
            with open(self.folder / one["file"], newline="", encoding="utf-8") as file:
                values[name] = [(line["run_id"], line["value"]) for line in csv.DictReader(file)]
        self.assertEqual(values, {"gpubench-0000": [("r1", "1"), ("r3", "3")],
                                  "gpubench-0001": [("r1", "4"), ("r2", "5"), ("r3", "6")]})

    def test_more_may_be_better(self):
        self.write("wide.csv", self.WIDE)
        self.make("wide.csv", "made", "--higher-is-better")
        config = json.loads((self.folder / "made/otava.yaml").read_text(encoding="utf-8"))
        self.assertEqual(config["tests"]["gpubench-0000"]["metrics"]["a@x"]["direction"], 1)

    def test_a_table_of_gpubench_export_is_taken_and_another_refused(self):
        done = self.gpubench("export", str(REFERENCE), "--format", "wide-csv", "--out", "wide.csv")
        self.assertEqual(done.returncode, 0, done.complained)
        self.assertEqual(self.make("wide.csv", "made").returncode, 0)
        done = self.make(str(REFERENCE / "20261122T021259Z-ours-9d3e/results.csv"), "other")
        self.assertEqual(done.returncode, 2)
        self.assertIn("results.csv:1: expected a table of gpubench export --format wide-csv", done.stderr)


class GrafanaDashboard(ProgramTest):
    """SQLite in place of DuckDB: it knows the same columns, and refuses one that is not there."""

    TIME = ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")

    def table(self, database, name, pattern):
        """One table of all files, whose columns are those of the files."""
        rows = []
        for path in sorted((self.folder / "results").glob(pattern)):
            with open(path, newline="", encoding="utf-8") as file:
                rows += list(csv.DictReader(file))
        columns = list(dict.fromkeys(column for row in rows for column in row))
        database.execute(f"CREATE TABLE {name} ({', '.join(chr(34) + one + chr(34) for one in columns)})")
        database.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})",
                             [[row.get(column) or None for column in columns] for row in rows])

    def expanded(self, sql):
        """The query with Grafana's macros and variables filled in."""
        sql = re.sub(r"read_csv\('\$\{folder\}/\*/(\w+)\.csv', union_by_name=true\)", r"\1", sql)
        sql = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 >= '{self.TIME[0]}' AND \1 <= '{self.TIME[1]}'", sql)
        sql = sql.replace("${device:sqlstring}", "SELECT device_name FROM results")
        sql = sql.replace("${op:sqlstring}", "'gemm', 'linear', 'softmax'")
        self.assertNotIn("$", sql)
        return sql

    def test_every_query_finds_its_columns_in_real_runs(self):
        for run in REFERENCE.glob("20261122T02*"):
            for name in ("results.csv", "samples.csv", "run.json"):
                self.write(f"results/{run.name}/{name}", (run / name).read_bytes())
        self.gpubench("judge", "results")
        dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
        database = sqlite3.connect(":memory:")
        for name in ("results", "checks"):
            self.table(database, name, f"*/{name}.csv")
        counts = {}
        for panel in dashboard["panels"]:
            (target,) = panel["targets"]
            found = database.execute(self.expanded(target["rawSql"]))
            names = [column[0] for column in found.description]
            if panel["type"] == "timeseries":
                self.assertEqual(names, ["time", "metric", "value"])
            counts[panel["title"]] = len(found.fetchall())
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                self.assertTrue(database.execute(self.expanded(variable["query"])).fetchall(), variable["name"])
        timed = sum(1 for _ in database.execute("SELECT 1 FROM results WHERE time_median_s IS NOT NULL"))
        self.assertEqual(counts["Median time of one launch"], timed)
        self.assertEqual(counts["Cases that went wrong"], 0)
        self.assertGreater(counts["Checks that did not pass"], 0)

    def test_a_column_that_no_run_has_is_found_out(self):
        database = sqlite3.connect(":memory:")
        database.execute("CREATE TABLE results (started_at, case_id)")
        dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
        with self.assertRaisesRegex(sqlite3.OperationalError, "no such column"):
            database.execute(self.expanded(dashboard["panels"][0]["targets"][0]["rawSql"]))
