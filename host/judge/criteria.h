// criteria.h — what a run must meet, as a person wrote it: limits of metrics, and waivers.
// Knows how criteria.yaml is written (docs/judging.md); judges nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "judge/check.h"
#include "scenario/scenario.h"

namespace gpubench {

/// A column of results.csv and the values of it that are meant, any of them.
struct Condition {
  std::string column;
  std::vector<std::string> values;
};
/// All of them hold; none: every row.
using Where = std::vector<Condition>;

enum class Severity : std::uint8_t { warn, fail };

struct Limit {
  SourcePlace place;
  std::string source;  ///< "criteria.yaml:12", for whoever asks where a limit comes from.
  std::string name;
  Where where;
  std::string metric;  ///< A column of numbers.
  std::optional<double> at_least, at_most;
  bool required = true;  ///< A row that it fits and cannot be judged leaves the verdict open.
  Severity severity = Severity::fail;
  Action action = Action::triage;
};

/// A failure that somebody knows of and stands for, until a day.
struct Waiver {
  SourcePlace place;
  std::string check;  ///< Name of the check or limit.
  Where where;
  std::string reason;
  std::string expires;  ///< "2026-12-31": the last day that it holds.
};

struct Criteria {
  std::string name = "built-in";
  std::string description;
  bool allow_software = false;  ///< Whether a device in software may qualify.
  std::uint32_t min_samples = 10;
  double max_change_within_run = 0.05;  ///< Of the median: last third against first.
  double max_throttle_ratio = 0.05;
  std::optional<double> max_temp_c;
  std::vector<Limit> limits;
  std::vector<Waiver> waivers;
};

/// "2026-12-31"
bool is_date(std::string_view text);

/// Strict YAML: an unknown key, column or word, a wrong type, limits without bounds, a name used
/// twice and a date that is none are `input` errors with file:line:column.
Result<Criteria> parse_criteria(std::string_view text, const std::string& file);
Result<Criteria> read_criteria(const std::string& path);

}  // namespace gpubench
