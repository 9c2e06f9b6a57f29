#include "unit/fingerprint/softmax_ground_truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numbers>

namespace gpubench {
namespace {

using enum NumberFormat;
using Values = std::vector<float>;

constexpr std::size_t kRows = 45;
constexpr std::size_t kColumns = 77;

float in(NumberFormat format, double value) {
  return static_cast<float>(rounded({format}, value));
}

/// Between -1 and 1, and always the same for the same bits.
double wobble(float y) {
  const std::uint32_t mixed = std::bit_cast<std::uint32_t>(y) * 2654435761U;
  return static_cast<double>(mixed) * 0x1p-31 - 1;
}

float made_exp(const MadeSoftmax& made, float y) {
  double e = std::exp(double{y});
  if (made.base == MadeSoftmax::Base::two) {
    const float factor = in(made.exp, std::numbers::log2e);
    e = std::exp2(double{in(made.exp, double{y} * factor)});
  }
  const double ulp = std::ldexp(1.0, 1 - traits_of(made.exp).significand_bits);
  return in(made.exp, e * (1 + made.exp_ulp * ulp * wobble(y)));
}

float pairwise_sum(NumberFormat format, Values values) {
  for (float& value : values) value = in(format, value);
  while (values.size() > 1) {
    Values halved;
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) {
      halved.push_back(in(format, double{values[i]} + values[i + 1]));
    }
    if (values.size() % 2 != 0) halved.push_back(values.back());
    values = std::move(halved);
  }
  return values.front();
}

float sequential_sum(NumberFormat format, const Values& values) {
  float sum = 0;
  for (const float value : values) sum = in(format, double{sum} + in(format, value));
  return sum;
}

float online_sum(const MadeSoftmax& made, const Values& x, float largest) {
  constexpr std::size_t kLanes = 8;
  float sum = 0;
  for (std::size_t lane = 0; lane < kLanes && lane < x.size(); ++lane) {
    float of_lane = 0;
    float largest_of_lane = x[lane];
    for (std::size_t i = lane; i < x.size(); i += kLanes) {
      const float next = std::max(largest_of_lane, x[i]);
      of_lane = in(made.sum, double{of_lane} * std::exp(double{largest_of_lane} - next));
      of_lane = in(made.sum, double{of_lane} + made_exp(made, in(made.exp, double{x[i]} - next)));
      largest_of_lane = next;
    }
    sum = in(made.sum, sum + of_lane * std::exp(double{largest_of_lane} - largest));
  }
  return sum;
}

/// Each row by itself; `row` may know which it is.
SoftmaxUnderTest by_rows(std::size_t rows, std::size_t columns, NumberFormat storage,
                         std::function<Values(std::size_t, Values)> row) {
  return {rows, columns, storage, [=](std::span<const float> x) -> Result<Values> {
            Values y;
            for (std::size_t i = 0; i < rows; ++i) {
              const auto begin = x.begin() + static_cast<std::ptrdiff_t>(i * columns);
              const Values of_row =
                  row(i, Values(begin, begin + static_cast<std::ptrdiff_t>(columns)));
              y.insert(y.end(), of_row.begin(), of_row.end());
            }
            return y;
          }};
}

class Softmaxes {
 public:
  void add(std::string name, Precision declared, PrecisionVerdict verdict, const MadeSoftmax& made,
           std::string formats) {
    const bool half = storage(declared) == Format::f16;
    known_.push_back({std::move(name), declared,
                      made_softmax(made, kRows, kColumns, half ? fp16 : fp32), verdict,
                      std::move(formats)});
  }
  void add_custom(std::string name, PrecisionVerdict verdict,
                  std::function<Values(std::size_t, Values)> row) {
    known_.push_back({std::move(name), Precision::fp32,
                      by_rows(kRows, kColumns, fp32, std::move(row)), verdict, ""});
  }
  std::vector<KnownSoftmax> take() { return std::move(known_); }

 private:
  std::vector<KnownSoftmax> known_;
};

void add_fp32(Softmaxes& known) {
  using Order = MadeSoftmax::Order;
  const auto fp32_path = [&](std::string name, const MadeSoftmax& made, const char* more = "") {
    known.add(std::move(name), Precision::fp32, PrecisionVerdict::confirmed, made,
              std::string("fp32 inputs, fp32 exp, fp32 sums") + more);
  };
  fp32_path("fp32", {});
  fp32_path("fp32, exp as 2^(y log2 e)", {.base = MadeSoftmax::Base::two});
  fp32_path("fp32, exp off by up to 2 ulp", {.exp_ulp = 2});
  fp32_path("fp32, sums pairwise", {.order = Order::pairwise});
  fp32_path("fp32, online in 8 lanes", {.order = Order::online});
  fp32_path("fp32, the maximum not taken out", {.shifted = false}, ", not shifted");
  fp32_path("fp32 with fp64 sums", {.sum = fp64});
}

void add_reduced(Softmaxes& known) {
  using enum RoundingMode;
  const auto reduced = [&](std::string name, const MadeSoftmax& made, std::string formats) {
    known.add(std::move(name), Precision::fp32, PrecisionVerdict::downgraded, made,
              std::move(formats));
  };
  reduced("tf32 inputs", {.input = {tf32}}, "tf32 inputs, fp32 exp, fp32 sums");
  reduced("tf32 inputs, RZ", {.input = {tf32, toward_zero}},
          "tf32 (RZ) inputs, fp32 exp, fp32 sums");
  reduced("bf16 inputs", {.input = {bf16}}, "bf16 inputs, fp32 exp, fp32 sums");
  reduced("bf16 inputs, RZ", {.input = {bf16, toward_zero}},
          "bf16 (RZ) inputs, fp32 exp, fp32 sums");
  reduced("fp16 inputs", {.input = {fp16}}, "fp16 inputs, fp32 exp, fp32 sums");
  reduced("exp in fp16", {.exp = fp16}, "fp32 inputs, fp16 exp, fp32 sums");
  reduced("exp in bf16", {.exp = bf16}, "fp32 inputs, bf16 exp, fp32 sums");
  reduced("sums in fp16", {.sum = fp16}, "fp32 inputs, fp32 exp, fp16 sums");
  reduced("sums in fp16, pairwise", {.sum = fp16, .order = MadeSoftmax::Order::pairwise},
          "fp32 inputs, fp32 exp, fp16 sums");
  reduced("sums in bf16", {.sum = bf16}, "fp32 inputs, fp32 exp, bf16 sums");
  reduced("stored by way of fp16", {.output = fp16},
          "fp32 inputs, fp32 exp, fp32 sums, fp16 output");
  reduced("stored by way of bf16", {.output = bf16},
          "fp32 inputs, fp32 exp, fp32 sums, bf16 output");
  known.add("fp32 via fp16", Precision::fp32_via_fp16, PrecisionVerdict::downgraded,
            {.input = {fp16}, .exp = fp16, .output = fp16},
            "fp16 inputs, fp16 exp, fp32 sums, fp16 output");
}

void add_half(Softmaxes& known) {
  using enum PrecisionVerdict;
  const MadeSoftmax half = {.input = {fp16}, .exp = fp16, .output = fp16};
  const MadeSoftmax wide = {.input = {fp16}, .output = fp16};
  known.add("fp16", Precision::fp16, confirmed, half,
            "fp16 inputs, fp16 exp, fp32 sums, fp16 output");
  known.add("fp16 with fp32 exp", Precision::fp16, better, wide,
            "fp16 inputs, fp32 exp, fp32 sums, fp16 output");
  known.add("fp16_acc32", Precision::fp16_acc32, confirmed, wide,
            "fp16 inputs, fp32 exp, fp32 sums, fp16 output");
  known.add("fp16_acc32 with fp16 exp", Precision::fp16_acc32, downgraded, half,
            "fp16 inputs, fp16 exp, fp32 sums, fp16 output");
  MadeSoftmax short_sums = wide;
  short_sums.sum = fp16;
  known.add("fp16_acc32 with fp16 sums", Precision::fp16_acc32, downgraded, short_sums,
            "fp16 inputs, fp32 exp, fp16 sums, fp16 output");
  MadeSoftmax detour = wide;
  detour.input = {bf16};
  known.add("fp16_acc32 by way of bf16", Precision::fp16_acc32, downgraded, detour,
            "bf16 inputs, fp32 exp, fp32 sums, fp16 output");
}

/// Another last place in every hundredth row.
std::function<Values(std::size_t, Values)> unsteady() {
  auto calls = std::make_shared<int>(0);
  return [=](std::size_t, Values x) {
    Values y = made_row({}, std::move(x));
    if (++*calls % 100 == 0) {
      float& largest = *std::ranges::max_element(y);
      largest = std::nextafter(largest, 0.0F);
    }
    return y;
  };
}

void add_others(Softmaxes& known) {
  using enum PrecisionVerdict;
  known.add_custom("fp32, the last column left out", wrong, [](std::size_t, Values x) {
    x.pop_back();
    Values y = made_row({}, std::move(x));
    y.push_back(0);
    return y;
  });
  known.add_custom("fp32, another last place now and then", nondeterministic, unsteady());
  known.add_custom("fp32 with fp16 exp in the last rows", unresolved, [](std::size_t i, Values x) {
    return made_row({.exp = i < 40 ? fp32 : fp16}, std::move(x));
  });
  known.add_custom("fp32 inputs cut to 16 bits", unresolved, [](std::size_t, Values x) {
    for (float& value : x) {
      value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & ~0xFFU);
    }
    return made_row({}, std::move(x));
  });
  known.add_custom("fp32, exp off by up to 500 ulp", unresolved,
                   [](std::size_t, Values x) { return made_row({.exp_ulp = 500}, std::move(x)); });
}

}  // namespace

std::vector<float> made_row(const MadeSoftmax& made, std::vector<float> x) {
  round_all(made.input, x);
  const float largest = made.shifted ? *std::ranges::max_element(x) : 0.0F;
  Values e;
  for (const float value : x) e.push_back(made_exp(made, in(made.exp, double{value} - largest)));
  using Order = MadeSoftmax::Order;
  float sum = 0;
  if (made.order == Order::online) {
    sum = online_sum(made, x, largest);
  } else {
    sum = made.order == Order::pairwise ? pairwise_sum(made.sum, e) : sequential_sum(made.sum, e);
  }
  for (float& value : e) value = in(made.output, value / sum);
  return e;
}

SoftmaxUnderTest made_softmax(const MadeSoftmax& made, std::size_t rows, std::size_t columns,
                              NumberFormat storage) {
  return by_rows(rows, columns, storage,
                 [=](std::size_t, Values x) { return made_row(made, std::move(x)); });
}

std::vector<KnownSoftmax> known_softmaxes() {
  Softmaxes known;
  add_fp32(known);
  add_reduced(known);
  add_half(known);
  add_others(known);
  return known.take();
}

bool judged_right(const KnownSoftmax& known, const SoftmaxFingerprint& said) {
  return said.verdict == known.verdict && said.name == known.formats;
}

std::string table_line(const KnownSoftmax& known, const SoftmaxFingerprint& said) {
  return fmt::format("| {} | {} | {} | {} | {} |", known.name, to_string(known.declared),
                     to_string(said.verdict), said.name.empty() ? "–" : said.name,
                     judged_right(known, said) ? "right" : "**wrong**");
}

}  // namespace gpubench
