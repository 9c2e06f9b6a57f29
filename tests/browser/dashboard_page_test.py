"""dashboard_page_test.py — dashboard.html in headless Chromium: filters, lines, points, addresses."""

import unittest

from browser import REFERENCE, PageTest, changed_run
from write_many_runs import write

RUNS, CASES = 30, 24


class DashboardPage(PageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        write(cls.folder / "runs", RUNS, CASES)
        (cls.folder / "runs/annotations.csv").write_text(
            "date,text\n2026-01-01T08:00:00Z,<b>Mesa</b> 23.0.1\n", encoding="utf-8")
        cls.gpubench("dashboard", "runs", "-o", "dashboard.html")

    def found(self):
        return self.browser.find_element("id", "found").text

    def choose(self, name, value):
        self.browser.execute_script(
            "const form = document.getElementById('filters'); form.elements[arguments[0]].value = "
            "arguments[1]; form.elements[arguments[0]].dispatchEvent(new Event('input', {bubbles: true}))",
            name, value)

    def cases(self):
        return self.evaluate("[...document.querySelectorAll('#series-table tbody th')].map((one) => "
                             "one.firstChild.textContent)")

    def facts(self):
        return dict(self.evaluate("[...document.querySelectorAll('#facts dl div')].map((one) => "
                                  "[one.children[0].textContent, one.children[1].textContent])"))

    def test_the_console_is_clean_and_nothing_is_fetched(self):
        self.open("dashboard.html")
        self.assertEqual(self.found(), f"{CASES} of {CASES} series; 4 shown.")
        self.assert_console_clean()
        self.assert_nothing_fetched("dashboard.html")

    def test_filters_leave_what_they_say(self):
        self.open("dashboard.html")
        self.choose("op", "gemm")
        self.choose("precision", "fp16")
        self.assertTrue(self.cases())
        for case in self.cases():
            self.assertTrue(case.startswith("gemm/auto/fp16/"), case)
        self.choose("q", "no such case")
        self.assertEqual(self.found(), f"0 of {CASES} series; 0 shown.")
        self.browser.find_element("css selector", "#filters button[type=reset]").click()
        self.assertEqual(self.found(), f"{CASES} of {CASES} series; 4 shown.")
        self.choose("size", self.evaluate("document.querySelector('[name=size]').options[1].value"))
        self.choose("driver", "Mesa 23.0.1")
        self.assertIn("12 of 24 series", self.found())

    def test_a_step_is_marked_and_comes_first(self):
        self.open("dashboard.html")
        # Every seventh series of the generator became 8 % slower half-way: 0, 7, 14 and 21.
        slower = {"s0", "s7", "s14", "s21"}
        self.assertEqual({case.split("/")[-1] for case in self.cases()[:4]}, slower)
        self.browser.find_element("name", "changed").click()
        self.assertEqual({case.split("/")[-1] for case in self.cases()}, slower)
        styles = self.evaluate("Chart.getChart(document.querySelector('#speed canvas')).data.datasets"
                               ".map((one) => one.pointStyle.filter((style) => style === 'triangle').length)")
        self.assertEqual(styles, [1, 1, 1, 1])

    def test_a_click_on_a_point_opens_its_run_and_command(self):
        self.open("dashboard.html")
        place = self.evaluate("""(() => {
          const canvas = document.querySelector('#speed canvas');
          canvas.scrollIntoView({block: 'center', behavior: 'instant'});
          const point = Chart.getChart(canvas).getDatasetMeta(1).data[10];
          const box = canvas.getBoundingClientRect();
          return {x: box.x + point.x, y: box.y + point.y, name: Chart.getChart(canvas).data.datasets[1].label};
        })()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=place["x"], y=place["y"], button="left",
                         clickCount=1)
        # Chart.js hands events on with the next frame.
        self.browser.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))")
        facts = self.facts()
        self.assertEqual(facts["Case"], place["name"])
        self.assertTrue(facts["Run"].endswith("-made-000a"), facts["Run"])
        command = self.browser.find_element("css selector", "#facts pre").text
        self.assertTrue(command.startswith("./gpubench run "), command)
        self.assertTrue(command.endswith(f"--case {place['name']}"), command)
        self.assert_console_clean()

    def test_the_keyboard_goes_along_a_line_and_to_the_next(self):
        self.open("dashboard.html")
        canvas = self.browser.find_element("css selector", "#speed canvas")
        canvas.send_keys("\ue014")  # right
        first = self.facts()
        self.assertTrue(first["Run"].endswith(f"-{RUNS - 1:04x}"))
        canvas.send_keys("\ue012")  # left
        self.assertTrue(self.facts()["Run"].endswith(f"-{RUNS - 2:04x}"))
        canvas.send_keys("\ue015")  # down
        self.assertNotEqual(self.facts()["Case"], first["Case"])

    def test_an_address_brings_the_view_back(self):
        self.open("dashboard.html")
        self.choose("op", "softmax")
        self.choose("metric", "time")
        self.browser.find_element("css selector", "#series-table tbody tr:nth-child(6) input").click()
        self.browser.find_element("css selector", "#speed canvas").send_keys("\ue014")
        address = self.evaluate("location.hash")
        before = (self.cases(), self.found(), self.facts())
        self.open("dashboard.html", after=address)
        self.assertEqual((self.cases(), self.found(), self.facts()), before)
        self.assertEqual(self.browser.find_element("id", "speed-title").text, "Median time over time")
        self.assertIn("5 shown", self.found())

    def test_notes_are_text_and_are_listed(self):
        self.open("dashboard.html")
        self.assertEqual(self.browser.find_element("id", "notes").text,
                         "Annotations\n2026-01-01: <b>Mesa</b> 23.0.1")

    def test_a_phone_needs_no_sideways_scrolling(self):
        self.open("dashboard.html", width=360)
        self.assertLessEqual(self.evaluate("document.documentElement.scrollWidth"), 360)

    def test_texts_stand_out_in_light_and_dark(self):
        for dark in (False, True):
            self.open("dashboard.html", dark=dark)
            self.assertEqual(self.contrast_problems("h1, h2, p, td, th, label, figcaption, .where, button"), [])

    def test_a_band_is_drawn_where_a_baseline_is_given(self):
        self.gpubench("baseline", "create", "runs", "--out", "made.yaml", "--by", "test")
        self.gpubench("dashboard", "runs", "--baseline", "made.yaml", "-o", "with.html")
        self.open("with.html")
        self.assertGreater(self.evaluate("board.series.filter((one) => one.median > 0 && "
                                         "one.effect >= 0.02).length"), 0)
        self.assert_console_clean()


class PlantedDashboard(PageTest):
    SCRIPT = "<script>window.planted = 1</script><!--"
    IMAGE = "\"><img src=x onerror='window.planted = 2'>"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        def plant(document):
            document["sessions"][0]["command_line"].append(cls.SCRIPT)

        changed_run(REFERENCE / "20261122T021259Z-ours-9d3e", cls.folder / "runs/planted",
                    {"host": cls.SCRIPT, "device_name": cls.IMAGE, "driver_info": cls.IMAGE,
                     "scenario": "'=1+1" + cls.SCRIPT, "op": cls.IMAGE, "reason": cls.SCRIPT}, plant)
        cls.gpubench("dashboard", "runs", "-o", "planted.html")

    def test_planted_scripts_and_formulas_stay_text(self):
        self.open("planted.html")
        self.browser.find_element("css selector", "#speed canvas").send_keys("\ue014")
        self.assertIsNone(self.evaluate("window.planted ?? null"))
        self.assertEqual(self.evaluate("document.images.length"), 0)
        text = self.evaluate("document.body.innerText")
        for planted in (self.SCRIPT, self.IMAGE, "=1+1"):
            self.assertIn(planted, text)
        self.assert_console_clean()

    def test_a_single_run_has_no_change(self):
        self.open("planted.html")
        changes = self.evaluate("[...document.querySelectorAll('#series-table tbody td:nth-child(4)')]"
                                ".map((one) => one.textContent)")
        self.assertGreater(len(changes), 1)
        self.assertEqual(set(changes), {"–"})


if __name__ == "__main__":
    unittest.main()
