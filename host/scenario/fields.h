// fields.h — strict reading of single values and of maps from a YAML tree. Reading goes on after
// an error with a harmless value, so that callers need no branches; `Issues` keeps the error.
// Knows types, ranges and words; knows no key of the format.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "scenario/yaml_tree.h"

namespace gpubench {

/// What is wrong so far; keeps the error that stands first in the file.
class Issues {
 public:
  void add(const SourcePlace& place, std::string text);
  /// A key that is not there. Any other issue comes first: a misspelt key is the usual cause.
  void add_missing(const SourcePlace& place, std::string text);
  [[nodiscard]] bool any() const { return first_ || first_missing_; }
  [[nodiscard]] Error error() const;

 private:
  struct Issue {
    SourcePlace place;
    std::string text;
  };
  static void keep_earlier(std::optional<Issue>& first, Issue issue);

  std::optional<Issue> first_;
  std::optional<Issue> first_missing_;
};

/// A map whose keys must all be asked for: `close` reports every key that nobody asked for.
class MapReader {
 public:
  /// `what` names the map in messages: "a case".
  MapReader(const YamlNode& node, std::string_view what, Issues& issues);

  /// Null when the key is absent.
  const YamlNode* find(std::string_view key);
  /// Null, and an issue, when the key is absent.
  const YamlNode* require(std::string_view key);
  /// A key that belongs elsewhere: `advice` says where.
  void refuse(std::string_view key, std::string_view advice);
  void close();

 private:
  const YamlNode& node_;
  std::string_view what_;
  Issues& issues_;
  std::vector<std::string_view> known_;
};

/// A closed range of whole numbers.
struct Range {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

std::string read_text(const YamlNode& node, std::string_view what, Issues& issues);
std::uint64_t read_count(const YamlNode& node, std::string_view what, Range range, Issues& issues);
double read_number(const YamlNode& node, std::string_view what, Issues& issues);
bool read_bool(const YamlNode& node, std::string_view what, Issues& issues);
/// Seconds; infinity for "unlimited".
double read_budget(const YamlNode& node, Issues& issues);
/// Seconds that a whole run may take, at most a week.
double read_within(const YamlNode& node, Issues& issues);
/// Seconds, at most an hour.
double read_hold(const YamlNode& node, Issues& issues);
std::string read_word(const YamlNode& node, std::string_view what,
                      std::span<const std::string_view> words, Issues& issues);
/// Letters, digits, `_`, `-` and `.`, with a letter, a digit or `_` first: safe in file names and
/// CSV fields.
std::string read_name(const YamlNode& node, std::string_view what, Issues& issues);
bool is_name(std::string_view text);

/// The entries of a list, or the node itself when it is no list.
std::span<const YamlNode> entries(const YamlNode& node, std::string_view what, Issues& issues);

/// `read(entry)` for each value of an axis.
template <class Read>
auto read_axis(const YamlNode& node, std::string_view what, Issues& issues, Read read) {
  std::vector<decltype(read(node))> values;
  for (const YamlNode& entry : entries(node, what, issues)) values.push_back(read(entry));
  return values;
}

}  // namespace gpubench
