#include "compare/baseline_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/hash.h"
#include "base/text.h"
#include "record/csv.h"
#include "record/words.h"
#include "scenario/fields.h"
#include "scenario/limits.h"
#include "scenario/source_place.h"
#include "scenario/source_text.h"
#include "scenario/yaml_tree.h"

namespace gpubench {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr const char* kHead =
    "# Written by gpubench baseline create. content_hash, the last line, is of all lines above "
    "it:\n"
    "# an edited baseline is refused. Make a new one, which says what it replaces.\n";
constexpr std::string_view kHashKey = "content_hash: ";
constexpr Range kCounts = {0, std::numeric_limits<std::uint32_t>::max()};

/// A double-quoted scalar that reads back as the same text. Names come from drivers: control
/// characters are shown as '?'.
std::string quoted(std::string_view text) {
  std::string all = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') all += '\\';
    all += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return all + '"';
}

template <class Items, class Show>
std::string list_text(const Items& items, Show show) {
  std::vector<std::string> shown;
  for (const auto& item : items) shown.push_back(show(item));
  return "[" + join(shown, ", ") + "]";
}

std::string origin_yaml(const Baseline& baseline) {
  std::string text =
      fmt::format("baseline_version: {}\ncreated_at: {}\nby: {}\ntool: {}\nprovisional: {}\n",
                  kVersion, quoted(baseline.created_at), quoted(baseline.by), quoted(baseline.tool),
                  baseline.provisional);
  if (baseline.replaces) {
    text += fmt::format("replaces: {{file: {}, content_hash: {}}}\n",
                        quoted(baseline.replaces->file), quoted(baseline.replaces->content_hash));
  }
  text += fmt::format("runs: {}\ndevices:\n", list_text(baseline.runs, quoted));
  for (const BaselineDevice& device : baseline.devices) {
    text += fmt::format("  - {{name: {}, devices: {}, sessions: {}, drivers: {}}}\n",
                        quoted(device.name), device.devices, device.sessions,
                        list_text(device.drivers, quoted));
  }
  return text;
}

std::string series_yaml(const BaselineSeries& series) {
  std::string text = fmt::format(
      "  - case_id: {}\n    device_name: {}\n    kernel_hash: {}\n    fill: {}\n    timer: {}\n",
      quoted(series.case_id), quoted(series.device_name), quoted(series.kernel_hash),
      quoted(series.fill), quoted(series.timer));
  text += fmt::format("    median_s: {}\n    spread: {}\n    floor_rel: {}\n    sessions: {}\n",
                      shortest(series.median_s), shortest(series.spread),
                      shortest(series.floor_rel), series.sessions);
  if (series.rel_fro_err)
    text += fmt::format("    rel_fro_err: {}\n", shortest(*series.rel_fro_err));
  text += fmt::format("    precision_verdict: {}\n", series.precision_verdict);
  return text + fmt::format("    medians_s: {}\n", list_text(series.medians_s, shortest));
}

std::string required_text(MapReader& map, std::string_view key, Issues& issues) {
  const YamlNode* node = map.require(key);
  return node == nullptr ? std::string() : read_text(*node, key, issues);
}

std::size_t required_count(MapReader& map, std::string_view key, Issues& issues) {
  const YamlNode* node = map.require(key);
  return node == nullptr ? 0 : read_count(*node, key, kCounts, issues);
}

/// Finite and not below `least`.
double read_share(const YamlNode& node, std::string_view key, double least, Issues& issues) {
  const double value = read_number(node, key, issues);
  if (!std::isfinite(value) || value < least) {
    issues.add(node.place, fmt::format("{} must be a finite number of at least {}", key, least));
  }
  return value;
}

double required_number(MapReader& map, std::string_view key, double least, Issues& issues) {
  const YamlNode* node = map.require(key);
  return node == nullptr ? 0 : read_share(*node, key, least, issues);
}

std::vector<std::string> required_texts(MapReader& map, std::string_view key, Issues& issues) {
  const YamlNode* node = map.require(key);
  if (node == nullptr) return {};
  return read_axis(*node, key, issues,
                   [&](const YamlNode& entry) { return read_text(entry, key, issues); });
}

BaselineDevice read_device(const YamlNode& node, Issues& issues) {
  MapReader map(node, "a device", issues);
  BaselineDevice device;
  device.name = required_text(map, "name", issues);
  device.devices = required_count(map, "devices", issues);
  device.sessions = required_count(map, "sessions", issues);
  device.drivers = required_texts(map, "drivers", issues);
  map.close();
  return device;
}

ReplacedBaseline read_replaced(const YamlNode& node, Issues& issues) {
  MapReader map(node, "replaces", issues);
  ReplacedBaseline replaced{required_text(map, "file", issues),
                            required_text(map, "content_hash", issues)};
  map.close();
  return replaced;
}

std::vector<double> read_medians(const YamlNode& node, Issues& issues) {
  return read_axis(node, "medians_s", issues, [&](const YamlNode& entry) {
    return read_share(entry, "medians_s", std::numeric_limits<double>::min(), issues);
  });
}

BaselineSeries read_series(const YamlNode& node, Issues& issues) {
  MapReader map(node, "a series", issues);
  BaselineSeries series;
  series.case_id = required_text(map, "case_id", issues);
  series.device_name = required_text(map, "device_name", issues);
  series.kernel_hash = required_text(map, "kernel_hash", issues);
  series.fill = required_text(map, "fill", issues);
  series.timer = required_text(map, "timer", issues);
  series.median_s = required_number(map, "median_s", std::numeric_limits<double>::min(), issues);
  series.spread = required_number(map, "spread", 0, issues);
  series.floor_rel = required_number(map, "floor_rel", 0, issues);
  series.sessions = required_count(map, "sessions", issues);
  if (const YamlNode* error = map.find("rel_fro_err")) {
    series.rel_fro_err = read_share(*error, "rel_fro_err", 0, issues);
  }
  if (const YamlNode* verdict = map.require("precision_verdict")) {
    series.precision_verdict =
        read_word(*verdict, "precision_verdict", precision_verdict_words(), issues);
  }
  if (const YamlNode* medians = map.require("medians_s")) {
    series.medians_s = read_medians(*medians, issues);
  }
  map.close();
  return series;
}

void read_all_series(const YamlNode& node, Issues& issues, Baseline& baseline) {
  for (const YamlNode& entry : entries(node, "series", issues)) {
    BaselineSeries series = read_series(entry, issues);
    auto key = std::pair(series.case_id, series.device_name);
    if (baseline.series.emplace(std::move(key), std::move(series)).second) continue;
    issues.add(entry.place, "this case and device stand here twice");
  }
}

void read_version(MapReader& map, Issues& issues) {
  const YamlNode* node = map.require("baseline_version");
  if (node == nullptr) return;
  const std::uint64_t version = read_count(*node, "baseline_version", kCounts, issues);
  if (version == kVersion) return;
  issues.add(node->place,
             fmt::format("baseline_version is {}, this gpubench reads {}", version, kVersion));
}

/// The hash must be of every line above its own, and nothing may follow it.
void check_hash(const YamlNode& node, const std::string& text, Issues& issues) {
  const std::string line = fmt::format("\n{}{}\n", kHashKey, node.text);
  if (!text.ends_with(line)) {
    issues.add(node.place, "content_hash must be the last line");
    return;
  }
  const std::string content = text.substr(0, text.size() - line.size() + 1);
  if (content_hash(content) == node.text) return;
  issues.add(node.place,
             "content_hash is not that of the lines above: the baseline was edited or damaged; "
             "make a new one from its runs with baseline create");
}

Result<Baseline> read_tree(const YamlNode& root, const std::string& text) {
  Baseline baseline;
  Issues issues;
  MapReader map(root, "a baseline", issues);
  read_version(map, issues);
  baseline.created_at = required_text(map, "created_at", issues);
  baseline.by = required_text(map, "by", issues);
  baseline.tool = required_text(map, "tool", issues);
  if (const YamlNode* node = map.require("provisional")) {
    baseline.provisional = read_bool(*node, "provisional", issues);
  }
  if (const YamlNode* node = map.find("replaces")) {
    baseline.replaces = read_replaced(*node, issues);
  }
  baseline.runs = required_texts(map, "runs", issues);
  if (const YamlNode* node = map.require("devices")) {
    baseline.devices = read_axis(*node, "devices", issues,
                                 [&](const YamlNode& entry) { return read_device(entry, issues); });
  }
  if (const YamlNode* node = map.require("series")) read_all_series(*node, issues, baseline);
  if (const YamlNode* node = map.require("content_hash")) {
    baseline.content_hash = read_text(*node, "content_hash", issues);
    check_hash(*node, text, issues);
  }
  map.close();
  if (issues.any()) return issues.error();
  return baseline;
}

}  // namespace

Result<std::string> baseline_yaml(const Baseline& baseline) {
  std::string text = kHead + origin_yaml(baseline) + "series:\n";
  for (const auto& [key, series] : baseline.series) text += series_yaml(series);
  text += fmt::format("{}{}\n", kHashKey, content_hash(text));
  if (text.size() <= kMaxFileBytes) return text;
  return Error{ErrorKind::input,
               fmt::format("baseline: of so many runs and cases it has {} bytes, and {} is the "
                           "most; take fewer runs, or one device at a time",
                           text.size(), kMaxFileBytes)};
}

Result<Baseline> read_baseline(const std::string& path) {
  const auto text = read_source(path);
  if (!text) return text.error();
  const auto root = parse_yaml(*text, path);
  if (!root) return root.error();
  return read_tree(*root, *text);
}

}  // namespace gpubench
