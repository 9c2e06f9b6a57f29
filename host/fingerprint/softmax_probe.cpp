#include "fingerprint/softmax_probe.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "kernels/random.h"

namespace gpubench {
namespace {

constexpr float kRange = 3.0F;
// All of these are exact sums, and shares, in bf16.
constexpr std::size_t kMostEqual = 32;

constexpr std::uint32_t kStreamX = 80;
constexpr std::uint32_t kStreamPlaces = 81;

constexpr int kInputBits = 23;
constexpr int kStepBits = 24;

/// One place in each of `count` equal parts of the row.
std::vector<std::size_t> spread_places(std::size_t count, std::size_t columns,
                                       std::span<const std::uint32_t> words) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * columns / count;
    const std::size_t end = (i + 1) * columns / count;
    places.push_back(begin + words[i] % (end - begin));
  }
  return places;
}

/// Largest t up to which `tells` holds without a gap.
template <class Tells>
int told_up_to(int most, Tells tells) {
  int t = 0;
  while (t < most && tells(t + 1)) ++t;
  return t;
}
/// Largest t for which `tells` holds. A sum in parts, each with a maximum of its own, leaves gaps.
template <class Tells>
int last_told(int most, Tells tells) {
  int t = most;
  while (t > 0 && !tells(t)) --t;
  return t;
}

}  // namespace

Result<SoftmaxAnswers> SoftmaxLauncher::run(const std::vector<SoftmaxRow>& rows) {
  SoftmaxAnswers answers;
  for (std::size_t next = 0; next < rows.size(); next += under_test_.rows) {
    const std::size_t count = std::min(under_test_.rows, rows.size() - next);
    const auto ran = run_sheet(std::span(rows).subspan(next, count), answers);
    if (!ran) return ran.error();
  }
  return answers;
}

Outcome SoftmaxLauncher::run_sheet(std::span<const SoftmaxRow> rows, SoftmaxAnswers& answers) {
  const std::size_t columns = under_test_.columns;
  std::vector<float> x(under_test_.rows * columns, kFarBelow);
  for (std::size_t i = 0; i < under_test_.rows; ++i) {
    const SoftmaxRow& row = rows[i % rows.size()];
    for (std::size_t place = 0; place < row.x.size(); ++place) {
      x[i * columns + row.columns[place]] = row.x[place];
    }
  }
  ++launches_;
  auto output = under_test_.normalize(x);
  if (!output) return output.error();
  if (output->size() != x.size()) {
    return Error{ErrorKind::internal, "the softmax under test gave an output of another shape"};
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto begin = output->begin() + static_cast<std::ptrdiff_t>(i * columns);
    std::vector<float>& y = answers.y.emplace_back();
    for (const std::size_t column : rows[i].columns) {
      float& value = *(begin + static_cast<std::ptrdiff_t>(column));
      y.push_back(std::exchange(value, 0.0F));
    }
    answers.strays +=
        static_cast<std::size_t>(std::count_if(begin, begin + static_cast<std::ptrdiff_t>(columns),
                                               [](float value) { return value != 0; }));
  }
  return Done{};
}

SoftmaxProbes::SoftmaxProbes(std::size_t columns, NumberFormat storage)
    : columns_(columns), storage_(storage) {
  add_input_rows();
  add_step_rows();
  add_range_rows();
}

// Each pair lies elsewhere, so that no lane of the row is left out.
SoftmaxProbes::Index SoftmaxProbes::add_pair(float first, float second) {
  const auto stored = [&](float x) { return static_cast<float>(rounded({storage_}, x)); };
  const std::size_t place = rows_.size() * 7 % (columns_ - 1);
  rows_.push_back({{place, place + 1}, {stored(first), stored(second)}});
  return rows_.size() - 1;
}

// A large x makes its last bit a difference that even a coarse exp can show; where the path does
// not take the maximum out, only small x have an exp at all.
void SoftmaxProbes::add_input_rows() {
  const bool half = storage_ == NumberFormat::fp16;
  const int most = half ? traits_of(storage_).significand_bits - 1 : kInputBits;
  for (int p = 1; p <= most; ++p) {
    std::vector<int> exponents = {3, 12};
    if (!half && p > 15) exponents.push_back(p - 3);
    std::vector<Index>& rows = input_.emplace_back();
    for (const int exponent : exponents) {
      const float x = std::ldexp(1.0F, exponent);
      rows.push_back(add_pair(x + std::ldexp(x, -p), x));
    }
  }
}

// One and a half steps, so that no small error of exp moves an answer across a tie.
void SoftmaxProbes::add_step_rows() {
  for (int t = 1; t <= kStepBits; ++t) {
    const double step = std::ldexp(1.5, -t);
    exp_.push_back(add_pair(0.0F, static_cast<float>(-step)));
    sum_.push_back(add_pair(0.0F, static_cast<float>(std::log(step))));
  }
}

void SoftmaxProbes::add_range_rows() {
  shift_ = add_pair(100.0F, 99.0F);
  if (storage_ != NumberFormat::fp16) range_ = add_pair(0x1p17F, 0x1p16F);
  SoftmaxRow ones;
  ones.columns.resize(columns_);
  std::iota(ones.columns.begin(), ones.columns.end(), 0);
  ones.x.assign(columns_, 1.0F);
  rows_.push_back(std::move(ones));
  ones_ = rows_.size() - 1;
}

SoftmaxSeen SoftmaxProbes::read(const std::vector<std::vector<float>>& y) const {
  const auto told = [&](Index row) { return y[row][0] > y[row][1]; };
  const auto entry = [](int t) { return static_cast<std::size_t>(t) - 1; };
  SoftmaxSeen seen;
  seen.input = told_up_to(static_cast<int>(input_.size()),
                          [&](int p) { return std::ranges::any_of(input_[entry(p)], told); });
  seen.exp = last_told(kStepBits, [&](int t) { return told(exp_[entry(t)]); });
  seen.sum = last_told(kStepBits, [&](int t) { return y[sum_[entry(t)]][0] < 1; });
  constexpr float kShareOf100 = 0.7310586F;  // 1 / (1 + 1/e)
  constexpr float kNear = 0.02F;
  seen.shifted = std::abs(y[shift_][0] - kShareOf100) < kNear;
  if (range_) seen.wide_range = y[*range_][0] == 1 && y[*range_][1] == 0;
  seen.ones = 1.0 / y[ones_][0];
  return seen;
}

std::vector<SoftmaxRow> random_softmax_rows(std::size_t count, std::size_t columns,
                                            NumberFormat storage, std::uint64_t seed) {
  const std::size_t places = std::min(columns, kMostSoftmaxPlaces);
  std::vector<float> x(count * places);
  draw_uniform({seed, kStreamX}, 0, x);
  for (float& value : x) value = static_cast<float>(rounded({storage}, value * kRange));
  std::vector<std::uint32_t> words(count * places);
  draw_words({seed, kStreamPlaces}, 0, words);
  std::vector<SoftmaxRow> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = static_cast<std::ptrdiff_t>(i * places);
    const auto end = begin + static_cast<std::ptrdiff_t>(places);
    rows.push_back({spread_places(places, columns, std::span(words).subspan(i * places, places)),
                    {x.begin() + begin, x.begin() + end}});
  }
  return rows;
}

std::vector<SoftmaxRow> equal_softmax_rows(std::size_t count, std::size_t columns,
                                           std::uint64_t seed) {
  std::vector<std::uint32_t> words(count * kMostEqual);
  draw_words({seed, kStreamPlaces}, 0, words);
  std::vector<SoftmaxRow> rows;
  const std::size_t most = std::bit_floor(std::min(columns, kMostEqual));
  std::size_t equal = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto picks = std::span(words).subspan(i * kMostEqual, equal);
    rows.push_back({spread_places(equal, columns, picks), std::vector<float>(equal, 1.0F)});
    equal = equal == most ? 1 : 2 * equal;
  }
  return rows;
}

}  // namespace gpubench
