#include "pages/case_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/numbers.h"

namespace gpubench {
namespace {

bool several(std::span<const CaseFacts> cases, std::string_view column) {
  return std::any_of(cases.begin(), cases.end(), [&](const CaseFacts& facts) {
    return !facts.is(column, cases.front().text(column));
  });
}

}  // namespace

PageTable case_table(std::string id, std::string caption, std::span<const CaseFacts> cases,
                     std::span<const CaseColumn> columns) {
  PageTable table{std::move(id), std::move(caption), {{"Case", CellKind::code}}, {}};
  const bool runs = several(cases, "run_id"), devices = several(cases, "device_name");
  for (const CaseColumn& column : columns) table.columns.push_back(column.column);
  for (const CaseFacts& facts : cases.first(std::min(cases.size(), kMostTableRows))) {
    std::vector<PageCell> cells = {facts.text("case_id")};
    if (runs) cells.front().note = facts.text("run_id");
    if (devices) cells.front().note += (runs ? " · " : "") + facts.text("device_name");
    for (const CaseColumn& column : columns) cells.push_back(column.cell(facts));
    table.rows.push_back(std::move(cells));
  }
  if (cases.size() > kMostTableRows) {
    table.caption += fmt::format(" The first {} of {}; the others are in results.csv.",
                                 kMostTableRows, cases.size());
  }
  return table;
}

CaseColumn number_column(std::string head, std::string column, double unit) {
  return {{std::move(head), CellKind::number},
          [column = std::move(column), unit](const CaseFacts& facts) -> PageCell {
            return four_digits(facts.number(column) / unit);
          }};
}

CaseColumn error_column(std::string head, std::string column) {
  return {{std::move(head), CellKind::number},
          [column = std::move(column)](const CaseFacts& facts) -> PageCell {
            return error_text(facts.number(column));
          }};
}

CaseColumn text_column(std::string head, std::string column) {
  return {{std::move(head), CellKind::text},
          [column = std::move(column)](const CaseFacts& facts) -> PageCell {
            const std::string text = facts.text(column);
            return text.empty() ? "-" : text;
          }};
}

CaseColumn word_column(std::string head, std::string column) {
  return {{std::move(head), CellKind::text},
          [column = std::move(column)](const CaseFacts& facts) -> PageCell {
            const std::string word = facts.text(column);
            return {word.empty() ? "-" : word, tone_of_word(word)};
          }};
}

Tone tone_of_word(std::string_view word) {
  constexpr std::array<std::string_view, 5> kGood = {"passed", "confirmed", "as_declared", "better",
                                                     "steady"};
  constexpr std::array<std::string_view, 9> kBad = {
      "failed", "error", "timeout",    "device_lost",     "out_of_memory",
      "wrong",  "fp16",  "downgraded", "nondeterministic"};
  constexpr std::array<std::string_view, 6> kWarn = {"mistrusted", "noisy",      "drifting",
                                                     "short",      "unresolved", "relaxed"};
  const auto among = [&](const auto& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (among(kGood)) return Tone::good;
  if (among(kBad)) return Tone::bad;
  return among(kWarn) ? Tone::warn : Tone::plain;
}

}  // namespace gpubench
