#include "audit/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench {
namespace {

constexpr std::size_t kListedDisagreements = 1000;
// FP32 sums of a million probabilities stay within this of 1.
constexpr double kSumsToOne = 1e-3;

double half_ulp(const FormatFacts& format, double value) {
  const int exponent =
      value == 0 || !std::isfinite(value) ? format.min_exponent : std::ilogb(value);
  return std::ldexp(0.5, std::max(exponent, format.min_exponent) - format.bits + 1);
}

/// The larger one, where NaN stands for nothing yet.
double larger(double a, double b) {
  return std::isnan(a) ? b : std::max(a, std::isnan(b) ? a : b);
}
double smaller(double a, double b) {
  return std::isnan(a) ? b : std::min(a, std::isnan(b) ? a : b);
}

}  // namespace

void RankingCollector::Top::insert(const Entry& entry) {
  std::size_t place = filled_ < entries_.size() ? filled_++ : filled_ - 1;
  for (; place > 0 && entry.value > entries_[place - 1].value; --place) {
    entries_[place] = entries_[place - 1];
  }
  entries_[place] = entry;
}

RankingCollector::RankingCollector(std::uint64_t first_row, std::uint64_t columns,
                                   std::uint32_t top_k)
    : row_(first_row),
      reference_top_(std::max<std::uint32_t>(top_k, columns > 1 ? 2 : 1)),
      output_top_(std::max<std::uint32_t>(top_k, columns > 1 ? 2 : 1)) {
  facts_.top_k = top_k;
  facts_.columns = columns;
  facts_.distributions = true;
}

void RankingCollector::add(std::span<const double> reference, std::span<const double> output) {
  while (!reference.empty()) {
    const auto count = static_cast<std::size_t>(
        std::min(facts_.columns - column_, std::uint64_t{reference.size()}));
    add_part(reference.first(count), output.first(count));
    if (facts_.distributions) add_probabilities(reference.first(count), output.first(count));
    column_ += count;
    if (column_ == facts_.columns) finish_row();
    reference = reference.subspan(count);
    output = output.subspan(count);
  }
}

void RankingCollector::add_part(std::span<const double> reference, std::span<const double> output) {
  for (std::size_t i = 0; i < reference.size(); ++i) {
    row_has_nan_ = row_has_nan_ || std::isnan(output[i]);
    reference_top_.offer({reference[i], reference[i], column_ + i});
    output_top_.offer({output[i], reference[i], column_ + i});
  }
}

void RankingCollector::add_probabilities(std::span<const double> reference,
                                         std::span<const double> output) {
  for (std::size_t i = 0; i < reference.size(); ++i) {
    row_reference_ += reference[i];
    row_output_ += output[i];
    row_variation_ += std::abs(output[i] - reference[i]) / 2;
    row_least_ = std::min(row_least_, reference[i]);
    if (reference[i] > 0 && output[i] > 0) {
      row_divergence_ += reference[i] * std::log(reference[i] / output[i]);
    }
  }
}

void RankingCollector::finish_row() {
  ++facts_.rows;
  if (row_has_nan_) {
    ++facts_.unranked;
  } else {
    compare_tops();
  }
  finish_distribution();
  reference_top_.clear();
  output_top_.clear();
  row_has_nan_ = false;
  column_ = 0;
  ++row_;
}

void RankingCollector::compare_tops() {
  const auto expected = reference_top_.entries();
  const auto got = output_top_.entries();
  std::uint32_t shared = 0, in_place = 0;
  for (std::uint32_t i = 0; i < facts_.top_k; ++i) {
    in_place += expected[i].column == got[i].column;
    for (std::uint32_t j = 0; j < facts_.top_k; ++j) shared += expected[i].column == got[j].column;
  }
  overlaps_ += static_cast<double>(shared) / facts_.top_k;
  facts_.same_set += shared == facts_.top_k;
  facts_.same_order += in_place == facts_.top_k;
  if (expected.size() > 1) {
    facts_.output_ties += got[0].value == got[1].value;
    facts_.reference_ties += expected[0].value == expected[1].value;
    facts_.smallest_margin = smaller(facts_.smallest_margin, expected[0].value - expected[1].value);
  }
  if (expected[0].column == got[0].column) {
    ++facts_.same_first;
  } else {
    note_disagreement();
  }
}

void RankingCollector::note_disagreement() {
  const Entry& expected = reference_top_.entries().front();
  const Entry& got = output_top_.entries().front();
  Disagreement found{row_, expected.column, got.column, expected.value - got.reference, {}};
  for (const Lattice lattice : kAllLattices) {
    const auto index = static_cast<std::size_t>(lattice);
    const FormatFacts& format = facts_of(lattice);
    found.excused[index] =
        found.margin <= half_ulp(format, expected.value) + half_ulp(format, got.reference);
    facts_.excused[index] += found.excused[index];
  }
  facts_.largest_disputed_margin = larger(facts_.largest_disputed_margin, found.margin);
  if (facts_.disagreements.size() < kListedDisagreements) facts_.disagreements.push_back(found);
}

void RankingCollector::finish_distribution() {
  if (!facts_.distributions) return;
  facts_.distributions = row_least_ >= 0 && std::abs(row_reference_ - 1) <= kSumsToOne;
  facts_.max_sum_error = larger(facts_.max_sum_error, std::abs(row_output_ - 1));
  facts_.max_total_variation = larger(facts_.max_total_variation, row_variation_);
  divergences_ += row_divergence_;
  row_reference_ = row_output_ = row_variation_ = row_divergence_ = row_least_ = 0;
}

RankingCollector& RankingCollector::operator+=(const RankingCollector& other) {
  const RankingFacts& from = other.facts_;
  facts_.rows += from.rows;
  facts_.unranked += from.unranked;
  facts_.same_first += from.same_first;
  facts_.same_set += from.same_set;
  facts_.same_order += from.same_order;
  facts_.output_ties += from.output_ties;
  facts_.reference_ties += from.reference_ties;
  facts_.distributions = facts_.distributions && from.distributions;
  for (std::size_t i = 0; i < kLattices; ++i) facts_.excused[i] += from.excused[i];
  for (const auto most : {&RankingFacts::largest_disputed_margin, &RankingFacts::max_sum_error,
                          &RankingFacts::max_total_variation}) {
    facts_.*most = larger(facts_.*most, from.*most);
  }
  facts_.smallest_margin = smaller(facts_.smallest_margin, from.smallest_margin);
  overlaps_ += other.overlaps_;
  divergences_ += other.divergences_;
  const std::size_t room = kListedDisagreements - facts_.disagreements.size();
  const auto taken = static_cast<std::ptrdiff_t>(std::min(room, from.disagreements.size()));
  facts_.disagreements.insert(facts_.disagreements.end(), from.disagreements.begin(),
                              from.disagreements.begin() + taken);
  return *this;
}

RankingFacts RankingCollector::facts() const {
  RankingFacts facts = facts_;
  const auto ranked = static_cast<double>(facts.rows - facts.unranked);
  if (ranked > 0) facts.mean_overlap = overlaps_ / ranked;
  if (facts.distributions && facts.rows > 0) {
    facts.mean_divergence = divergences_ / static_cast<double>(facts.rows);
  } else {
    facts.distributions = false;
    facts.max_sum_error = facts.max_total_variation = kNoValue;
  }
  return facts;
}

}  // namespace gpubench
