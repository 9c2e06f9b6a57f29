// yaml_tree.h — YAML text as a tree whose every node knows its place. The only user of yaml-cpp,
// whose exceptions end here.
// Knows the syntax that scenarios may use; knows no key of theirs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scenario/scenario.h"

namespace gpubench {

struct YamlKey {
  SourcePlace place;
  std::string text;
};

struct YamlNode {
  enum class Kind { null, scalar, list, map };

  SourcePlace place;
  Kind kind = Kind::null;
  std::string text;             ///< Of a scalar.
  bool quoted = false;          ///< A quoted scalar is text, never a number.
  std::vector<YamlKey> keys;    ///< Of a map: keys[i] belongs to items[i].
  std::vector<YamlNode> items;  ///< Of a list or a map.

  /// The value under `key` of a map, or null.
  [[nodiscard]] YamlNode* find(std::string_view key);
};

/// "a list", "a map", …; for messages.
std::string_view kind_name(YamlNode::Kind kind);

/// Reads exactly one document. Refuses, beside broken YAML: repeated keys, anchors and aliases (a
/// value then has one place only, and no file can grow when read), tags, tabs as indentation,
/// control characters, bytes that are not UTF-8, and whatever is over limits.h.
Result<YamlNode> parse_yaml(std::string_view text, const std::string& file);

}  // namespace gpubench
