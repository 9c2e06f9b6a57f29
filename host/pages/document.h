// document.h — what a report says, before it is HTML or Markdown: sections of facts, tables,
// figures and commands. Texts are plain; whoever writes them out escapes them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gpubench {

/// How a cell or a verdict is marked. Its text alone says the same.
enum class Tone : std::uint8_t { plain, good, warn, bad, muted };

struct PageCell {
  PageCell(std::string text_, Tone tone_ = Tone::plain) : text(std::move(text_)), tone(tone_) {}
  PageCell(const char* text_) : text(text_) {}
  std::string text;
  Tone tone = Tone::plain;
  std::string note;  ///< A smaller line below; may be empty.
};

/// A name is a text that is better not broken into many lines.
enum class CellKind : std::uint8_t { text, number, code, name };

struct PageColumn {
  std::string head;
  CellKind kind = CellKind::text;
};

struct PageTable {
  std::string id;  ///< Unique in the page.
  std::string caption;
  std::vector<PageColumn> columns;  ///< The first names the row.
  std::vector<std::vector<PageCell>> rows;
};

struct PageText {
  std::string text;
  Tone tone = Tone::plain;
};

/// Names and their values, in a list.
struct PageFacts {
  std::vector<std::pair<std::string, PageCell>> facts;
};

/// To be typed in a shell.
struct PageCommand {
  std::string about;
  std::string command;
};

/// A longer text of a file, shown as it is when it is asked for.
struct PageSource {
  std::string title;
  std::string text;
};

struct PageFigure {
  std::string id;  ///< Unique in the page.
  std::string title;
  std::string caption;  ///< What one should see in it.
  std::string chart;    ///< JSON as charts.js takes it.
  PageTable numbers;    ///< The same for those who do not see it.
};

using PageBlock = std::variant<PageText, PageFacts, PageTable, PageFigure, PageCommand, PageSource>;

struct PageSection {
  std::string id;
  std::string title;
  std::string question;  ///< That the section answers.
  std::vector<PageBlock> blocks;
};

struct PageDocument {
  std::string title;
  std::string subtitle;
  std::string verdict;  ///< "QUALIFIED", …
  Tone verdict_tone = Tone::plain;
  std::string sentence;  ///< That decided the verdict.
  std::vector<std::pair<std::string, PageCell>> highlights;
  std::vector<PageSection> sections;
  std::string made_by;
};

}  // namespace gpubench
