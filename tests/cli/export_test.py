"""export_test.py — `gpubench export`: what other tools are given."""

import csv
import io
import json

from program import QUICK, ProgramTest


class Export(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("quick.yaml", QUICK)
        for _ in range(2):
            done = self.gpubench("run", "quick.yaml", "--quiet")
            self.assertEqual(done.returncode, 0, done.complained)

    def test_google_benchmark_json_holds_what_was_measured(self):
        done = self.gpubench("export", "results", "--format", "gbench-json", "--out", "new.json")

        self.assertEqual((done.returncode, done.said), (0, ""), done.complained)
        entries = json.loads((self.folder / "new.json").read_text(encoding="utf-8"))["benchmarks"]
        rows = [self.rows(run)[0] for run in self.runs()]
        self.assertEqual([entry["label"] for entry in entries], [row["run_id"] for row in rows])
        for entry, row in zip(entries, rows):
            self.assertEqual(entry["name"], f"{row['case_id']}@{row['device_name']}")
            self.assertAlmostEqual(entry["real_time"], 1e9 * float(row["time_median_s"]))

    def test_the_wide_table_has_a_line_a_run(self):
        done = self.gpubench("export", "results", "--format", "wide-csv", "--metric", "rel_fro_err")

        table = list(csv.reader(io.StringIO(done.said)))
        rows = [self.rows(run)[0] for run in self.runs()]
        self.assertEqual(table[0][3:], [f"{rows[0]['case_id']}@{rows[0]['device_name']}"])
        self.assertEqual([line[3] for line in table[1:]], [row["rel_fro_err"] for row in rows])

    def test_unknown_formats_metrics_and_folders_are_refused(self):
        for arguments in (("--format", "xlsx"), ("--format", "wide-csv", "--metric", "speed"), ()):
            done = self.gpubench("export", "results", *arguments, "--out", "out.txt")
            self.assertEqual((done.returncode, done.said), (2, ""))
            self.assertFalse((self.folder / "out.txt").exists())
        self.assertEqual(self.gpubench("export", "gone", "--format", "wide-csv").returncode, 2)
