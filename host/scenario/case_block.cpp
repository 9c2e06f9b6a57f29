#include "scenario/case_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "scenario/limits.h"
#include "scenario/paths.h"
#include "scenario/shapes.h"
#include "scenario/source_place.h"

namespace gpubench {
namespace {

constexpr Range kAnyU32 = {0, std::numeric_limits<std::uint32_t>::max()};
constexpr Range kAnyU64 = {0, std::numeric_limits<std::uint64_t>::max()};
/// Rows or columns of one workgroup; far above any sensible tile.
constexpr Range kTileRange = {1, 65536};
/// Each is a launch, a download and a comparison.
constexpr Range kRepeatsRange = {1, 100'000};

/// What every part of a block needs beside its own node.
struct Context {
  const std::string& file;
  const Vocabulary& words;
  Issues& issues;
};

bool has_word(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::uint32_t read_u32(const YamlNode& node, std::string_view what, Range range, Issues& issues) {
  return static_cast<std::uint32_t>(read_count(node, what, range, issues));
}

const OpWords* read_op(MapReader& map, const Context& context) {
  const YamlNode* node = map.require("op");
  if (node == nullptr) return nullptr;
  std::vector<std::string_view> names;
  for (const OpWords& op : context.words.ops) names.push_back(op.name);
  const std::string word = read_word(*node, "op", names, context.issues);
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end()) return nullptr;
  return &context.words.ops[static_cast<std::size_t>(found - names.begin())];
}

void read_constants(const YamlNode& node, KernelChoiceSpec& kernel, Issues& issues) {
  if (node.kind != YamlNode::Kind::map || node.keys.size() > kMaxConstants) {
    return issues.add(node.place, fmt::format("constants must be a map of at most {} ids to values",
                                              kMaxConstants));
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const YamlKey& key = node.keys[i];
    const auto id = parse_unsigned(key.text);
    if (!id || *id > kAnyU32.high) {
      issues.add(key.place, fmt::format("{} is no id of a specialization constant: a whole number "
                                        "is expected",
                                        in_quotes(key.text)));
      continue;
    }
    if (*id < kFirstUserConstant) {
      issues.add(key.place, fmt::format("constant {} belongs to gpubench: ids of your own begin "
                                        "at {}",
                                        *id, kFirstUserConstant));
      continue;
    }
    kernel.constants.emplace_back(static_cast<std::uint32_t>(*id),
                                  read_u32(node.items[i], "a constant", kAnyU32, issues));
  }
  std::sort(kernel.constants.begin(), kernel.constants.end());
}

KernelChoiceSpec read_user_kernel(const YamlNode& node, const Context& context) {
  KernelChoiceSpec kernel;
  kernel.name = "user";
  MapReader map(node, "kernel", context.issues);
  const YamlNode* glsl = map.find("glsl");
  const YamlNode* spirv = map.find("spirv");
  if ((glsl == nullptr) == (spirv == nullptr) && node.kind == YamlNode::Kind::map) {
    context.issues.add(node.place, "kernel needs the key \"glsl\" or \"spirv\", and not both");
  }
  if (glsl != nullptr) kernel.glsl_file = read_file(*glsl, "glsl", context.file, context.issues);
  if (spirv != nullptr) {
    kernel.spirv_file = read_file(*spirv, "spirv", context.file, context.issues);
  }
  const auto tile = [&](std::string_view key) {
    const YamlNode* value = map.find(key);
    return value == nullptr ? 1 : read_u32(*value, key, kTileRange, context.issues);
  };
  kernel.tile_m = tile("tile_m");
  kernel.tile_n = tile("tile_n");
  if (const YamlNode* constants = map.find("constants")) {
    read_constants(*constants, kernel, context.issues);
  }
  map.close();
  return kernel;
}

KernelChoiceSpec read_kernel(const YamlNode& node, const OpWords& op, const Context& context) {
  if (node.kind == YamlNode::Kind::map) return read_user_kernel(node, context);
  std::vector<std::string_view> names{"auto"};
  names.insert(names.end(), op.kernels.begin(), op.kernels.end());
  KernelChoiceSpec kernel;
  kernel.name = read_word(node, "kernel", names, context.issues);
  return kernel;
}

FillSpec read_fill_map(const YamlNode& node, const OpWords& op, const Context& context) {
  FillSpec fill;
  fill.name = "file";
  MapReader map(node, "fill", context.issues);
  const YamlNode* file = map.find("file");
  const YamlNode* file_b = map.find("file_b");
  if (file == nullptr && file_b == nullptr && node.kind == YamlNode::Kind::map) {
    context.issues.add(node.place, "fill needs the key \"file\" or \"file_b\"");
  }
  if (file_b != nullptr && !has_word(op.dimensions, "k")) {
    context.issues.add(file_b->place, fmt::format("op {} has no second input for file_b", op.name));
  }
  if (file != nullptr) fill.file = read_file(*file, "file", context.file, context.issues);
  if (file_b != nullptr) fill.file_b = read_file(*file_b, "file_b", context.file, context.issues);
  map.close();
  return fill;
}

FillSpec read_fill(const YamlNode& node, const OpWords& op, const Context& context) {
  if (node.kind == YamlNode::Kind::map) return read_fill_map(node, op, context);
  FillSpec fill;
  fill.name = read_word(node, "fill", context.words.fills, context.issues);
  if (fill.name == "file") {
    context.issues.add(node.place, "fill \"file\" needs a path, as in {file: x.npy}");
  }
  return fill;
}

/// "none", "drawn", or `{file: y.npy}`.
void read_labels(const YamlNode& node, const Context& context, DecideSpec& decide) {
  if (node.kind == YamlNode::Kind::map) {
    decide.labels = "file";
    MapReader map(node, "labels", context.issues);
    if (const YamlNode* file = map.require("file")) {
      decide.labels_file = read_file(*file, "file", context.file, context.issues);
    }
    return map.close();
  }
  constexpr std::array<std::string_view, 2> kLabels = {"none", "drawn"};
  decide.labels = read_word(node, "labels", kLabels, context.issues);
}

double read_threshold(const YamlNode& node, Issues& issues) {
  const double threshold = read_number(node, "threshold", issues);
  if (!(std::abs(threshold) <= kMaxThreshold)) {
    issues.add(node.place, fmt::format("threshold must be from -{0} to {0}", kMaxThreshold));
  }
  return threshold;
}

DecideSpec read_decide(const YamlNode& node, const Context& context) {
  constexpr std::array<std::string_view, 2> kRules = {">=", ">"};
  DecideSpec decide;
  MapReader map(node, "decide", context.issues);
  if (const YamlNode* threshold = map.find("threshold")) {
    decide.threshold = read_threshold(*threshold, context.issues);
  }
  if (const YamlNode* rule = map.find("rule")) {
    decide.rule = read_word(*rule, "rule", kRules, context.issues);
  }
  if (const YamlNode* labels = map.find("labels")) read_labels(*labels, context, decide);
  map.close();
  return decide;
}

/// The axes that only some operations have.
void read_op_axes(MapReader& map, const OpWords& op, const Context& context, CaseBlock& block) {
  const auto own = [&](std::string_view key) -> const YamlNode* {
    if (has_word(op.keys, key)) return map.find(key);
    map.refuse(key, fmt::format("does not belong to op {}", op.name));
    return nullptr;
  };
  const auto read_flags = [&](const YamlNode& node, std::string_view key) {
    return read_axis(node, key, context.issues,
                     [&](const YamlNode& entry) { return read_bool(entry, key, context.issues); });
  };
  if (const YamlNode* node = own("activation")) {
    block.activations = read_axis(*node, "activation", context.issues, [&](const YamlNode& entry) {
      return read_word(entry, "activation", context.words.activations, context.issues);
    });
  }
  if (const YamlNode* node = own("bias")) block.biases = read_flags(*node, "bias");
  if (const YamlNode* node = own("transpose_b")) {
    block.transpose_bs = read_flags(*node, "transpose_b");
  }
}

/// The axes that every operation has.
void read_common_axes(MapReader& map, const OpWords& op, const Context& context, CaseBlock& block) {
  Issues& issues = context.issues;
  if (const YamlNode* node = map.find("precision")) {
    block.precisions = read_axis(*node, "precision", issues, [&](const YamlNode& entry) {
      return read_word(entry, "precision", context.words.precisions, issues);
    });
  }
  if (const YamlNode* node = map.find("fill")) {
    block.fills = read_axis(*node, "fill", issues,
                            [&](const YamlNode& entry) { return read_fill(entry, op, context); });
  }
  if (const YamlNode* node = map.find("kernel")) {
    block.kernels = read_axis(*node, "kernel", issues, [&](const YamlNode& entry) {
      return read_kernel(entry, op, context);
    });
  }
  if (const YamlNode* node = map.find("build")) {
    block.builds = read_axis(*node, "build", issues, [&](const YamlNode& entry) {
      return read_word(entry, "build", context.words.builds, issues);
    });
  }
  if (const YamlNode* node = map.find("seed")) {
    block.seeds = read_axis(*node, "seed", issues, [&](const YamlNode& entry) {
      return read_count(entry, "seed", kAnyU64, issues);
    });
  }
  if (const YamlNode* node = map.find("budget")) block.budget_s = read_budget(*node, issues);
  if (const YamlNode* node = map.find("hold")) block.hold_s = read_hold(*node, issues);
  if (const YamlNode* node = map.find("repeats")) {
    block.repeats = read_u32(*node, "repeats", kRepeatsRange, issues);
  }
  if (const YamlNode* node = map.find("probe")) block.probe = read_bool(*node, "probe", issues);
}

}  // namespace

std::string read_level(const YamlNode& node, std::span<const Level> levels, Issues& issues) {
  if (levels.empty()) {
    issues.add(node.place, "level needs the key \"levels\" of the scenario, which names them all");
    return {};
  }
  std::vector<std::string_view> names;
  for (const Level& level : levels) names.push_back(level.name);
  return read_word(node, "level", names, issues);
}

CaseBlock read_case_block(const YamlNode& node, const Scenario& scenario, const Vocabulary& words,
                          Issues& issues) {
  CaseBlock block;
  block.place = node.place;
  const Context context{scenario.file, words, issues};
  MapReader map(node, "a case", issues);
  const OpWords* op = read_op(map, context);
  if (op == nullptr) return block;  // The rest depends on it; one issue says enough.
  block.op = op->name;
  block.shapes = read_shapes(map, node, *op, issues);
  read_common_axes(map, *op, context, block);
  read_op_axes(map, *op, context, block);
  if (const YamlNode* decide = map.find("decide")) block.decide = read_decide(*decide, context);
  if (const YamlNode* level = map.find("level")) {
    block.level = read_level(*level, scenario.levels, issues);
  }
  map.close();
  return block;
}

std::uint64_t case_count(const CaseBlock& block) {
  const std::size_t seeds = std::max<std::size_t>(block.seeds.size(), 1);
  std::uint64_t count = 1;
  for (const std::size_t axis :
       {block.shapes.size(), block.precisions.size(), block.fills.size(), block.activations.size(),
        block.biases.size(), block.transpose_bs.size(), block.kernels.size(), block.builds.size(),
        seeds}) {
    count = saturating_product(count, axis);
  }
  return count;
}

}  // namespace gpubench
