"""pages_test.py — `gpubench report` as a person uses it, without a browser: what it writes, what it
refuses, and the structure of the pages of the committed runs."""

import csv
import hashlib
import http.client
import pathlib
import shutil
import signal
import socket
import sys

from program import ProgramTest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "results/reference"
GOLDEN = REPOSITORY / "tests/golden"
sys.path.insert(0, str(REPOSITORY / "tests/browser"))

import made_run  # noqa: E402  (both of the folder that was just named)
import outline  # noqa: E402

RUN = REFERENCE / "20261122T021259Z-ours-9d3e"


class Report(ProgramTest):
    def copy_of_run(self):
        return pathlib.Path(shutil.copytree(RUN, self.folder / "runs" / RUN.name))

    def change(self, table, edit):
        """Edits the rows of a table as dictionaries, in place."""
        with open(table, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        edit(rows)
        with open(table, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def test_writes_a_page_and_markdown_of_the_same_content(self):
        done = self.gpubench("report", str(RUN), "-o", "report.html", "-o", "report.md")
        self.assertEqual(done.returncode, 0, done.complained)
        self.assertEqual(done.said, "report.html: NOT JUDGED\nreport.md: NOT JUDGED\n")
        page = (self.folder / "report.html").read_text(encoding="utf-8")
        text = (self.folder / "report.md").read_text(encoding="utf-8")
        for words in ("gemm/auto/fp32/nn/1024x1024x1024/normal/s42", "AMD EPYC"):
            self.assertIn(words, page)
            self.assertIn(words.replace("_", r"\_"), text)

    def test_the_same_files_give_the_same_bytes(self):
        for name in ("a.html", "b.html"):
            self.assertEqual(self.gpubench("report", str(RUN), "-o", name).returncode, 0)
        self.assertEqual((self.folder / "a.html").read_bytes(), (self.folder / "b.html").read_bytes())

    def test_names_every_file_with_its_digest(self):
        self.gpubench("report", str(RUN), "-o", "report.html")
        page = (self.folder / "report.html").read_text(encoding="utf-8")
        for name in ("results.csv", "samples.csv", "run.json"):
            self.assertIn(hashlib.sha256((RUN / name).read_bytes()).hexdigest(), page)

    def test_a_table_alone_is_enough(self):
        run = self.copy_of_run()
        for name in ("samples.csv", "run.json", "flips.csv"):
            (run / name).unlink()
        done = self.gpubench("report", str(run / "results.csv"), "-o", "report.md")
        self.assertEqual(done.returncode, 0, done.complained)
        text = (self.folder / "report.md").read_text(encoding="utf-8")
        self.assertIn("has no run.json, so its command is not known", text)
        self.assertIn("nothing is known over time", text)

    def test_the_verdict_of_judge_is_shown_with_what_decided_it(self):
        run = self.copy_of_run()
        self.assertEqual(self.gpubench("judge", str(run)).returncode, 3)  # lavapipe is no real GPU
        done = self.gpubench("report", str(run), "-o", "report.md")
        self.assertEqual(done.said, "report.md: INCONCLUSIVE\n", done.complained)
        text = (self.folder / "report.md").read_text(encoding="utf-8")
        self.assertIn("**Checks by stage, in the order in which they are judged.**", text)
        self.assertRegex(text, r"(?m)^\| \S+ \| (fail|error|inconclusive|skip)( \\\(not required\\\))? \|")
        # One wrong output more, and the same page says so first.
        self.change(run / "results.csv", lambda rows: rows[1].update(
            status="failed", check_status="failed", reason="wrong_result: element 3"))
        self.assertEqual(self.gpubench("judge", str(run)).returncode, 1)
        done = self.gpubench("report", str(run), "-o", "report.md")
        self.assertEqual(done.said, "report.md: NOT QUALIFIED\n", done.complained)

    def test_a_check_names_which_of_the_devices_of_a_name_it_is_of(self):
        run = self.copy_of_run()
        self.change(run / "results.csv", lambda rows: rows[1].update(
            status="failed", check_status="failed", reason="wrong_result: element 3",
            pci_address="0000:81:00.0", device_uuid="another"))
        self.assertEqual(self.gpubench("judge", str(run)).returncode, 1)
        done = self.gpubench("report", str(run), "-o", "report.md")
        self.assertEqual(done.returncode, 0, done.complained)
        text = (self.folder / "report.md").read_text(encoding="utf-8")
        self.assertRegex(text, r"(?m)^\| correctness \| fail \|.* on llvmpipe [^|]*, 0000:81:00\.0")

    def test_some_runs_that_are_not_judged_leave_no_verdict(self):
        run = self.copy_of_run()
        self.gpubench("judge", str(run))
        other = REFERENCE / "20261122T021322Z-ours-bf50"
        done = self.gpubench("report", str(run), str(other), "-o", "report.md")
        self.assertEqual(done.said, "report.md: NOT JUDGED\n", done.complained)

    def test_rows_that_were_added_after_judging_are_not_covered_by_the_verdict(self):
        run = self.copy_of_run()
        self.assertEqual(self.gpubench("judge", "runs", "--allow-software").returncode, 0)
        table = run / "results.csv"
        lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
        table.write_text("".join([*lines, lines[-1]]), encoding="utf-8")
        (run / "samples.csv").unlink()

        done = self.gpubench("report", "runs", "-o", "report.md")

        self.assertEqual(done.said, "report.md: OUTDATED\n", done.complained)
        text = (self.folder / "report.md").read_text(encoding="utf-8")
        count = len(lines) - 1
        self.assertIn(f"has {count + 1} rows, and its checks speak of {count}", text)
        self.assertIn("They said QUALIFIED", text)
        self.assertIn("./gpubench judge runs\n", text)

    def test_a_row_that_changed_after_judging_is_named(self):
        run = self.copy_of_run()
        self.gpubench("judge", "runs")
        self.change(run / "results.csv", lambda rows: rows[1].update(bound_ratio="7.5"))
        done = self.gpubench("report", "runs", "-o", "report.md")
        self.assertEqual(done.said, "report.md: OUTDATED\n", done.complained)
        text = (self.folder / "report.md").read_text(encoding="utf-8")
        self.assertRegex(text, r"a row of run \S+ is not the one that was judged: gemm/")

    def outdated_after(self, *judge_options, **changed):
        """Judges the run, changes a row of it, and returns what report then says."""
        shutil.rmtree(self.folder / "runs", ignore_errors=True)
        run = self.copy_of_run()
        self.gpubench("judge", "runs", "--allow-software", *judge_options)
        before = self.gpubench("report", "runs", "-o", "report.md").said
        self.assertNotIn("OUTDATED", before)
        self.change(run / "results.csv", lambda rows: rows[1].update(changed))
        return self.gpubench("report", "runs", "-o", "report.md").said

    def test_whatever_was_judged_of_a_row_and_changed_since_takes_the_verdict_away(self):
        for changed in ({"status": "error"}, {"reason": "timeout: x", "status": "failed"},
                        {"check_status": "mistrusted"}, {"precision_verdict": "downgraded"},
                        {"declared_evidence": "relaxed"}, {"timing_status": "noisy"},
                        {"throttle_ratio": "0.5"}):
            self.assertEqual(self.outdated_after(**changed), "report.md: OUTDATED\n", changed)
        self.assertNotIn("OUTDATED", self.outdated_after(labels="rack 7"))

    def test_a_value_that_a_limit_judged_and_changed_since_takes_the_verdict_away(self):
        self.write("c.yaml", """
            name: c
            limits:
              - {name: speed, metric: time_median_s, at_most: 1e-9}
            waivers:
              - {check: speed, reason: known, expires: 2099-01-01}
            """)
        criteria = ("--criteria", "c.yaml")
        self.assertEqual(self.outdated_after(*criteria, time_median_s="0.123"), "report.md: OUTDATED\n")
        self.assertNotIn("OUTDATED", self.outdated_after(*criteria, labels="rack 7"))

    def test_a_missing_host_reaches_the_report_by_file_or_folder(self):
        self.copy_of_run()
        self.write("hosts.txt", "node-that-sent-nothing\n")
        judged = self.gpubench("judge", "runs", "--expect", "hosts.txt", "--out", "runs/checks.csv")
        self.assertEqual((judged.returncode, judged.complained), (3, ""))
        for arguments in (["runs"], [str(self.folder / "runs" / RUN.name), "runs/checks.csv"],
                          [str(self.folder / "runs" / RUN.name), "--checks", "runs/checks.csv"]):
            done = self.gpubench("report", *arguments, "-o", "report.md")
            self.assertEqual(done.said, "report.md: INCONCLUSIVE\n", done.complained)
            text = (self.folder / "report.md").read_text(encoding="utf-8")
            self.assertIn("node-that-sent-nothing", text)
            self.assertIn(hashlib.sha256((self.folder / "runs/checks.csv").read_bytes()).hexdigest(), text)

    def test_checks_that_are_in_no_file_are_not_lost_in_silence(self):
        self.copy_of_run()
        self.write("hosts.txt", "node-that-sent-nothing\n")
        judged = self.gpubench("judge", "runs", "--expect", "hosts.txt")
        self.assertIn("1 check of no run (a missing host or case) is in no checks.csv", judged.complained)

    def test_what_the_baseline_says_stands_beside_the_check(self):
        run = self.copy_of_run()
        made = self.gpubench("baseline", "create", "runs", "--by", "test", "--out", "base.yaml")
        self.assertEqual(made.returncode, 0, made.complained)
        self.change(run / "results.csv",
                    lambda rows: rows[0].update(time_median_s=str(2 * float(rows[0]["time_median_s"]))))
        self.gpubench("judge", "runs", "--baseline", "base.yaml")
        self.gpubench("report", "runs", "-o", "report.md")
        text = (self.folder / "report.md").read_text(encoding="utf-8")
        head = next(line for line in text.splitlines() if line.startswith("| Check |") and "Found" in line)
        self.assertEqual([cell.strip() for cell in head.split("|")[4:8]],
                         ["Found", "Limit, and whence", "Base", "Change"])
        self.assertRegex(text, r"(?m)^\| baseline \| warn \|.*\(baseline [0-9a-f]{12}\) \|.*ms \(of 1\) \| \\\+100.0 % \|")

    def test_damaged_checks_are_named_with_their_line(self):
        run = self.copy_of_run()
        self.gpubench("judge", str(run))
        table = run / "checks.csv"
        table.write_text(table.read_text(encoding="utf-8").replace(",pass,", ",perfect,", 1),
                         encoding="utf-8")
        done = self.gpubench("report", str(run), "-o", "report.md")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.complained, r'checks\.csv:\d+: status is "perfect", which it cannot be')
        self.assertFalse((self.folder / "report.md").exists())

    def test_what_it_cannot_write_is_refused_before_anything_is_read(self):
        done = self.gpubench("report", str(RUN), "-o", "results.csv")
        self.assertRefused(done, 2, "expected a file that ends in .html or .md, not results.csv")

    def test_what_it_reads_is_not_written_over(self):
        run = self.copy_of_run()
        table = pathlib.Path(shutil.copy(run / "results.csv", self.folder / "table.md"))
        before = table.read_bytes()
        done = self.gpubench("report", "table.md", "-o", "./table.md")
        self.assertRefused(done, 2, "./table.md: would be overwritten, and is read")
        self.assertEqual(table.read_bytes(), before)

    def test_a_folder_without_runs_leaves_no_page(self):
        (self.folder / "empty").mkdir()
        done = self.gpubench("report", "empty", "-o", "report.html")
        self.assertRefused(done, 2, "empty")
        self.assertFalse((self.folder / "report.html").exists())

    def test_a_broken_table_leaves_the_old_page(self):
        run = self.copy_of_run()
        with open(run / "results.csv", "a", encoding="utf-8") as table:
            table.write('3,"never closed\n' + "x" * 10 + '",y\n')
        self.write("report.html", "old")
        done = self.gpubench("report", str(run), "-o", "report.html")
        self.assertRefused(done, 2, "results.csv:6")
        self.assertEqual((self.folder / "report.html").read_text(), "old")

    def test_the_structure_of_the_committed_runs_pages_is_the_golden_one(self):
        runs = [str(path) for path in sorted(REFERENCE.glob("20261122T02*"))]
        self.assertEqual(self.gpubench("report", *runs, "-o", "report.html").returncode, 0)
        self.assertEqual(*outline.golden(self.folder / "report.html", GOLDEN / "report_outline.txt"))

    def test_the_structure_of_a_page_with_every_picture_is_the_golden_one(self):
        made_run.make(self.folder / "made")
        self.assertEqual(self.gpubench("report", "made", "-o", "report.html").returncode, 0)
        self.assertEqual(*outline.golden(self.folder / "report.html", GOLDEN / "made_report_outline.txt"))

    def test_a_damaged_telemetry_or_map_is_named(self):
        made_run.make(self.folder / "made")
        for name, column in (("telemetry.csv", "clock_mhz"), ("errors.csv", "nonfinite")):
            path = self.folder / "made" / name
            good = path.read_text(encoding="utf-8")
            path.write_text(good.replace(column, "x", 1), encoding="utf-8")
            done = self.gpubench("report", "made", "-o", "report.html")
            self.assertRefused(done, 2, f'{name}:1: no column "{column}"')
            path.write_text(good, encoding="utf-8")


class Dashboard(ProgramTest):
    def test_writes_one_page_of_all_runs(self):
        done = self.gpubench("dashboard", str(REFERENCE), "-o", "dashboard.html")
        self.assertEqual(done.returncode, 0, done.complained)
        self.assertRegex(done.said, r"^dashboard.html: \d+ rows of \d+ runs\n$")
        page = (self.folder / "dashboard.html").read_text(encoding="utf-8")
        self.assertIn("default-src 'none'", page)

    def test_the_same_files_give_the_same_bytes(self):
        for name in ("a.html", "b.html"):
            self.assertEqual(self.gpubench("dashboard", str(REFERENCE), "-o", name).returncode, 0)
        self.assertEqual((self.folder / "a.html").read_bytes(), (self.folder / "b.html").read_bytes())

    def test_an_empty_folder_and_a_wrong_name_leave_no_page(self):
        (self.folder / "empty").mkdir()
        self.assertRefused(self.gpubench("dashboard", "empty", "-o", "d.html"), 2, "empty")
        self.assertRefused(self.gpubench("dashboard", str(REFERENCE), "-o", "d.csv"), 2,
                           "expected a file that ends in .html, not d.csv")
        self.assertFalse((self.folder / "d.html").exists())

    def test_a_damaged_note_or_baseline_is_named(self):
        self.write("notes.csv", "date,text\nyesterday,x\n")
        self.write("base.yaml", "nothing: here\n")
        done = self.gpubench("dashboard", str(REFERENCE), "--annotations", "notes.csv", "-o", "d.html")
        self.assertRefused(done, 2, 'notes.csv:2: "yesterday" is no date')
        done = self.gpubench("dashboard", str(REFERENCE), "--baseline", "base.yaml", "-o", "d.html")
        self.assertRefused(done, 2, "base.yaml:")

    def test_the_structure_of_the_committed_runs_page_is_the_golden_one(self):
        self.gpubench("dashboard", *[str(path) for path in sorted(REFERENCE.glob("20261122T02*"))],
                      "-o", "dashboard.html")
        self.assertEqual(*outline.golden(self.folder / "dashboard.html",
                                         GOLDEN / "dashboard_outline.txt"))


class Serve(ProgramTest):
    """The server of `dashboard --serve`."""

    def serve(self, *more):
        shutil.copytree(RUN, self.folder / "runs" / RUN.name)
        process = self.start("dashboard", "runs", "--serve", "0", *more)
        self.assertRegex(process.stdout.readline(), r"^(page.html: )?\d+ rows of 1 runs$")
        address = process.stdout.readline()
        self.assertRegex(address, r"^http://127\.0\.0\.1:\d+/ \(this machine alone")
        return process, int(address.split(":")[2].split("/")[0])

    def ask(self, port, method="GET", path="/", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def test_gives_its_page_and_nothing_else(self):
        process, port = self.serve()
        status, page, headers = self.ask(port)
        self.assertEqual(status, 200)
        self.assertIn(b"<title>gpubench dashboard</title>", page)
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        for path in ("/runs", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/index.html"):
            self.assertEqual(self.ask(port, path=path)[0], 404, path)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            self.assertIn(self.ask(port, method)[0], (400, 405), method)
        self.assertEqual(self.ask(port, Host="elsewhere.example:80")[0], 403)
        self.assertIn(self.ask(port, "POST", body=b"x" * 100000)[0], (405, 413))
        self.end_by(process, signal.SIGINT)
        self.assertEqual(process.returncode, 130)

    def test_listens_on_the_loopback_address_alone(self):
        process, port = self.serve()
        listening = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii")
        own = [line.split()[1] for line in listening.splitlines()[1:]
               if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"]
        self.assertEqual(own, [f"0100007F:{port:04X}"])
        self.end_by(process, signal.SIGTERM)
        self.assertEqual(process.returncode, 143)

    def test_a_port_that_is_taken_is_an_error(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = self.gpubench("dashboard", str(RUN), "--serve", str(port))
        self.assertEqual(done.returncode, 4)
        self.assertIn(f"cannot listen on 127.0.0.1:{port}", done.complained)

    def test_watch_shows_a_run_that_comes(self):
        process, port = self.serve("--watch", "-o", "page.html")
        self.assertNotIn(b"peer_openblas", self.ask(port)[1])
        other = REFERENCE / "20261122T021317Z-peer_openblas-d37b"
        shutil.copytree(other, self.folder / "coming" / other.name)
        (self.folder / "coming" / other.name).rename(self.folder / "runs" / other.name)
        self.assertRegex(process.stdout.readline(), r"^page.html: \d+ rows of 2 runs$")
        self.assertIn("peer_openblas", (self.folder / "page.html").read_text(encoding="utf-8"))
        self.end_by(process, signal.SIGINT)
        self.assertEqual(process.returncode, 130)

    def test_neither_a_file_nor_a_port_is_refused(self):
        self.assertRefused(self.gpubench("dashboard", str(RUN)), 2, "--out FILE.html or --serve PORT")
