#include "pages/html.h"

#include <array>
#include <string_view>

#include "pages/clean_text.h"
#include "pages/files.h"
#include "pages/template.h"

namespace gpubench {
namespace {

using Part = TemplateValues::Part;

std::string_view class_of(Tone tone) {
  constexpr std::array<std::string_view, 5> kClasses = {"plain", "good", "warn", "bad", "muted"};
  return kClasses[static_cast<std::size_t>(tone)];
}

std::string_view class_of(CellKind kind) {
  constexpr std::array<std::string_view, 4> kClasses = {"text", "number", "code", "name"};
  return kClasses[static_cast<std::size_t>(kind)];
}

void set_text(Part part, std::string_view name, std::string_view text) {
  part.set(name, clean_text(text));
}

void add_table(Part page, const PageTable& table) {
  page.set("TABLE_ID", table.id);
  set_text(page, "CAPTION", table.caption);
  for (const PageColumn& column : table.columns) {
    Part head = page.add("HEAD");
    set_text(head, "TEXT", column.head);
    head.set("KIND", class_of(column.kind));
  }
  for (const auto& cells : table.rows) {
    Part row = page.add("ROW");
    for (std::size_t i = 0; i < cells.size(); ++i) {
      Part cell = row.add(i == 0 ? "NAME" : "CELL");
      set_text(cell, "TEXT", cells[i].text);
      cell.set("TONE", class_of(cells[i].tone));
      cell.set("KIND", class_of(table.columns[i].kind));
      if (!cells[i].note.empty()) set_text(cell.add("NOTE"), "NOTE_TEXT", cells[i].note);
    }
  }
}

/// Each kind of block is a section of the template.
struct BlockWriter {
  Part block;

  void operator()(const PageText& text) {
    Part part = block.add("PARAGRAPH");
    set_text(part, "TEXT", text.text);
    part.set("TONE", class_of(text.tone));
  }
  void operator()(const PageFacts& facts) {
    Part part = block.add("FACTS");
    for (const auto& [name, value] : facts.facts) {
      Part fact = part.add("FACT");
      set_text(fact, "NAME", name);
      set_text(fact, "TEXT", value.text);
      fact.set("TONE", class_of(value.tone));
    }
  }
  void operator()(const PageTable& table) { add_table(block.add("TABLE"), table); }
  void operator()(const PageFigure& figure) {
    Part part = block.add("FIGURE");
    part.set("ID", figure.id);
    set_text(part, "TITLE", figure.title);
    set_text(part, "TEXT", figure.caption);
    part.set("CHART", figure.chart);
    add_table(part, figure.numbers);
  }
  void operator()(const PageCommand& command) {
    Part part = block.add("COMMAND");
    set_text(part, "TEXT", command.about);
    set_text(part, "COMMAND_TEXT", command.command);
  }
  void operator()(const PageSource& source) {
    Part part = block.add("SOURCE");
    set_text(part, "TITLE", source.title);
    set_text(part, "TEXT", source.text);
  }
};

void add_section(Part page, const PageSection& section) {
  Part entry = page.add("ENTRY");
  entry.set("ID", section.id);
  set_text(entry, "TITLE", section.title);
  Part part = page.add("SECTION");
  part.set("ID", section.id);
  set_text(part, "TITLE", section.title);
  set_text(part, "QUESTION", section.question);
  for (const PageBlock& block : section.blocks) std::visit(BlockWriter{part.add("BLOCK")}, block);
}

}  // namespace

std::string html_page(const PageDocument& document) {
  const TemplateValues values;
  Part page = values.root();
  page.set("STYLE", page_file("page.css"));
  page.set("CHART_JS", page_file("chart.min.js"));
  page.set("CHARTS_JS", page_file("charts.js"));
  page.set("PICTURES_JS", page_file("pictures.js"));
  page.set("PAGE_JS", page_file("page.js"));
  set_text(page, "TITLE", document.title);
  set_text(page, "SUBTITLE", document.subtitle);
  set_text(page, "VERDICT", document.verdict);
  page.set("VERDICT_TONE", class_of(document.verdict_tone));
  set_text(page, "SENTENCE", document.sentence);
  set_text(page, "MADE_BY", document.made_by);
  for (const auto& [name, value] : document.highlights) {
    Part highlight = page.add("HIGHLIGHT");
    set_text(highlight, "NAME", name);
    set_text(highlight, "TEXT", value.text);
    highlight.set("TONE", class_of(value.tone));
  }
  for (const PageSection& section : document.sections) add_section(page, section);
  return filled_template("page.html", values);
}

}  // namespace gpubench
