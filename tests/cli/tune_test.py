"""tune_test.py — `gpubench tune` as a person uses it: what it keeps, what `run` makes of it, and
what comes of bad input. On lavapipe, at sizes where a launch takes milliseconds."""

import json
import pathlib
import re
import unittest

from program import ProgramTest

TUNE = ["tune", "--op", "gemm", "--size", "96", "--precision", "fp32", "--budget", "4s"]

ONE_PRODUCT = """
    name: one
    budget: 2s
    cases:
      - {op: gemm, size: 96, kernel: [tiled, auto]}
    """

BOTH_LAYOUTS = """
    name: layouts
    budget: 2s
    cases:
      - {op: gemm, size: 96, kernel: tiled, transpose_b: [false, true]}
    """


class Tune(ProgramTest):
    def setUp(self):
        super().setUp()
        self.table = self.folder / "table.json"
        self.runs_begun = 0

    def tune(self, *more):
        return self.gpubench(*TUNE, "--table", str(self.table), *more)

    def rows_of_a_run(self, *more, scenario=ONE_PRODUCT):
        self.write("one.yaml", scenario)
        self.runs_begun += 1
        out = f"run{self.runs_begun}"
        done = self.gpubench("run", "one.yaml", "--out", out, *more)
        self.assertEqual(done.returncode, 0, done.complained)
        (run,) = (self.folder / out).iterdir()
        return self.rows(run)

    def test_keeps_every_timing_and_names_what_won(self):
        done = self.tune("--kernel", "tiled")
        self.assertEqual(done.returncode, 0, done.complained)
        self.assertIn("gemm fp32 96×96×96", done.said)
        self.assertRegex(done.said, r"(?m)^tiled\s+\S+ \S+\s+\S+ \S+\s+\d+\.\d\d")
        self.assertIn(f"kept in {self.table}", done.said)
        (tiled,) = json.loads(self.table.read_text())["entries"][0]["kernels"]
        self.assertGreater(len(tiled["tried"]), 1)
        self.assertEqual([one["ending"] for one in tiled["tried"]].count("won"), 1)
        for one in tiled["tried"]:
            self.assertTrue(one["samples_s"] or one["why"])

    def test_kernel_far_behind_is_not_searched_and_says_so(self):
        done = self.gpubench("tune", "--op", "gemm", "--size", "256", "--precision", "fp32", "--budget", "6s",
                             "--table", str(self.table))
        self.assertIn(done.returncode, (0, 3), done.complained)
        self.assertRegex(" ".join(done.said.split()),
                         r"naive: not searched: its own tiles reach 0\.\d+ of the rate of those of \w+; "
                         "--kernel naive searches it")
        naive, *_, direct = json.loads(self.table.read_text())["entries"][0]["kernels"]
        self.assertEqual([one["ending"] for one in naive["tried"]], ["not_tried"])
        self.assertEqual(len(naive["probed"][0]["samples_s"]), 3)
        self.assertGreater(len(direct["tried"]), 1)

    def test_each_activation_of_a_linear_has_a_tuning_of_its_own(self):
        for options in ([], ["--activation", "gelu"]):
            done = self.gpubench("tune", "--op", "linear", "--size", "96", "--precision", "fp32", "--kernel", "direct",
                                 "--budget", "2s", "--table", str(self.table), *options)
            self.assertIn(done.returncode, (0, 3), done.complained)
            self.assertIn("linear fp32 gelu 96×96×96" if options else "linear fp32 96×96×96", done.said)
        classes = [entry["problem_class"] for entry in json.loads(self.table.read_text())["entries"]]
        self.assertEqual([one["activation"] for one in classes], ["none", "gelu"])
        self.assertEqual({one["alignment"] for one in classes}, {8})

    def test_log_of_a_long_search_has_a_line_now_and_then(self):
        done = self.gpubench("tune", "--op", "gemm", "--size", "512", "--precision", "fp32", "--kernel", "tiled",
                             "--budget", "16s", "--table", str(self.table))
        lines = [line for line in done.complained.splitlines() if " of up to " in line]
        self.assertIn(len(lines), (1, 2), done.complained)
        self.assertRegex(lines[0], r"tiled: \d+ of up to \d+, best \S+ \S+ \((\d.* left|finishing)\)$")
        self.assertRegex(done.complained, r"reference \(1[456]\.\d+ s left\)")

    def test_run_takes_the_tiles_and_says_so(self):
        self.tune_and_make_slower_tiles_win()
        rows = self.rows_of_a_run("--tuned", str(self.table))
        tiled = next(row for row in rows if row["kernel"] == "tiled")
        self.assertEqual(tiled["kernel_params"], "tile=32x64x16 thread=4x8 pad=1 group=8 tuned")
        self.assertRegex(tiled["kernel_choice"], r"^tuned on \d{4}-\d\d-\d\d: 10\.00 times")
        self.assertEqual(tiled["check_status"], "passed")

    def tune_and_make_slower_tiles_win(self, *more):
        """Which tiles win on a busy machine, if any, is nobody's to say: these do now."""
        done = self.tune(*more)
        self.assertIn(done.returncode, (0, 3), done.complained)
        table = json.loads(self.table.read_text())
        for kernel in table["entries"][0]["kernels"]:
            if kernel["kernel"] != "tiled":
                continue
            tiles = "tile_m=32 tile_n=64 tile_k=16 thread_m=4 thread_n=8 pad=1 group_rows=8"
            kernel["tried"] = [
                {"tuning": "", "ending": "slower", "samples_s": [1.0]},
                {"tuning": tiles, "ending": "won", "samples_s": [0.1]},
            ]
        self.table.write_text(json.dumps(table))
        return done

    def test_what_was_tuned_for_one_layout_serves_no_other(self):
        for layout, options in (("nt", ["--transpose-b"]), ("nn", [])):
            with self.subTest(layout):
                self.table = self.folder / f"{layout}.json"
                done = self.tune_and_make_slower_tiles_win("--kernel", "tiled", *options)
                self.assertIn("gemm fp32 nt 96×96×96" if options else "gemm fp32 96×96×96", done.said)
                rows = self.rows_of_a_run("--tuned", str(self.table), scenario=BOTH_LAYOUTS)
                self.assertEqual({row["layout"]: "tuned" in row["kernel_params"] for row in rows},
                                 {"nn": layout == "nn", "nt": layout == "nt"})
                self.assertEqual({row["check_status"] for row in rows}, {"passed"})

    def test_run_finds_what_is_kept_without_being_told(self):
        self.environment["XDG_CACHE_HOME"] = str(self.folder / "cache")
        self.assertEqual(self.gpubench(*TUNE, "--kernel", "direct").returncode, 0)
        self.table = self.folder / "cache" / "gpubench" / "tuned.json"
        self.assertTrue(self.table.exists())
        rows = self.rows_of_a_run()
        automatic = next(row for row in rows if row["kernel"] == "direct")
        self.assertIn("tuned on", automatic["kernel_choice"])
        untuned = self.rows_of_a_run("--no-tuned")
        self.assertFalse([row for row in untuned if "tuned" in row["kernel_choice"]])

    def test_budget_too_short_to_tell_says_so_and_costs_nothing_that_was_found(self):
        rushed = [*TUNE[:-1], "1ms", "--kernel", "tiled", "--table", str(self.table)]
        done = self.gpubench(*rushed)
        self.assertEqual(done.returncode, 3, done.complained)
        self.assertIn("tiled: the budget was too short: 1 sample of one candidate, where 3 are needed; "
                      "try a longer --budget", " ".join(done.said.split()))
        (tiled,) = json.loads(self.table.read_text())["entries"][0]["kernels"]
        self.assertEqual([one["ending"] for one in tiled["tried"]], ["undecided"])
        row = self.rows_of_a_run("--tuned", str(self.table))[0]
        self.assertNotIn("tuned", row["kernel_params"])
        self.assertEqual(row["kernel_choice"], "the budget was too short to tune tiled")

        self.tune_and_make_slower_tiles_win("--kernel", "tiled")
        done = self.gpubench(*rushed)
        self.assertEqual(done.returncode, 3)
        self.assertIn("tiled: what an earlier search found stays", done.said)
        self.assertIn("table.json stays as it is", done.said)
        row = self.rows_of_a_run("--tuned", str(self.table))[0]
        self.assertRegex(row["kernel_choice"], r"^tuned on \d{4}-\d\d-\d\d: 10\.00 times")

    def test_two_at_once_keep_what_both_found(self):
        self.assertIn(self.tune("--kernel", "direct").returncode, (0, 3))
        others = self.table.read_text()
        self.table.unlink()
        one = self.start(*TUNE, "--kernel", "naive", "--table", str(self.table))
        while not one.stdout.readline().startswith("seed"):
            pass  # the table was read before that line
        self.table.write_text(others)
        self.finish(one)
        self.assertIn(one.returncode, (0, 3), one.complained)
        (entry,) = json.loads(self.table.read_text())["entries"]
        self.assertEqual([kernel["kernel"] for kernel in entry["kernels"]], ["direct", "naive"])

    def test_table_that_cannot_be_written_is_found_out_before_the_search(self):
        for disk_bytes, reason in ((64 << 10, "No space left on device"), (16 << 20, None)):
            with self.subTest(disk_bytes):
                done = self.gpubench_on_small_disk(disk_bytes, *TUNE, "--kernel", "naive", "--table",
                                                   "results/table.json")
                if reason is None:
                    self.assertIn(done.returncode, (0, 3), done.complained)
                    continue
                self.assertEqual(done.returncode, 4, done.complained)
                self.assertIn(reason, done.complained)
                self.assertNotIn("naive", done.said)

    def test_what_cannot_be_kept_in_the_end_says_that_it_was_found(self):
        folder = self.folder / "tables"
        one = self.start(*TUNE, "--kernel", "naive", "--table", str(folder / "table.json"))
        while not one.stdout.readline().startswith("seed"):
            pass  # it was written to before that line
        folder.rename(self.folder / "elsewhere")
        folder.write_text("no folder")
        self.finish(one)
        self.assertEqual(one.returncode, 4)
        self.assertRegex(one.said, r"(?m)^naive ")
        self.assertRegex(one.said, r"(?m)^found, but not kept: .*tables")

    def test_one_kernel_more_leaves_the_others(self):
        for kernel in ("naive", "direct"):
            self.assertIn(self.tune("--kernel", kernel).returncode, (0, 3))
        kernels = json.loads(self.table.read_text())["entries"][0]["kernels"]
        self.assertEqual([kernel["kernel"] for kernel in kernels], ["naive", "direct"])

    def test_damaged_table_is_refused_and_left_as_it_is(self):
        for damage in ("", "{", '{"schema_version": 9, "entries": []}', "[1]"):
            with self.subTest(damage):
                self.table.write_text(damage)
                done = self.tune()
                self.assertEqual(done.returncode, 2)
                self.assertIn("damaged tuning table", done.complained)
                self.assertIn("table.json", done.complained)
                self.assertEqual(self.table.read_text(), damage)
                self.write("one.yaml", ONE_PRODUCT)
                done = self.gpubench("run", "one.yaml", "--tuned", str(self.table))
                self.assertEqual(done.returncode, 2)
                self.assertIn("delete the file", done.complained)

    def test_table_of_another_driver_is_not_used(self):
        self.tune_and_make_slower_tiles_win()
        text = self.table.read_text()
        self.table.write_text(re.sub(r'"driver_info": "[^"]*"', '"driver_info": "Mesa 1.0"', text))
        tiled = self.rows_of_a_run("--tuned", str(self.table))[0]
        self.assertNotIn("tuned", tiled["kernel_params"])
        self.assertEqual(
            tiled["kernel_choice"], "not tuned for this driver, only for MESA_LLVMPIPE Mesa 1.0"
        )

    def test_tiles_that_somebody_made_up_are_not_used(self):
        self.tune_and_make_slower_tiles_win()
        text = self.table.read_text()
        for tile, why in (("tile_m=33", "expected one of 32"), ("tile_m=256", "evenly")):
            with self.subTest(tile):
                self.table.write_text(text.replace("tile_m=32", tile))
                tiled = self.rows_of_a_run("--tuned", str(self.table))[0]
                self.assertNotIn("tuned", tiled["kernel_params"])
                self.assertIn("tuned tiled is refused", tiled["kernel_choice"])
                self.assertIn(why, tiled["kernel_choice"])

    def test_bad_command_lines_are_explained(self):
        for arguments, expected in (
            (["--budget", "0"], "expected a time from 1ms to 24h"),
            (["--budget", "soon"], "expected a time from 1ms to 24h"),
            (["--budget", "1e-30s"], "expected a time from 1ms to 24h"),
            (["--budget", "100000000h"], "expected a time from 1ms to 24h"),
            (["--seed", "-1"], "expected a whole number from 0"),
            (["--size", "0"], "--size"),
            (["--kernel", "naive,tilde"], 'kernel "tilde" is unknown; did you mean "tiled"?'),
            (["--precision", "fp8"], "--precision"),
            (["--device", ""], "is empty"),
        ):
            with self.subTest(arguments):
                done = self.tune(*arguments)
                self.assertEqual(done.returncode, 2, done.complained)
                self.assertIn(expected, done.complained)
                self.assertFalse(self.table.exists())
        for op, expected in (([], "the weight of a linear is always n x k"),
                             (["--op", "gemm,softmax"], "a softmax has no B; say --op gemm")):
            done = self.gpubench("tune", *op, "--transpose-b")
            self.assertEqual(done.returncode, 2)
            self.assertIn("--transpose-b is for gemm alone: " + expected, done.complained)
        done = self.gpubench("tune", "--op", "gemm,softmax", "--activation", "gelu")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--activation is for linear alone; say --op linear", done.complained)
        done = self.gpubench("tune", "--op", "gemm", "--shape", "64x64")
        self.assertEqual(done.returncode, 2)
        self.assertIn("needs k", done.complained)
        for shape, expected in (("8x2000000", "of a softmax m x n"), ("70000x70000", "4900000000 elements")):
            done = self.gpubench("tune", "--op", "softmax", "--shape", shape)
            self.assertEqual(done.returncode, 2)
            self.assertIn(expected, done.complained)

    def test_long_rows_of_a_softmax_can_be_tuned(self):
        done = self.gpubench("tune", "--op", "softmax", "--shape", "2x70000", "--precision", "fp32", "--kernel",
                             "split", "--budget", "10s", "--table", str(self.table))
        self.assertEqual(done.returncode, 0, done.said + done.complained)
        self.assertRegex(done.said, r"(?m)^split\s+\S+ \S+\s+\S+ \S+\s+\d+\.\d\d")

    def test_folder_that_cannot_be_written_is_an_error(self):
        blocked = pathlib.Path(self.folder / "file")
        blocked.write_text("no folder")
        done = self.gpubench(*TUNE, "--kernel", "naive", "--table", str(blocked / "table.json"))
        self.assertEqual(done.returncode, 4)
        self.assertIn("file", done.complained)

    def test_kernel_that_cannot_run_here_leaves_nothing_tuned(self):
        done = self.tune("--kernel", "coop", "--precision", "fp16")
        self.assertEqual(done.returncode, 3, done.said)
        self.assertIn("no kernel runs it on this device\n  coop: ", done.said)
        self.assertIn("nothing was found that could be kept", done.said)
        self.assertFalse(self.table.exists())


if __name__ == "__main__":
    unittest.main()
