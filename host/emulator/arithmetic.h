// arithmetic.h — everything about a matrix product that decides its bits, as one struct.
// Pure data. Knows nothing of devices, kernels or what a path declares.
#pragma once

#include <cstdint>
#include <vector>

#include "emulator/number_rule.h"

namespace gpubench {

/// An operand as a sum of `parts` numbers of its format: the rounded value, the rounded rest, and
/// so on. Of the products between parts the `products` most significant are added (2 parts: 3 or 4;
/// 3 parts: 6 or 9), the least significant first.
struct Split {
  /// Whether the products of one k follow each other, or each kind of product is a pass over all k.
  enum class Order : std::uint8_t { by_element, by_pass };
  std::uint8_t parts = 1;
  std::uint8_t products = 1;
  Order order = Order::by_element;
  bool operator==(const Split&) const = default;
};

enum class MultiplyAdd : std::uint8_t {
  separate,  ///< The product is rounded to the accumulator, then the sum.
  fused,     ///< Only the sum is rounded.
  block,     ///< Several products and the accumulator are added at once, aligned: see BlockAdder.
};

/// The adder of matrix units (Fasi et al. 2021): `width` exact products and the accumulator are
/// shifted to the largest exponent among them, cut `extra_bits` below the accumulator's last place,
/// added exactly, and the sum is rounded as the accumulator says.
struct BlockAdder {
  std::uint16_t width = 4;
  std::uint8_t extra_bits = 0;
  RoundingMode alignment = RoundingMode::toward_zero;
  bool operator==(const BlockAdder&) const = default;
};

/// How a list of numbers becomes one.
enum class Combining : std::uint8_t {
  sequential,  ///< From the first on, starting at zero.
  pairwise,    ///< Neighbours, then neighbours of those; an odd one out waits.
  halving,     ///< The upper half onto the lower half, until one is left: i with i + n/2.
};

/// In which order a sequential sum takes its k.
enum class Walk : std::uint8_t {
  ascending,
  swapped_pairs,  ///< 1, 0, 3, 2, ...: x86's VDPBF16PS takes the odd one of a pair first.
};

/// Which k are added to each other first.
struct SummationOrder {
  enum class Groups : std::uint8_t {
    one,     ///< All of them.
    blocks,  ///< `size` consecutive ones; split-K by s is blocks of K/s.
    lanes,   ///< `size` groups; k belongs to group k mod size.
    chunks,  ///< Consecutive ones from each of `starts` on: blocks of differing sizes.
  };
  Groups groups = Groups::one;
  std::uint32_t size = 0;
  Combining within = Combining::sequential;  ///< Only sequential sums can be fused or blocks.
  Combining across = Combining::sequential;
  Walk walk = Walk::ascending;
  /// Of each block or chunk: k belongs to lane (k - its first k) mod lanes, but for what is left
  /// when steps of `lane_step` are taken, which belongs to the first. Lanes are added in the
  /// accumulator.
  std::uint32_t lanes = 1;
  std::uint32_t lane_step = 1;
  Combining across_lanes = Combining::sequential;
  std::vector<std::uint32_t> starts;  ///< Ascending, the first is 0; read for chunks only.
  /// So many consecutive k at a time are all that the groups are of, and the parts' sums are added
  /// one after the other; 0: all k are one part. Split-K over groups.
  std::uint32_t part = 0;
  bool operator==(const SummationOrder&) const = default;
};

struct MatmulArithmetic {
  NumberRule a;  ///< What becomes of A before it is multiplied.
  NumberRule b;
  Split split;
  MultiplyAdd multiply_add = MultiplyAdd::separate;
  BlockAdder block;  ///< Read for MultiplyAdd::block only.
  NumberRule accumulator;
  SummationOrder order;
  NumberRule across;  ///< Sums of groups and of parts are added in this; read where there are any.
  NumberRule output;
  bool operator==(const MatmulArithmetic&) const = default;
};

}  // namespace gpubench
