#include "scenario/overrides.h"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "scenario/limits.h"
#include "scenario/source_place.h"

namespace gpubench {
namespace {

struct Override {
  SourcePlace place;  ///< No line: messages show the assignment itself.
  std::vector<std::string> path;
  YamlNode value;
};

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts(1);
  for (const char c : path) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

void place_all(YamlNode& node, const SourcePlace& place) {
  node.place = place;
  for (YamlKey& key : node.keys) key.place = place;
  for (YamlNode& item : node.items) place_all(item, place);
}

Result<Override> parse_override(std::string_view assignment) {
  const auto equals = assignment.find('=');
  const SourcePlace place{"--set " + std::string(assignment.substr(0, kMaxTextBytes)), 0, 0};
  if (equals == std::string_view::npos || equals == 0) {
    return error_at(place, "expected path=value, such as budget=5s");
  }
  Override result{place, split_path(assignment.substr(0, equals)), {}};
  for (const std::string& part : result.path) {
    if (part.empty()) return error_at(place, "the path has an empty part");
  }
  if (result.path.size() > static_cast<std::size_t>(kMaxDepth)) {
    return error_at(place, fmt::format("the path is deeper than {} levels", kMaxDepth));
  }
  const std::string_view text = assignment.substr(equals + 1);
  if (text.empty()) return error_at(place, "has no value");
  auto value = parse_yaml(text, "value");
  if (!value) return error_at(place, value.error().message);
  result.value = *std::move(value);
  place_all(result.value, place);
  return result;
}

/// `size` and `shape` say the same thing in two ways: setting one takes the other away.
void forget_rival(YamlNode& map, std::string_view key) {
  const std::string_view rival = key == "size" ? "shape" : key == "shape" ? "size" : "";
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    if (map.keys[i].text != rival) continue;
    map.keys.erase(map.keys.begin() + static_cast<std::ptrdiff_t>(i));
    map.items.erase(map.items.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

Outcome assign(YamlNode& node, std::span<const std::string> path, const Override& change);

Outcome assign_in_list(YamlNode& list, std::span<const std::string> path, const Override& change) {
  if (const auto index = parse_unsigned(path.front())) {
    if (*index >= list.items.size()) {
      return error_at(change.place, fmt::format("there is no entry {}; the list has {}, from 0",
                                                *index, list.items.size()));
    }
    return assign(list.items[*index], path.subspan(1), change);
  }
  for (YamlNode& item : list.items) {
    if (auto done = assign(item, path, change); !done) return done;
  }
  return Done{};
}

Outcome assign_in_map(YamlNode& map, std::span<const std::string> path, const Override& change) {
  const std::string& key = path.front();
  forget_rival(map, key);
  YamlNode* value = map.find(key);
  if (value == nullptr) {
    map.keys.push_back({change.place, key});
    value = &map.items.emplace_back();
    value->place = change.place;
  }
  return assign(*value, path.subspan(1), change);
}

/// Depth is bounded by the length of the path.
Outcome assign(YamlNode& node, std::span<const std::string> path, const Override& change) {
  if (path.empty()) {
    node = change.value;
    return Done{};
  }
  if (node.kind == YamlNode::Kind::null) node.kind = YamlNode::Kind::map;
  if (node.kind == YamlNode::Kind::list) return assign_in_list(node, path, change);
  if (node.kind == YamlNode::Kind::map) return assign_in_map(node, path, change);
  return error_at(change.place, fmt::format("{} has no key {}: it is a single value",
                                            in_quotes(node.text), in_quotes(path.front())));
}

}  // namespace

Outcome apply_override(YamlNode& root, std::string_view assignment) {
  const auto change = parse_override(assignment);
  if (!change) return change.error();
  return assign(root, change->path, *change);
}

}  // namespace gpubench
