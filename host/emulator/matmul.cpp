// Operands are rounded and split once, into one matrix for each kind of product. Each row of C is
// then a list of parts of k, each of them a list of groups, each of one chain or a lane's chains,
// and a chain is a sequence of indices into those matrices.
#include "emulator/matmul.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "base/parallel.h"
#include "emulator/steps.h"

namespace gpubench {
namespace {

// Multiply-adds that are worth a thread of their own.
constexpr std::size_t kGrainSteps = std::size_t{1} << 18;

using Values = std::vector<float>;
using Sums = std::vector<double>;
using Chain = std::vector<std::size_t>;
using Group = std::vector<Chain>;  ///< Its lanes.
using Part = std::vector<Group>;

/// The rounded values, the rounded rests, and so on.
std::vector<Values> parts_of(const NumberRule& rule, std::size_t parts,
                             std::span<const float> values) {
  std::vector<Values> result;
  Values rest(values.begin(), values.end());
  for (std::size_t part = 0; part < parts; ++part) {
    Values rounded_rest = rest;
    round_all(rule, rounded_rest);
    // Exact: what rounding took away has fewer bits than the value had.
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= rounded_rest[i];
    result.push_back(std::move(rounded_rest));
  }
  return result;
}

struct PartPair {
  std::size_t a;
  std::size_t b;
};

/// The products between parts that count, least significant first.
std::vector<PartPair> part_pairs(const Split& split) {
  std::vector<PartPair> pairs;
  for (std::size_t order = 2 * split.parts - 1; order-- > 0;) {
    for (std::size_t a = split.parts; a-- > 0;) {
      if (a <= order && order - a < split.parts) pairs.push_back({a, order - a});
    }
  }
  assert(split.products <= pairs.size() && "more products than pairs of parts");
  pairs.erase(pairs.begin(), pairs.end() - split.products);
  return pairs;
}

/// Whether the fast float loops do what the rule says.
bool is_plain(const NumberRule& rule) {
  return rule.rounding == RoundingMode::nearest_even && rule.overflow == Overflow::ieee &&
         rule.subnormals == Subnormals::keep &&
         (rule.format == NumberFormat::fp32 || rule.format == NumberFormat::tf32 ||
          rule.format == NumberFormat::bf16 || rule.format == NumberFormat::fp16);
}

class Emulation {
 public:
  Emulation(const MatmulArithmetic& arithmetic, const MatmulShape& shape, std::span<const float> a,
            std::span<const float> b)
      : arithmetic_(arithmetic),
        shape_(shape),
        a_(parts_of(arithmetic.a, arithmetic.split.parts, a)),
        b_(parts_of(arithmetic.b, arithmetic.split.parts, b)),
        pairs_(part_pairs(arithmetic.split)),
        parts_(make_parts()) {}

  void row(std::size_t row, std::span<float> out) const {
    std::vector<Sums> parts;
    for (const Part& part : parts_) parts.push_back(sum_part(part, row));
    const Sums sums =
        parts.size() == 1 ? std::move(parts.front()) : added_in_sequence(arithmetic_.across, parts);
    for (std::size_t j = 0; j < shape_.n; ++j) {
      out[j] = static_cast<float>(rounded(arithmetic_.output, sums[j]));
    }
  }

 private:
  /// Index t·k + i stands for product kind t of element i.
  Chain chain_of(const std::vector<std::size_t>& elements) const {
    Chain chain;
    if (arithmetic_.split.order == Split::Order::by_element) {
      for (const std::size_t i : elements) {
        for (std::size_t t = 0; t < pairs_.size(); ++t) chain.push_back(t * shape_.k + i);
      }
    } else {
      for (std::size_t t = 0; t < pairs_.size(); ++t) {
        for (const std::size_t i : elements) chain.push_back(t * shape_.k + i);
      }
    }
    return chain;
  }

  [[nodiscard]] std::vector<Part> make_parts() const {
    const std::size_t step = arithmetic_.order.part == 0 ? shape_.k : arithmetic_.order.part;
    std::vector<Part> parts;
    for (std::size_t first = 0; first < shape_.k; first += step) {
      parts.push_back(make_groups(first, std::min(first + step, shape_.k)));
    }
    return parts;
  }

  /// Which k of a part each group adds, in its order.
  [[nodiscard]] std::vector<std::vector<std::size_t>> members(std::size_t first,
                                                              std::size_t last) const {
    const SummationOrder& order = arithmetic_.order;
    const std::size_t size = std::max<std::size_t>(order.size, 1);
    std::vector<std::vector<std::size_t>> groups;
    std::size_t chunk = 0;
    for (std::size_t i = 0; first + i < last; ++i) {
      if (chunk + 1 < order.starts.size() && order.starts[chunk + 1] == i) ++chunk;
      std::size_t group = 0;
      if (order.groups == SummationOrder::Groups::blocks) group = i / size;
      if (order.groups == SummationOrder::Groups::lanes) group = i % size;
      if (order.groups == SummationOrder::Groups::chunks) group = chunk;
      if (group >= groups.size()) groups.resize(group + 1);
      groups[group].push_back(first + i);
    }
    return groups;
  }

  [[nodiscard]] Part make_groups(std::size_t first, std::size_t last) const {
    const SummationOrder& order = arithmetic_.order;
    Part groups;
    for (std::vector<std::size_t>& all : members(first, last)) {
      if (order.walk == Walk::swapped_pairs) {
        for (std::size_t i = 1; i < all.size(); i += 2) std::swap(all[i - 1], all[i]);
      }
      std::vector<std::vector<std::size_t>> lanes(std::min<std::size_t>(order.lanes, all.size()));
      const std::size_t whole = all.size() / order.lane_step * order.lane_step;
      for (std::size_t i = 0; i < all.size(); ++i) {
        lanes[i < whole ? i % order.lanes : 0].push_back(all[i]);
      }
      std::erase_if(lanes, [](const auto& lane) { return lane.empty(); });
      groups.emplace_back();
      for (const auto& lane : lanes) groups.back().push_back(chain_of(lane));
    }
    return groups;
  }

  [[nodiscard]] float a_at(std::size_t row, std::size_t index) const {
    return a_[pairs_[index / shape_.k].a][row * shape_.k + index % shape_.k];
  }
  [[nodiscard]] std::span<const float> b_at(std::size_t index) const {
    return std::span(b_[pairs_[index / shape_.k].b]).subspan(index % shape_.k * shape_.n, shape_.n);
  }

  [[nodiscard]] Sums sum_part(const Part& part, std::size_t row) const {
    std::vector<Sums> groups;
    for (const Group& group : part) groups.push_back(sum_group(group, row));
    const bool grouped = arithmetic_.order.groups != SummationOrder::Groups::one;
    return grouped ? combined(arithmetic_.across, arithmetic_.order.across, groups)
                   : std::move(groups.front());
  }

  [[nodiscard]] Sums sum_group(const Group& lanes, std::size_t row) const {
    std::vector<Sums> sums;
    for (const Chain& chain : lanes) sums.push_back(sum_chain(chain, row));
    if (sums.size() == 1) return std::move(sums.front());
    return combined(arithmetic_.accumulator, arithmetic_.order.across_lanes, sums);
  }

  [[nodiscard]] Sums sum_chain(const Chain& chain, std::size_t row) const {
    if (arithmetic_.order.within != Combining::sequential) return sum_tree(chain, row);
    if (arithmetic_.multiply_add == MultiplyAdd::block) return sum_blocks(chain, row);
    if (arithmetic_.multiply_add == MultiplyAdd::separate && is_plain(arithmetic_.accumulator)) {
      Values sums(shape_.n);
      for (const std::size_t index : chain) {
        add_products_to_nearest(arithmetic_.accumulator.format, a_at(row, index), b_at(index),
                                sums.data());
      }
      return {sums.begin(), sums.end()};
    }
    Sums sums(shape_.n);
    for (const std::size_t index : chain) {
      add_products(arithmetic_.multiply_add, arithmetic_.accumulator, a_at(row, index), b_at(index),
                   sums.data());
    }
    return sums;
  }

  [[nodiscard]] Sums sum_blocks(const Chain& chain, std::size_t row) const {
    assert(arithmetic_.accumulator.format != NumberFormat::fp64 && arithmetic_.block.width <= 64);
    const std::int64_t least =
        traits_of(arithmetic_.a.format).min_exponent + traits_of(arithmetic_.b.format).min_exponent;
    Sums sums(shape_.n);
    Values a;
    std::vector<const float*> b;
    for (std::size_t next = 0; next < chain.size();) {
      a.clear();
      b.clear();
      for (; next < chain.size() && a.size() < arithmetic_.block.width; ++next) {
        a.push_back(a_at(row, chain[next]));
        b.push_back(b_at(chain[next]).data());
      }
      add_block(arithmetic_.block, arithmetic_.accumulator, {a.data(), b.data(), a.size(), least},
                shape_.n, sums.data());
    }
    return sums;
  }

  [[nodiscard]] Sums sum_tree(const Chain& chain, std::size_t row) const {
    std::vector<Sums> products;
    for (const std::size_t index : chain) {
      Sums product(shape_.n);
      add_products(MultiplyAdd::fused, arithmetic_.accumulator, a_at(row, index), b_at(index),
                   product.data());
      products.push_back(std::move(product));
    }
    return combined(arithmetic_.accumulator, arithmetic_.order.within, products);
  }

  static Sums combined(const NumberRule& rule, Combining combining, std::vector<Sums>& rows) {
    switch (combining) {
      case Combining::sequential:
        return added_in_sequence(rule, rows);
      case Combining::pairwise:
        return added_pairwise(rule, rows);
      case Combining::halving:
        break;
    }
    return added_by_halving(rule, rows);
  }

  static Sums added_in_sequence(const NumberRule& rule, const std::vector<Sums>& rows) {
    Sums total(rows.front().size());
    for (const Sums& row : rows) add_rows(rule, row, total.data());
    return total;
  }

  static Sums added_pairwise(const NumberRule& rule, std::vector<Sums>& rows) {
    for (std::size_t count = rows.size(); count > 1; count = (count + 1) / 2) {
      for (std::size_t i = 0; i + 1 < count; i += 2) add_rows(rule, rows[i + 1], rows[i].data());
      for (std::size_t i = 1; 2 * i < count; ++i) std::swap(rows[i], rows[2 * i]);
    }
    return std::move(rows.front());
  }

  static Sums added_by_halving(const NumberRule& rule, std::vector<Sums>& rows) {
    for (std::size_t count = rows.size(); count > 1;) {
      const std::size_t half = std::bit_ceil(count) / 2;
      for (std::size_t i = half; i < count; ++i) add_rows(rule, rows[i], rows[i - half].data());
      count = half;
    }
    return std::move(rows.front());
  }

  const MatmulArithmetic& arithmetic_;
  MatmulShape shape_;
  std::vector<Values> a_;
  std::vector<Values> b_;
  std::vector<PartPair> pairs_;
  std::vector<Part> parts_;
};

}  // namespace

std::vector<float> emulate_matmul(const MatmulArithmetic& arithmetic, const MatmulShape& shape,
                                  std::span<const float> a, std::span<const float> b) {
  assert(a.size() == shape.m * shape.k && b.size() == shape.k * shape.n && "shape and data differ");
  const Emulation emulation(arithmetic, shape, a, b);
  std::vector<float> c(shape.m * shape.n);
  const std::size_t grain = std::max<std::size_t>(1, kGrainSteps / (shape.n * shape.k));
  parallel_for(shape.m, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      emulation.row(row, std::span(c).subspan(row * shape.n, shape.n));
    }
  });
  return c;
}

}  // namespace gpubench
