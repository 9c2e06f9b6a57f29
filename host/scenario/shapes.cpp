#include "scenario/shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "scenario/limits.h"

namespace gpubench {
namespace {

struct Dimension {
  std::string_view key;
  std::uint64_t ShapeSpec::*field;
  std::uint64_t absent;  ///< Value where the operation has no such dimension.
};

constexpr std::array<Dimension, 4> kDimensions = {{{"m", &ShapeSpec::m, 1},
                                                   {"n", &ShapeSpec::n, 1},
                                                   {"k", &ShapeSpec::k, 0},
                                                   {"batch", &ShapeSpec::batch, 1}}};
constexpr std::string_view kBatch = "batch";
constexpr Range kSizes = {1, kMaxElements};

bool has(const OpWords& op, std::string_view dimension) {
  return std::find(op.dimensions.begin(), op.dimensions.end(), dimension) != op.dimensions.end();
}

struct Operand {
  std::string_view name;
  std::uint64_t elements;
};

/// The tensors a shape implies: m x k and k x n inputs where the operation has a k, m x n output.
std::array<Operand, 3> operands(const ShapeSpec& shape) {
  const auto tensor = [&](std::uint64_t rows, std::uint64_t columns) {
    return saturating_product(shape.batch, saturating_product(rows, columns));
  };
  return {{{"the first input", tensor(shape.m, shape.k)},
           {"the second input", tensor(shape.k, shape.n)},
           {"the output", tensor(shape.m, shape.n)}}};
}

void check_elements(const ShapeSpec& shape, const SourcePlace& place, Issues& issues) {
  for (const Operand& operand : operands(shape)) {
    if (operand.elements <= kMaxElements) continue;
    std::string text = fmt::format("{}x{}", shape.m, shape.n);
    if (shape.k > 0) text += fmt::format("x{}", shape.k);
    if (shape.batch > 1) text += fmt::format(" with batch {}", shape.batch);
    return issues.add(place, fmt::format("{} is too large: {} would have more than {} elements",
                                         text, operand.name, kMaxElements));
  }
}

std::vector<ShapeSpec> read_sizes(const YamlNode& node, const OpWords& op, Issues& issues) {
  return read_axis(node, "size", issues, [&](const YamlNode& entry) {
    const std::uint64_t size = read_count(entry, "size", kSizes, issues);
    const ShapeSpec shape{size, size, has(op, "k") ? size : 0, 1};
    check_elements(shape, entry.place, issues);
    return shape;
  });
}

/// The values of each dimension, in the order of kDimensions.
using Axes = std::array<std::vector<std::uint64_t>, kDimensions.size()>;

Axes read_axes(const YamlNode& node, const OpWords& op, Issues& issues) {
  Axes axes;
  MapReader map(node, "shape", issues);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Dimension& dimension = kDimensions[i];
    if (!has(op, dimension.key)) {
      map.refuse(dimension.key, fmt::format("is no dimension of op {}", op.name));
      axes[i] = {dimension.absent};
      continue;
    }
    const YamlNode* value =
        dimension.key == kBatch ? map.find(dimension.key) : map.require(dimension.key);
    axes[i] = {1};
    if (value == nullptr) continue;
    axes[i] = read_axis(*value, dimension.key, issues, [&](const YamlNode& entry) {
      return read_count(entry, dimension.key, kSizes, issues);
    });
  }
  map.close();
  return axes;
}

std::uint64_t product_size(const Axes& axes) {
  std::uint64_t size = 1;
  for (const auto& axis : axes) size = saturating_product(size, axis.size());
  return size;
}

/// The `index`-th shape of the product; the last dimension runs fastest.
ShapeSpec shape_at(const Axes& axes, std::uint64_t index) {
  ShapeSpec shape;
  for (std::size_t i = axes.size(); i-- > 0;) {
    shape.*kDimensions[i].field = axes[i][index % axes[i].size()];
    index /= axes[i].size();
  }
  return shape;
}

std::vector<ShapeSpec> read_shape_maps(const YamlNode& node, const OpWords& op, Issues& issues) {
  std::vector<ShapeSpec> shapes;
  for (const YamlNode& entry : entries(node, "shape", issues)) {
    const Axes axes = read_axes(entry, op, issues);
    const std::uint64_t count = product_size(axes);
    if (count > kMaxCases || shapes.size() + count > kMaxCases) {
      issues.add(entry.place, fmt::format("more than {} shapes", kMaxCases));
      return shapes;
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      shapes.push_back(shape_at(axes, i));
      check_elements(shapes.back(), entry.place, issues);
    }
  }
  return shapes;
}

}  // namespace

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  if (a == 0 || b == 0) return 0;
  return a > kMost / b ? kMost : a * b;
}

std::vector<ShapeSpec> read_shapes(MapReader& block, const YamlNode& node, const OpWords& op,
                                   Issues& issues) {
  const YamlNode* size = block.find("size");
  const YamlNode* shape = block.find("shape");
  if (size == nullptr && shape == nullptr) {
    issues.add_missing(node.place, "a case needs the key \"size\" or \"shape\"");
    return {};
  }
  if (size != nullptr && shape != nullptr) {
    issues.add(shape->place, "a case has \"size\" or \"shape\", not both");
    return {};
  }
  return size != nullptr ? read_sizes(*size, op, issues) : read_shape_maps(*shape, op, issues);
}

}  // namespace gpubench
