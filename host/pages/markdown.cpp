#include "pages/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "pages/clean_text.h"

namespace gpubench {
namespace {

/// Everything that Markdown or HTML inside of it would read as more than letters.
std::string plain(std::string_view text) {
  constexpr std::string_view kMarks = "\\`*_{}[]()#+!|~>";
  std::string escaped;
  for (const char c : clean_text(text)) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else if (c == '\n') {
      escaped += ' ';
    } else {
      if (kMarks.find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

/// A fence that is longer than any in the text.
std::string fenced(std::string_view of_file) {
  const std::string text = clean_text(of_file);
  std::size_t longest = 2, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const bool ends = !text.empty() && text.back() == '\n';
  return fmt::format("{}text\n{}{}{}\n\n", fence, text, ends ? "" : "\n", fence);
}

std::string table_text(const PageTable& table) {
  std::string text = fmt::format("**{}**\n\n|", plain(table.caption));
  for (const PageColumn& column : table.columns) text += fmt::format(" {} |", plain(column.head));
  text += "\n|";
  for (const PageColumn& column : table.columns) {
    text += column.kind == CellKind::number ? "---:|" : "---|";
  }
  for (const auto& row : table.rows) {
    text += "\n|";
    for (const PageCell& cell : row) {
      text += ' ' + plain(cell.text);
      if (!cell.note.empty()) text += fmt::format(" ({})", plain(cell.note));
      text += " |";
    }
  }
  return text + "\n\n";
}

struct BlockText {
  std::string operator()(const PageText& text) const { return plain(text.text) + "\n\n"; }
  std::string operator()(const PageFacts& facts) const {
    std::string text;
    for (const auto& [name, value] : facts.facts) {
      text += fmt::format("- **{}**: {}\n", plain(name), plain(value.text));
    }
    return text + '\n';
  }
  std::string operator()(const PageTable& table) const { return table_text(table); }
  std::string operator()(const PageFigure& figure) const {
    return fmt::format("{}: {}\n\n{}", plain(figure.title), plain(figure.caption),
                       table_text(figure.numbers));
  }
  std::string operator()(const PageCommand& command) const {
    return fmt::format("{}\n\n{}", plain(command.about), fenced(command.command));
  }
  std::string operator()(const PageSource& source) const {
    return fmt::format("{}\n\n{}", plain(source.title), fenced(source.text));
  }
};

}  // namespace

std::string markdown_page(const PageDocument& document) {
  std::string text =
      fmt::format("# {}\n\n{}\n\n**{}**: {}\n\n", plain(document.title), plain(document.subtitle),
                  plain(document.verdict), plain(document.sentence));
  for (const auto& [name, value] : document.highlights) {
    text += fmt::format("- **{}**: {}\n", plain(name), plain(value.text));
  }
  for (const PageSection& section : document.sections) {
    text += fmt::format("\n## {}\n\n*{}*\n\n", plain(section.title), plain(section.question));
    for (const PageBlock& block : section.blocks) text += std::visit(BlockText{}, block);
  }
  return text + fmt::format("---\n\n{}\n", plain(document.made_by));
}

}  // namespace gpubench
