// Nodes are built from yaml-cpp's events and not from YAML::Node, because events come while the
// text is read: a limit stops the reader before the rest of a hostile file costs anything.
#include "scenario/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "scenario/limits.h"
#include "scenario/source_place.h"
#include "scenario/source_text.h"

namespace gpubench {
namespace {

/// Leaves yaml-cpp's parser from within an event.
struct Refused {
  Error error;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] bool has_root() const { return !root_.items.empty(); }
  YamlNode take_root() { return std::move(root_.items.front()); }
  [[nodiscard]] SourcePlace place(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_, 1, 1};
    return {file_, mark.line + 1, mark.column + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (has_root()) refuse(mark, "a second document begins here; a scenario is one document");
    open_ = {&root_};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, YamlNode::Kind::null, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    if (value.size() > kMaxTextBytes) {
      refuse(mark, fmt::format("this text has more than {} bytes", kMaxTextBytes));
    }
    if (expects_key()) {
      if (anchor != YAML::NullAnchor) refuse_anchor(mark);
      return add_key(mark, value);
    }
    YamlNode& node = add(mark, YamlNode::Kind::scalar, anchor);
    node.text = value;
    node.quoted = tag == "!";  // yaml-cpp's mark of a quoted scalar; a plain one has "?".
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, add(mark, YamlNode::Kind::list, anchor));
  }
  void OnSequenceEnd() override { open_.pop_back(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, add(mark, YamlNode::Kind::map, anchor));
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  [[noreturn]] void refuse(const YAML::Mark& mark, std::string_view text) const {
    throw Refused{error_at(place(mark), text)};
  }

  [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
    refuse(mark, "anchors and aliases are not supported; write the value out");
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    refuse(mark, fmt::format("tag {} is not supported", in_quotes(tag)));
  }

  [[nodiscard]] bool expects_key() const {
    const YamlNode& parent = *open_.back();
    return parent.kind == YamlNode::Kind::map && parent.keys.size() == parent.items.size();
  }

  void add_key(const YAML::Mark& mark, const std::string& key) {
    YamlNode& parent = *open_.back();
    const auto same = [&](const YamlKey& other) { return other.text == key; };
    const auto first = std::find_if(parent.keys.begin(), parent.keys.end(), same);
    if (first != parent.keys.end()) {
      refuse(mark, fmt::format("key {} stands here a second time; first in line {}", in_quotes(key),
                               first->place.line));
    }
    // No map of the format has more; it keeps the search for repeated keys short.
    constexpr std::size_t kMaxKeys = 256;
    if (parent.keys.size() == kMaxKeys) {
      refuse(mark, fmt::format("a map may have {} keys at most", kMaxKeys));
    }
    parent.keys.push_back({place(mark), key});
  }

  YamlNode& add(const YAML::Mark& mark, YamlNode::Kind kind, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) refuse_anchor(mark);
    // An open bracket at the end of the text comes as a key as well.
    if (expects_key()) {
      refuse(mark,
             fmt::format("a key must be text, not {}; is a bracket left open?", kind_name(kind)));
    }
    YamlNode& node = open_.back()->items.emplace_back();
    node.place = place(mark);
    node.kind = kind;
    return node;
  }

  void open(const YAML::Mark& mark, YamlNode& node) {
    if (open_.size() > static_cast<std::size_t>(kMaxDepth)) {
      refuse(mark, fmt::format("nested deeper than {} levels", kMaxDepth));
    }
    open_.push_back(&node);
  }

  std::string file_;
  YamlNode root_{{}, YamlNode::Kind::list, {}, false, {}, {}};
  /// The path to the node being filled. An entry stays valid while it is open: its parent gets
  /// no other item until it is closed.
  std::vector<YamlNode*> open_;
};

}  // namespace

YamlNode* YamlNode::find(std::string_view key) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

std::string_view kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return "";
}

Result<YamlNode> parse_yaml(std::string_view text, const std::string& file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (auto refused = check_characters(text, file)) return std::move(*refused);
  TreeBuilder builder(file);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Refused& refused) {
    return std::move(refused.error);
  } catch (const YAML::Exception& broken) {
    return error_at(builder.place(broken.mark), "not valid YAML: " + broken.msg);
  }
  if (!builder.has_root()) return error_at({file, 0, 0}, "is empty");
  return builder.take_root();
}

}  // namespace gpubench
