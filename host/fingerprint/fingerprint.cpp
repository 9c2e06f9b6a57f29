#include "fingerprint/fingerprint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "fingerprint/probe_list.h"
#include "fingerprint/regions.h"
#include "kernels/random.h"

namespace gpubench {
namespace {

// No more than this many terms of an integer product are not zero, on average. Sums then stay below
// 256, which is exact in bf16, by more than ten standard deviations.
constexpr double kIntegerTerms = 100;

// Numbers that all lie on a short format's grid: by chance one in 2^13 does.
constexpr std::size_t kEnoughHeld = 16;
// The shortest format, fp8 e5m2; below it, something else became of the number.
constexpr int kLeastBelievedBits = 2;

constexpr std::uint32_t kStreamIntegerA = 67;
constexpr std::uint32_t kStreamIntegerB = 68;
constexpr std::uint32_t kStreamIntegerX = 69;
constexpr std::uint32_t kStreamClearedRows = 70;
// Any: nobody who multiplies knows it.
constexpr std::uint64_t kSeedOfX = 1;

/// -1, 0 and 1; about `density` of them are not zero.
std::vector<float> signs(std::size_t count, Stream stream, double density) {
  std::vector<std::uint32_t> words(count);
  draw_words(stream, 0, words);
  const auto limit = static_cast<std::uint32_t>(density * 0x1p31);
  std::vector<float> values;
  for (const std::uint32_t word : words) {
    const float sign = (word & 1U) != 0 ? 1.0F : -1.0F;
    values.push_back(word >> 1 < limit ? sign : 0.0F);
  }
  return values;
}

/// Integers modulo 2^64, where nothing is ever rounded.
using Words = std::vector<std::uint64_t>;

/// matrix·x for a row-major matrix of integers; nothing where an element is none.
std::optional<Words> times(std::span<const float> matrix, const Words& x) {
  Words product;
  for (auto row = matrix.begin(); row != matrix.end(); row += std::ssize(x)) {
    std::uint64_t sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j) {
      const float value = row[static_cast<std::ptrdiff_t>(j)];
      if (!(std::abs(value) < 0x1p31F) || value != std::trunc(value)) return std::nullopt;
      sum += static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) * x[j];
    }
    product.push_back(sum);
  }
  return product;
}

/// Rows of C that are not those of A·B, by Freivalds: C·x and A·(B·x) differ in every wrong row,
/// but for one x in billions of billions.
std::size_t count_wrong_rows(const RandomProduct& product) {
  const MatmulShape& shape = product.shape;
  std::vector<std::uint32_t> halves(2 * shape.n);
  draw_words({kSeedOfX, kStreamIntegerX}, 0, halves);
  Words x(shape.n);
  for (std::size_t j = 0; j < shape.n; ++j) {
    x[j] = std::uint64_t{halves[2 * j]} << 32 | halves[2 * j + 1];
  }
  const Words expected = *times(product.a, *times(product.b, x));
  const std::span<const float> c = product.c;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < shape.m; ++i) {
    const auto row = times(c.subspan(i * shape.n, shape.n), x);
    wrong += !row || row->front() != expected[i];
  }
  return wrong;
}

/// What is wrong with products of small integers; "" when nothing is.
Result<std::string> fault_in_integers(Launcher& launcher, std::uint64_t seed) {
  RandomProduct product = integer_operands(launcher.shape(), seed);
  auto c = launcher.multiply(product.a, product.b);
  if (!c) return c.error();
  product.c = *std::move(c);
  return fault_in_integers(product);
}

struct EarlyVerdict {
  PrecisionVerdict verdict;
  std::string reason;
};
/// Whether the same inputs give other bits the second time, and whether rows of zeros stay zeros:
/// algorithms that add rows before they multiply leave their rounding errors there.
Result<std::optional<EarlyVerdict>> fault_in_repeats(Launcher& launcher, std::uint64_t seed) {
  RandomProduct product =
      with_cleared_rows(random_operands(launcher.shape(), launcher.storage(), seed), seed);
  auto first = launcher.multiply(product.a, product.b);
  if (!first) return first.error();
  const auto second = launcher.multiply(product.a, product.b);
  if (!second) return second.error();
  const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  using Found = std::optional<EarlyVerdict>;
  if (!std::ranges::equal(*first, *second, {}, bits, bits)) {
    return Found(
        {PrecisionVerdict::nondeterministic, "the same inputs gave other outputs the second time"});
  }
  product.c = *std::move(first);
  std::string fault = fault_in_cleared_rows(product);
  if (fault.empty()) return Found();
  return Found({PrecisionVerdict::unresolved, std::move(fault)});
}

/// Launches that so many probes fill, a row each.
double sheets_for(std::size_t probes, std::size_t rows) {
  return std::ceil(static_cast<double>(probes) / static_cast<double>(rows));
}

void name_neighbours(RegionFingerprint& found, NumberFormat storage, const RandomProduct& product) {
  struct Neighbour {
    double distance;
    std::string name;
  };
  std::vector<Neighbour> neighbours;
  for (NamedPath& path : common_paths(storage)) {
    path.arithmetic.order = found.inference.arithmetic.order;
    neighbours.push_back({distance(path.arithmetic, product, found.region), path.name});
  }
  std::ranges::stable_sort(neighbours, {}, &Neighbour::distance);
  found.nearest = neighbours[0].name;
  found.runner_up = neighbours[1].name;
}

Result<RegionFingerprint> fingerprint_region(Launcher& launcher, const Region& region,
                                             Precision declared, std::uint64_t seed) {
  const auto evidence = collect_evidence(launcher, region);
  if (!evidence) return evidence.error();
  const auto products = random_products(launcher, region, seed);
  if (!products) return products.error();
  return judge_region(region, *evidence, *products, launcher.storage(), declared_bits(declared));
}

/// The sign of a NaN says nothing.
std::string number_text(float value) {
  return std::isnan(value) ? "NaN" : fmt::format("{}", value);
}

/// "Inf · 0 gives 0, not NaN" of each answer that the arithmetic has otherwise.
std::vector<std::string> odd_answers(const MatmulArithmetic& arithmetic, std::size_t k,
                                     const std::vector<Probe>& probes,
                                     const std::vector<float>& answers) {
  const std::vector<float> expected = predicted_in_order(arithmetic, k, probes);
  std::vector<std::string> odd;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (same_answer(expected[i], answers[i])) continue;
    odd.push_back(fmt::format("{} gives {}, not {}", probes[i].name, number_text(answers[i]),
                              number_text(expected[i])));
  }
  return odd;
}

/// "; Inf · 0 gives 0, not NaN, and 2 more"; "" for none.
std::string oddities(const std::vector<std::string>& odd) {
  if (odd.empty()) return "";
  const std::string more = odd.size() == 1 ? "" : fmt::format(", and {} more", odd.size() - 1);
  return "; " + odd.front() + more;
}

PrecisionVerdict verdict_of(const RegionFingerprint& found, const WorkingBits& declared) {
  if (found.agreement.mismatches > 0 || !found.odd_places.empty()) {
    return PrecisionVerdict::unresolved;
  }
  switch (compare_bits(working_bits(found.inference.arithmetic), declared)) {
    case BitsComparison::fewer:
      return PrecisionVerdict::downgraded;
    case BitsComparison::equal:
      return PrecisionVerdict::confirmed;
    case BitsComparison::more:
      break;
  }
  return PrecisionVerdict::better;
}

/// How many outputs the format holds, of those that are not zero; nothing where it misses one.
std::size_t all_held(const NumberRule& rule, const std::vector<RandomProduct>& products,
                     const Region& region) {
  std::size_t held = 0;
  for (const RandomProduct& product : products) {
    for (const std::size_t i : region.rows) {
      for (const std::size_t j : region.columns) {
        const float value = product.c[i * product.shape.n + j];
        if (!std::isfinite(value) || value == 0) continue;
        if (rounded(rule, value) != value) return 0;
        ++held;
      }
    }
  }
  return held;
}

/// Results on the grid of a short format were rounded to it, and what is left of one number shows
/// what became of it: neither depends on how others are added.
std::vector<std::string> proven_facts(const Inference& inference, NumberFormat storage,
                                      const std::vector<RandomProduct>& products,
                                      const Region& region) {
  const int stored_bits = traits_of(storage).significand_bits;
  std::vector<std::string> facts;
  for (const NumberFormat format : {NumberFormat::bf16, NumberFormat::fp16, NumberFormat::tf32}) {
    const auto& [name, bits, least, most] = traits_of(format);
    const std::size_t held = bits < stored_bits ? all_held({format}, products, region) : 0;
    if (held < kEnoughHeld) continue;
    facts.push_back(
        fmt::format("all of {} random outputs are numbers of {}, as chance would have one in {}",
                    held, name, 1 << (stored_bits - bits)));
    break;
  }
  for (const auto& [operand, kept] :
       {std::pair{'A', inference.kept_bits_a}, {'B', inference.kept_bits_b}}) {
    if (kept < kLeastBelievedBits || kept >= stored_bits - 1) continue;
    facts.push_back(fmt::format("{} of {} fraction bits of {} reach the result", kept,
                                stored_bits - 1, operand));
  }
  return facts;
}

std::string reason_of(const RegionFingerprint& found, std::size_t regions) {
  const std::string part =
      regions == 1 ? ""
                   : fmt::format(", in {} rows by {} columns from [{}, {}] on",
                                 found.region.rows.size(), found.region.columns.size(),
                                 found.region.rows.front(), found.region.columns.front());
  const std::string where = part + oddities_of(found);
  if (found.agreement.mismatches == 0) {
    return fmt::format("{}: all of {} random outputs to the bit{}", found.name,
                       found.agreement.outputs, where);
  }
  return fmt::format(
      "no known arithmetic fits; nearest is {}, then {}; the best guess ({}) misses "
      "{:.2g} of {} random outputs{}{}",
      found.nearest, found.runner_up, found.name, found.agreement.mismatch_rate(),
      found.agreement.outputs, where,
      found.proven.empty() ? "" : fmt::format("; sure is: {}", fmt::join(found.proven, ", ")));
}

Fingerprint early_verdict(PrecisionVerdict verdict, std::string reason, const Launcher& launcher) {
  return {verdict, std::move(reason), {}, launcher.launches()};
}

}  // namespace

RandomProduct integer_operands(const MatmulShape& shape, std::uint64_t seed) {
  const double density = std::min(1.0, std::sqrt(kIntegerTerms / static_cast<double>(shape.k)));
  return {shape,
          signs(shape.m * shape.k, {seed, kStreamIntegerA}, density),
          signs(shape.k * shape.n, {seed, kStreamIntegerB}, density),
          {}};
}

std::string fault_in_integers(const RandomProduct& product) {
  const std::size_t wrong = count_wrong_rows(product);
  if (wrong == 0) return "";
  return fmt::format("{} of {} rows of a product of -1, 0 and 1 are wrong, exact in any precision",
                     wrong, product.shape.m);
}

RandomProduct with_cleared_rows(RandomProduct product, std::uint64_t seed) {
  const auto [m, n, k] = product.shape;
  std::vector<std::uint32_t> words(m);
  draw_words({seed, kStreamClearedRows}, 0, words);
  for (std::size_t i = 1; i < m; ++i) {
    if ((words[i] & 1U) == 0) continue;
    std::ranges::fill(std::span(product.a).subspan(i * k, k), 0.0F);
  }
  return product;
}

std::string fault_in_cleared_rows(const RandomProduct& product) {
  const auto [m, n, k] = product.shape;
  const auto all_zero = [](std::span<const float> values) {
    return std::ranges::all_of(values, [](float value) { return value == 0; });
  };
  std::size_t mixed = 0;
  for (std::size_t i = 0; i < m; ++i) {
    const bool cleared = all_zero(std::span(product.a).subspan(i * k, k));
    mixed += cleared && !all_zero(std::span(product.c).subspan(i * n, n));
  }
  if (mixed == 0) return "";
  return fmt::format(
      "{} rows of zeros in A came out as other numbers: rows are added before they are "
      "multiplied, as Strassen and Winograd do",
      mixed);
}

RegionFingerprint judge_region(const Region& region, const Evidence& evidence,
                               const std::vector<RandomProduct>& products, NumberFormat storage,
                               const WorkingBits& declared) {
  RegionFingerprint found;
  found.region = region;
  found.inference = infer_arithmetic(evidence, storage, products.front().shape.k);
  const Confirmation best = best_agreeing(found.inference, products, region);
  found.inference.arithmetic = best.arithmetic;
  found.agreement = best.agreement;
  found.name = path_name(found.inference.arithmetic);
  name_neighbours(found, storage, products.front());
  if (found.agreement.mismatches > 0) {
    found.proven = proven_facts(found.inference, storage, products, region);
  }
  conclude(found, evidence.checks, products.front().shape.k, declared);
  return found;
}

void conclude(RegionFingerprint& found, const Checks& checks, std::size_t k,
              const WorkingBits& declared) {
  const MatmulArithmetic& arithmetic = found.inference.arithmetic;
  found.odd_specials = odd_answers(arithmetic, k, checks.special_probes, checks.special_answers);
  found.odd_places = odd_answers(arithmetic, k, checks.place_probes, checks.place_answers);
  found.verdict = verdict_of(found, declared);
}

std::string oddities_of(const RegionFingerprint& found) {
  return oddities(found.odd_places) + oddities(found.odd_specials);
}

Fingerprint fingerprint_of(std::vector<RegionFingerprint> regions, int launches) {
  Fingerprint result;
  result.regions = std::move(regions);
  const auto& worst = *std::ranges::min_element(result.regions, {}, &RegionFingerprint::verdict);
  result.verdict = worst.verdict;
  result.reason = reason_of(worst, result.regions.size());
  result.launches = launches;
  return result;
}

std::string Fingerprint::name() const {
  const auto worst = std::ranges::min_element(regions, {}, &RegionFingerprint::verdict);
  const bool sure = worst != regions.end() && worst->verdict != PrecisionVerdict::unresolved;
  return sure ? worst->name : "";
}

FingerprintCost fingerprint_cost(const MatmulShape& shape) {
  constexpr double kOnce = 5;  // Integers, the same inputs twice, equal rows and equal columns.
  const std::size_t probes = core_probes({0, 1, 2}, 0).size() + far_probes(0, 1).size() +
                             special_probes({0, 1, 2}).size() + 2 * some_places(shape.k).size() + 1;
  const double sheets = sheets_for(probes, shape.m) + sheets_for(order_probes(shape.k), shape.m);
  const ConfirmationCost confirmation = confirmation_cost(shape);
  return {kOnce + sheets + confirmation.products, confirmation.steps};
}

Result<Fingerprint> take_fingerprint(const MatmulUnderTest& under_test, Precision declared,
                                     std::uint64_t seed) {
  if (under_test.shape.k < kLeastFingerprintDepth) {
    return Error{ErrorKind::input, fmt::format("k is {}: a fingerprint needs at least {}",
                                               under_test.shape.k, kLeastFingerprintDepth)};
  }
  Launcher launcher(under_test);
  const auto fault = fault_in_integers(launcher, seed);
  if (!fault) return fault.error();
  if (!fault->empty()) return early_verdict(PrecisionVerdict::wrong, *fault, launcher);
  const auto early = fault_in_repeats(launcher, seed);
  if (!early) return early.error();
  if (*early) return early_verdict((*early)->verdict, (*early)->reason, launcher);
  const auto regions = find_regions(launcher, seed);
  if (!regions) return regions.error();
  std::vector<RegionFingerprint> found;
  for (const Region& region : *regions) {
    auto one = fingerprint_region(launcher, region, declared, seed);
    if (!one) return one.error();
    found.push_back(std::move(*one));
  }
  return fingerprint_of(std::move(found), launcher.launches());
}

}  // namespace gpubench
