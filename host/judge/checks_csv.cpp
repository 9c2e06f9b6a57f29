#include "judge/checks_csv.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>
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

class Line {
 public:
  explicit Line(std::string& text) : text_(text) {}
  void field(std::string_view value) {
    if (!first_) text_ += ',';
    first_ = false;
    append_csv_field(text_, value);
  }
  /// Shortest digits; empty when it is not finite.
  void number(double value) {
    if (!first_) text_ += ',';
    first_ = false;
    if (std::isfinite(value)) fmt::format_to(std::back_inserter(text_), "{}", value);
  }
  void count(std::size_t value) { number(static_cast<double>(value)); }
  void end() { text_ += '\n'; }

 private:
  std::string& text_;
  bool first_ = true;
};

void add_against(Line& line, const Against* against) {
  if (against == nullptr) {
    for (int i = 0; i < 8; ++i) line.field("");
    return;
  }
  line.field(against->baseline_id);
  for (const double value :
       {against->value, against->delta_rel, against->ci_low, against->ci_high, against->p_value}) {
    line.number(value);
  }
  line.count(against->n_base);
  line.count(against->n_new);
}

void add_line(std::string& text, const QualificationCheck& check) {
  Line line(text);
  line.number(kChecksSchemaVersion);
  line.field(check.run_id);
  line.field(check.case_id);
  line.field(check.check);
  line.field(to_string(check.kind));
  line.field(check.required ? "true" : "false");
  line.field(to_string(check.status));
  line.field(check.reason);
  line.field(to_string(check.action));
  line.number(check.observed);
  line.number(check.limit_low);
  line.number(check.limit_high);
  line.field(check.unit);
  line.field(check.limit_source);
  add_against(line, check.against.get());
  line.field(check.message);
  line.field(check.device_name);
  line.field(check.device_uuid);
  line.field(check.pci_address);
  line.end();
}

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
    std::string& text = parts[begin / kChecksInPart];
    for (std::size_t i = begin; i < end; ++i) add_line(text, checks[i]);
  });
  std::string text;
  text.reserve(std::transform_reduce(parts.begin(), parts.end(), std::size_t{0}, std::plus<>(),
                                     [](const std::string& part) { return part.size(); }));
  for (const std::string& part : parts) text += part;
  return text;
}

}  // namespace gpubench
