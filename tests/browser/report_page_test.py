"""report_page_test.py — report.html in headless Chromium: does it show, print and stay safe?"""

import shutil
import unittest

import made_run
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


class PicturesReport(PageTest):
    """A made run that has every picture."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made_run.make(cls.folder / "made")
        cls.gpubench("report", "made", "-o", "made.html")

    PICTURES = ("errors-0", "errors-1", "course-0", "spread")

    def pixel_at(self, figure, x_scale, x, y_scale, y):
        """Colour of the picture at a place in units of its axes."""
        return self.evaluate(f"""(() => {{
          const canvas = document.querySelector('#{figure} canvas'), chart = Chart.getChart(canvas);
          const ratio = canvas.width / canvas.getBoundingClientRect().width;
          const [x, y] = [chart.scales['{x_scale}'].getPixelForValue({x}), chart.scales['{y_scale}'].getPixelForValue({y})];
          return [...canvas.getContext('2d').getImageData(x * ratio, y * ratio, 1, 1).data];
        }})()""")

    def test_every_picture_is_drawn_in_light_dark_and_on_a_phone(self):
        for width, dark in ((1280, False), (1280, True), (360, False)):
            self.open("made.html", width=width, dark=dark)
            self.assert_console_clean()
            self.assertLessEqual(self.evaluate("document.documentElement.scrollWidth"), width)
            for name in self.PICTURES:
                self.assertTrue(self.evaluate(
                    f"(() => {{ const canvas = document.querySelector('#{name} canvas'); "
                    "return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data"
                    ".some((value) => value > 0); })()"), name)

    def test_wrong_cells_are_told_apart_without_colour(self):
        self.open("made.html")
        lightness = lambda rgb: 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
        # A quarter of a cell from its corner lies beside its strokes: 1024 elements, 64 cells of 16.
        inside, outside = (self.pixel_at("errors-0", "x", x, "y", y) for x, y in ((740, 212), (100, 212)))
        self.assertGreater(abs(lightness(inside) - lightness(outside)), 100)
        kinds = self.evaluate("[...new Set(Chart.getChart(document.querySelector('#errors-0 canvas'))"
                              ".data.datasets[0].data.map((one) => one.cell.kind))].sort()")
        self.assertEqual(kinds, ["beyond", "nonfinite", "within"])

    def test_the_words_name_the_pattern_and_the_worst_cell(self):
        self.open("made.html")
        captions = [self.evaluate(f"document.getElementById('{name}-caption').textContent")
                    for name in ("errors-0", "errors-1", "course-0")]
        self.assertIn("Pattern: one block: rows 128 to 255, columns 640 to 895.", captions[0])
        self.assertIn("Worst: rows 144 to 159, columns 656 to 671: 16 values there are not finite", captions[0])
        self.assertIn("Pattern: whole rows: 48 to 63, 176 to 191, 304 to 319, 432 to 447 and 4 more, every 128.",
                      captions[1])
        self.assertIn("held down for 4.00 s of 10.0 s: from 3.90 s to 5.90 s, from 7.90 s to 9.90 s", captions[2])

    def test_every_picture_has_a_name_for_those_who_do_not_see_it(self):
        self.open("made.html")
        for name in self.PICTURES:
            parts = self.evaluate(f"document.querySelector('#{name} canvas').getAttribute('aria-labelledby')")
            self.assertEqual(parts, f"{name}-title {name}-caption")

    def test_the_clock_held_down_is_grey_in_every_panel(self):
        self.open("made.html")
        panels = self.evaluate("Object.keys(Chart.getChart(document.querySelector('#course-0 canvas')).scales)")
        self.assertEqual(panels, ["x", "y0", "y1", "y2", "y3"])
        for scale, value in (("y0", 0.06), ("y1", 1.8e9), ("y2", 687.5), ("y3", 44)):
            held = self.pixel_at("course-0", "x", 4.72, scale, value)
            free = self.pixel_at("course-0", "x", 2.72, scale, value)
            self.assertNotEqual(held, free, scale)

    def test_print_has_the_pictures_with_their_words(self):
        self.open("made.html")
        text = " ".join(" ".join(self.printed()).split())
        for words in ("Where the errors are: gemm 1024² fp32", "one block: rows 128 to 255", "Over time: gemm 2048²"):
            self.assertIn(words, text)


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
