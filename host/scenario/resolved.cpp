#include "scenario/resolved.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <variant>
#include <vector>

#include "base/text.h"
#include "scenario/paths.h"

namespace gpubench {
namespace {

/// A double-quoted scalar: any text in, no surprise out.
std::string text(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
  return out + '"';
}

std::string budget(double seconds) {
  return std::isinf(seconds) ? "unlimited" : shortest(seconds) + "s";
}

template <class T, class Write>
std::string list(const std::vector<T>& values, Write write) {
  std::vector<std::string> parts;
  for (const auto& value : values) parts.push_back(write(value));
  return "[" + join(parts, ", ") + "]";
}

std::string words(const std::vector<std::string>& values) {
  return list(values, [](const std::string& value) { return value; });
}

std::string flags(const std::vector<bool>& values) {
  return list(values, [](bool value) { return value ? "true" : "false"; });
}

std::string shape(const ShapeSpec& value) {
  std::string out = fmt::format("{{m: {}, n: {}", value.m, value.n);
  if (value.k > 0) out += fmt::format(", k: {}", value.k);
  if (value.batch > 1) out += fmt::format(", batch: {}", value.batch);
  return out + "}";
}

std::string fill(const FillSpec& value, const std::string& scenario_file) {
  if (value.file.empty() && value.file_b.empty()) return value.name;
  std::vector<std::string> parts;
  const auto path = [&](const std::string& file) {
    return text(path_as_written(scenario_file, file));
  };
  if (!value.file.empty()) parts.push_back("file: " + path(value.file));
  if (!value.file_b.empty()) parts.push_back("file_b: " + path(value.file_b));
  return "{" + join(parts, ", ") + "}";
}

std::string kernel(const KernelChoiceSpec& value, const std::string& scenario_file) {
  if (value.glsl_file.empty() && value.spirv_file.empty()) return value.name;
  const bool is_glsl = !value.glsl_file.empty();
  const std::string& file = is_glsl ? value.glsl_file : value.spirv_file;
  std::string out =
      fmt::format("{{{}: {}, tile_m: {}, tile_n: {}", is_glsl ? "glsl" : "spirv",
                  text(path_as_written(scenario_file, file)), value.tile_m, value.tile_n);
  if (!value.constants.empty()) {
    std::vector<std::string> parts;
    for (const auto& [id, constant] : value.constants) {
      parts.push_back(fmt::format("{}: {}", id, constant));
    }
    out += ", constants: {" + join(parts, ", ") + "}";
  }
  return out + "}";
}

std::string decide(const DecideSpec& value, const std::string& scenario_file) {
  const std::string labels =
      value.labels_file.empty()
          ? value.labels
          : fmt::format("{{file: {}}}", text(path_as_written(scenario_file, value.labels_file)));
  return fmt::format("{{threshold: {}, rule: {}, labels: {}}}", shortest(value.threshold),
                     text(value.rule), labels);
}

std::string block(const CaseBlock& value, const std::string& scenario_file) {
  const CaseBlock defaults;
  std::string out = fmt::format("  - op: {}\n", value.op);
  const auto line = [&](std::string_view key, const std::string& written) {
    out += fmt::format("    {}: {}\n", key, written);
  };
  line("shape", list(value.shapes, shape));
  line("precision", words(value.precisions));
  line("fill", list(value.fills, [&](const FillSpec& f) { return fill(f, scenario_file); }));
  // Not every operation has the next three keys.
  if (value.activations != defaults.activations) line("activation", words(value.activations));
  if (value.biases != defaults.biases) line("bias", flags(value.biases));
  if (value.transpose_bs != defaults.transpose_bs) line("transpose_b", flags(value.transpose_bs));
  line("kernel",
       list(value.kernels, [&](const KernelChoiceSpec& k) { return kernel(k, scenario_file); }));
  if (value.builds != defaults.builds) line("build", words(value.builds));
  line("seed", list(value.seeds, [](std::uint64_t seed) { return std::to_string(seed); }));
  if (value.budget_s) line("budget", budget(*value.budget_s));
  // Only where it is asked for: the hashes of scenarios without these keys stay what they were.
  if (value.hold_s > 0) line("hold", shortest(value.hold_s) + "s");
  if (value.repeats > 0) line("repeats", std::to_string(value.repeats));
  if (value.probe) line("probe", "true");
  if (value.decide) line("decide", decide(*value.decide, scenario_file));
  return out;
}

/// The one that is run, with its blocks alone: what longer ones hold changes nothing.
std::vector<std::string> levels(const Scenario& scenario) {
  std::vector<std::string> lines;
  for (const Level& level : scenario.levels) {
    if (level.name != scenario.level) continue;
    lines.push_back(fmt::format("{}: {}s", level.name, shortest(level.within_s)));
  }
  return lines;
}

std::string comparison(const SpeedupTable& table) {
  return fmt::format("speedup: {{of: {}, over: {}}}", table.of, table.over);
}

std::string comparison(const OutputsTable& table) {
  return fmt::format("outputs: {{first: {}}}", table.first);
}

std::string comparison(const GrowthTable& table) {
  return fmt::format("growth: {{over: {}}}", table.over);
}

std::string expect_rule(const ExpectRule& rule) {
  std::vector<std::string> parts;
  if (!rule.where.empty()) {
    std::vector<std::string> conditions;
    for (const auto& [column, value] : rule.where) {
      conditions.push_back(text(column) + ": " + text(value));
    }
    parts.push_back("where: {" + join(conditions, ", ") + "}");
  }
  if (!rule.check_status.empty()) parts.push_back("check_status: " + rule.check_status);
  if (!rule.metric.empty()) parts.push_back("metric: " + text(rule.metric));
  if (rule.at_most) parts.push_back("at_most: " + shortest(*rule.at_most));
  if (rule.at_least) parts.push_back("at_least: " + shortest(*rule.at_least));
  return "{" + join(parts, ", ") + "}";
}

/// "key:" and one line for each part; nothing when there are no parts.
std::string section(std::string_view key, const std::vector<std::string>& parts) {
  if (parts.empty()) return {};
  return fmt::format("{}:\n  {}\n", key, join(parts, "\n  "));
}

}  // namespace

void apply_defaults(Scenario& scenario) {
  for (CaseBlock& block : scenario.cases) {
    if (block.seeds.empty()) block.seeds = {scenario.seed};
    if (!block.budget_s) block.budget_s = scenario.budget_s;
  }
}

std::string resolved_yaml(const Scenario& scenario) {
  std::string out =
      fmt::format("name: {}\ndescription: {}\nseed: {}\nbudget: {}\ncache: {}\n",
                  text(scenario.name), text(scenario.description), scenario.seed,
                  budget(scenario.budget_s), scenario.cache_rotate ? "rotate" : "warm");
  std::vector<std::string> labels, compares, expects;
  for (const auto& [key, value] : scenario.labels) {
    // Reading the level writes its label again.
    if (scenario.levels.empty() || key != "level") labels.push_back(text(key) + ": " + text(value));
  }
  for (const Comparison& table : scenario.comparisons) {
    compares.push_back("- " + std::visit([](const auto& each) { return comparison(each); }, table));
  }
  for (const ExpectRule& rule : scenario.expects) expects.push_back("- " + expect_rule(rule));
  out += section("levels", levels(scenario)) + section("labels", labels) + "cases:\n";
  for (const CaseBlock& entry : scenario.cases) out += block(entry, scenario.file);
  return out + section("compare", compares) + section("expect", expects);
}

}  // namespace gpubench
