#include "judge/criteria.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "base/text.h"
#include "record/columns.h"
#include "scenario/fields.h"
#include "scenario/source_text.h"

namespace gpubench {
namespace {

/// Numbers that name a case rather than measure it.
constexpr std::array<std::string_view, 4> kSizes = {"m", "n", "k", "batch"};
constexpr std::array<std::string_view, 2> kSeverities = {"warn", "fail"};
constexpr std::array<std::string_view, 8> kChecksOfRows = {"correctness", "precision",  "validity",
                                                           "baseline",    "peers",      "stability",
                                                           "throttling",  "temperature"};
/// A waiver stands for a row that fails, and these have none.
constexpr std::array<std::string_view, 4> kChecksOfRuns = {"complete", "real_device",
                                                           "api_validation", "expected_host"};

std::vector<std::string_view> columns_of(bool numbers) {
  std::vector<std::string_view> names;
  for (const Column& column : result_columns()) {
    if (*is_number_column(column.name) == numbers) names.push_back(column.name);
  }
  return names;
}

std::vector<std::string_view> condition_columns() {
  std::vector<std::string_view> names = columns_of(false);
  names.insert(names.end(), kSizes.begin(), kSizes.end());
  return names;
}

Condition read_condition(const std::string& column, const YamlNode& node, Issues& issues) {
  Condition condition{column, {}};
  for (const YamlNode& entry : entries(node, column, issues)) {
    condition.values.push_back(read_text(entry, column, issues));
    const bool is_size = std::find(kSizes.begin(), kSizes.end(), column) != kSizes.end();
    if (is_size && !parse_unsigned(condition.values.back())) {
      issues.add(entry.place, fmt::format("{} is a whole number", column));
    }
  }
  return condition;
}

Where read_where(const YamlNode& node, Issues& issues) {
  static const std::vector<std::string_view> columns = condition_columns();
  Where where;
  MapReader map(node, "where", issues);
  for (const std::string_view column : columns) {
    if (const YamlNode* value = map.find(column)) {
      where.push_back(read_condition(std::string(column), *value, issues));
    }
  }
  map.close();
  return where;
}

void read_bounds(MapReader& map, const YamlNode& node, Limit& limit, Issues& issues) {
  const YamlNode* least = map.find("at_least");
  const YamlNode* most = map.find("at_most");
  if (least != nullptr) limit.at_least = read_number(*least, "at_least", issues);
  if (most != nullptr) limit.at_most = read_number(*most, "at_most", issues);
  if (least == nullptr && most == nullptr && node.kind == YamlNode::Kind::map) {
    issues.add_missing(node.place, "a limit needs \"at_least\" or \"at_most\"");
  }
  if (limit.at_least && limit.at_most && *limit.at_least > *limit.at_most) {
    issues.add(least->place, "at_least is above at_most: no value can meet both");
  }
}

template <class Enum>
Enum read_enum(const YamlNode& node, std::string_view what, std::span<const std::string_view> words,
               Issues& issues) {
  const std::string word = read_word(node, what, words, issues);
  const auto found = std::find(words.begin(), words.end(), word);
  return static_cast<Enum>(found == words.end() ? 0 : found - words.begin());
}

Limit read_limit(const YamlNode& node, Issues& issues) {
  static const std::vector<std::string_view> metrics = columns_of(true);
  Limit limit;
  limit.place = node.place;
  limit.source = fmt::format("{}:{}", node.place.file, node.place.line);
  MapReader map(node, "a limit", issues);
  if (const YamlNode* name = map.require("name")) limit.name = read_name(*name, "name", issues);
  if (const YamlNode* where = map.find("where")) limit.where = read_where(*where, issues);
  if (const YamlNode* metric = map.require("metric")) {
    limit.metric = read_word(*metric, "metric", metrics, issues);
  }
  read_bounds(map, node, limit, issues);
  if (const YamlNode* required = map.find("required")) {
    limit.required = read_bool(*required, "required", issues);
  }
  if (const YamlNode* severity = map.find("severity")) {
    limit.severity = read_enum<Severity>(*severity, "severity", kSeverities, issues);
  }
  if (const YamlNode* action = map.find("action")) {
    limit.action = read_enum<Action>(*action, "action", action_words(), issues);
  }
  map.close();
  return limit;
}

Waiver read_waiver(const YamlNode& node, Issues& issues) {
  Waiver waiver;
  waiver.place = node.place;
  MapReader map(node, "a waiver", issues);
  if (const YamlNode* check = map.require("check")) {
    waiver.check = read_text(*check, "check", issues);
    waiver.place = check->place;
  }
  if (const YamlNode* where = map.find("where")) waiver.where = read_where(*where, issues);
  if (const YamlNode* reason = map.require("reason")) {
    waiver.reason = read_text(*reason, "reason", issues);
    if (waiver.reason.empty()) issues.add(reason->place, "a waiver needs a reason in words");
  }
  if (const YamlNode* expires = map.require("expires")) {
    waiver.expires = read_text(*expires, "expires", issues);
    if (!is_date(waiver.expires)) {
      issues.add(expires->place,
                 fmt::format("expires is \"{}\"; expected a date like 2026-12-31", waiver.expires));
    }
  }
  map.close();
  return waiver;
}

void check_names(const Criteria& criteria, Issues& issues) {
  std::set<std::string_view> names(kChecksOfRows.begin(), kChecksOfRows.end());
  names.insert(kChecksOfRuns.begin(), kChecksOfRuns.end());
  for (const Limit& limit : criteria.limits) {
    if (!limit.name.empty() && !names.insert(limit.name).second) {
      issues.add(limit.place, fmt::format("the name \"{}\" is taken by another check", limit.name));
    }
  }
  for (const std::string_view of_run : kChecksOfRuns) names.erase(of_run);
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const Waiver& waiver : criteria.waivers) {
    if (std::find(kChecksOfRuns.begin(), kChecksOfRuns.end(), waiver.check) !=
        kChecksOfRuns.end()) {
      issues.add(waiver.place, fmt::format("\"{}\" is a check of a whole run; only checks of rows "
                                           "can be waived",
                                           waiver.check));
      continue;
    }
    if (waiver.check.empty() || names.contains(waiver.check)) continue;
    issues.add(waiver.place, fmt::format("check \"{}\" is unknown{}", waiver.check,
                                         suggestion(waiver.check, known)));
  }
}

void read_settings(MapReader& map, Criteria& criteria, Issues& issues) {
  constexpr Range kSamples = {1, 1'000'000};
  if (const YamlNode* node = map.find("allow_software")) {
    criteria.allow_software = read_bool(*node, "allow_software", issues);
  }
  if (const YamlNode* node = map.find("min_samples")) {
    criteria.min_samples =
        static_cast<std::uint32_t>(read_count(*node, "min_samples", kSamples, issues));
  }
  if (const YamlNode* node = map.find("max_change_within_run")) {
    criteria.max_change_within_run = read_number(*node, "max_change_within_run", issues);
  }
  if (const YamlNode* node = map.find("max_throttle_ratio")) {
    criteria.max_throttle_ratio = read_number(*node, "max_throttle_ratio", issues);
  }
  if (const YamlNode* node = map.find("max_temp_c")) {
    criteria.max_temp_c = read_number(*node, "max_temp_c", issues);
  }
}

}  // namespace

bool is_date(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-dd";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return false;
  }
  const auto part = [&](std::size_t begin, std::size_t count) {
    return static_cast<unsigned>(parse_unsigned(text.substr(begin, count)).value_or(0));
  };
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(part(0, 4))),
                                     std::chrono::month(part(5, 2)), std::chrono::day(part(8, 2)))
      .ok();
}

Result<Criteria> parse_criteria(std::string_view text, const std::string& file) {
  const auto tree = parse_yaml(text, file);
  if (!tree) return tree.error();
  Issues issues;
  Criteria criteria;
  MapReader map(*tree, "criteria", issues);
  if (const YamlNode* name = map.require("name")) criteria.name = read_name(*name, "name", issues);
  if (const YamlNode* text_node = map.find("description")) {
    criteria.description = read_text(*text_node, "description", issues);
  }
  read_settings(map, criteria, issues);
  if (const YamlNode* node = map.find("limits")) {
    criteria.limits = read_axis(*node, "limits", issues,
                                [&](const YamlNode& entry) { return read_limit(entry, issues); });
  }
  if (const YamlNode* node = map.find("waivers")) {
    criteria.waivers = read_axis(*node, "waivers", issues,
                                 [&](const YamlNode& entry) { return read_waiver(entry, issues); });
  }
  map.close();
  check_names(criteria, issues);
  if (issues.any()) return issues.error();
  return criteria;
}

Result<Criteria> read_criteria(const std::string& path) {
  const auto text = read_source(path);
  if (!text) return text.error();
  return parse_criteria(*text, path);
}

}  // namespace gpubench
