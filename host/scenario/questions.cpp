#include "scenario/questions.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "scenario/limits.h"

namespace gpubench {
namespace {

SpeedupTable read_speedup(const YamlNode& node, const Vocabulary& words, Issues& issues) {
  SpeedupTable table;
  table.place = node.place;
  MapReader map(node, "speedup", issues);
  if (const YamlNode* of = map.require("of")) {
    table.of = read_word(*of, "precision", words.precisions, issues);
  }
  if (const YamlNode* over = map.require("over")) {
    table.over = read_word(*over, "precision", words.precisions, issues);
    if (table.of == table.over) {
      issues.add(over->place, fmt::format("\"{}\" is compared with itself", table.over));
    }
  }
  map.close();
  return table;
}

OutputsTable read_outputs(const YamlNode& node, Issues& issues) {
  constexpr Range kFirst = {1, kMaxFirstOutputs};
  OutputsTable table;
  table.place = node.place;
  MapReader map(node, "outputs", issues);
  if (const YamlNode* first = map.find("first")) {
    table.first = static_cast<std::uint32_t>(read_count(*first, "first", kFirst, issues));
  }
  map.close();
  return table;
}

GrowthTable read_growth(const YamlNode& node, Issues& issues) {
  constexpr std::array<std::string_view, 3> kDimensions = {"m", "n", "k"};
  GrowthTable table;
  table.place = node.place;
  MapReader map(node, "growth", issues);
  if (const YamlNode* over = map.require("over")) {
    table.over = read_word(*over, "over", kDimensions, issues);
  }
  map.close();
  return table;
}

/// The one table that an entry names; nothing, and an issue, where it names none or several.
std::optional<Comparison> read_comparison(const YamlNode& entry, const Vocabulary& words,
                                          Issues& issues) {
  MapReader map(entry, "an entry of compare", issues);
  const YamlNode* speedup = map.find("speedup");
  const YamlNode* outputs = map.find("outputs");
  const YamlNode* growth = map.find("growth");
  map.close();
  if (entry.kind != YamlNode::Kind::map) return std::nullopt;
  if (entry.keys.size() != 1) {
    issues.add_missing(entry.place,
                       "an entry of compare names one table: speedup, outputs or growth");
    return std::nullopt;
  }
  if (speedup != nullptr) return read_speedup(*speedup, words, issues);
  if (outputs != nullptr) return read_outputs(*outputs, issues);
  if (growth != nullptr) return read_growth(*growth, issues);
  return std::nullopt;
}

/// The words that a column can hold; empty where any value goes.
std::span<const std::string_view> words_of(std::string_view column, const Vocabulary& words) {
  if (column == "precision") return words.precisions;
  if (column == "activation") return words.activations;
  if (column == "fill") return words.fills;
  if (column == "build") return words.builds;
  return {};
}

std::string read_known(const YamlNode& node, std::string_view what,
                       std::span<const std::string_view> words, Issues& issues) {
  return words.empty() ? read_text(node, what, issues) : read_word(node, what, words, issues);
}

using Conditions = std::vector<std::pair<std::string, std::string>>;

/// A word that no row can hold would make the rule hold for nothing, which looks like a pass.
Conditions read_where(const YamlNode& node, const Vocabulary& words, Issues& issues) {
  Conditions conditions;
  MapReader map(node, "where", issues);
  for (const std::string_view column : words.columns) map.find(column);
  if (!words.columns.empty()) map.close();
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& column = node.keys[i].text;
    conditions.emplace_back(column,
                            read_known(node.items[i], column, words_of(column, words), issues));
  }
  return conditions;
}

/// The bounds of `metric`, of which one may be missing.
void read_bounds(MapReader& map, const YamlNode& node, ExpectRule& rule, Issues& issues) {
  const YamlNode* most = map.find("at_most");
  const YamlNode* least = map.find("at_least");
  if (most != nullptr) rule.at_most = read_number(*most, "at_most", issues);
  if (least != nullptr) rule.at_least = read_number(*least, "at_least", issues);
  if (most == nullptr && least == nullptr && node.kind == YamlNode::Kind::map) {
    issues.add(node.place, "an expect rule needs \"at_most\" or \"at_least\"");
  }
  if (most != nullptr && least != nullptr && *rule.at_least > *rule.at_most) {
    issues.add(least->place, "at_least is above at_most: no value can meet both");
  }
}

ExpectRule read_expect(const YamlNode& node, const Vocabulary& words, Issues& issues) {
  ExpectRule rule;
  rule.place = node.place;
  MapReader map(node, "an expect rule", issues);
  if (const YamlNode* where = map.find("where")) rule.where = read_where(*where, words, issues);
  if (const YamlNode* status = map.find("check_status")) {
    rule.check_status = read_known(*status, "check_status", words.check_statuses, issues);
  } else {
    if (const YamlNode* metric = map.require("metric")) {
      rule.metric = read_known(*metric, "metric", words.metrics, issues);
    }
    read_bounds(map, node, rule, issues);
  }
  map.close();
  return rule;
}

}  // namespace

std::vector<Comparison> read_comparisons(const YamlNode& node, const Vocabulary& words,
                                         Issues& issues) {
  std::vector<Comparison> tables;
  for (const YamlNode& entry : entries(node, "compare", issues)) {
    if (auto table = read_comparison(entry, words, issues)) tables.push_back(*std::move(table));
  }
  return tables;
}

std::vector<ExpectRule> read_expects(const YamlNode& node, const Vocabulary& words,
                                     Issues& issues) {
  std::vector<ExpectRule> rules;
  for (const YamlNode& entry : entries(node, "expect", issues)) {
    rules.push_back(read_expect(entry, words, issues));
  }
  return rules;
}

}  // namespace gpubench
