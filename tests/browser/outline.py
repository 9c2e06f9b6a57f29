"""outline.py — the structure of a page of gpubench as text: its sections, the heads of its tables
with the number of their rows, the lines of its figures, and the series of a dashboard. Not its bytes, nor any measured number.

Usage: outline.py PAGE.html
"""

import html.parser
import json
import os
import pathlib
import sys


class Outline(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.lines = []
        self.element = None
        self.text = ""
        self.heads = []
        self.rows = 0
        self.in_body = False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in ("h1", "h2", "h3", "summary"):
            self.element, self.text = tag, ""
        elif tag == "th" and attributes.get("scope") == "col":
            self.element, self.text = "head", ""
        elif tag == "table":
            self.heads, self.rows = [], 0
        elif tag == "tbody":
            self.in_body = True
        elif tag == "tr" and self.in_body:
            self.rows += 1
        elif tag == "script" and attributes.get("type") == "application/json":
            self.element, self.text = "chart", ""

    def handle_data(self, data):
        if self.element:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "tbody":
            self.in_body = False
        if tag == "table":
            self.lines.append(f"    table, {self.rows} rows: {' | '.join(self.heads)}")
        if tag not in ("h1", "h2", "h3", "th", "script", "summary") or not self.element:
            return
        text = " ".join(self.text.split())
        if self.element == "head":
            self.heads.append(text)
        elif self.element == "h2":
            self.lines.append(f"section {text}")
        elif self.element == "h3":
            self.lines.append(f"  figure {text}")
        elif self.element == "h1":
            self.lines.append(f"page {text}")
        elif self.element == "chart":
            chart = json.loads(text)
            if "texts" in chart:  # of a dashboard
                texts = chart["texts"]
                names = sorted(f"{texts[one[0]]} on {texts[one[1]]}: {one[10]}" for one in chart["series"])
                self.lines += [f"  series {name} runs" for name in names]
                self.element = None
                return
            if chart["type"] == "heat":
                wrong = sum(ratio > 1 for ratio in chart["bound_ratio"])
                self.lines.append(f"    heat: {len(chart['bound_ratio'])} cells, {wrong} beyond tolerance")
                self.element = None
                return
            parts = chart.get("series") or chart.get("rows") or chart.get("panels") or []
            names = [part["name"] for part in parts]
            self.lines.append(f"    {chart['type']}: {' | '.join(names)}")
        self.element = None


def outline(path):
    parser = Outline()
    parser.feed(pathlib.Path(path).read_text(encoding="utf-8"))
    return "\n".join(parser.lines) + "\n"


def golden(page, file):
    """The outline of the page, and what the file holds; GPUBENCH_UPDATE_GOLDEN=1 writes it anew."""
    found = outline(page)
    if os.environ.get("GPUBENCH_UPDATE_GOLDEN"):
        file.write_text(found, encoding="utf-8")
    return found, file.read_text(encoding="utf-8")


if __name__ == "__main__":
    print(outline(sys.argv[1]), end="")
