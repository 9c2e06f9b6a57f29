#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pages/clean_text.h"
#include "pages/files.h"
#include "pages/html.h"
#include "pages/markdown.h"

namespace gpubench {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kPlanted = "<script>alert(\"1\")</script> | `x` & 'y'";

/// A document that says the planted text wherever one can stand.
PageDocument planted() {
  const PageTable table{"t", kPlanted, {{kPlanted}, {"n", CellKind::number}}, {{kPlanted, "1"}}};
  PageTable numbers = table;
  numbers.id = "numbers";
  PageSection section{"s", kPlanted, kPlanted, {}};
  section.blocks = {PageText{kPlanted, Tone::bad},
                    PageFacts{{{kPlanted, kPlanted}}},
                    table,
                    PageFigure{"f", kPlanted, kPlanted, "{}", numbers},
                    PageCommand{kPlanted, kPlanted},
                    PageSource{kPlanted, kPlanted}};
  PageDocument document;
  document.title = document.subtitle = document.verdict = document.sentence = kPlanted;
  document.highlights = {{kPlanted, PageCell(kPlanted)}};
  document.made_by = kPlanted;
  document.sections = {section};
  return document;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(HtmlPage, TextStaysTextWhereverItStands) {
  const std::string page = html_page(planted());

  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  // Title and heading, subtitle, verdict twice, sentence, a highlight, the section's title in two
  // places, its question, a paragraph, a fact; caption, head and cell of two tables; title and
  // caption of the figure; two texts of the command and of the source; the foot.
  EXPECT_EQ(count_of(page, "&lt;script&gt;alert"),
            2U + 1 + 2 + 1 + 2 + 2 + 1 + 1 + 2 + 6 + 2 + 4 + 1);
}

TEST(HtmlPage, IsOneFileThatAsksNothingOfANetwork) {
  const std::string page = html_page(planted());

  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("Chart.js v3"));
  EXPECT_THAT(page, Not(HasSubstr(" src=")));
  EXPECT_THAT(page, Not(HasSubstr("<link")));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST(HtmlPage, WhatIsInlinedCannotEndItsElement) {
  for (const char* script : {"chart.min.js", "charts.js", "page.js"}) {
    EXPECT_EQ(page_file(script).find("</script"), std::string_view::npos) << script;
    EXPECT_EQ(page_file(script).find("<!--"), std::string_view::npos) << script;
  }
  EXPECT_EQ(page_file("page.css").find("</style"), std::string_view::npos);
}

TEST(HtmlPage, TablesNameTheirRowsAndColumns) {
  const std::string page = html_page(planted());

  EXPECT_THAT(page, HasSubstr("<th scope=\"col\" class=\"number\">n</th>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\""));
  EXPECT_THAT(page, HasSubstr("aria-labelledby=\"t-caption\""));
}

TEST(MarkdownPage, TextStaysTextAndCellsStayCells) {
  const std::string page = markdown_page(planted());

  // Only the two fenced texts hold it as it is.
  EXPECT_EQ(count_of(page, "<script>"), 2U);
  EXPECT_THAT(page, HasSubstr("```text\n<script>alert(\"1\")</script> | `x` & 'y'\n```\n"));
  EXPECT_THAT(
      page, HasSubstr("| &lt;script\\>alert\\(\"1\"\\)&lt;/script\\> \\| \\`x\\` &amp; 'y' | 1 |"));
}

TEST(CleanText, KeepsLinesAndNoControlCharacter) {
  EXPECT_EQ(clean_text("Card\x1b[31m\x7f\xc2\x9b\xff\tÄ\r\nb\r"), "Card?[31m???\tÄ\nb?");
  EXPECT_EQ(clean_text(""), "");
  EXPECT_EQ(clean_text("\n"), "\n");
}

TEST(Pages, HoldNoControlCharacterOfAText) {
  PageDocument document = planted();
  const std::string escape = "Card\x1b[31m";
  document.title = document.subtitle = document.verdict = document.sentence = escape;
  document.highlights = {{escape, PageCell(escape)}};
  document.made_by = escape;
  PageTable table{"t", escape, {{escape}}, {{escape}}};
  table.rows[0][0].note = escape;
  document.sections = {{"s",
                        escape,
                        escape,
                        {PageText{escape}, PageFacts{{{escape, escape}}}, table,
                         PageFigure{"f", escape, escape, "{}", table}, PageCommand{escape, escape},
                         PageSource{escape, escape}}}};

  for (const std::string& page : {html_page(document), markdown_page(document)}) {
    EXPECT_THAT(page, Not(HasSubstr("\x1b")));
    EXPECT_THAT(page, HasSubstr("Card?"));
  }
}

TEST(MarkdownPage, AFenceIsLongerThanAnyInItsText) {
  PageDocument document;
  document.sections = {{"s", "S", "?", {PageSource{"source", "a\n```\nb\n````"}}}};

  EXPECT_THAT(markdown_page(document), HasSubstr("`````text\na\n```\nb\n````\n`````\n"));
}

}  // namespace
}  // namespace gpubench
