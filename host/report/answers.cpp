#include "report/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "report/case_label.h"
#include "report/numbers.h"
#include "report/shell.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

// More lines than this tell a reader at a terminal nothing; results.csv has them all.
constexpr std::size_t kMaxLines = 8;

/// "  label  text", the text wrapped under itself.
std::string item(const std::string& label, std::string_view text, std::size_t indent,
                 const ConsoleStyle& style) {
  std::string line = std::string(indent, ' ') + clip_middle(printable(label), style.width * 2 / 3);
  if (text.empty()) return line + '\n';
  line += "  ";
  const WrapBox box{
      .width = style.width, .first_column = display_width(line), .indent = indent + 4};
  return line + wrap(printable(text), box) + '\n';
}

std::string reason_text(const Row& row) {
  if (!row.reason) return "no reason was given";
  if (row.reason->text.empty()) return row.reason->code;
  return row.reason->code + ": " + row.reason->text;
}

/// Error over tolerance; a failure without a number is worse than any number.
double badness(const Row& row) {
  if (!row.check || row.check->status == CheckStatus::not_run) return -1;
  const double ratio = row.check->metrics.bound_ratio;
  if (std::isfinite(ratio)) return ratio;
  const bool failed = row.check->status == CheckStatus::failed;
  return failed ? std::numeric_limits<double>::infinity() : -1;
}

const Row* most_drifted(std::span<const Row> rows) {
  const auto worst = std::max_element(
      rows.begin(), rows.end(), [](const Row& a, const Row& b) { return badness(a) < badness(b); });
  return worst == rows.end() || badness(*worst) < 0 ? nullptr : &*worst;
}

std::vector<const Row*> rows_where(std::span<const Row> rows, bool (*wanted)(const Row&)) {
  std::vector<const Row*> found;
  for (const Row& row : rows) {
    if (wanted(row)) found.push_back(&row);
  }
  return found;
}

/// Lines for up to kMaxLines rows, and how many more there are.
template <class TextOf>
std::string items(std::span<const Row* const> rows, std::size_t indent, const ConsoleStyle& style,
                  const TextOf& text_of) {
  std::string text;
  const std::size_t shown = std::min(rows.size(), kMaxLines);
  for (const Row* row : rows.first(shown))
    text += item(row_label(*row), text_of(*row), indent, style);
  if (shown < rows.size()) {
    text += fmt::format("{:{}}and {} more, in results.csv\n", "", indent, rows.size() - shown);
  }
  return text;
}

std::string code_of(const Row& row) {
  return row.reason ? row.reason->code : std::string("no reason given");
}

/// The codes in the order in which they appear.
std::vector<std::string> codes_of(std::span<const Row* const> rows) {
  std::vector<std::string> codes;
  for (const Row* row : rows) {
    const std::string code = code_of(*row);
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
  }
  return codes;
}

/// "0.61 times its tolerance", "1834 times its tolerance".
std::string ratio_text(double ratio) {
  const int digits = ratio < 100 ? 2 : 0;
  return ratio < 1e6 ? fmt::format("{:.{}f}", ratio, digits) : fmt::format("{:.1e}", ratio);
}

std::string drift_sentence(const Row& row) {
  const DriftMetrics& metrics = row.check->metrics;
  std::string text = fmt::format("relative error {}", error_text(metrics.rel_fro_err));
  if (!std::isfinite(metrics.bound_ratio)) return text;
  text += fmt::format(", worst element at {} times its tolerance", ratio_text(metrics.bound_ratio));
  if (!row.check->tolerance_rule.empty()) text += " (" + row.check->tolerance_rule + ')';
  return text;
}

}  // namespace

std::string failures_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<const Row*> failed = rows_where(rows, is_failure);
  if (failed.empty()) return "";
  const std::string head = fmt::format("FAILED: {} of {} cases", failed.size(), rows.size());
  return paint(head, Tint::bad, style.colour) + '\n' + items(failed, 2, style, reason_text);
}

std::string mistrusted_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<const Row*> mistrusted = rows_where(rows, is_mistrusted);
  if (mistrusted.empty()) return "";
  const std::string head =
      fmt::format("Proves nothing: {} of {} cases", mistrusted.size(), rows.size());
  return paint(head, Tint::caution, style.colour) + '\n' + items(mistrusted, 2, style, reason_text);
}

std::string contradictions_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<const Row*> contradicted = rows_where(rows, is_contradicted);
  if (contradicted.empty()) return "";
  const std::string head =
      fmt::format("NOT AS DECLARED: {} of {} cases", contradicted.size(), rows.size());
  return paint(head, Tint::bad, style.colour) + '\n' +
         items(contradicted, 2, style,
               [](const Row& row) { return contradiction(row.planned.precision, *row.declared); });
}

std::string above_peak_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<const Row*> above = rows_where(rows, is_faster_than_fp32);
  if (above.empty()) return "";
  const std::string head =
      fmt::format("FASTER THAN FP32: {} of {} cases", above.size(), rows.size());
  return paint(head, Tint::bad, style.colour) + '\n' + items(above, 2, style, reason_text);
}

std::string expected_text(std::span<const Row> rows, std::size_t all, const ConsoleStyle& style) {
  const std::vector<const Row*> ended =
      rows_where(rows, [](const Row& row) { return is_failure(row) || is_mistrusted(row); });
  if (ended.empty()) return "";
  return fmt::format("As expected: {} of {} cases failed or prove nothing\n", ended.size(), all) +
         items(ended, 2, style, reason_text);
}

std::string doubtful_times_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<const Row*> doubtful = rows_where(rows, has_doubtful_time);
  if (doubtful.empty()) return "";
  const std::string head =
      fmt::format("Doubtful times: {} of {} cases", doubtful.size(), rows.size());
  return paint(head, Tint::caution, style.colour) + '\n' + items(doubtful, 2, style, reason_text);
}

std::string worst_drift_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const Row* worst = most_drifted(rows);
  if (worst == nullptr) return "Worst drift: no output was compared\n";
  return "Worst drift\n" + item(row_label(*worst), drift_sentence(*worst), 2, style);
}

std::string left_out_text(std::span<const Row> rows, const ConsoleStyle& style) {
  const std::vector<const Row*> left_out = rows_where(rows, is_left_out);
  if (left_out.empty()) return "";
  std::string text = paint(fmt::format("Not run: {} of {} cases", left_out.size(), rows.size()),
                           Tint::caution, style.colour) +
                     '\n';
  for (const std::string& code : codes_of(left_out)) {
    std::vector<const Row*> group;
    std::copy_if(left_out.begin(), left_out.end(), std::back_inserter(group),
                 [&](const Row* row) { return code_of(*row) == code; });
    text += "  " + clip_end(printable(code), style.width - 2) + '\n';
    text += items(group, 4, style,
                  [](const Row& row) { return row.reason ? row.reason->text : std::string(); });
  }
  return text;
}

const Row* worst_row(std::span<const Row> rows) {
  std::vector<const Row*> failed = rows_where(rows, is_failure);
  if (failed.empty()) failed = rows_where(rows, is_accused);
  if (failed.empty()) return most_drifted(rows);
  return *std::max_element(failed.begin(), failed.end(),
                           [](const Row* a, const Row* b) { return badness(*a) < badness(*b); });
}

std::string repeat_command(const std::string& command, const Row& row, const ConsoleStyle& style) {
  return shell_command(command, "--case " + shell_word(printable(row.planned.id)), style);
}

}  // namespace gpubench
