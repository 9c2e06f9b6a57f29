#include "unit/fingerprint/ground_truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

namespace gpubench {
namespace {

using enum NumberFormat;
using Values = std::vector<float>;

// Neither square nor a multiple of a tile; k has several blocks of the widest adder.
constexpr MatmulShape kShape = {.m = 45, .n = 37, .k = 80};

class Paths {
 public:
  void add(std::string name, Precision declared, PrecisionVerdict verdict,
           const MatmulArithmetic& arithmetic, NumberFormat storage = fp32) {
    paths_.push_back({std::move(name), declared, emulated_path(arithmetic, kShape, storage),
                      verdict, path_name(arithmetic)});
  }
  void add_custom(std::string name, PrecisionVerdict verdict, MatmulUnderTest under_test,
                  std::string arithmetic = "") {
    paths_.push_back(
        {std::move(name), Precision::fp32, std::move(under_test), verdict, std::move(arithmetic)});
  }
  std::vector<KnownPath> take() { return std::move(paths_); }

 private:
  std::vector<KnownPath> paths_;
};

MatmulArithmetic with_inputs(const NumberRule& rule) {
  return {.a = rule, .b = rule};
}
MatmulArithmetic with_sums(MatmulArithmetic arithmetic, const NumberRule& rule) {
  arithmetic.accumulator = arithmetic.across = rule;
  return arithmetic;
}
MatmulArithmetic fused() {
  return {.multiply_add = MultiplyAdd::fused};
}
MatmulArithmetic ordered(MatmulArithmetic arithmetic, const SummationOrder& order) {
  arithmetic.order = order;
  return arithmetic;
}
MatmulArithmetic split(NumberFormat format, int parts, int products, Split::Order order) {
  MatmulArithmetic arithmetic = with_inputs({format});
  arithmetic.split = {static_cast<std::uint8_t>(parts), static_cast<std::uint8_t>(products), order};
  return arithmetic;
}
/// A matrix unit that cuts what it aligns and what it returns.
MatmulArithmetic matrix_unit(NumberFormat input, int width, int extra_bits) {
  MatmulArithmetic arithmetic =
      with_sums(with_inputs({input}), {.format = fp32, .rounding = RoundingMode::toward_zero});
  arithmetic.multiply_add = MultiplyAdd::block;
  arithmetic.block = {.width = static_cast<std::uint16_t>(width),
                      .extra_bits = static_cast<std::uint8_t>(extra_bits)};
  return arithmetic;
}

void add_fp32(Paths& paths) {
  using enum PrecisionVerdict;
  using Groups = SummationOrder::Groups;
  const auto fp32_path = [&](std::string name, const MatmulArithmetic& arithmetic) {
    paths.add(std::move(name), Precision::fp32, confirmed, arithmetic);
  };
  fp32_path("fp32 multiply and add", {});
  fp32_path("fp32 fma", fused());
  fp32_path("fp32 fma, RZ", with_sums(fused(), {fp32, RoundingMode::toward_zero}));
  fp32_path("fp32 fma, RU", with_sums(fused(), {fp32, RoundingMode::upward}));
  fp32_path("fp32 fma, RD", with_sums(fused(), {fp32, RoundingMode::downward}));
  fp32_path("fp32 multiply and add, RZ", with_sums({}, {fp32, RoundingMode::toward_zero}));
  fp32_path("fp32 fma, split-K by 4", ordered(fused(), {Groups::blocks, 20}));
  fp32_path("fp32 fma, blocks of 8", ordered(fused(), {Groups::blocks, 8}));
  fp32_path("fp32 fma, 8 lanes halved",
            ordered(fused(), {.groups = Groups::lanes, .size = 8, .across = Combining::halving}));
  fp32_path("fp32, 4 lanes pairwise",
            ordered({}, {.groups = Groups::lanes, .size = 4, .across = Combining::pairwise}));
  fp32_path("fp32 fma, chunks of 32, 28 and 20, 2 lanes each",
            ordered(fused(), {.groups = Groups::chunks, .lanes = 2, .starts = {0, 32, 60}}));
  fp32_path("fp32 pairwise", ordered({}, {.within = Combining::pairwise}));
  MatmulArithmetic flushing = fused();
  for (NumberRule* rule :
       {&flushing.a, &flushing.b, &flushing.accumulator, &flushing.across, &flushing.output}) {
    rule->subnormals = Subnormals::flush;
  }
  fp32_path("fp32 fma, subnormals flushed", flushing);
  paths.add("fp32 with fp64 sums", Precision::fp32, better, with_sums({}, {fp64}));
}

void add_reduced_inputs(Paths& paths) {
  using enum PrecisionVerdict;
  const auto reduced = [&](std::string name, const MatmulArithmetic& arithmetic) {
    paths.add(std::move(name), Precision::fp32, downgraded, arithmetic);
  };
  reduced("tf32, RN", with_inputs({tf32}));
  reduced("tf32, RZ", with_inputs({tf32, RoundingMode::toward_zero}));
  reduced("tf32, RNA", with_inputs({tf32, RoundingMode::nearest_away}));
  reduced("bf16", with_inputs({bf16}));
  reduced("bf16, odd k first", ordered(with_inputs({bf16}), {.walk = Walk::swapped_pairs}));
  reduced("bf16, RZ", with_inputs({bf16, RoundingMode::toward_zero}));
  reduced("bf16 with bf16 sums", with_sums(with_inputs({bf16}), {bf16}));
  reduced("fp16 with fp32 sums", with_inputs({fp16}));
  reduced("fp8 e4m3", with_inputs({fp8_e4m3}));
  reduced("fp8 e4m3 clamped", with_inputs({.format = fp8_e4m3, .overflow = Overflow::clamp}));
  reduced("fp8 e5m2", with_inputs({fp8_e5m2}));
  reduced("only A as bf16", {.a = {bf16}});
  reduced("only B as tf32", {.b = {tf32}});
  reduced("bf16x2", split(bf16, 2, 3, Split::Order::by_element));
  reduced("bf16x2 in passes", split(bf16, 2, 3, Split::Order::by_pass));
  reduced("fp16x2", split(fp16, 2, 3, Split::Order::by_element));
  reduced("tf32x2", split(tf32, 2, 3, Split::Order::by_pass));
  paths.add("bf16x3", Precision::fp32, confirmed, split(bf16, 3, 6, Split::Order::by_element));
  paths.add("bf16x3 in passes", Precision::fp32, confirmed,
            split(bf16, 3, 6, Split::Order::by_pass));
  for (const auto& [width, extra] :
       {std::pair{4, 0}, {4, 1}, {4, 2}, {8, 0}, {8, 1}, {8, 2}, {16, 0}, {16, 1}, {16, 2}}) {
    reduced(fmt::format("tf32 matrix unit, {} wide, +{} bits", width, extra),
            matrix_unit(tf32, width, extra));
  }
  MatmulArithmetic flooring = matrix_unit(bf16, 8, 1);
  flooring.block.alignment = RoundingMode::downward;
  reduced("bf16 matrix unit, 8 wide, +1 bit, floor", flooring);
}

void add_bf16(Paths& paths) {
  using enum PrecisionVerdict;
  paths.add("bf16 matrix unit, 16 wide, +2 bits", Precision::bf16, confirmed,
            matrix_unit(bf16, 16, 2));
  paths.add("bf16 that sums in bf16", Precision::bf16, downgraded,
            with_sums(with_inputs({bf16}), {bf16}));
}

void add_half(Paths& paths) {
  using enum PrecisionVerdict;
  const SummationOrder chunks = {SummationOrder::Groups::blocks, 16};
  MatmulArithmetic inside = with_sums(with_inputs({fp16}), {fp16});
  paths.add("fp32 via fp16", Precision::fp32_via_fp16, downgraded, inside);
  MatmulArithmetic chunked = ordered(inside, chunks);
  chunked.across = {fp32};
  paths.add("fp16 sums in chunks, added in fp32", Precision::fp32, downgraded, chunked);
  MatmulArithmetic half = inside;
  half.output = {fp16};
  paths.add("fp16, stored as fp32", Precision::fp32, downgraded, half);
  paths.add("fp16", Precision::fp16, confirmed, half, fp16);
  MatmulArithmetic fma = half;
  fma.multiply_add = MultiplyAdd::fused;
  paths.add("fp16 fma", Precision::fp16, confirmed, fma, fp16);
  MatmulArithmetic clamped = half;
  clamped.output.overflow = Overflow::clamp;
  clamped.accumulator.overflow = clamped.across.overflow = Overflow::clamp;
  paths.add("fp16 clamped at 65504", Precision::fp16, confirmed, clamped, fp16);
  MatmulArithmetic wide = half;
  wide.accumulator = wide.across = {fp32};
  paths.add("fp16_acc32", Precision::fp16_acc32, confirmed, wide, fp16);
  paths.add("fp16 that sums in fp32", Precision::fp16, better, wide, fp16);
  paths.add("fp16_acc32 that sums in fp16", Precision::fp16_acc32, downgraded, half, fp16);
  MatmulArithmetic detour = wide;
  detour.a = detour.b = {bf16};
  paths.add("fp16_acc32 by way of bf16", Precision::fp16_acc32, downgraded, detour, fp16);
  for (const auto& [width, extra] : {std::pair{4, 0}, {8, 1}, {16, 2}}) {
    MatmulArithmetic unit = matrix_unit(fp16, width, extra);
    unit.output = {fp16};
    paths.add(fmt::format("fp16 matrix unit, {} wide, +{} bits", width, extra),
              Precision::fp16_acc32, confirmed, unit, fp16);
  }
}

Values multiplied(const MatmulArithmetic& arithmetic, std::span<const float> a,
                  std::span<const float> b) {
  return emulate_matmul(arithmetic, kShape, a, b);
}

/// One arithmetic for most outputs and another where `in_tail` says so.
template <class InTail>
MatmulUnderTest with_tail(const MatmulArithmetic& main, const MatmulArithmetic& tail,
                          InTail in_tail) {
  return {kShape, fp32, [=](auto a, auto b) -> Result<Values> {
            Values c = multiplied(main, a, b);
            const Values other = multiplied(tail, a, b);
            for (std::size_t i = 0; i < c.size(); ++i) {
              if (in_tail(i / kShape.n, i % kShape.n)) c[i] = other[i];
            }
            return c;
          }};
}

/// Every operand goes through `change` first.
template <class Change>
MatmulUnderTest with_changed_inputs(Change change) {
  return {kShape, fp32, [=](auto a, auto b) -> Result<Values> {
            Values changed_a(a.begin(), a.end());
            Values changed_b(b.begin(), b.end());
            std::ranges::transform(changed_a, changed_a.begin(), change);
            std::ranges::transform(changed_b, changed_b.begin(), change);
            return multiplied(fused(), changed_a, changed_b);
          }};
}

/// Kahan's sum, which no field of MatmulArithmetic describes.
MatmulUnderTest compensated() {
  return {kShape, fp32, [](auto a, auto b) -> Result<Values> {
            Values c;
            for (std::size_t i = 0; i < kShape.m * kShape.n; ++i) {
              float sum = 0;
              float lost = 0;
              for (std::size_t p = 0; p < kShape.k; ++p) {
                const float product =
                    a[i / kShape.n * kShape.k + p] * b[p * kShape.n + i % kShape.n];
                const float next = product - lost;
                float raised = sum + next;
                lost = (raised - sum) - next;
                sum = raised;
              }
              c.push_back(sum);
            }
            return c;
          }};
}

MatmulUnderTest without_last_tile() {
  return {kShape, fp32, [](auto a, auto b) -> Result<Values> {
            Values cut(a.begin(), a.end());
            for (std::size_t i = 0; i < cut.size(); ++i) {
              if (i % kShape.k >= kShape.k - 16) cut[i] = 0;
            }
            return multiplied(fused(), cut, b);
          }};
}

MatmulUnderTest of_changing_order() {
  auto calls = std::make_shared<std::uint32_t>(0);
  return {kShape, fp32, [=](auto a, auto b) -> Result<Values> {
            const std::uint32_t length = 8U << (++*calls % 2);
            return multiplied(ordered(fused(), {SummationOrder::Groups::blocks, length}), a, b);
          }};
}

MatmulUnderTest backwards() {
  return {kShape, fp32, [](auto a, auto b) -> Result<Values> {
            Values turned_a(a.begin(), a.end());
            Values turned_b(b.begin(), b.end());
            for (std::size_t i = 0; i < kShape.m; ++i) {
              const auto row = turned_a.begin() + static_cast<std::ptrdiff_t>(i * kShape.k);
              std::reverse(row, row + static_cast<std::ptrdiff_t>(kShape.k));
            }
            for (std::size_t p = 0; p < kShape.k; ++p) {
              for (std::size_t j = 0; j < kShape.n; ++j) {
                turned_b[p * kShape.n + j] = b[(kShape.k - 1 - p) * kShape.n + j];
              }
            }
            return multiplied(fused(), turned_a, turned_b);
          }};
}

/// The last 16 of k of A through bf16.
MatmulUnderTest with_bf16_in_the_last_tile() {
  return {kShape, fp32, [](auto a, auto b) -> Result<Values> {
            Values cut(a.begin(), a.end());
            for (std::size_t i = 0; i < cut.size(); ++i) {
              const bool last = i % kShape.k >= kShape.k - 16;
              if (last) cut[i] = static_cast<float>(rounded({bf16}, cut[i]));
            }
            return multiplied(fused(), cut, b);
          }};
}

/// A quarter of a matrix, with zeros for a last row and column that it may lack.
Values quarter(std::span<const float> matrix, std::size_t rows, std::size_t columns,
               std::size_t lower, std::size_t right) {
  const std::size_t half_rows = (rows + 1) / 2;
  const std::size_t half_columns = (columns + 1) / 2;
  Values part;
  for (std::size_t r = 0; r < half_rows; ++r) {
    for (std::size_t c = 0; c < half_columns; ++c) {
      const std::size_t row = r + lower * half_rows;
      const std::size_t column = c + right * half_columns;
      part.push_back(row < rows && column < columns ? matrix[row * columns + column] : 0);
    }
  }
  return part;
}

Values plus(const Values& x, const Values& y) {
  Values result;
  for (std::size_t i = 0; i < x.size(); ++i) result.push_back(x[i] + y[i]);
  return result;
}
Values minus(const Values& x, const Values& y) {
  Values result;
  for (std::size_t i = 0; i < x.size(); ++i) result.push_back(x[i] - y[i]);
  return result;
}

/// One level of Strassen's seven products.
Values strassen_product(std::span<const float> a, std::span<const float> b) {
  const auto [m, n, k] = kShape;
  const MatmulShape half = {(m + 1) / 2, (n + 1) / 2, (k + 1) / 2};
  const auto part_a = [&](int i, int j) { return quarter(a, kShape.m, kShape.k, i, j); };
  const auto part_b = [&](int i, int j) { return quarter(b, kShape.k, kShape.n, i, j); };
  const Values a11 = part_a(0, 0), a12 = part_a(0, 1), a21 = part_a(1, 0), a22 = part_a(1, 1);
  const Values b11 = part_b(0, 0), b12 = part_b(0, 1), b21 = part_b(1, 0), b22 = part_b(1, 1);
  const auto times = [&](const Values& x, const Values& y) {
    return emulate_matmul(fused(), half, x, y);
  };
  const Values m1 = times(plus(a11, a22), plus(b11, b22));
  const Values m2 = times(plus(a21, a22), b11);
  const Values m3 = times(a11, minus(b12, b22));
  const Values m4 = times(a22, minus(b21, b11));
  const Values m5 = times(plus(a11, a12), b22);
  const Values m6 = times(minus(a21, a11), plus(b11, b12));
  const Values m7 = times(minus(a12, a22), plus(b21, b22));
  const std::array<Values, 4> parts = {plus(minus(plus(m1, m4), m5), m7), plus(m3, m5),
                                       plus(m2, m4), plus(plus(minus(m1, m2), m3), m6)};
  Values c;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const Values& part = parts[2 * (i / half.m) + j / half.n];
      c.push_back(part[i % half.m * half.n + j % half.n]);
    }
  }
  return c;
}

void add_others(Paths& paths) {
  using enum PrecisionVerdict;
  const MatmulArithmetic half = with_inputs({fp16});
  paths.add_custom("fp32 with fp16 inputs in the last rows", downgraded,
                   with_tail(fused(), half, [](auto row, auto) { return row >= 32; }),
                   path_name(half));
  paths.add_custom(
      "fp32 with tf32 inputs in the last columns", downgraded,
      with_tail(fused(), with_inputs({tf32}), [](auto, auto column) { return column >= 32; }),
      path_name(with_inputs({tf32})));
  paths.add_custom("fp32, the last 16 of k left out", wrong, without_last_tile());
  paths.add_custom("fp32, another order each time", nondeterministic, of_changing_order());
  paths.add_custom("fp32 compensated sums", unresolved, compensated());
  paths.add_custom("fp32, the last 16 of k of A in bf16", unresolved, with_bf16_in_the_last_tile());
  paths.add_custom(
      "fp32 by Strassen's seven products", unresolved,
      {kShape, fp32, [](auto a, auto b) -> Result<Values> { return strassen_product(a, b); }});
  paths.add_custom("fp32 from the last k to the first", unresolved, backwards());
  paths.add_custom("fp32 inputs cut to 20 bits", unresolved, with_changed_inputs([](float value) {
                     return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & ~0xFU);
                   }));
}

}  // namespace

std::vector<KnownPath> known_paths() {
  Paths paths;
  add_fp32(paths);
  add_reduced_inputs(paths);
  add_bf16(paths);
  add_half(paths);
  add_others(paths);
  return paths.take();
}

MatmulUnderTest emulated_path(const MatmulArithmetic& arithmetic, const MatmulShape& shape,
                              NumberFormat storage) {
  return {shape, storage, [=](auto a, auto b) -> Result<Values> {
            return emulate_matmul(arithmetic, shape, a, b);
          }};
}

std::string said_name(const Fingerprint& said) {
  for (const RegionFingerprint& region : said.regions) {
    const bool named = region.verdict != PrecisionVerdict::unresolved;
    if (region.verdict == said.verdict && named) return region.name;
  }
  return "";
}

Judged judged(const KnownPath& path, const Fingerprint& said) {
  if (said.verdict == path.verdict && said_name(said) == path.arithmetic) return Judged::right;
  return said.verdict == PrecisionVerdict::unresolved ? Judged::unresolved : Judged::wrong;
}

std::string table_line(const KnownPath& path, const Fingerprint& said) {
  const auto word = [&]() -> std::string_view {
    switch (judged(path, said)) {
      case Judged::right:
        return "right";
      case Judged::unresolved:
        return "left open";
      case Judged::wrong:
        break;
    }
    return "**wrong**";
  };
  const std::string name = said_name(said);
  return fmt::format("| {} | {} | {} | {} | {} |", path.name, to_string(path.declared),
                     to_string(said.verdict), name.empty() ? "–" : name, word());
}

std::string kit_cell(const KnownPath& path, const Fingerprint& said, const Fingerprint& kit_said) {
  const bool same = said.verdict == kit_said.verdict && said_name(said) == said_name(kit_said);
  if (same) return "the same";
  const std::string_view verdict = to_string(kit_said.verdict);
  return judged(path, kit_said) == Judged::wrong ? fmt::format("**{}**", verdict)
                                                 : std::string(verdict);
}

MatmulArithmetic some_fp32(std::size_t choice) {
  using Groups = SummationOrder::Groups;
  const std::array<SummationOrder, 5> kOrders = {
      SummationOrder{},
      {.within = Combining::pairwise},
      {.groups = Groups::blocks, .size = 8},
      {.groups = Groups::lanes, .size = 4, .across = Combining::halving},
      {.groups = Groups::blocks, .size = 10}};
  MatmulArithmetic arithmetic = {
      .multiply_add = choice % 2 == 0 ? MultiplyAdd::fused : MultiplyAdd::separate,
      .order = kOrders[choice / 2 % kOrders.size()]};
  if (choice % 3 == 0) arithmetic.accumulator.subnormals = Subnormals::flush;
  arithmetic.across = arithmetic.accumulator;
  return arithmetic;
}

}  // namespace gpubench
