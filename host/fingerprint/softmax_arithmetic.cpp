#include "fingerprint/softmax_arithmetic.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace gpubench {
namespace {

double ulp_of_one(NumberFormat format) {
  return std::ldexp(1.0, 1 - traits_of(format).significand_bits);
}

float in_format(NumberFormat format, double value) {
  return static_cast<float>(rounded({format}, value));
}

float emulated_exp(const SoftmaxArithmetic& arithmetic, float y) {
  if (arithmetic.base == SoftmaxArithmetic::Base::e) {
    return in_format(arithmetic.exp, std::exp(double{y}));
  }
  const float log2e = in_format(arithmetic.exp, std::numbers::log2e);
  const float power = in_format(arithmetic.exp, double{y} * log2e);
  return in_format(arithmetic.exp, std::exp2(double{power}));
}

/// exp(x - max) of a row in the format of exp.
std::vector<float> exponentials_of(const SoftmaxArithmetic& arithmetic, const SoftmaxRow& row) {
  std::vector<float> values = row.x;
  round_all(arithmetic.input, values);
  const bool shifted = arithmetic.shift == SoftmaxArithmetic::Shift::by_maximum;
  const float largest = shifted ? *std::ranges::max_element(values) : 0.0F;
  for (float& value : values) {
    const float y = in_format(arithmetic.exp, double{value} - largest);
    value = emulated_exp(arithmetic, y);
  }
  return values;
}

// Not by emulate_matmul: a call for each of many short rows costs more than its sum.
float sequential_sum(const NumberRule& rule, const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum = rounded_sum(rule, sum, rounded(rule, value));
  return static_cast<float>(sum);
}

float pairwise_sum(const NumberRule& rule, std::vector<float> values) {
  round_all(rule, values);
  while (values.size() > 1) {
    std::vector<float> sums;
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
      sums.push_back(static_cast<float>(rounded_sum(rule, values[i], values[i + 1])));
    }
    if (values.size() % 2 != 0) sums.push_back(values.back());
    values = std::move(sums);
  }
  return values.front();
}

float sum_of(const SoftmaxArithmetic& arithmetic, const std::vector<float>& values) {
  const NumberRule rule = {arithmetic.sum};
  return arithmetic.order == Combining::pairwise ? pairwise_sum(rule, values)
                                                 : sequential_sum(rule, values);
}

std::vector<NumberRule> input_choices(NumberFormat storage) {
  using enum NumberFormat;
  using enum RoundingMode;
  if (storage == fp16) return {{fp16}, {bf16}, {bf16, toward_zero}};
  return {{fp32}, {tf32}, {tf32, toward_zero}, {fp16}, {bf16}, {bf16, toward_zero}};
}

struct SumChoice {
  NumberFormat format;
  Combining order;
};

}  // namespace

std::vector<std::vector<float>> exponentials(const SoftmaxArithmetic& arithmetic,
                                             const std::vector<SoftmaxRow>& rows) {
  std::vector<std::vector<float>> values;
  values.reserve(rows.size());
  for (const SoftmaxRow& row : rows) values.push_back(exponentials_of(arithmetic, row));
  return values;
}

std::vector<std::vector<float>> shares(const SoftmaxArithmetic& arithmetic,
                                       std::vector<std::vector<float>> exponentials) {
  for (std::vector<float>& row : exponentials) {
    const float sum = sum_of(arithmetic, row);
    for (float& value : row) value = in_format(arithmetic.output, value / sum);
  }
  return exponentials;
}

bool same_exponentials(const SoftmaxArithmetic& one, const SoftmaxArithmetic& other) {
  return one.input == other.input && one.exp == other.exp && one.base == other.base &&
         one.shift == other.shift;
}

std::vector<std::vector<float>> emulate_softmax(const SoftmaxArithmetic& arithmetic,
                                                const std::vector<SoftmaxRow>& rows) {
  return shares(arithmetic, exponentials(arithmetic, rows));
}

double allowed_error(const SoftmaxArithmetic& arithmetic, double depth, std::size_t terms) {
  const double constant = arithmetic.exp == NumberFormat::fp16 ? 1 : 3;
  const double of_exp = (constant + 2 * depth) * ulp_of_one(arithmetic.exp);
  // An output inherits its own error and the mean of those in the sum.
  const double of_sum = static_cast<double>(terms) * ulp_of_one(arithmetic.sum);
  constexpr double kQuotientUlp = 2.5;
  return 2 * of_exp + of_sum + kQuotientUlp * ulp_of_one(NumberFormat::fp32) +
         ulp_of_one(arithmetic.output);
}

SoftmaxBits bits_of(const SoftmaxArithmetic& arithmetic) {
  return {traits_of(arithmetic.input.format).significand_bits,
          traits_of(arithmetic.exp).significand_bits, traits_of(arithmetic.sum).significand_bits,
          traits_of(arithmetic.output).significand_bits};
}

SoftmaxBits declared_softmax_bits(Precision precision) {
  constexpr int kFp32 = 24, kFp16 = 11, kTf32 = 11, kBf16 = 8;
  switch (precision) {
    case Precision::fp32:
    case Precision::fp32_relaxed:
    case Precision::fp32_via_fp16:
      return {};
    case Precision::fp16:
      return {kFp16, kFp16, kFp32, kFp16};
    case Precision::fp16_acc32:
      return {kFp16, kFp32, kFp32, kFp16};
    case Precision::tf32:
      return {kTf32, kFp32, kFp32, kFp32};
    case Precision::bf16:
      return {kBf16, kFp32, kFp32, kFp32};
  }
  return {};
}

bool has_fewer(const SoftmaxBits& observed, const SoftmaxBits& declared) {
  return observed.input < declared.input || observed.exp < declared.exp ||
         observed.sum < declared.sum || observed.output < declared.output;
}

std::string softmax_name(const SoftmaxArithmetic& arithmetic,
                         const std::vector<NumberFormat>& sums) {
  const auto name = [](NumberFormat format) { return std::string(traits_of(format).name); };
  std::vector<std::string> sum_names;
  for (const NumberFormat sum : sums) sum_names.push_back(name(sum));
  const bool cut = arithmetic.input.rounding != RoundingMode::nearest_even;
  const std::string rounding =
      cut ? fmt::format(" ({})", short_name(arithmetic.input.rounding)) : "";
  std::string text = fmt::format("{}{} inputs, {} exp, {} sums", name(arithmetic.input.format),
                                 rounding, name(arithmetic.exp), fmt::join(sum_names, " or "));
  if (arithmetic.output != NumberFormat::fp32) text += ", " + name(arithmetic.output) + " output";
  if (arithmetic.shift == SoftmaxArithmetic::Shift::none) text += ", not shifted";
  return text;
}

std::vector<SoftmaxArithmetic> softmax_choices(NumberFormat storage, NumberFormat output) {
  using enum NumberFormat;
  constexpr std::array kSums = {
      SumChoice{fp32, Combining::sequential}, SumChoice{fp16, Combining::sequential},
      SumChoice{fp16, Combining::pairwise}, SumChoice{bf16, Combining::sequential},
      SumChoice{bf16, Combining::pairwise}};
  std::vector<SoftmaxArithmetic> choices;
  for (const NumberRule& input : input_choices(storage)) {
    for (const NumberFormat exp : {fp32, fp16, bf16}) {
      for (const auto base : {SoftmaxArithmetic::Base::two, SoftmaxArithmetic::Base::e}) {
        for (const SumChoice& sum : kSums) {
          choices.push_back({input, exp, sum.format, sum.order, output, base});
        }
      }
    }
  }
  return choices;
}

}  // namespace gpubench
