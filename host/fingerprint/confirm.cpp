#include "fingerprint/confirm.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/random.h"

namespace gpubench {
namespace {

constexpr std::uint64_t kEnoughOutputs = 4096;
constexpr std::size_t kMostProducts = 16;
// Of one emulation of a product: all of 512³, and a second in the slowest arithmetic.
constexpr std::uint64_t kAffordableSteps = std::uint64_t{1} << 27;
constexpr std::size_t kRowsToSearch = 2;
// As many outputs as tell one format from the next many times over.
constexpr std::size_t kColumnsToCompare = 256;
constexpr int kSpreadExponent = 4;

// Streams of this room; host/kernels/random.h has those of tensors and probes.
constexpr std::uint32_t kStreamA = 64;
constexpr std::uint32_t kStreamB = 65;
constexpr std::uint32_t kStreamExponents = 66;

/// The first rows of the region, and only they of A.
struct SomeRows {
  std::vector<std::size_t> rows;
  std::vector<float> a;
};
SomeRows some_rows(const RandomProduct& product, const Region& region, std::size_t count) {
  SomeRows some;
  const std::size_t step = std::max<std::size_t>(1, region.rows.size() / count);
  for (std::size_t i = 0; i < region.rows.size() && some.rows.size() < count; i += step) {
    some.rows.push_back(region.rows[i]);
  }
  const std::size_t k = product.shape.k;
  for (const std::size_t row : some.rows) {
    const auto first = product.a.begin() + static_cast<std::ptrdiff_t>(row * k);
    some.a.insert(some.a.end(), first, first + static_cast<std::ptrdiff_t>(k));
  }
  return some;
}

std::vector<float> emulated_rows(const MatmulArithmetic& arithmetic, const RandomProduct& product,
                                 const SomeRows& some) {
  const MatmulShape shape = {some.rows.size(), product.shape.n, product.shape.k};
  return emulate_matmul(arithmetic, shape, some.a, product.b);
}

Agreement agreement_of_rows(const MatmulArithmetic& arithmetic, const RandomProduct& product,
                            const Region& region, std::size_t count) {
  const SomeRows some = some_rows(product, region, count);
  const std::vector<float> expected = emulated_rows(arithmetic, product, some);
  const std::size_t n = product.shape.n;
  Agreement result;
  for (std::size_t i = 0; i < some.rows.size(); ++i) {
    for (const std::size_t j : region.columns) {
      const float observed = product.c[some.rows[i] * n + j];
      const auto same = std::bit_cast<std::uint32_t>(observed) ==
                        std::bit_cast<std::uint32_t>(expected[i * n + j]);
      ++result.outputs;
      result.mismatches += !same;
    }
  }
  return result;
}

void add_units(const MatmulArithmetic& arithmetic, std::vector<MatmulArithmetic>& relatives) {
  if (arithmetic.multiply_add == MultiplyAdd::block) return;
  for (const MultiplyAdd unit : {MultiplyAdd::separate, MultiplyAdd::fused}) {
    relatives.push_back(arithmetic);
    relatives.back().multiply_add = unit;
  }
}

void add_across(const MatmulArithmetic& arithmetic, std::vector<MatmulArithmetic>& relatives) {
  if (arithmetic.order.groups == SummationOrder::Groups::one) return;
  for (const NumberFormat format : {NumberFormat::fp32, NumberFormat::fp16, NumberFormat::bf16}) {
    relatives.push_back(arithmetic);
    relatives.back().across = {.format = format};
  }
}

void add_roundings(const MatmulArithmetic& arithmetic, std::vector<MatmulArithmetic>& relatives) {
  for (const RoundingMode rounding :
       {RoundingMode::nearest_even, RoundingMode::toward_zero, RoundingMode::nearest_away,
        RoundingMode::upward, RoundingMode::downward}) {
    relatives.push_back(arithmetic);
    relatives.back().accumulator.rounding = rounding;
    relatives.back().across.rounding = rounding;
  }
}

std::vector<MatmulArithmetic> relatives_of(const Inference& inference) {
  std::vector<MatmulArithmetic> relatives;
  add_units(inference.arithmetic, relatives);
  add_roundings(inference.arithmetic, relatives);
  for (const SummationOrder& order : inference.orders) {
    MatmulArithmetic ordered = inference.arithmetic;
    ordered.order = order;
    relatives.push_back(ordered);
    add_units(ordered, relatives);
    add_across(ordered, relatives);
  }
  for (const MatmulArithmetic& split : split_choices(inference.arithmetic)) {
    add_units(split, relatives);
  }
  return relatives;
}

/// A product with a mismatch, and the region's rows of it that have one.
struct Failure {
  const RandomProduct* product;
  Region rows;
};
Failure first_failure(const MatmulArithmetic& arithmetic,
                      const std::vector<RandomProduct>& products, const Region& region) {
  for (const RandomProduct& product : products) {
    Failure failure = {&product, {{}, region.columns}};
    for (const std::size_t row : region.rows) {
      if (failure.rows.rows.size() == kRowsToSearch) break;
      const Region one = {{row}, region.columns};
      if (agreement_of_rows(arithmetic, product, one, 1).mismatches > 0) {
        failure.rows.rows.push_back(row);
      }
    }
    if (!failure.rows.rows.empty()) return failure;
  }
  return {&products.front(), region};
}

}  // namespace

RandomProduct random_operands(const MatmulShape& shape, NumberFormat storage, std::uint64_t seed) {
  RandomProduct made = {
      shape, std::vector<float>(shape.m * shape.k), std::vector<float>(shape.k * shape.n), {}};
  draw_normal({seed, kStreamA}, 0, made.a);
  draw_normal({seed, kStreamB}, 0, made.b);
  std::vector<std::uint32_t> words(made.a.size());
  draw_words({seed, kStreamExponents}, 0, words);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const int exponent = static_cast<int>(words[i] % (2 * kSpreadExponent + 1)) - kSpreadExponent;
    made.a[i] = std::ldexp(made.a[i], exponent);
  }
  round_all({storage}, made.a);
  round_all({storage}, made.b);
  return made;
}

ConfirmationCost confirmation_cost(const MatmulShape& shape) {
  const double outputs = static_cast<double>(shape.m) * static_cast<double>(shape.n);
  const double products = std::clamp(std::ceil(static_cast<double>(kEnoughOutputs) / outputs), 1.0,
                                     static_cast<double>(kMostProducts));
  const double row = static_cast<double>(shape.n) * static_cast<double>(shape.k);
  const double whole = row * static_cast<double>(shape.m);
  return {products, products * std::min(whole, std::max(row, double{kAffordableSteps}))};
}

Result<std::vector<RandomProduct>> random_products(Launcher& launcher, const Region& region,
                                                   std::uint64_t seed) {
  std::vector<RandomProduct> products;
  const std::uint64_t each = region.rows.size() * region.columns.size();
  for (std::uint64_t outputs = 0; outputs < kEnoughOutputs && products.size() < kMostProducts;
       outputs += each) {
    products.push_back(
        random_operands(launcher.shape(), launcher.storage(), seed + products.size()));
    auto c = launcher.multiply(products.back().a, products.back().b);
    if (!c) return c.error();
    products.back().c = std::move(*c);
  }
  return products;
}

Agreement agreement(const MatmulArithmetic& arithmetic, const std::vector<RandomProduct>& products,
                    const Region& region) {
  Agreement total;
  for (const RandomProduct& product : products) {
    const std::uint64_t row_steps = product.shape.n * product.shape.k;
    const std::size_t rows = std::max<std::uint64_t>(1, kAffordableSteps / row_steps);
    const Agreement one = agreement_of_rows(arithmetic, product, region, rows);
    total.outputs += one.outputs;
    total.mismatches += one.mismatches;
  }
  return total;
}

bool agrees(const MatmulArithmetic& arithmetic, const std::vector<RandomProduct>& products,
            const Region& region) {
  const Agreement some = agreement_of_rows(arithmetic, products.front(), region, kRowsToSearch);
  return some.mismatches == 0 && agreement(arithmetic, products, region).mismatches == 0;
}

double distance(const MatmulArithmetic& arithmetic, const RandomProduct& product,
                const Region& region) {
  const SomeRows some = some_rows(product, region, kRowsToSearch);
  const std::size_t columns = std::min(region.columns.size(), kColumnsToCompare);
  std::vector<float> b;
  for (std::size_t p = 0; p < product.shape.k; ++p) {
    for (std::size_t j = 0; j < columns; ++j) {
      b.push_back(product.b[p * product.shape.n + region.columns[j]]);
    }
  }
  const std::vector<float> expected =
      emulate_matmul(arithmetic, {some.rows.size(), columns, product.shape.k}, some.a, b);
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < some.rows.size(); ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const double emulated = expected[i * columns + j];
      const double observed = product.c[some.rows[i] * product.shape.n + region.columns[j]];
      error += (observed - emulated) * (observed - emulated);
      norm += emulated * emulated;
    }
  }
  return norm == 0 ? HUGE_VAL : std::sqrt(error / norm);
}

Confirmation best_agreeing(const Inference& inference, const std::vector<RandomProduct>& products,
                           const Region& region) {
  Confirmation best = {inference.arithmetic, agreement(inference.arithmetic, products, region)};
  if (best.agreement.mismatches == 0) return best;
  const auto [product, rows] = first_failure(best.arithmetic, products, region);
  std::uint64_t fewest =
      agreement_of_rows(best.arithmetic, *product, rows, kRowsToSearch).mismatches;
  for (const MatmulArithmetic& relative : relatives_of(inference)) {
    const auto count = agreement_of_rows(relative, *product, rows, kRowsToSearch).mismatches;
    if (count >= fewest) continue;
    const Agreement all = agreement(relative, products, region);
    if (all.mismatches >= best.agreement.mismatches) continue;
    best = {relative, all};
    fewest = count;
    if (all.mismatches == 0) break;
  }
  return best;
}

}  // namespace gpubench
