"""compare_test.py — `gpubench compare` and `calibrate` as a person uses them: sets of runs that
were made slower, wrong, shorter or foreign on purpose. One real run on lavapipe is the material."""

import csv
import io
import json
import re
import shutil

from program import ProgramTest

SMALL = """
    name: small
    budget: 1s
    cases:
      - {op: gemm, size: 33, probe: true}
      - {op: softmax, shape: {m: 5, n: 65}}
    """

TIMES = ("time_min_s", "time_p05_s", "time_p25_s", "time_median_s", "time_p75_s", "time_p95_s",
         "time_max_s", "time_mean_s")


class RunMaker(ProgramTest):
    """Makes sets of runs from one real run, whose facts stay but for what a test changes."""

    real_rows = None  # Of the one run that all tests of a class are made from.

    def setUp(self):
        super().setUp()
        if type(self).real_rows is None:
            self.write("small.yaml", SMALL)
            done = self.gpubench("run", "small.yaml", "--out", "real", "--quiet")
            self.assertEqual(done.returncode, 0, done.complained)
            (real,) = (self.folder / "real").iterdir()
            type(self).real_rows = self.rows(real)

    def make_run(self, set_name, number, change=None, day=21, factor=1.0):
        """A run of `set_name`: its times are those of the real one, factor, and up to 0.4 %."""
        rows = [dict(row) for row in self.real_rows]
        run_id = f"202611{day}T10{number:02}00Z-{set_name}"
        wobble = factor * (1 + 0.001 * (number % 5))
        for row in rows:
            row["run_id"] = run_id
            row["started_at"] = f"2026-11-{day}T10:{number:02}:00Z"
            for column in TIMES:
                row[column] = repr(float(row[column]) * wobble)
            if change is not None:
                change(row)
        rows = [row for row in rows if row["case_id"]]
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(self.real_rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self.write(f"{set_name}/{run_id}/results.csv", text.getvalue())

    def make_set(self, name, runs=8, **more):
        for number in range(runs):
            self.make_run(name, number, **more)
        return name

    def assertVerdict(self, done, code, *patterns):
        output = f"{done.said}{done.complained}"
        self.assertEqual(done.returncode, code, output)
        for pattern in patterns:
            self.assertRegex(done.said, pattern)
        self.assertLessEqual(max(len(line) for line in done.said.splitlines()), 80, output)


class CompareRuns(RunMaker):
    def test_a_set_against_itself_is_silent(self):
        base = self.make_set("base", runs=1)
        done = self.gpubench("compare", base, base)
        self.assertVerdict(done, 0, r"\n2 SAME\nBoth sets are the same runs")
        self.assertNotIn("AMBIGUOUS", done.said)

    def test_equal_sets_are_the_same_and_slower_ones_regressed(self):
        base = self.make_set("base")
        self.make_set("equal", day=22)
        self.make_set("slower", day=22, factor=1.2)
        self.assertVerdict(self.gpubench("compare", base, "equal"), 0, r"\n2 SAME\n")
        slower = self.gpubench("compare", base, "slower")
        self.assertVerdict(slower, 1, r"gemm.*REGRESSED +\+20 % +\+20…\+20 %", r"\n2 REGRESSED\n",
                           r"Worse than the base\.")
        self.assertVerdict(self.gpubench("compare", "slower", base), 0, r"\n2 IMPROVED\n")

    def test_files_patterns_and_lists_name_the_same_runs(self):
        self.make_set("base")
        self.make_set("slower", factor=1.2)
        runs = {name: sorted(str(path) for path in (self.folder / name).iterdir())
                for name in ("base", "slower")}
        folders = self.gpubench("compare", "base", "slower")
        patterns = self.gpubench("compare", "base/*", "slower/*/results.csv")
        lists = self.gpubench("compare", "--base", *runs["base"], "--new", *runs["slower"])
        self.assertEqual(folders.said, patterns.said)
        self.assertEqual(folders.said, lists.said)

    def test_a_wrong_result_is_worse_at_any_speed(self):
        def fail(row):
            if row["op"] == "gemm":
                row.update(dict.fromkeys(TIMES, ""), status="failed", reason="wrong_result: all",
                           check_status="failed")

        base = self.make_set("base")
        self.make_set("wrong", change=fail)
        self.assertVerdict(self.gpubench("compare", base, "wrong"), 1, r"gemm.*MISSING",
                           r"WORSE status +gemm", r"wrong_result: all", r"outputs worse in 1")

    def test_a_lowered_precision_is_worse_at_any_speed(self):
        def lower(row):
            if row["op"] == "gemm":
                row.update(precision_verdict="downgraded", observed_precision="tf32 inputs")

        base = self.make_set("base")
        self.make_set("lower", change=lower)
        self.assertVerdict(self.gpubench("compare", base, "lower"), 1, r"\n2 SAME; outputs worse in 1",
                           r"WORSE precision +gemm", r"is\s+downgraded\s+\(tf32 inputs\)")

    def test_a_wrong_result_is_worse_where_the_base_lacks_the_case_or_fails_less_often(self):
        def only_softmax(row):
            if row["op"] == "gemm":
                row["case_id"] = ""

        def fail(row):
            if row["op"] == "gemm":
                row.update(dict.fromkeys(TIMES, ""), status="failed", reason="wrong_result: all",
                           check_status="failed")

        self.make_set("less", change=only_softmax)
        self.make_set("wrong", day=22, change=fail)
        done = self.gpubench("compare", "less", "wrong")
        self.assertVerdict(done, 1, r"WORSE status +gemm", r"8 of 8 rows ended\s+badly,\s+and the base lacks\s+the\s+case",
                           r"\n1 SAME; outputs worse in 1\nWorse than the base\.")
        for number in range(8):
            self.make_run("once", number, change=fail if number == 0 else None)
            self.make_run("often", number, day=22, change=fail if number < 7 else None)
            self.make_run("twice", number, day=22, change=fail if number < 2 else None)
        self.assertVerdict(self.gpubench("compare", "once", "often"), 1, r"7 of 8\s+rows\s+ended\s+badly,\s+1\s+of\s+8")
        self.assertVerdict(self.gpubench("compare", "once", "twice"), 0, r"CHANGED status",
                           r"seen to be worse; outputs changed in 1 of 2 cases")

    def test_a_first_look_and_a_shader_that_declare_less_are_worse(self):
        def unprobed(row):
            row.update(precision_verdict="not_probed")

        def lower(row):
            row.update(precision_verdict="downgraded", observed_precision="fp16")

        self.make_set("base")
        self.make_set("unprobed", change=unprobed)
        self.make_set("lower", day=22, change=lower)
        self.make_set("relaxed", day=22, change=lambda row: row.update(declared_evidence="relaxed"))
        self.make_set("unknown", day=22, change=lambda row: row.update(rel_fro_err=""))
        self.assertVerdict(self.gpubench("compare", "unprobed", "lower"), 1, r"WORSE precision")
        self.assertVerdict(self.gpubench("compare", "base", "relaxed"), 1, r"WORSE precision", r"relaxed")
        self.assertVerdict(self.gpubench("compare", "base", "unknown"), 3, r"UNCHECKED drift")

    def test_one_same_and_one_incomparable_is_no_pass(self):
        def other_gemm(row):
            if row["op"] == "gemm":
                row["kernel_hash"] = "0" * 32

        self.make_set("base")
        self.make_set("other", day=22, change=other_gemm)
        self.assertVerdict(self.gpubench("compare", "base", "other"), 3, r"\n1 INCOMPARABLE, 1 SAME\n",
                           r"Inconclusive: 1 of 2 cases are INCOMPARABLE, and that is no pass\.")

    def test_a_dropped_case_is_no_pass(self):
        def drop(row):
            if row["op"] == "gemm":
                row["case_id"] = ""

        base = self.make_set("base")
        self.make_set("less", change=drop)
        self.assertVerdict(self.gpubench("compare", base, "less"), 3, r"gemm.*MISSING",
                           r"\n1 MISSING, 1 SAME\nInconclusive")

    def test_another_kernel_is_incomparable_unless_said(self):
        base = self.make_set("base")
        self.make_set("other", change=lambda row: row.update(kernel_hash="0" * 32))
        self.assertVerdict(self.gpubench("compare", base, "other"), 3, r"\n2 INCOMPARABLE\n")
        self.assertVerdict(self.gpubench("compare", base, "other", "--across", "kernels"), 0,
                           r"\n2 SAME\n")

    def test_few_runs_say_how_many_it_takes(self):
        base = self.make_set("base", runs=3)
        self.make_set("slower", runs=3, factor=1.2)
        self.assertVerdict(self.gpubench("compare", base, "slower"), 3, r"AMBIGUOUS \(underpowered\)",
                           r"→ run each side at least 5 times")

    def test_markdown_has_the_verdict_and_no_markup_of_the_files(self):
        base = self.make_set("base")
        self.make_set("slower", factor=1.2, change=lambda row: row.update(host="<script>|`@x"))
        done = self.gpubench("compare", base, "slower", "--markdown", "comment.md")
        self.assertVerdict(done, 1)
        text = (self.folder / "comment.md").read_text(encoding="utf-8")
        self.assertTrue(text.startswith("### Worse than the base.\n\n2 REGRESSED\n\n| case |"), text)
        self.assertIn(r"&lt;script&gt;\|\`&#64;x", text)
        self.assertNotIn("<script>", text)
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines()
                  if line.startswith("| gemm") or line.startswith("| softmax")}
        self.assertEqual(widths, {9})


    def json_of(self, base, new, *more):
        done = self.gpubench("compare", base, new, "--json", "c.json", *more)
        return done, json.loads((self.folder / "c.json").read_text(encoding="utf-8"))

    def test_json_has_the_facts_of_the_table_under_the_names_of_the_columns(self):
        def lower(row):
            if row["op"] == "gemm":
                row.update(precision_verdict="downgraded", observed_precision="tf32 inputs")

        base = self.make_set("base")
        self.make_set("slower", day=22, factor=1.2, change=lower)
        done, document = self.json_of(base, "slower")
        self.assertVerdict(done, 1, r"\n2 REGRESSED; outputs worse in 1\n")
        self.assertEqual((document["schema_version"], document["outcome"]), (1, "worse"))
        self.assertEqual({word: count for word, count in document["counts"].items() if count}, {"REGRESSED": 2})
        self.assertEqual((document["base"]["runs"], document["new"]["last_run_id"]), (8, "20261122T100700Z-slower"))
        first = document["series"][0]
        row = self.real_rows[0]
        self.assertEqual((first["case_id"], first["device_name"]), (row["case_id"], row["device_name"]))
        self.assertAlmostEqual(first["delta_rel"], 0.2)
        self.assertLess(first["ci_low"], first["delta_rel"])
        self.assertLess(first["p_value"], 0.05)
        self.assertEqual((first["n_base"], first["n_new"]), (8, 8))
        self.assertEqual([(one["aspect"], one["change"]) for one in first["outputs"]], [("precision", "WORSE")])

    def test_json_of_what_cannot_be_told_is_null_and_never_nan(self):
        self.make_set("base", runs=1)
        self.make_set("gone", runs=1, change=lambda row: row.update(dict.fromkeys(TIMES, ""), status="skipped",
                                                                    reason="budget: no time"))
        _, document = self.json_of("base", "gone")
        series = document["series"][0]
        self.assertEqual((series["verdict"], series["reason"]), ("MISSING", "not_run"))
        for name in ("new_median_s", "delta_rel", "ci_low", "ci_high", "p_value", "adjusted_p_value"):
            self.assertIsNone(series[name], name)
        self.assertNotIn("NaN", (self.folder / "c.json").read_text(encoding="utf-8"))


class CompareWithABaseline(RunMaker):
    """A baseline stands for the runs that it was made of."""

    def setUp(self):
        super().setUp()
        self.make_set("base")
        done = self.gpubench("baseline", "create", "base", "--by", "Ada", "--out", "b.yaml")
        self.assertEqual(done.returncode, 0, done.complained)

    def compared(self, base, new):
        done = self.gpubench("compare", base, new, "--json", "c.json")
        return done, json.loads((self.folder / "c.json").read_text(encoding="utf-8"))["series"]

    def test_it_gives_the_verdicts_of_its_runs(self):
        self.make_set("equal", day=22)
        self.make_set("slower", day=22, factor=1.2)
        self.make_set("hardly", day=22, factor=1.05)
        for new, code in (("equal", 0), ("slower", 1), ("hardly", 3)):
            runs, of_runs = self.compared("base", new)
            baseline, of_baseline = self.compared("b.yaml", new)
            self.assertEqual((runs.returncode, baseline.returncode), (code, code), baseline.said)
            for one, other in zip(of_runs, of_baseline):
                for name in ("case_id", "verdict", "reason", "n_base", "n_new", "p_value", "adjusted_p_value"):
                    self.assertEqual(one[name], other[name], (new, name))
                for name in ("base_median_s", "delta_rel", "ci_low", "ci_high"):
                    self.assertAlmostEqual(one[name], other[name], places=12)
            self.assertIn("the baseline is provisional", baseline.complained)

    def test_worse_outputs_and_other_kernels_are_seen(self):
        self.make_set("lower", day=22, change=lambda row: row.update(precision_verdict="downgraded"))
        self.make_set("drift", day=22, change=lambda row: row.update(rel_fro_err="0.5"))
        self.make_set("other", day=22, change=lambda row: row.update(kernel_hash="0" * 32))
        self.assertVerdict(self.gpubench("compare", "b.yaml", "lower"), 1, r"WORSE precision")
        self.assertVerdict(self.gpubench("compare", "b.yaml", "drift"), 1, r"WORSE drift")
        self.assertVerdict(self.gpubench("compare", "b.yaml", "other"), 3, r"\n2 INCOMPARABLE\n")

    def test_a_dropped_case_and_a_foreign_device_are_no_pass(self):
        def drop(row):
            if row["op"] == "gemm":
                row["case_id"] = ""

        self.make_set("less", day=22, change=drop)
        self.make_set("foreign", day=22, change=lambda row: row.update(device_name="H100"))
        self.assertVerdict(self.gpubench("compare", "b.yaml", "less"), 3, r"gemm.*MISSING")
        self.assertRefused(self.gpubench("compare", "b.yaml", "foreign"), 2, "different devices", '"H100"')

    def test_a_baseline_that_was_edited_is_refused(self):
        text = (self.folder / "b.yaml").read_text(encoding="utf-8")
        self.write("b.yaml", text.replace('by: "Ada"', 'by: "Bob"'))
        self.assertRefused(self.gpubench("compare", "b.yaml", "base"), 2, "b.yaml:", "edited or damaged")


class CompareBadInput(RunMaker):
    def refused(self, code, *parts, arguments):
        done = self.gpubench("compare", *arguments)
        self.assertRefused(done, code, *parts)

    def test_sets_must_be_there_and_two(self):
        self.make_set("base", runs=1)
        self.refused(2, "give two sets of runs", arguments=["base"])
        self.refused(2, "not both", arguments=["base", "base", "--base", "base"])
        self.refused(2, "give two sets of runs", arguments=["--base", "base"])
        self.refused(2, "nowhere", arguments=["base", "nowhere"])

    def test_foreign_devices_are_named(self):
        self.make_set("base", runs=1)
        self.make_set("other", runs=1, day=22, change=lambda row: row.update(device_name="H100"))
        self.refused(2, "different devices", '"H100"', arguments=["base", "other"])
        self.refused(2, "the base has no row", arguments=["base", "other", "--device", "h100"])

    def test_a_run_in_both_sets_is_named(self):
        self.make_set("base", runs=2)
        (first, _) = sorted((self.folder / "base").iterdir())
        self.refused(2, first.name, "is in both sets", arguments=["base", str(first)])

    def test_a_broken_table_is_named_by_file_and_line(self):
        self.make_set("base", runs=1)
        self.make_set("broken", runs=1, day=22)
        (run,) = (self.folder / "broken").iterdir()
        table = run / "results.csv"
        table.write_text(table.read_text().replace("gemm/", 'gemm"/', 1))
        self.refused(2, f"{run.name}/results.csv:2", arguments=["base", "broken", "--markdown", "c.md"])
        self.assertFalse((self.folder / "c.md").exists())

    def test_nothing_is_written_over_what_is_read(self):
        self.make_set("base", runs=1)
        self.make_set("other", runs=1, day=22)
        (run,) = (self.folder / "base").iterdir()
        table = str(run / "results.csv")
        self.refused(2, "is read", arguments=[table, "other", "--markdown", table])
        self.refused(2, "a run's own file", arguments=["base", "other", "--markdown", "run.json"])

    def test_floors_are_read_strictly(self):
        self.make_set("base", runs=1)
        header = ("schema_version,case_id,device_name,floor_rel,runs,sessions,splits,median_s,spread,"
                  "session_deviation\n")
        for text, parts in {
            header + "1,a,d,lots,4,1,6,1,0,0\n": ("floor.csv:2", '"lots"'),
            header + "1,a,d,-0.1,4,1,6,1,0,0\n": ("floor.csv:2", "floor_rel"),
            header + "1,a,d,0.1,4,1,6,1,0,\n": ("floor.csv:2", "session_deviation"),
            header + "9,a,d,0.1,4,1,6,1,0,0\n": ("floor.csv:2", "schema_version"),
            header + 2 * "1,a,d,0.1,4,1,6,1,0,0\n": ("floor.csv:3", "twice"),
            header + "1,a,d,0.1": ("floor.csv:2", "cut off"),
            "case_id\na\n": ("floor.csv:1", "schema_version"),
        }.items():
            self.write("floor.csv", text)
            self.refused(2, *parts, arguments=["base", "base", "--floor", "floor.csv"])


class Calibrate(RunMaker):
    def test_the_floor_of_two_sessions_keeps_their_difference_quiet(self):
        for number in range(4):
            self.make_run("monday", number, day=16)
            self.make_run("friday", number, day=20, factor=1.04)
        done = self.gpubench("calibrate", "monday", "friday", "--out", "floor.csv")
        self.assertEqual(done.returncode, 0, done.complained)
        with open(self.folder / "floor.csv", newline="", encoding="utf-8") as file:
            floors = list(csv.DictReader(file))
        self.assertEqual([floor["sessions"] for floor in floors], ["2", "2"])
        for floor in floors:
            self.assertAlmostEqual(float(floor["floor_rel"]), 0.04, delta=0.001)
        self.make_set("base", day=21)
        self.make_set("new", day=22, factor=1.035)
        self.assertVerdict(self.gpubench("compare", "base", "new"), 3, r"single_session")
        quiet = self.gpubench("compare", "base", "new", "--floor", "floor.csv")
        self.assertVerdict(quiet, 0, r"floor of 2 of 2 series measured", r"\n2 SAME\n")

    def test_too_few_runs_are_inconclusive_and_write_nothing(self):
        self.make_set("base", runs=3)
        done = self.gpubench("calibrate", "base", "--out", "floor.csv")
        self.assertEqual(done.returncode, 3)
        self.assertIn("fewer than 4 runs", done.complained)
        self.assertFalse((self.folder / "floor.csv").exists())


class BaselineFiles(RunMaker):
    def create(self, *more):
        return self.gpubench("baseline", "create", "base", "--by", "Ada", "--out", "b.yaml", *more)

    def test_a_baseline_names_its_evidence_and_what_it_replaces(self):
        self.make_set("base")
        first = self.create()
        self.assertVerdict(first, 0, r"2 series of 8 runs in b\.yaml",
                           r"provisional: it takes 3 devices")
        old = (self.folder / "b.yaml").read_text()
        self.assertIn('by: "Ada"', old)
        self.assertNotIn("\nreplaces:", old)
        self.assertVerdict(self.create(), 0, r"replaces b\.yaml")
        old_hash = old.splitlines()[-1].removeprefix("content_hash: ")
        self.assertIn(f'replaces: {{file: "b.yaml", content_hash: "{old_hash}"}}',
                      (self.folder / "b.yaml").read_text())

    def test_a_failing_run_makes_no_baseline(self):
        self.make_set("base")
        self.make_run("base", 9, change=lambda row: row.update(dict.fromkeys(TIMES, ""),
                                                               status="error", reason="timeout"))
        self.assertVerdict(self.create(), 1, r"error: timeout")
        self.assertFalse((self.folder / "b.yaml").exists())

    def test_runs_that_judge_would_not_pass_make_no_baseline(self):
        for change, words in (({"planned_rows": "99"}, r"check\s+complete:\s+2\s+of\s+99\s+rows"),
                              ({"samples": "3"}, r"check\s+validity\s+of\s+\S+"),
                              ({"declared_evidence": "relaxed"}, r"check\s+precision\s+of\s+\S+"),
                              ({"check_status": "not_run"}, r"check\s+correctness\s+of\s+\S+")):
            shutil.rmtree(self.folder / "base", ignore_errors=True)
            self.make_set("base")
            self.make_run("base", 9, change=lambda row: row.update(change))
            done = self.create()
            self.assertVerdict(done, 1, r"20261121T1009\S+-base:\s+" + words)
            self.assertFalse((self.folder / "b.yaml").exists())

    def test_a_judged_failure_makes_no_baseline(self):
        self.make_set("base")
        (run, *_) = sorted((self.folder / "base").iterdir())
        (run / "checks.csv").write_text("check,status\nclock,pass\nspeed,fail\n")
        self.assertVerdict(self.create(), 1, r"checks\.csv:3:\s+check\s+speed")
        self.assertFalse((self.folder / "b.yaml").exists())

    def test_what_is_no_baseline_is_not_replaced(self):
        self.make_set("base")
        self.write("b.yaml", "name: notes\n")
        self.assertRefused(self.create(), 2, "b.yaml:1:1")
        self.assertEqual((self.folder / "b.yaml").read_text(), "name: notes\n")

    def test_somebody_must_answer_for_it(self):
        done = self.gpubench("baseline", "create", "base", "--out", "b.yaml")
        self.assertRefused(done, 2, "--by")
