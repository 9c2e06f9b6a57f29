// B is made in slabs of a few MiB. Each task takes a strip of columns of a slab, so that the
// running sums of a strip stay in the first-level cache while the inner index advances.
#include "reference/emulate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/parallel.h"
#include "emulator/steps.h"
#include "kernels/fill.h"
#include "reference/activation.h"

namespace gpubench {
namespace {

constexpr std::size_t kStrip = 512;
constexpr std::size_t kTransposedColumns = 64;
constexpr std::size_t kTransposedInner = 256;
constexpr std::uint64_t kSlabElements = std::uint64_t{1} << 22;
// Multiply-adds of one emulation: about a second on two cores in the slowest format.
constexpr std::uint64_t kAffordableSteps = std::uint64_t{1} << 31;

/// Part of a tensor as the multiplier sees it.
Outcome load(const Problem& problem, Format storage, NumberFormat multiplied, Tensor tensor,
             std::uint64_t first, std::span<float> out) {
  if (auto filled = fill_tensor(problem, tensor, first, out); !filled) return filled;
  quantise(out, storage);
  parallel_for(out.size(), 65536, [&](std::size_t begin, std::size_t end) {
    round_to_nearest(multiplied, out.subspan(begin, end - begin));
  });
  return Done{};
}

class ProductEmulator {
 public:
  ProductEmulator(const Problem& problem, Format storage, const Arithmetic& arithmetic,
                  std::span<const std::uint64_t> rows)
      : problem_(problem),
        storage_(storage),
        arithmetic_(arithmetic),
        rows_(rows),
        a_(rows.size() * problem.shape.k),
        sums_(rows.size() * problem.shape.n) {}

  Result<std::vector<float>> run() {
    const std::uint64_t k = problem_.shape.k;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto loaded = load_part(Tensor::a, rows_[i] * k, std::span(a_).subspan(i * k, k));
      if (!loaded) return loaded.error();
    }
    for (std::uint64_t batch = 0; batch < problem_.shape.batch; ++batch) {
      if (const auto added = add_batch(batch); !added) return added.error();
    }
    if (const auto finished = finish(); !finished) return finished.error();
    return std::move(sums_);
  }

 private:
  Outcome load_part(Tensor tensor, std::uint64_t first, std::span<float> out) const {
    return load(problem_, storage_, arithmetic_.multiplied, tensor, first, out);
  }

  /// Walks through B of one batch member by slabs of whole lines.
  Outcome add_batch(std::uint64_t batch) {
    const auto in_batch = [&](std::uint64_t row) { return row / problem_.shape.m == batch; };
    if (std::ranges::none_of(rows_, in_batch)) return Done{};
    const bool transposed = is_b_transposed(problem_);
    const std::uint64_t length = transposed ? problem_.shape.k : problem_.shape.n;
    const std::uint64_t lines = transposed ? problem_.shape.n : problem_.shape.k;
    const std::uint64_t step = std::max<std::uint64_t>(1, kSlabElements / length);
    for (std::uint64_t line = 0; line < lines; line += step) {
      slab_.resize(std::min(step, lines - line) * length);
      const auto loaded = load_part(Tensor::b, (batch * lines + line) * length, slab_);
      if (!loaded) return loaded.error();
      if (transposed) {
        add_columns(batch, line);
      } else {
        add_inner(batch, line);
      }
    }
    return Done{};
  }

  /// `tile` holds inner indices from `inner` on for `width` columns from `column` on.
  struct Tile {
    std::uint64_t batch, inner, column;
    std::size_t depth, width;
    const float* data;
    std::size_t stride;
  };

  void add_tile(const Tile& tile) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i] / problem_.shape.m != tile.batch) continue;
      const float* a = a_.data() + i * problem_.shape.k + tile.inner;
      float* sums = sums_.data() + i * problem_.shape.n + tile.column;
      for (std::size_t p = 0; p < tile.depth; ++p) {
        add_products_to_nearest(arithmetic_.accumulated, a[p],
                                {tile.data + p * tile.stride, tile.width}, sums);
      }
    }
  }

  /// The slab is lines of B as k x n.
  void add_inner(std::uint64_t batch, std::uint64_t first_inner) {
    const std::size_t n = problem_.shape.n;
    parallel_for(n, kStrip, [&](std::size_t begin, std::size_t end) {
      add_tile({batch, first_inner, begin, slab_.size() / n, end - begin, slab_.data() + begin, n});
    });
  }

  /// The slab is lines of B as n x k: tiles are transposed on the way.
  void add_columns(std::uint64_t batch, std::uint64_t first_column) {
    const std::size_t k = problem_.shape.k;
    parallel_for(slab_.size() / k, kTransposedColumns, [&](std::size_t begin, std::size_t end) {
      std::array<float, kTransposedInner * kTransposedColumns> tile;
      for (std::size_t inner = 0; inner < k; inner += kTransposedInner) {
        const std::size_t depth = std::min(kTransposedInner, k - inner);
        for (std::size_t j = begin; j < end; ++j) {
          for (std::size_t p = 0; p < depth; ++p) {
            tile[p * kTransposedColumns + j - begin] = slab_[j * k + inner + p];
          }
        }
        add_tile({batch, inner, first_column + begin, depth, end - begin, tile.data(),
                  kTransposedColumns});
      }
    });
  }

  Outcome finish() {
    std::vector<float> bias(problem_.bias_elements());
    if (!bias.empty()) {
      if (auto loaded = load_part(Tensor::bias, 0, bias); !loaded) return loaded;
    }
    const NumberFormat format = arithmetic_.accumulated;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      float value = sums_[i];
      if (!bias.empty()) value = rounded_to_nearest(format, value + bias[i % problem_.shape.n]);
      if (problem_.activation != Activation::none) {
        value =
            rounded_to_nearest(format, static_cast<float>(activate(problem_.activation, value)));
      }
      sums_[i] = rounded_to_nearest(arithmetic_.output, value);
    }
    return Done{};
  }

  const Problem& problem_;
  Format storage_;
  Arithmetic arithmetic_;
  std::span<const std::uint64_t> rows_;
  std::vector<float> a_;
  std::vector<float> sums_;
  std::vector<float> slab_;
};

void emulate_softmax_row(const Arithmetic& arithmetic, std::span<float> row) {
  const NumberFormat format = arithmetic.accumulated;
  const float largest = *std::ranges::max_element(row);
  float sum = 0;
  for (float& value : row) {
    const float shifted = rounded_to_nearest(format, value - largest);
    value = rounded_to_nearest(format, std::exp(shifted));
    sum = rounded_to_nearest(format, sum + value);
  }
  for (float& value : row) {
    value = rounded_to_nearest(arithmetic.output, rounded_to_nearest(format, value / sum));
  }
}

Result<std::vector<float>> emulate_softmax(const Problem& problem, Format storage,
                                           const Arithmetic& arithmetic,
                                           std::span<const std::uint64_t> rows) {
  const std::uint64_t columns = problem.shape.n;
  std::vector<float> values(rows.size() * columns);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::span<float> row = std::span(values).subspan(i * columns, columns);
    const auto loaded =
        load(problem, storage, arithmetic.multiplied, Tensor::a, rows[i] * columns, row);
    if (!loaded) return loaded.error();
    emulate_softmax_row(arithmetic, row);
  }
  return values;
}

}  // namespace

Arithmetic declared_arithmetic(Precision precision) {
  using enum NumberFormat;
  switch (precision) {
    case Precision::fp32:
    case Precision::fp32_relaxed:
      return {fp32, fp32, fp32};
    case Precision::fp16:
      return {fp16, fp16, fp16};
    case Precision::fp16_acc32:
      return {fp16, fp32, fp16};
    case Precision::fp32_via_fp16:
      return {fp16, fp16, fp32};
    case Precision::tf32:
      return {tf32, fp32, fp32};
    case Precision::bf16:
      return {bf16, fp32, fp32};
  }
  return {};
}

Arithmetic next_lower_arithmetic(Precision precision) {
  using enum NumberFormat;
  switch (precision) {
    case Precision::fp32:
      return {tf32, fp32, fp32};
    case Precision::tf32:
      return {bf16, fp32, fp32};
    case Precision::fp16_acc32:
      return {fp16, fp16, fp16};
    case Precision::fp16:
      return {bf16, bf16, fp16};
    case Precision::fp32_via_fp16:
    case Precision::fp32_relaxed:
    case Precision::bf16:
      return {bf16, bf16, fp32};
  }
  return {};
}

Result<std::vector<float>> emulate_rows(const Problem& problem, Format storage,
                                        const Arithmetic& arithmetic,
                                        std::span<const std::uint64_t> rows) {
  if (problem.op == Op::softmax) return emulate_softmax(problem, storage, arithmetic, rows);
  return ProductEmulator(problem, storage, arithmetic, rows).run();
}

std::vector<std::uint64_t> affordable_rows(const Problem& problem,
                                           std::span<const std::uint64_t> rows) {
  const std::uint64_t depth = problem.op == Op::softmax ? 1 : problem.shape.k;
  const std::uint64_t steps = std::uint64_t{problem.shape.n} * depth;
  const std::uint64_t count = std::clamp<std::uint64_t>(kAffordableSteps / steps, 1, rows.size());
  std::vector<std::uint64_t> chosen;
  for (std::uint64_t i = 0; i < count; ++i) chosen.push_back(rows[i * rows.size() / count]);
  return chosen;
}

}  // namespace gpubench
