#include "audit/pair_facts.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

namespace gpubench {
namespace {

// Every pair of a small array is looked at for repeated values; of a large one, the first few of
// each block, spread over all of it.
constexpr std::uint64_t kAlwaysLookedAt = 4096;
constexpr std::size_t kLookedAtPerBlock = 32;
constexpr int kBinShift = 19;  // 4 of 23 fraction bits remain: 16 bins an octave.

double sum_of(const Lanes& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

double nearest(const FormatFacts& format, double value) {
  const int exponent = std::max(value == 0 ? 0 : std::ilogb(value), format.min_exponent);
  const double gap = std::ldexp(1, exponent - format.bits + 1);
  return std::nearbyint(value / gap) * gap;
}

bool informative(Lattice lattice, double reference, double output) {
  const FormatFacts& format = facts_of(lattice);
  if (output == 0 || std::abs(reference) > format.largest) return false;
  return std::abs(nearest(format, reference) - reference) > std::abs(reference) * kOnGridAlready;
}

void insert_distinct(std::vector<double>& values, double value) {
  if (values.size() >= kManyDistinct) return;
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

double log2_choose(double whole, double part) {
  constexpr double kLn2 = 0.693147180559945309;
  return (std::lgamma(whole + 1) - std::lgamma(part + 1) - std::lgamma(whole - part + 1)) / kLn2;
}

double chance_log2(Lattice lattice, const LatticeFacts& facts) {
  if (facts.on_lattice == 0 || facts.informative == 0) return 0;
  const double bits = kF32.bits - facts_of(lattice).bits;
  const auto whole = static_cast<double>(facts.independent());
  if (facts.on_lattice == facts.informative) return -bits * whole;
  const double part =
      whole * static_cast<double>(facts.on_lattice) / static_cast<double>(facts.informative);
  // A union bound over which pairs survive.
  return std::min(0.0, log2_choose(whole, part) - bits * part);
}

LatticeFacts lattice_facts(Lattice lattice, const PairSums& sums, std::size_t distinct) {
  const LatticeSums& from = sums.lattices[static_cast<std::size_t>(lattice)];
  LatticeFacts facts;
  facts.informative = from.informative;
  facts.on_lattice = from.on_lattice;
  facts.rounded = from.rounded;
  facts.distinct = distinct;
  facts.above_half = from.above_half;
  facts.beyond_half = from.beyond_half;
  facts.beyond_one = from.beyond_one;
  facts.chance_log2 = chance_log2(lattice, facts);
  if (sums.compared > 0) {
    facts.max_ulps = from.max_ulps;
    facts.mean_ulps = sum_of(from.ulps) / static_cast<double>(sums.compared);
  }
  return facts;
}

/// 1 - cos of the angle between R and R + e. The plain formula would cancel: cos is nearly 1.
double one_minus_cosine(double reference_squares, double error_squares, double dot) {
  const double ratio_squared = 1 + (2 * dot + error_squares) / reference_squares;
  if (!(ratio_squared > 0)) return kNoValue;
  const double ratio = std::sqrt(ratio_squared);
  const double longer = (2 * dot + error_squares) / reference_squares / (1 + ratio);  // ratio - 1
  const double result = (error_squares / reference_squares - longer * longer) / (2 * ratio);
  return std::max(result, 0.0);
}

void set_norms(PairFacts& facts, const PairSums& sums) {
  const auto count = static_cast<double>(sums.compared);
  const double error_squares = sum_of(sums.error_squares);
  const double reference_squares = sum_of(sums.reference_squares);
  facts.max_abs_err = sums.max_abs;
  facts.mean_abs_err = sum_of(sums.abs_errors) / count;
  facts.rmse = std::sqrt(error_squares / count);
  facts.bias = sum_of(sums.errors) / count;
  facts.outward_bias = sum_of(sums.signed_errors) / count;
  facts.reference_rms = std::sqrt(reference_squares / count);
  facts.reference_mean = sum_of(sums.references) / count;
  facts.max_ulp_fp32 = sums.max_fp32_ulps;
  facts.mean_ulp_fp32 = sum_of(sums.fp32_ulps) / count;
  if (sums.relative > 0) facts.max_rel_err = sums.max_rel;
  if (!(reference_squares > 0)) return;
  facts.nmse = error_squares / reference_squares;
  facts.rel_fro_err = std::sqrt(facts.nmse);
  facts.one_minus_cosine =
      one_minus_cosine(reference_squares, error_squares, sum_of(sums.error_dot_reference));
}

}  // namespace

std::uint64_t LatticeFacts::independent() const {
  return distinct >= kManyDistinct ? informative : std::min(informative, distinct);
}

void PairCollector::add(std::uint64_t first, std::span<const double> reference,
                        std::span<const double> output) {
  assert(reference.size() == output.size() && "pairs");
  for (std::size_t begin = 0; begin < reference.size(); begin += kPairBlock) {
    const std::size_t count = std::min(kPairBlock, reference.size() - begin);
    add_block(first + begin, reference.subspan(begin, count), output.subspan(begin, count));
  }
}

void PairCollector::add_block(std::uint64_t first, std::span<const double> reference,
                              std::span<const double> output) {
  alignas(64) std::array<double, kPairBlock> references;
  alignas(64) std::array<double, kPairBlock> outputs;
  const std::size_t count = reference.size();
  const std::size_t padded = (count + kLanes - 1) / kLanes * kLanes;
  std::fill(std::copy(reference.begin(), reference.end(), references.begin()),
            references.begin() + static_cast<std::ptrdiff_t>(padded), 0.0);
  std::fill(std::copy(output.begin(), output.end(), outputs.begin()),
            outputs.begin() + static_cast<std::ptrdiff_t>(padded), 0.0);
  const double max_before = sums_.max_abs;
  const std::uint64_t compared_before = sums_.compared;
  add_pairs({references.data(), padded}, {outputs.data(), padded}, count, typical_, sums_);
  const std::span<const double> r(references.data(), count);
  const std::span<const double> g(outputs.data(), count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = static_cast<float>(std::abs(g[i] - r[i]));
    ++bins_[std::bit_cast<std::uint32_t>(error) >> kBinShift];
  }
  bins_[0] -= count - (sums_.compared - compared_before);  // cleared pairs look like no error
  if (sums_.max_abs > max_before || elements_ == 0) note_worst(first, r, g);
  elements_ += count;
  note_distinct(r, g);
}

void PairCollector::note_worst(std::uint64_t first, std::span<const double> reference,
                               std::span<const double> output) {
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (std::abs(output[i] - reference[i]) != sums_.max_abs) continue;
    worst_index_ = first + i;
    worst_reference_ = reference[i];
    worst_output_ = output[i];
    return;
  }
}

void PairCollector::note_distinct(std::span<const double> reference,
                                  std::span<const double> output) {
  const std::size_t limit = looked_at_ < kAlwaysLookedAt ? reference.size() : kLookedAtPerBlock;
  const std::size_t count = std::min(limit, reference.size());
  for (const Lattice lattice : kAllLattices) {
    std::vector<double>& values = distinct_[static_cast<std::size_t>(lattice)];
    for (std::size_t i = 0; i < count && values.size() < kManyDistinct; ++i) {
      if (informative(lattice, reference[i], output[i])) insert_distinct(values, output[i]);
    }
  }
  looked_at_ += count;
}

PairCollector& PairCollector::operator+=(const PairCollector& other) {
  if (other.sums_.max_abs > sums_.max_abs || elements_ == 0) {
    worst_index_ = other.worst_index_;
    worst_reference_ = other.worst_reference_;
    worst_output_ = other.worst_output_;
  }
  sums_ += other.sums_;
  for (std::size_t i = 0; i < kBins; ++i) bins_[i] += other.bins_[i];
  elements_ += other.elements_;
  for (std::size_t i = 0; i < kLattices; ++i) {
    for (const double value : other.distinct_[i]) insert_distinct(distinct_[i], value);
  }
  return *this;
}

double PairCollector::quantile(double share) const {
  const auto wanted =
      static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(sums_.compared)));
  std::uint64_t seen = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    seen += bins_[bin];
    if (seen < wanted) continue;
    const auto end = std::bit_cast<float>(static_cast<std::uint32_t>(bin + 1) << kBinShift);
    return bin == 0 ? 0 : std::min(static_cast<double>(end), sums_.max_abs);
  }
  return sums_.max_abs;
}

PairFacts PairCollector::facts() const {
  PairFacts facts;
  facts.elements = elements_;
  facts.counts = sums_;
  facts.typical = typical_;
  for (const Lattice lattice : kAllLattices) {
    const auto index = static_cast<std::size_t>(lattice);
    facts.lattices[index] = lattice_facts(lattice, sums_, distinct_[index].size());
  }
  if (sums_.compared == 0) return facts;
  set_norms(facts, sums_);
  constexpr std::array<double, 4> kShares = {0.5, 0.9, 0.99, 0.999};
  for (std::size_t i = 0; i < kShares.size(); ++i) {
    facts.abs_err_quantiles[i] = quantile(kShares[i]);
  }
  facts.worst_index = worst_index_;
  facts.worst_reference = worst_reference_;
  facts.worst_output = worst_output_;
  return facts;
}

}  // namespace gpubench
