// case_table.h — a table with a line for each case, with the run and the device below its name
// where the report has several.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pages/case_facts.h"
#include "pages/document.h"

namespace gpubench {

/// One column: its head and what stands in it.
struct CaseColumn {
  PageColumn column;
  std::function<PageCell(const CaseFacts&)> cell;
};

/// A page that nobody can read to its end helps nobody: longer tables are cut, and say so.
constexpr std::size_t kMostTableRows = 300;

PageTable case_table(std::string id, std::string caption, std::span<const CaseFacts> cases,
                     std::span<const CaseColumn> columns);

/// A number in this many units, with four digits.
CaseColumn number_column(std::string head, std::string column, double unit = 1);
/// An error or a tolerance: "3.4e-04".
CaseColumn error_column(std::string head, std::string column);
CaseColumn text_column(std::string head, std::string column);
/// The same of a column whose words are good or bad news.
CaseColumn word_column(std::string head, std::string column);

/// Of a word of status, check_status, timing_status, precision_verdict or declared_evidence.
Tone tone_of_word(std::string_view word);

}  // namespace gpubench
