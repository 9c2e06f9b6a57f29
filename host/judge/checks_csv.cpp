#include "judge/checks_csv.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "record/csv.h"

namespace gpubench {
namespace {

constexpr std::array kColumns = {
    LineColumn{"schema_version", "count",
               "Version of this table; grows when columns are appended."},
    LineColumn{"run_id", "text", "Name of the run; empty for what no run has, as a missing host."},
    LineColumn{"case_id", "text", "Names the case; empty for the run as a whole."},
    LineColumn{"check", "text", "Name of the check, or of a limit of the criteria."},
    LineColumn{"kind", "word",
               "precondition, correctness, precision, validity, expectation, limit, baseline, "
               "peer, stability "
               "or health."},
    LineColumn{"required", "flag", "true: the verdict stays open while this cannot be decided."},
    LineColumn{"status", "word", "pass, warn, fail, skip, inconclusive, error or waived."},
    LineColumn{"reason", "text", "A code; empty when it passed."},
    LineColumn{"action", "word",
               "What to do: none, monitor, fix-config, rerun, triage, reset or isolate."},
    LineColumn{"observed", "of unit", "What was found."},
    LineColumn{"limit_low", "of unit", "The least that passes."},
    LineColumn{"limit_high", "of unit", "The most that passes."},
    LineColumn{"unit", "text", "Of the three before."},
    LineColumn{"limit_source", "text", "Where the limits come from."},
    LineColumn{"baseline_id", "text", "What it was compared with."},
    LineColumn{"baseline_value", "of unit", "The value that the base has."},
    LineColumn{"delta_rel", "ratio", "observed / baseline_value - 1."},
    LineColumn{"ci_low", "ratio", "Lower end of the 95 % interval of delta_rel."},
    LineColumn{"ci_high", "ratio", "Its upper end."},
    LineColumn{"p_value", "1", "Of the exact Mann–Whitney test, where there was one."},
    LineColumn{"n_base", "count", "Values that the base is made from."},
    LineColumn{"n_new", "count", "Values that observed is made from."},
    LineColumn{"message", "text", "What happened, in words; empty when it passed."},
    LineColumn{"device_name", "text", "Name of the device; empty for the run as a whole."},
    LineColumn{"device_uuid", "text", "Its own identity, which tells it from others of its name."},
    LineColumn{"pci_address", "text", "Where it is plugged in; empty where nobody knows."},
};

/// Fields of a line, each with the comma that follows it.
class Fields {
 public:
  explicit Fields(std::string& text) : text_(text) {}
  void text(std::string_view value) {
    append_csv_field(text_, value);
    text_ += ',';
  }
  /// Of a fixed list, so that nothing in it means anything to CSV.
  void word(std::string_view value) {
    text_ += value;
    text_ += ',';
  }
  /// Shortest digits; empty when it is not finite.
  void number(double value) {
    if (std::isfinite(value)) fmt::format_to(std::back_inserter(text_), "{}", value);
    text_ += ',';
  }
  void count(std::size_t value) { number(static_cast<double>(value)); }

 private:
  std::string& text_;
};

bool is_same_view(std::string_view a, std::string_view b) {
  return a.data() == b.data() && a.size() == b.size();
}

/// Lines of checks. What the checks of one row share, half of each line, is written out once.
class Lines {
 public:
  explicit Lines(std::string& text) : text_(text) {}

  void add(const QualificationCheck& check) {
    if (row_ == nullptr || !is_of_row(check)) keep_row(check);
    text_ += head_;
    add_outcome(check);
    text_ += tail_;
  }

 private:
  [[nodiscard]] bool is_of_row(const QualificationCheck& check) const {
    return is_same_view(check.case_id, row_->case_id) && is_same_view(check.run_id, row_->run_id) &&
           is_same_view(check.device_name, row_->device_name) &&
           is_same_view(check.device_uuid, row_->device_uuid) &&
           is_same_view(check.pci_address, row_->pci_address);
  }

  void keep_row(const QualificationCheck& check) {
    row_ = &check;
    head_.clear();
    Fields head(head_);
    head.count(kChecksSchemaVersion);
    head.text(check.run_id);
    head.text(check.case_id);
    tail_.clear();
    Fields tail(tail_);
    tail.text(check.device_name);
    tail.text(check.device_uuid);
    tail.text(check.pci_address);
    tail_.back() = '\n';
  }

  void add_outcome(const QualificationCheck& check) {
    Fields fields(text_);
    fields.text(check.check);
    fields.word(to_string(check.kind));
    fields.word(check.required ? "true" : "false");
    fields.word(to_string(check.status));
    fields.text(check.reason);
    fields.word(to_string(check.action));
    fields.number(check.observed);
    fields.number(check.limit_low);
    fields.number(check.limit_high);
    fields.text(check.unit);
    fields.text(check.limit_source);
    add_against(fields, check.against.get());
    fields.text(check.message);
  }

  static void add_against(Fields& fields, const Against* against) {
    if (against == nullptr) {
      for (int i = 0; i < 8; ++i) fields.word("");
      return;
    }
    fields.text(against->baseline_id);
    for (const double value : {against->value, against->delta_rel, against->ci_low,
                               against->ci_high, against->p_value}) {
      fields.number(value);
    }
    fields.count(against->n_base);
    fields.count(against->n_new);
  }

  std::string& text_;
  const QualificationCheck* row_ =
      nullptr;  ///< The first check of the row that head_ and tail_ name.
  std::string head_, tail_;
};

}  // namespace

std::span<const LineColumn> check_columns() {
  return kColumns;
}

std::size_t oldest_check_column_count() {
  constexpr std::size_t kVersion1 = 24;
  return kVersion1;
}

std::string checks_header() {
  std::vector<std::string> names;
  for (const LineColumn& column : kColumns) names.emplace_back(column.name);
  return csv_line(names);
}

std::string check_lines(std::span<const QualificationCheck> checks) {
  constexpr std::size_t kChecksInPart = 4096;
  std::vector<std::string> parts((checks.size() + kChecksInPart - 1) / kChecksInPart);
  parallel_for(checks.size(), kChecksInPart, [&](std::size_t begin, std::size_t end) {
    Lines lines(parts[begin / kChecksInPart]);
    for (std::size_t i = begin; i < end; ++i) lines.add(checks[i]);
  });
  if (parts.size() == 1) return std::move(parts.front());
  std::string text;
  text.reserve(std::transform_reduce(parts.begin(), parts.end(), std::size_t{0}, std::plus<>(),
                                     [](const std::string& part) { return part.size(); }));
  for (const std::string& part : parts) text += part;
  return text;
}

}  // namespace gpubench
