#include "fingerprint/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gpubench {
namespace {

std::string rule_name(const NumberRule& rule) {
  std::string name(traits_of(rule.format).name);
  if (rule.rounding != RoundingMode::nearest_even)
    name += fmt::format(" ({})", short_name(rule.rounding));
  if (rule.overflow == Overflow::clamp) name += " clamped";
  if (rule.subnormals == Subnormals::flush) name += " flushed";
  return name;
}

std::string inputs_name(const MatmulArithmetic& arithmetic) {
  const auto with_parts = [&](const NumberRule& rule) {
    std::string name = rule_name(rule);
    if (arithmetic.split.parts > 1) {
      name.insert(traits_of(rule.format).name.size(), fmt::format("x{}", arithmetic.split.parts));
    }
    return name;
  };
  const std::string a = with_parts(arithmetic.a);
  const std::string b = with_parts(arithmetic.b);
  const std::string inputs = a == b ? a + " inputs" : fmt::format("{} by {} inputs", a, b);
  if (arithmetic.split.parts == 1) return inputs;
  return fmt::format("{}, {} products {}", inputs, arithmetic.split.products,
                     arithmetic.split.order == Split::Order::by_pass ? "in passes" : "in turn");
}

/// Whether every product fits into the sum's format, so that rounding it changes nothing. Leaves
/// overflow and underflow aside.
bool products_are_exact(const MatmulArithmetic& arithmetic) {
  return traits_of(arithmetic.a.format).significand_bits +
             traits_of(arithmetic.b.format).significand_bits <=
         traits_of(arithmetic.accumulator.format).significand_bits;
}

std::string unit_name(const MatmulArithmetic& arithmetic) {
  const BlockAdder& block = arithmetic.block;
  switch (arithmetic.multiply_add) {
    case MultiplyAdd::block:
      return fmt::format("{}-wide adder +{} bits{},", block.width, block.extra_bits,
                         block.alignment == RoundingMode::downward ? " (RD)" : "");
    case MultiplyAdd::separate:
    case MultiplyAdd::fused:
      break;
  }
  if (products_are_exact(arithmetic)) return "fused or separate";
  return arithmetic.multiply_add == MultiplyAdd::fused ? "fused" : "separate";
}

std::string_view combining_name(Combining combining) {
  switch (combining) {
    case Combining::sequential:
      return "sequential";
    case Combining::pairwise:
      return "pairwise";
    case Combining::halving:
      break;
  }
  return "halving";
}

std::string_view across_name(Combining combining) {
  switch (combining) {
    case Combining::sequential:
      return "";
    case Combining::pairwise:
      return " added pairwise";
    case Combining::halving:
      break;
  }
  return " added by halving";
}

std::string groups_name(const SummationOrder& order) {
  switch (order.groups) {
    case SummationOrder::Groups::one:
      return std::string(combining_name(order.within));
    case SummationOrder::Groups::blocks:
      return fmt::format("blocks of {}", order.size);
    case SummationOrder::Groups::lanes:
      return fmt::format("{} lanes", order.size);
    case SummationOrder::Groups::chunks:
      break;
  }
  return fmt::format("blocks from k = {}", fmt::join(order.starts, ", "));
}

/// What the output does to a sum that is in its format already, and the sum did too, cannot show.
MatmulArithmetic without_hidden(MatmulArithmetic arithmetic) {
  const bool grouped = arithmetic.order.groups != SummationOrder::Groups::one;
  const NumberRule& last = grouped ? arithmetic.across : arithmetic.accumulator;
  NumberRule& output = arithmetic.output;
  if (last.format != output.format) return arithmetic;
  const bool clamp_shows = output.overflow == Overflow::clamp && last.overflow == Overflow::ieee;
  const bool flush_shows =
      output.subnormals == Subnormals::flush && last.subnormals == Subnormals::keep;
  if (!clamp_shows && !flush_shows) output = {};
  return arithmetic;
}

int operand_bits(const NumberRule& rule, const Split& split) {
  return std::min(24, traits_of(rule.format).significand_bits * split.parts);
}

WorkingBits bits_of(NumberFormat operand, NumberFormat sum, NumberFormat output) {
  const int in = traits_of(operand).significand_bits;
  return {in, in, traits_of(sum).significand_bits, traits_of(output).significand_bits};
}

}  // namespace

std::string order_name(const MatmulArithmetic& arithmetic) {
  const SummationOrder& order = arithmetic.order;
  std::string name = groups_name(order) + std::string(across_name(order.across));
  if (order.lanes > 1) {
    const std::string step =
        order.lane_step == 1 ? "" : fmt::format(" in steps of {}", order.lane_step);
    const std::string lanes =
        fmt::format("{} lanes{}{}", order.lanes, step, across_name(order.across_lanes));
    const bool alone = order.groups == SummationOrder::Groups::one;
    name = alone ? lanes : fmt::format("{} in {}", lanes, name);
  }
  if (order.part > 0) name += fmt::format(" in parts of {}", order.part);
  if (order.walk == Walk::swapped_pairs) name += ", odd k first";
  const bool grouped = order.groups != SummationOrder::Groups::one;
  if (grouped && arithmetic.across != arithmetic.accumulator) {
    name += " in " + rule_name(arithmetic.across);
  }
  return name;
}

std::string path_name(const MatmulArithmetic& named) {
  const MatmulArithmetic arithmetic = without_hidden(named);
  std::string name =
      fmt::format("{}, {} {} sums, {}", inputs_name(arithmetic), unit_name(arithmetic),
                  rule_name(arithmetic.accumulator), order_name(arithmetic));
  if (arithmetic.output != NumberRule{}) name += ", " + rule_name(arithmetic.output) + " output";
  return name;
}

std::vector<NamedPath> common_paths(NumberFormat storage) {
  using enum NumberFormat;
  std::vector<NamedPath> paths;
  const auto add = [&](std::string name, NumberRule operand,
                       NumberFormat sum) -> MatmulArithmetic& {
    MatmulArithmetic path = {.a = operand, .b = operand, .accumulator = {sum}, .across = {sum}};
    path.output.format = storage;
    paths.push_back({std::move(name), path});
    return paths.back().arithmetic;
  };
  add("fp32 multiply and add", {fp32}, fp32);
  add("fp32 fma", {fp32}, fp32).multiply_add = MultiplyAdd::fused;
  add("fp32 with fp64 sums", {fp32}, fp64);
  add("tf32", {tf32}, fp32);
  add("tf32 cut", {tf32, RoundingMode::toward_zero}, fp32);
  add("bf16", {bf16}, fp32);
  add("bf16 with bf16 sums", {bf16}, bf16);
  add("fp16 with fp32 sums", {fp16}, fp32);
  add("fp16", {fp16}, fp16);
  add("fp8 e4m3", {fp8_e4m3}, fp32);
  add("fp8 e5m2", {fp8_e5m2}, fp32);
  add("bf16x2", {bf16}, fp32).split = {.parts = 2, .products = 3};
  add("bf16x3", {bf16}, fp32).split = {.parts = 3, .products = 6};
  add("fp16x2", {fp16}, fp32).split = {.parts = 2, .products = 3};
  add("tf32x2", {tf32}, fp32).split = {.parts = 2, .products = 3};
  // What fp16 holds exactly, wider operands hold as well.
  const auto same_as_fp16 = [](const NamedPath& path) {
    return path.arithmetic.a.format == fp32 || path.arithmetic.a.format == tf32 ||
           path.arithmetic.split.parts > 1;
  };
  if (storage == fp16) std::erase_if(paths, same_as_fp16);
  return paths;
}

// A block adder that cuts below the last place of its sums holds them as exactly as their format.
WorkingBits working_bits(const MatmulArithmetic& arithmetic) {
  WorkingBits bits;
  bits.a = operand_bits(arithmetic.a, arithmetic.split);
  bits.b = operand_bits(arithmetic.b, arithmetic.split);
  bits.sum = traits_of(arithmetic.accumulator.format).significand_bits;
  if (arithmetic.order.groups != SummationOrder::Groups::one) {
    bits.sum = std::min(bits.sum, traits_of(arithmetic.across.format).significand_bits);
  }
  bits.output = traits_of(arithmetic.output.format).significand_bits;
  return bits;
}

WorkingBits declared_bits(Precision precision) {
  using enum NumberFormat;
  switch (precision) {
    case Precision::fp32:
    case Precision::fp32_relaxed:
      return bits_of(fp32, fp32, fp32);
    case Precision::fp16:
      return bits_of(fp16, fp16, fp16);
    case Precision::fp16_acc32:
      return bits_of(fp16, fp32, fp16);
    case Precision::fp32_via_fp16:
      return bits_of(fp32, fp32, fp32);
    case Precision::tf32:
      return bits_of(tf32, fp32, fp32);
    case Precision::bf16:
      return bits_of(bf16, fp32, fp32);
  }
  return {};
}

BitsComparison compare_bits(const WorkingBits& observed, const WorkingBits& declared) {
  const bool fewer = observed.a < declared.a || observed.b < declared.b ||
                     observed.sum < declared.sum || observed.output < declared.output;
  if (fewer) return BitsComparison::fewer;
  return observed == declared ? BitsComparison::equal : BitsComparison::more;
}

}  // namespace gpubench
