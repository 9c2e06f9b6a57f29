// emulated_paths.h — small matrix products as each precision path computes them, on the CPU.
// For the tests and the calibration of tolerances. Knows nothing of the product's own kernels.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "base/half.h"
#include "drift/drift.h"
#include "drift/tolerance.h"

namespace gpubench::emulation {

enum class Data { normal, uniform, uniform01, exp_spread, cancel, small_integers };

struct Matrices {
  std::uint64_t m = 1, n = 1, k = 1;
  std::vector<float> a;   // m x k
  std::vector<float> bt;  // n x k
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform01() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform01()));
    return radius * std::cos(2 * std::numbers::pi * uniform01());
  }
  double draw(Data data) {
    switch (data) {
      case Data::normal:
      case Data::cancel:
        return normal();
      case Data::uniform:
        return 2 * uniform01() - 1;
      case Data::uniform01:
        return uniform01();
      case Data::exp_spread:
        return normal() * std::exp2(std::floor(10 * uniform01()) - 5);
      case Data::small_integers:
        return std::floor(3 * uniform01()) - 1;
    }
    return 0;
  }

 private:
  std::mt19937_64 engine_;
};

inline std::vector<float> draw_many(std::uint64_t count, Data data, Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.draw(data));
  return values;
}

/// Inputs are stored as `f16` where asked for. `cancel`: the second half of each row of A undoes
/// the first, but for the odd element, with B close to constant.
inline Matrices make_matrices(std::uint64_t m, std::uint64_t n, std::uint64_t k, Data data,
                              std::uint64_t seed, bool f16) {
  Random random(seed * 1000003 + k * 131 + m * 7 + n);
  Matrices result{m, n, k, draw_many(m * k, data, random), draw_many(n * k, data, random)};
  if (data == Data::cancel) {
    for (std::uint64_t i = 0; i < m; ++i) {
      for (std::uint64_t t = k / 2; t < k / 2 * 2; ++t) {
        result.a[i * k + t] = -result.a[i * k + t - k / 2];
      }
    }
    for (float& b : result.bt) b = 1 + 0.01F * b;
  }
  if (f16) {
    for (float& value : result.a) value = round_to_half(value);
    for (float& value : result.bt) value = round_to_half(value);
  }
  return result;
}

/// A dot product of k terms.
using Dot = std::function<float(const float* a, const float* b, std::uint64_t k)>;

inline std::vector<float> multiply(const Matrices& in, const Dot& dot) {
  std::vector<float> out(in.m * in.n);
  for (std::uint64_t i = 0; i < in.m; ++i) {
    for (std::uint64_t j = 0; j < in.n; ++j) {
      out[i * in.n + j] = dot(&in.a[i * in.k], &in.bt[j * in.k], in.k);
    }
  }
  return out;
}

inline float dot_f32(const float* a, const float* b, std::uint64_t k) {
  float sum = 0;
  for (std::uint64_t t = 0; t < k; ++t) sum += a[t] * b[t];
  return sum;
}

inline float dot_f32_fma(const float* a, const float* b, std::uint64_t k) {
  float sum = 0;
  for (std::uint64_t t = 0; t < k; ++t) sum = std::fma(a[t], b[t], sum);
  return sum;
}

/// From the last term to the first, in four strands: another order.
inline float dot_f32_strands(const float* a, const float* b, std::uint64_t k) {
  float sums[4] = {};
  for (std::uint64_t t = k; t-- > 0;) sums[t % 4] += a[t] * b[t];
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

/// The reference's order: sixteen lanes, as a vectorised library has them.
inline float dot_reference(const float* a, const float* b, std::uint64_t k) {
  float lanes[16] = {};
  for (std::uint64_t t = 0; t < k; ++t) lanes[t % 16] = std::fma(a[t], b[t], lanes[t % 16]);
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

inline double dot_f64(const float* a, const float* b, std::uint64_t k) {
  double sum = 0;
  for (std::uint64_t t = 0; t < k; ++t) sum += static_cast<double>(a[t]) * b[t];
  return sum;
}

/// fp16 multiply, then fp16 add, each rounded.
inline float dot_f16(const float* a, const float* b, std::uint64_t k) {
  float sum = 0;
  for (std::uint64_t t = 0; t < k; ++t) {
    sum = round_to_half(sum + round_to_half(round_to_half(a[t]) * round_to_half(b[t])));
  }
  return sum;
}

/// fp16 fused multiply-add: the product is exact in fp64, and so is its sum, nearly always.
inline float dot_f16_fma(const float* a, const float* b, std::uint64_t k) {
  float sum = 0;
  for (std::uint64_t t = 0; t < k; ++t) {
    const double exact = static_cast<double>(round_to_half(a[t])) * round_to_half(b[t]) + sum;
    sum = float_from_half(half_from_double(exact));
  }
  return sum;
}

template <float (*Round)(float)>
float dot_rounded_inputs(const float* a, const float* b, std::uint64_t k) {
  float sum = 0;
  for (std::uint64_t t = 0; t < k; ++t) sum += Round(a[t]) * Round(b[t]);
  return sum;
}

/// fp32 towards zero: the sum is exact enough in fp64 to be cut there.
inline float dot_f32_truncated(const float* a, const float* b, std::uint64_t k) {
  float sum = 0;
  for (std::uint64_t t = 0; t < k; ++t) {
    const double exact = static_cast<double>(a[t]) * b[t] + sum;
    const auto near = static_cast<float>(exact);
    sum = std::abs(near) > std::abs(exact) ? std::nextafter(near, 0.0F) : near;
  }
  return sum;
}

/// Stored as fp16, towards zero.
inline float truncate_to_half(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bits &= 0xFFFFE000U;
  float cut;
  std::memcpy(&cut, &bits, sizeof cut);
  return std::abs(cut) < 0x1p-14F ? round_to_half(value) : cut;
}

/// Scales, reference and oracle of a product, and views on them.
struct Expected {
  std::uint64_t m, n;
  std::vector<float> values;
  std::vector<double> row_scale, column_scale;
  OracleRows oracle;

  [[nodiscard]] ReferenceView view() const {
    ReferenceView view;
    view.rows = m;
    view.columns = n;
    view.values = values;
    view.row_scale = row_scale;
    view.column_scale = column_scale;
    view.rows_per_batch = m;
    view.oracle = &oracle;
    return view;
  }
};

inline std::vector<double> norms_of_rows(const std::vector<float>& matrix, std::uint64_t k) {
  std::vector<double> norms;
  for (std::uint64_t first = 0; first < matrix.size(); first += k) {
    norms.push_back(std::sqrt(dot_f64(&matrix[first], &matrix[first], k)));
  }
  return norms;
}

inline Expected expect(const Matrices& in) {
  Expected result{in.m,
                  in.n,
                  multiply(in, dot_reference),
                  norms_of_rows(in.a, in.k),
                  norms_of_rows(in.bt, in.k),
                  {}};
  for (std::uint64_t i = 0; i < in.m; ++i) {
    result.oracle.rows.push_back(i);
    for (std::uint64_t j = 0; j < in.n; ++j) {
      result.oracle.values.push_back(dot_f64(&in.a[i * in.k], &in.bt[j * in.k], in.k));
    }
  }
  return result;
}

inline double mean_product(const Expected& expected, std::uint64_t k) {
  double rows = 0, columns = 0;
  for (const double scale : expected.row_scale) rows += scale;
  for (const double scale : expected.column_scale) columns += scale;
  return rows / static_cast<double>(expected.m) * columns / static_cast<double>(expected.n) /
         static_cast<double>(k);
}

inline DataKind kind_of(Data data) {
  switch (data) {
    case Data::uniform01:
      return DataKind::positive;
    case Data::cancel:
      return DataKind::structured;
    case Data::small_integers:
      return DataKind::exact;
    default:
      return DataKind::zero_mean;
  }
}

/// One path: what it declares, an honest way to compute it, and the next lower class.
struct Path {
  std::string name;
  FormatFacts stored, multiplied, accumulated, output;
  Dot honest;
  std::string lower_name;
  Dot lower;
};

inline float store_as_half(float value) {
  return round_to_half(value);
}

inline std::vector<Path> paths() {
  const auto half_out = [](const Dot& dot, float (*store)(float)) {
    return [dot, store](const float* a, const float* b, std::uint64_t k) {
      return store(dot(a, b, k));
    };
  };
  const Dot tf32 = dot_rounded_inputs<round_to_tf32>;
  const Dot bf16 = dot_rounded_inputs<round_to_bf16>;
  return {
      {"fp32", kF32, kF32, kF32, kF32, dot_f32, "tf32 inputs", tf32},
      {"fp32 fma", kF32, kF32, kF32, kF32, dot_f32_fma, "tf32 inputs", tf32},
      {"fp32 strands", kF32, kF32, kF32, kF32, dot_f32_strands, "fp16", dot_f16},
      {"fp16_acc32", kF16, kF16, kF32, kF16, half_out(dot_f32, round_to_half), "fp16", dot_f16},
      {"fp16_acc32 cut", kF16, kF16, kF32, kF16, half_out(dot_f32, truncate_to_half), "fp16",
       dot_f16_fma},
      {"fp16", kF16, kF16, kF16, kF16, dot_f16, "bf16 inputs", half_out(bf16, round_to_half)},
      {"fp16 fma", kF16, kF16, kF16, kF16, dot_f16_fma, "bf16 inputs",
       half_out(bf16, round_to_half)},
      {"fp32_via_fp16", kF32, kF16, kF16, kF32, dot_f16, "bf16 inputs", bf16},
      {"tf32", kF32, kTf32, kF32, kF32, tf32, "bf16 inputs", bf16},
      {"bf16", kF32, kBf16, kF32, kF32, bf16, "none", bf16},
  };
}

inline ToleranceInput tolerance_input(const Path& path, const Matrices& in,
                                      const Expected& expected, DataKind kind) {
  ToleranceInput input;
  input.rows = in.m;
  input.columns = in.n;
  input.k = in.k;
  input.stored = path.stored;
  input.multiplied = path.multiplied;
  input.accumulated = path.accumulated;
  input.output = path.output;
  input.data = kind;
  input.product_rms = mean_product(expected, in.k);
  return input;
}

}  // namespace gpubench::emulation
