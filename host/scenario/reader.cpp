#include "scenario/reader.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "base/hash.h"
#include "scenario/case_block.h"
#include "scenario/fields.h"
#include "scenario/limits.h"
#include "scenario/overrides.h"
#include "scenario/questions.h"
#include "scenario/resolved.h"
#include "scenario/source_place.h"
#include "scenario/source_text.h"
#include "scenario/yaml_tree.h"

namespace gpubench {
namespace {

std::string read_description(const YamlNode& node, Issues& issues) {
  std::string text = read_text(node, "description", issues);
  if (text.size() > kMaxDescriptionBytes) {
    issues.add(node.place,
               fmt::format("description is longer than {} bytes", kMaxDescriptionBytes));
  }
  return text;
}

bool read_cache_rotate(const YamlNode& node, Issues& issues) {
  constexpr std::array<std::string_view, 2> kModes = {"warm", "rotate"};
  return read_word(node, "cache", kModes, issues) == "rotate";
}

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Labels are joined as "key=value;key=value" in one CSV field.
Labels read_labels(const YamlNode& node, Issues& issues) {
  Labels labels;
  if (node.kind != YamlNode::Kind::map) {
    issues.add(node.place, fmt::format("labels must be a map, not {}", kind_name(node.kind)));
    return labels;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlKey& key = node.keys[i];
    if (!is_name(key.text)) {
      issues.add(key.place, fmt::format("label {} may have letters, digits, '_', '-' and '.' only",
                                        in_quotes(key.text)));
    }
    std::string value = read_text(node.items[i], "a label", issues);
    if (value.size() > kMaxLabelBytes || value.find_first_of(";\r\n") != std::string::npos) {
      issues.add(
          node.items[i].place,
          fmt::format("a label must be one line of at most {} bytes without ';'", kMaxLabelBytes));
    }
    labels.emplace_back(key.text, std::move(value));
  }
  return labels;
}

std::vector<CaseBlock> read_cases(const YamlNode& node, const Scenario& scenario,
                                  const Vocabulary& words, Issues& issues) {
  std::vector<CaseBlock> blocks;
  std::uint64_t total = 0;
  for (const YamlNode& entry : entries(node, "cases", issues)) {
    blocks.push_back(read_case_block(entry, scenario, words, issues));
    const std::uint64_t count = case_count(blocks.back());
    if (count > kMaxCases || total + count > kMaxCases) {
      issues.add(entry.place,
                 fmt::format("this block brings the scenario to more than {} cases", kMaxCases));
      return blocks;
    }
    total += count;
  }
  return blocks;
}

std::vector<Level> read_levels(const YamlNode& node, Issues& issues) {
  std::vector<Level> levels;
  if (node.kind != YamlNode::Kind::map || node.keys.empty()) {
    issues.add(node.place, "levels must be a map of names to times, such as {quick: 25s}");
    return levels;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlKey& key = node.keys[i];
    if (!is_name(key.text)) {
      issues.add(key.place, fmt::format("level {} may have letters, digits, '_', '-' and '.' only",
                                        in_quotes(key.text)));
    }
    levels.push_back({key.text, read_within(node.items[i], issues)});
    if (i > 0 && levels[i].within_s <= levels[i - 1].within_s) {
      issues.add(node.items[i].place, fmt::format("level {} must have more time than {} before it",
                                                  key.text, levels[i - 1].name));
    }
  }
  return levels;
}

std::size_t place_of_level(const Scenario& scenario, std::string_view name) {
  std::size_t place = 0;
  while (place < scenario.levels.size() && scenario.levels[place].name != name) ++place;
  return place;
}

/// Each level runs the blocks of those before it, too.
void keep_blocks_of_level(Scenario& scenario) {
  if (scenario.levels.empty()) return;
  if (scenario.level.empty()) scenario.level = scenario.levels.front().name;
  const std::size_t chosen = place_of_level(scenario, scenario.level);
  std::erase_if(scenario.cases, [&](const CaseBlock& block) {
    return !block.level.empty() && place_of_level(scenario, block.level) > chosen;
  });
  scenario.labels.emplace_back("level", scenario.level);
}

/// gpubench writes that label where there are levels.
void refuse_label_of_level(const YamlNode& labels, Issues& issues) {
  for (const YamlKey& key : labels.keys) {
    if (key.text != "level") continue;
    issues.add(key.place, "label \"level\" is written by gpubench where a scenario has levels");
  }
}

void read_keys(MapReader& map, const Vocabulary& words, Issues& issues, Scenario& scenario) {
  constexpr Range kSeeds = {0, std::numeric_limits<std::uint64_t>::max()};
  if (const YamlNode* node = map.require("name")) {
    scenario.name = read_name(*node, "name", issues);
  }
  if (const YamlNode* node = map.find("description")) {
    scenario.description = read_description(*node, issues);
  }
  if (const YamlNode* node = map.find("seed")) {
    scenario.seed = read_count(*node, "seed", kSeeds, issues);
  }
  if (const YamlNode* node = map.find("budget")) scenario.budget_s = read_budget(*node, issues);
  if (const YamlNode* node = map.find("cache")) {
    scenario.cache_rotate = read_cache_rotate(*node, issues);
  }
  if (const YamlNode* node = map.find("levels")) scenario.levels = read_levels(*node, issues);
  if (const YamlNode* node = map.find("level")) {
    scenario.level = read_level(*node, scenario.levels, issues);
  }
  if (const YamlNode* node = map.find("labels")) {
    scenario.labels = read_labels(*node, issues);
    if (!scenario.levels.empty()) refuse_label_of_level(*node, issues);
  }
  if (const YamlNode* node = map.require("cases")) {
    scenario.cases = read_cases(*node, scenario, words, issues);
  }
  if (const YamlNode* node = map.find("compare")) {
    scenario.comparisons = read_comparisons(*node, words, issues);
  }
  if (const YamlNode* node = map.find("expect")) {
    scenario.expects = read_expects(*node, words, issues);
  }
}

Result<Scenario> read_tree(const YamlNode& root, const std::string& file, const Vocabulary& words) {
  Scenario scenario;
  scenario.file = file;
  Issues issues;
  MapReader map(root, "a scenario", issues);
  read_keys(map, words, issues, scenario);
  map.close();
  if (issues.any()) return issues.error();
  keep_blocks_of_level(scenario);
  if (scenario.cases.empty()) {
    return error_at({file, 0, 0}, fmt::format("level \"{}\" has no cases", scenario.level));
  }
  apply_defaults(scenario);
  scenario.resolved = resolved_yaml(scenario);
  if (scenario.resolved.size() > kMaxFileBytes) {
    return error_at({file, 0, 0}, fmt::format("written out in full this scenario has {} bytes; "
                                              "at most {} are allowed",
                                              scenario.resolved.size(), kMaxFileBytes));
  }
  scenario.hash = content_hash(scenario.resolved);
  return scenario;
}

}  // namespace

Result<Scenario> read_scenario(const std::string& path, std::span<const std::string> overrides,
                               const Vocabulary& words) {
  const auto text = read_source(path);
  if (!text) return text.error();
  return read_scenario_text(*text, path, overrides, words);
}

Result<Scenario> read_scenario_text(std::string_view text, const std::string& file,
                                    std::span<const std::string> overrides,
                                    const Vocabulary& words) {
  auto root = parse_yaml(text, file);
  if (!root) return root.error();
  for (const std::string& assignment : overrides) {
    if (auto applied = apply_override(*root, assignment); !applied) return applied.error();
  }
  return read_tree(*root, file, words);
}

Result<std::vector<ExpectRule>> read_expect_rules(std::string_view text, const std::string& file,
                                                  const Vocabulary& words) {
  const auto root = parse_yaml(text, file);
  if (!root) return root.error();
  Issues issues;
  MapReader map(*root, "a scenario", issues);
  const YamlNode* const node = map.find("expect");
  if (node == nullptr) return std::vector<ExpectRule>();
  auto rules = read_expects(*node, words, issues);
  if (issues.any()) return issues.error();
  return rules;
}

}  // namespace gpubench
