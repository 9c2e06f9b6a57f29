"""judge_test.py — `gpubench judge` as a person uses it: one real run on lavapipe, and the same run
with one fact changed at a time."""

import csv
import re
import xml.etree.ElementTree as xml

from program import ProgramTest

SMALL = """
    name: small
    budget: 1s
    cases:
      - {op: gemm, size: [33, 48], precision: fp32, probe: true}
    """


class Judge(ProgramTest):
    real = None  # The run that all tests are made from: name and text of each file.

    def setUp(self):
        super().setUp()
        if type(self).real is None:
            made = self.good_run()
            type(self).real = (made.name, {path.name: path.read_text(encoding="utf-8")
                                           for path in made.iterdir() if path.name != "checks.csv"})
        self.name, files = self.real
        for name, text in files.items():
            self.write(f"runs/{self.name}/{name}", text)
        self.run_folder = self.folder / "runs" / self.name

    def good_run(self):
        """On a machine with no time left a run has too few samples to be judged: then it is made again."""
        self.write("small.yaml", SMALL)
        for attempt in range(5):
            done = self.gpubench("run", "small.yaml", "--out", f"made{attempt}", "--quiet")
            self.assertEqual(done.returncode, 0, done.complained)
            judged = self.gpubench("judge", f"made{attempt}", "--allow-software")
            if judged.returncode == 0:
                break
        self.assertEqual(judged.returncode, 0, judged.said)
        (made,) = (self.folder / f"made{attempt}").iterdir()
        return made

    def change(self, edit):
        """Edits the rows of results.csv as dictionaries, in place."""
        path = self.run_folder / "results.csv"
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        names = list(rows[0])
        edit(rows)
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def judge(self, *arguments):
        return self.gpubench("judge", "runs", *arguments)

    def assertVerdict(self, verdict, code, *arguments):
        done = self.judge(*arguments)
        self.assertEqual(done.returncode, code, done.said + done.complained)
        self.assertRegex(done.said, rf"\A{verdict}: ")
        self.assertTrue(all(len(line) <= 80 for line in done.said.splitlines()), done.said)
        return done

    def checks(self):
        with open(self.run_folder / "checks.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def test_software_qualifies_only_where_it_is_allowed(self):
        done = self.assertVerdict("INCONCLUSIVE", 3)
        self.assertIn("software_device", done.said)
        # A busy machine may make its times noisy, which is a warning.
        self.assertVerdict("QUALIFIED(_WITH_WARNINGS)?", 0, "--allow-software")

        checks = self.checks()
        self.assertEqual({check["run_id"] for check in checks}, {self.name})
        kinds = [check["kind"] for check in checks]
        for kind, count in (("precondition", 3), ("correctness", 2), ("precision", 2)):
            self.assertEqual(kinds.count(kind), count, kinds)
        self.assertTrue(all(check["status"] == "pass" for check in checks
                            if check["kind"] in ("correctness", "precision")), checks)

    def test_unchanged_facts_give_the_same_bytes(self):
        self.judge("--junit", "a.xml", "--prometheus", "a.prom")
        file = self.run_folder / "checks.csv"
        first, inode = file.read_bytes(), file.stat().st_ino
        self.judge("--junit", "b.xml", "--prometheus", "b.prom")

        self.assertEqual(file.read_bytes(), first)
        self.assertEqual(file.stat().st_ino, inode, "written again for nothing")
        for ending in ("xml", "prom"):
            self.assertEqual((self.folder / f"a.{ending}").read_bytes(),
                             (self.folder / f"b.{ending}").read_bytes())

    def test_checks_of_the_same_size_that_say_something_else_are_replaced(self):
        self.judge()
        file = self.run_folder / "checks.csv"
        first = file.read_bytes()
        file.write_bytes(first.replace(b"pass", b"fail"))
        self.judge()

        self.assertEqual(file.read_bytes(), first)

    def test_a_dropped_case_flips_the_verdict(self):
        self.change(lambda rows: rows.pop())

        self.assertIn("missing_rows", self.assertVerdict("INCONCLUSIVE", 3, "--allow-software").said)

    def test_a_half_last_row_is_said_by_whatever_reads_it(self):
        path = self.run_folder / "results.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(text[:-40], encoding="utf-8")

        judged = self.assertVerdict("INCONCLUSIVE", 3, "--allow-software")
        self.assertIn("half_line", judged.said)
        for done in (judged, self.gpubench("export", "--format", "wide-csv", "runs"),
                     self.gpubench("dashboard", "runs", "-o", "d.html")):
            self.assertIn(f"{self.name}/results.csv:3: the last row is half written",
                          done.complained)

    def test_a_table_without_rows_flips_the_verdict(self):
        self.change(lambda rows: rows.clear())

        self.assertIn("no_rows", self.assertVerdict("INCONCLUSIVE", 3, "--allow-software").said)

    def test_a_wrong_result_flips_the_verdict(self):
        self.change(lambda rows: rows[0].update(status="failed", reason="wrong_result: planted",
                                                check_status="failed", samples=""))
        (self.run_folder / "samples.csv").unlink()

        said = self.assertVerdict("NOT_QUALIFIED", 1, "--allow-software").said

        self.assertRegex(said, r"fail +correctness: wrong_result")
        self.assertIn("action: triage", said)

    def test_a_lowered_precision_flips_the_verdict(self):
        self.change(lambda rows: rows[1].update(precision_verdict="downgraded",
                                                observed_precision="fp16"))

        said = self.assertVerdict("NOT_QUALIFIED", 1, "--allow-software").said

        self.assertIn("declared fp32, observed fp16", said)

    def test_a_missing_host_flips_the_verdict(self):
        host = self.rows(self.run_folder)[0]["host"]
        self.write("hosts.txt", f"{host}\n")
        self.assertVerdict("QUALIFIED(_WITH_WARNINGS)?", 0, "--allow-software", "--expect", "hosts.txt")
        self.write("hosts.txt", f"{host}\nnode-that-sent-nothing\n")

        done = self.assertVerdict("INCONCLUSIVE", 3, "--allow-software", "--expect", "hosts.txt",
                                  "--out", "all.csv")

        self.assertIn("node-that-sent-nothing", done.said)
        self.assertIn("missing_host", (self.folder / "all.csv").read_text(encoding="utf-8"))

    def test_limits_and_waivers_decide(self):
        limit = """
            name: strict
            limits:
              - {name: drift, where: {precision: fp32}, metric: rel_fro_err, at_most: 1e-30}
            """
        self.write("strict.yaml", limit)
        self.write("waived.yaml", limit + """
            waivers:
              - {check: drift, where: {op: gemm}, reason: known, expires: 2026-12-31}
            """)

        failed = self.assertVerdict("NOT_QUALIFIED", 1, "--allow-software", "--criteria", "strict.yaml")
        self.assertIn("strict.yaml:4", failed.said)
        waived = ("--allow-software", "--criteria", "waived.yaml", "--today")
        self.assertVerdict("QUALIFIED_WITH_WARNINGS", 0, *waived, "2026-12-31")
        expired = self.assertVerdict("NOT_QUALIFIED", 1, *waived, "2027-01-01")
        self.assertIn("expired on 2026-12-31", re.sub(r"\s+", " ", expired.said))

    def test_other_tools_can_read_it(self):
        self.judge("--junit", "checks.xml", "--prometheus", "gpubench.prom")

        suites = xml.parse(self.folder / "checks.xml").getroot()
        verdict, *others = suites.findall("./testsuite/testcase")
        self.assertEqual(verdict.get("name"), "verdict")
        self.assertIsNotNone(verdict.find("error"), "nothing is red at an open verdict")
        self.assertEqual(len(others), len(self.checks()))
        text = (self.folder / "gpubench.prom").read_text(encoding="utf-8")
        self.assertIn('gpubench_verdict{verdict="INCONCLUSIVE"} 1\n', text)
        for line in text.splitlines():
            self.assertRegex(line, r'^(# .*|[a-z_]+\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\} \d+)$')

    def test_the_failing_one_of_two_devices_of_a_name_is_named(self):
        def second_device(rows):
            for row in [dict(row) for row in rows]:
                rows.append({**row, "device_uuid": "u2", "pci_address": "0000:81:00.0"})
            for row in rows:
                row["planned_rows"] = str(len(rows))
            rows[-1].update(status="failed", reason="wrong_result: planted", check_status="failed",
                            samples="", time_median_s="")
        self.change(second_device)
        (self.run_folder / "samples.csv").unlink()

        said = self.assertVerdict("NOT_QUALIFIED", 1, "--allow-software").said

        self.assertRegex(re.sub(r"\s+", " ", said), r"on llvmpipe [^,]*, [^,]*, 0000:81:00\.0, u2 ")
        (failed,) = [check for check in self.checks() if check["status"] == "fail"]
        self.assertEqual((failed["device_uuid"], failed["pci_address"]), ("u2", "0000:81:00.0"))

    def test_checks_of_the_first_version_are_read(self):
        self.judge("--allow-software")
        names = list(self.checks()[0])[:-2]
        with open(self.run_folder / "checks.csv", newline="", encoding="utf-8") as file:
            rows = [{**row, "schema_version": "1"} for row in csv.DictReader(file)]
        with open(self.run_folder / "checks.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

        done = self.gpubench("report", "runs", "-o", "r.md")

        self.assertEqual(done.returncode, 0, done.complained)
        self.assertIn("r.md: QUALIFIED", done.said)

    def test_bad_input_is_refused_and_nothing_is_written(self):
        rows = self.run_folder / "results.csv"
        good = rows.read_text(encoding="utf-8")
        version = good.splitlines()[1].split(",")[0]
        damages = (
            (good.replace(f"\n{version},", "\n99,", 1), "results.csv:2: schema_version 99"),
            (good.replace(",case_id,", ",case,", 1), 'results.csv:1: no column "case_id"'),
            (good.replace("\n" + version, '\n"' + version, 1) + '"x', "results.csv:"),
            (good.replace("MESA", "ME\udcffSA"), "not UTF-8"),
        )
        for text, message in damages:
            rows.write_bytes(text.encode("utf-8", "surrogateescape"))
            done = self.judge("--junit", "checks.xml")
            self.assertEqual(done.returncode, 2, done.said)
            self.assertIn(message, done.complained)
            self.assertEqual(done.said, "")
            self.assertFalse((self.folder / "checks.xml").exists())
            self.assertFalse((self.run_folder / "checks.csv").exists())

    def test_no_output_takes_the_place_of_what_is_read(self):
        self.write("c.yaml", "name: c\n")
        self.write("hosts.txt", "h\n")
        self.write("runs/other.csv", (self.run_folder / "results.csv").read_bytes().replace(
            self.name.encode(), b"20261122T000000Z-other-0000"))
        run, other = f"runs/{self.name}", "runs/other.csv"
        files = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        judge = ("judge", "--criteria", "c.yaml", "--expect", "hosts.txt", "--allow-software", run, other)
        for arguments in ((*judge, "--out", f"{run}/results.csv"), (*judge, "--junit", f"{run}/run.json"),
                          (*judge, "--prometheus", f"{run}/samples.csv"), (*judge, "--out", "c.yaml"),
                          (*judge, "--junit", "./hosts.txt"), (*judge, "--out", other),
                          ("judge", "runs/*.csv", "--out", other),
                          (*judge, "--junit", "x", "--prometheus", "./x"),
                          ("export", run, "--format", "wide-csv", "--out", f"{run}/results.csv"),
                          ("export", "runs/*.csv", "--format", "wide-csv", "--out", other),
                          ("dashboard", run, "-o", f"{run}/results.csv")):
            done = self.gpubench(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(done.said, "")
            self.assertEqual(files, {path: path.read_bytes() for path in self.folder.rglob("*")
                                     if path.is_file()}, arguments)

    def test_an_output_that_cannot_be_written_costs_the_files_and_not_the_verdict(self):
        for option in ("--junit", "--prometheus", "--out"):
            done = self.judge("--allow-software", option, "nowhere/file")
            self.assertEqual(done.returncode, 2, done.complained)
            self.assertRegex(done.said, r"\AQUALIFIED")
            self.assertIn("nowhere is no folder", done.complained)
            self.assertFalse((self.run_folder / "checks.csv").exists())

    def test_two_tables_of_one_folder_need_a_file_for_their_checks(self):
        text = (self.run_folder / "results.csv").read_text(encoding="utf-8")
        self.write("two/x.csv", text)
        self.write("two/y.csv", text.replace(self.name, "20261122T000000Z-other-0000"))

        done = self.gpubench("judge", "two/x.csv", "./two/y.csv", "--allow-software")
        self.assertEqual(done.returncode, 2)
        self.assertIn("expected --out FILE", done.complained)
        self.assertFalse((self.folder / "two/checks.csv").exists())
        done = self.gpubench("judge", "two/x.csv", "./two/y.csv", "--allow-software", "--out", "all.csv")
        self.assertEqual(done.returncode, 0, done.complained)

    def test_a_run_that_cannot_be_read_costs_the_checks_of_all(self):
        later = "20991122T000000Z-later-0000"
        for name in ("results.csv", "samples.csv"):
            text = (self.run_folder / name).read_text(encoding="utf-8").replace(self.name, later)
            self.write(f"runs/{later}/{name}", text)
        lines = (self.folder / f"runs/{later}/samples.csv").read_text(encoding="utf-8").splitlines(True)
        self.write(f"runs/{later}/samples.csv", "".join(lines[:-1]))

        done = self.judge("--allow-software")

        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.said, "")
        self.assertRegex(done.complained, f"{later}/samples.csv: sample .* is not there")
        self.assertEqual(list(self.folder.rglob("checks.csv")), [])

    def test_criteria_that_judge_nothing_are_an_error(self):
        self.write("c.yaml", """
            name: c
            limits:
              - {name: d, where: {op: softmax}, metric: rmse, at_most: 1}
            """)
        done = self.judge("--criteria", "c.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("c.yaml:4:5: limit \"d\" fits no row", done.complained)

    def test_an_optional_limit_that_judged_nothing_is_said(self):
        self.write("c.yaml", """
            name: c
            limits:
              - {name: power, metric: power_w_mean, at_most: 1, required: false}
            """)
        done = self.judge("--criteria", "c.yaml", "--allow-software")
        self.assertEqual(done.returncode, 0, done.said)
        self.assertIn('limit "power" judged nothing', done.complained)

    def test_folders_and_days_that_are_none_are_errors(self):
        self.write("empty/notes.txt", "")
        for arguments, message in ((("empty",), "no results.csv"), (("gone",), "no such file"),
                                   (("runs", "--today", "soon"), "expected a date"),
                                   (("runs", "--expect", "gone.txt"), "gone.txt")):
            done = self.gpubench("judge", *arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(message, done.complained)
