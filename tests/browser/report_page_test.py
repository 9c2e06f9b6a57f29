"""report_page_test.py — report.html in headless Chromium: does it show, print and stay safe?"""

import shutil
import unittest

from browser import REFERENCE, PageTest, changed_run

SECTIONS = ["What decided it", "Coverage", "System", "Correctness and drift", "Precision",
            "Performance", "Sustained behaviour", "Peers", "Waivers", "Method", "Files"]


class ReportPage(PageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gpubench("report", *sorted(REFERENCE.glob("20261122T02*")), "-o", "report.html")

    def test_the_console_is_clean_and_nothing_is_fetched(self):
        self.open("report.html")
        self.assert_console_clean()
        self.assert_nothing_fetched("report.html")

    def test_every_section_is_there_and_in_the_contents(self):
        self.open("report.html")
        titles = self.evaluate("[...document.querySelectorAll('h2')].map((one) => one.textContent)")
        self.assertEqual(titles, SECTIONS)
        linked = self.evaluate("[...document.querySelectorAll('nav a')].map((one) => "
                               "document.querySelector(one.hash).querySelector('h2').textContent)")
        self.assertEqual(linked, SECTIONS)

    def test_every_figure_has_a_picture_a_caption_and_its_numbers(self):
        self.open("report.html")
        figures = self.evaluate("""[...document.querySelectorAll('figure')].map((figure) => {
          const canvas = figure.querySelector('canvas');
          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          return {ink: pixels.some((value) => value > 0), rows: figure.querySelectorAll('tbody tr').length,
                  caption: figure.querySelector('figcaption').textContent.length};
        })""")
        self.assertGreaterEqual(len(figures), 5)
        for figure in figures:
            self.assertTrue(figure["ink"])
            self.assertGreater(figure["rows"], 0)
            self.assertGreater(figure["caption"], 60)

    def test_print_has_every_section_page_numbers_and_nothing_cut(self):
        self.open("report.html")
        sheets = self.printed()
        text = "\n".join(sheets)
        for title in SECTIONS:
            self.assertIn(title, text)
        self.assertIn(f"1 / {len(sheets)}", sheets[0])
        for words in ("NOT JUDGED", "SHA-256", "Speed over the fastest"):
            self.assertIn(words, text)
        # The last column of the widest table is on paper too.
        self.assertGreaterEqual(text.count("normal"), 20)

    def test_a_phone_needs_no_sideways_scrolling(self):
        self.open("report.html", width=360)
        self.assertLessEqual(self.evaluate("document.documentElement.scrollWidth"), 360)
        self.assert_console_clean()

    def test_the_tables_fit_on_a_usual_screen(self):
        for run in REFERENCE.glob("20261122T02*"):
            shutil.copytree(run, self.folder / "judged" / run.name)
        self.gpubench("baseline", "create", "judged", "--by", "test", "--out", "base.yaml")
        self.gpubench("judge", "judged", "--baseline", "base.yaml", "--allow-software", "--out", "judged/checks.csv")
        self.gpubench("report", "judged", "-o", "judged.html")
        for page in ("report.html", "judged.html"):
            self.open(page, width=1280)
            self.assertEqual(self.evaluate(
                "[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth)"
                ".map((one) => one.querySelector('table').id)"), [], page)

    def test_texts_stand_out_in_light_and_dark(self):
        for dark in (False, True):
            self.open("report.html", dark=dark)
            self.assertEqual(self.contrast_problems("h1, h2, p, td, th, dt, dd, figcaption, a, button"),
                             [])
        self.assertEqual(self.evaluate("getComputedStyle(document.body).backgroundColor"),
                         "rgb(18, 21, 24)")

    def test_the_switch_goes_from_auto_to_light_to_dark(self):
        self.open("report.html")
        button = self.browser.find_element("id", "theme")
        seen = []
        for _ in range(3):
            button.click()
            seen.append((button.text, self.evaluate("document.documentElement.dataset.theme")))
        self.assertEqual(seen, [("Light", "light"), ("Dark", "dark"), ("Auto", None)])

    def test_the_keyboard_reaches_the_contents_and_every_table(self):
        self.open("report.html")
        self.assertEqual(self.evaluate("document.querySelector('a.skip').hash"), "#content")
        self.assertEqual(self.evaluate(
            "[...document.querySelectorAll('.scroll')].filter((one) => one.tabIndex !== 0 || "
            "!document.getElementById(one.getAttribute('aria-labelledby'))).length"), 0)
        self.assertEqual(self.evaluate("document.documentElement.lang"), "en")
        for landmark in ("header", "nav[aria-label]", "main"):
            self.assertEqual(self.evaluate(f"document.querySelectorAll('{landmark}').length"), 1)

    def test_ids_are_unique(self):
        self.open("report.html")
        ids = self.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
        self.assertEqual(len(ids), len(set(ids)))


class PlantedReport(PageTest):
    SCRIPT = "<script>window.planted = 1</script>"
    IMAGE = "\"><img src=x onerror='window.planted = 2'>"
    FORMULA = "'=HYPERLINK(\"http://127.0.0.1:9/\")</script><script>window.planted = 3</script><!--"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        def plant(document):
            document["scenario"]["resolved"] = "name: x\n</code></pre>" + cls.SCRIPT
            document["sessions"][0]["command_line"].append("</code>" + cls.SCRIPT)
            document["environment"]["system"]["os"] = cls.IMAGE

        run = changed_run(
            REFERENCE / "20261122T021259Z-ours-9d3e", cls.folder / "planted",
            {"host": cls.SCRIPT, "device_name": cls.IMAGE, "scenario": cls.FORMULA,
             "kernel": cls.FORMULA, "precision_reason": cls.IMAGE, "peak_source": cls.FORMULA}, plant)
        cls.gpubench("report", run, "-o", "planted.html")

    def test_planted_scripts_and_formulas_stay_text(self):
        self.open("planted.html")
        self.assertIsNone(self.evaluate("window.planted ?? null"))
        self.assertEqual(self.evaluate("document.images.length"), 0)
        text = self.evaluate("document.body.innerText")
        for planted in (self.SCRIPT, self.IMAGE, "=HYPERLINK("):
            self.assertIn(planted, text)
        self.assertEqual(self.evaluate("document.querySelectorAll('h2').length"), len(SECTIONS))

    def test_the_page_works_all_the_same(self):
        self.open("planted.html")
        self.assert_console_clean()
        self.assert_nothing_fetched("planted.html")
        self.assertGreater(self.evaluate("document.querySelectorAll('figure canvas').length"), 2)


if __name__ == "__main__":
    unittest.main()
