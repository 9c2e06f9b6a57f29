#include "scenario/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "base/text.h"
#include "scenario/limits.h"
#include "scenario/source_place.h"

namespace gpubench {
namespace {

/// The scalar's text; null, and an issue, when the node is no scalar.
const std::string* scalar(const YamlNode& node, std::string_view what, Issues& issues) {
  if (node.kind == YamlNode::Kind::scalar) return &node.text;
  if (node.kind == YamlNode::Kind::null) {
    issues.add(node.place, fmt::format("{} has no value", what));
  } else {
    issues.add(node.place,
               fmt::format("{} must be a single value, not {}", what, kind_name(node.kind)));
  }
  return nullptr;
}

void expect(const YamlNode& node, std::string_view what, std::string_view wanted, Issues& issues) {
  issues.add(node.place, fmt::format("{} must be {}, not {}", what, wanted, in_quotes(node.text)));
}

/// Plain decimal digits. Leading zeros are refused: YAML 1.1 reads them as octal, 1.2 does not.
std::optional<std::uint64_t> count_of(const YamlNode& node) {
  if (node.quoted || (node.text.size() > 1 && node.text.front() == '0')) return std::nullopt;
  return parse_unsigned(node.text);
}

}  // namespace

void Issues::add(const SourcePlace& place, std::string text) {
  keep_earlier(first_, {place, std::move(text)});
}

void Issues::add_missing(const SourcePlace& place, std::string text) {
  keep_earlier(first_missing_, {place, std::move(text)});
}

void Issues::keep_earlier(std::optional<Issue>& first, Issue issue) {
  const auto order = [](const SourcePlace& p) { return std::tuple(p.line, p.column); };
  if (!first || order(issue.place) < order(first->place)) first = std::move(issue);
}

Error Issues::error() const {
  const Issue& issue = first_ ? *first_ : *first_missing_;
  return error_at(issue.place, issue.text);
}

MapReader::MapReader(const YamlNode& node, std::string_view what, Issues& issues)
    : node_(node), what_(what), issues_(issues) {
  if (node.kind == YamlNode::Kind::map) return;
  issues.add(node.place,
             fmt::format("{} must be a map of keys, not {}", what, kind_name(node.kind)));
}

const YamlNode* MapReader::find(std::string_view key) {
  known_.push_back(key);
  for (std::size_t i = 0; i < node_.keys.size(); ++i) {
    if (node_.keys[i].text == key) return &node_.items[i];
  }
  return nullptr;
}

const YamlNode* MapReader::require(std::string_view key) {
  const YamlNode* value = find(key);
  if (value == nullptr && node_.kind == YamlNode::Kind::map) {
    issues_.add_missing(node_.place, fmt::format("{} needs the key \"{}\"", what_, key));
  }
  return value;
}

void MapReader::refuse(std::string_view key, std::string_view advice) {
  for (const YamlKey& present : node_.keys) {
    if (present.text != key) continue;
    issues_.add(present.place, fmt::format("key \"{}\" {}", key, advice));
  }
}

void MapReader::close() {
  for (const YamlKey& key : node_.keys) {
    if (std::find(known_.begin(), known_.end(), key.text) != known_.end()) continue;
    issues_.add(key.place, fmt::format("key {} is unknown{}", in_quotes(key.text),
                                       suggestion(key.text, known_)));
  }
}

std::string read_text(const YamlNode& node, std::string_view what, Issues& issues) {
  const std::string* text = scalar(node, what, issues);
  return text == nullptr ? std::string() : *text;
}

std::uint64_t read_count(const YamlNode& node, std::string_view what, Range range, Issues& issues) {
  if (scalar(node, what, issues) == nullptr) return range.low;
  const auto value = count_of(node);
  if (value && *value >= range.low && *value <= range.high) return *value;
  expect(node, what, fmt::format("a whole number from {} to {}", range.low, range.high), issues);
  return range.low;
}

double read_number(const YamlNode& node, std::string_view what, Issues& issues) {
  if (scalar(node, what, issues) == nullptr) return 0;
  const auto value = node.quoted ? std::nullopt : parse_double(node.text);
  if (!value) expect(node, what, "a number", issues);
  return value.value_or(0);
}

bool read_bool(const YamlNode& node, std::string_view what, Issues& issues) {
  const std::string* text = scalar(node, what, issues);
  if (text == nullptr) return false;
  if (node.quoted || (*text != "true" && *text != "false")) {
    expect(node, what, "true or false", issues);
  }
  return *text == "true";
}

double read_budget(const YamlNode& node, Issues& issues) {
  constexpr double kFallback = 1;
  const std::string* text = scalar(node, "budget", issues);
  if (text == nullptr) return kFallback;
  if (*text == "unlimited") return std::numeric_limits<double>::infinity();
  const auto seconds = parse_seconds(*text);
  if (seconds && std::isnormal(*seconds) && *seconds > 0) return *seconds;
  expect(node, "budget", "a time above 0, such as 30s, 250ms or 2min, or \"unlimited\"", issues);
  return kFallback;
}

double read_within(const YamlNode& node, Issues& issues) {
  constexpr double kLongest = 7.0 * 24 * 3600;
  const std::string* text = scalar(node, "the time of a level", issues);
  if (text == nullptr) return kLongest;
  const auto seconds = parse_seconds(*text);
  if (seconds && std::isnormal(*seconds) && *seconds > 0 && *seconds <= kLongest) return *seconds;
  expect(node, "the time of a level", "a time above 0 and up to 168h, such as 25s or 15min",
         issues);
  return kLongest;
}

double read_hold(const YamlNode& node, Issues& issues) {
  constexpr double kLongest = 3600;
  const std::string* text = scalar(node, "hold", issues);
  if (text == nullptr) return 0;
  const auto seconds = parse_seconds(*text);
  if (seconds && std::isnormal(*seconds) && *seconds > 0 && *seconds <= kLongest) return *seconds;
  expect(node, "hold", "a time above 0 and up to 1h, such as 10s or 2min", issues);
  return 0;
}

std::string read_word(const YamlNode& node, std::string_view what,
                      std::span<const std::string_view> words, Issues& issues) {
  const std::string* text = scalar(node, what, issues);
  if (text == nullptr) return {};
  if (std::find(words.begin(), words.end(), *text) == words.end()) {
    issues.add(node.place,
               fmt::format("{} {} is unknown{}", what, in_quotes(*text), suggestion(*text, words)));
  }
  return *text;
}

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= kMaxNameBytes && text.front() != '.' &&
         text.front() != '-' && std::all_of(text.begin(), text.end(), allowed);
}

std::string read_name(const YamlNode& node, std::string_view what, Issues& issues) {
  const std::string* text = scalar(node, what, issues);
  if (text == nullptr) return {};
  if (!is_name(*text)) {
    expect(node, what, fmt::format("1 to {} letters, digits, '_', '-' or '.'", kMaxNameBytes),
           issues);
  }
  return *text;
}

std::span<const YamlNode> entries(const YamlNode& node, std::string_view what, Issues& issues) {
  if (node.kind != YamlNode::Kind::list) return {&node, 1};
  if (node.items.empty()) issues.add(node.place, fmt::format("{} is an empty list", what));
  return node.items;
}

}  // namespace gpubench
