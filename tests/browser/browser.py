"""browser.py — opens a page of gpubench in headless Chromium as a person would.

Knows how a page is opened, printed and measured; not what it should say.
"""

import base64
import csv
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PROGRAM = os.environ["GPUBENCH_PROGRAM"]
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "results/reference"
# Not for judging how fast anything is: only a hang gets there.
TIMEOUT_S = 60


def chromium():
    options = Options()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
                     "--hide-scrollbars", "--disable-background-networking", "--no-first-run"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium has none for root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.set_page_load_timeout(TIMEOUT_S)
    driver.set_script_timeout(TIMEOUT_S)
    return driver


class PageTest(unittest.TestCase):
    """Tests of pages; one browser for the class, and a folder of its own."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gpubench-browser-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.browser = chromium()
        cls.addClassCleanup(cls.browser.quit)

    @classmethod
    def gpubench(cls, *arguments):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cls.folder, text=True,
                              capture_output=True, timeout=TIMEOUT_S, check=False)
        assert done.returncode == 0, done.stderr
        return done

    def command(self, name, **arguments):
        return self.browser.execute_cdp_cmd(name, arguments)

    def open(self, page, width=1280, height=900, dark=False, after=""):
        """`after`: what follows the file in its address, such as "#speed"."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=width < 600)
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}])
        self.browser.get("about:blank")
        self.browser.get_log("browser")
        self.browser.get_log("performance")
        self.browser.get((self.folder / page).as_uri() + after)

    def evaluate(self, expression):
        return self.browser.execute_script(f"return ({expression})")

    def assert_console_clean(self):
        self.assertEqual(self.browser.get_log("browser"), [])

    def asked_for(self):
        """Addresses that the page asked for since it was opened, its own file among them."""
        events = [json.loads(entry["message"])["message"]
                  for entry in self.browser.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]

    def assert_nothing_fetched(self, page):
        own = (self.folder / page).as_uri()
        others = [url for url in self.asked_for() if url.split("#")[0].split("?")[0] != own]
        self.assertEqual(others, [])

    def printed(self):
        """Text of the page as printed on A4, one string for each sheet."""
        printed = self.command("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        file = self.folder / "printed.pdf"
        file.write_bytes(base64.b64decode(printed["data"]))
        done = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True,
                              check=True)
        return done.stdout.split("\f")[:-1]

    def contrast_problems(self, selectors):
        """Elements whose text is nearer to its ground than WCAG's 4.5 to 1."""
        return self.evaluate("""(() => {
          const parts = (text) => text.match(/[\\d.]+/g).map(Number);
          const light = (text) => parts(text).slice(0, 3).map((value) => value / 255)
            .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = (element) => {
            for (let at = element; at; at = at.parentElement) {
              const own = getComputedStyle(at).backgroundColor;
              if (parts(own).length === 3 || parts(own)[3] === 1) return own;
            }
            return "rgb(255, 255, 255)";
          };
          return [...document.querySelectorAll(%s)].filter((element) => {
            const [a, b] = [light(getComputedStyle(element).color), light(ground(element))];
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
          }).map((element) => element.outerHTML.slice(0, 120));
        })()""" % json.dumps(selectors))


def changed_run(source, folder, changes, document=None):
    """A copy of a run with these columns changed in every row, and its run.json by `document`."""
    shutil.copytree(source, folder)
    with open(folder / "results.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with open(folder / "results.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, **changes} for row in rows)
    if document:
        path = folder / "run.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        document(content)
        path.write_text(json.dumps(content), encoding="utf-8")
    return folder
