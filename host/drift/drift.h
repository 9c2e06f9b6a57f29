// drift.h — how far an output is from its reference, and what it looks like by itself.
// Pure: numbers in, facts out. Knows nothing of kernels, devices or files; verdict.h judges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/half.h"

namespace gpubench {

enum class CheckStatus : std::uint8_t { passed, mistrusted, failed, not_run };

/// The runner fills every output with these quiet NaNs before a dispatch. Arithmetic does not
/// produce these payloads, so an element that still holds one was never written.
constexpr std::uint32_t kPoisonF32 = 0x7FC0DEADU;
constexpr HalfBits kPoisonF16 = 0x7EADU;

/// An output tensor in its storage format: exactly one of the two spans is set.
struct OutputView {
  std::span<const float> f32;
  std::span<const HalfBits> f16;
  [[nodiscard]] std::size_t size() const { return f32.empty() ? f16.size() : f32.size(); }
  [[nodiscard]] bool is_f16() const { return !f16.empty(); }
  [[nodiscard]] float at(std::size_t index) const {
    return is_f16() ? float_from_half(f16[index]) : f32[index];
  }
};

/// FP64 results for a few whole rows of the output.
struct OracleRows {
  std::vector<std::uint64_t> rows;  ///< Row indices in [0, rows of the flattened output).
  std::vector<double> values;       ///< rows.size() x columns, row-major.
};

/// Gaussian Freivalds probe of the whole output: for each of `vectors` random x, y = A(Bx)
/// (+ bias·x) in fp64. Only for outputs that are linear in A.
struct FreivaldsProbe {
  std::uint32_t vectors = 0;
  std::vector<double> x;  ///< vectors x columns; the same x for every batch member.
  std::vector<double> y;  ///< vectors x rows
};

/// What is compared against.
struct ReferenceView {
  std::uint64_t rows = 0;  ///< batch·m
  std::uint64_t columns = 0;
  /// The CPU FP32 reference of the whole output. Empty: only the oracle's rows are compared
  /// element by element, and the drift metrics describe those rows.
  std::span<const float> values;
  /// Scale of element (i, j): row_scale[i] · column_scale[(i / rows_per_batch)·columns + j].
  /// Products: ‖a_i‖₂·‖b_j‖₂ of the quantised inputs; a bias counts as one more product 1·bias_j,
  /// so √(‖a_i‖² + 1) and √(‖b_j‖² + bias_j²). Softmax: the largest value of the reference row,
  /// and 1.
  std::span<const double> row_scale;
  std::span<const double> column_scale;  ///< Batch members x columns.
  std::uint64_t rows_per_batch = 0;
  const OracleRows* oracle = nullptr;
  const FreivaldsProbe* freivalds = nullptr;
};

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// Facts only; NaN: there is no such value, an empty field in the CSV. e = output - reference over
/// the pairs that are finite on both sides. docs/validating.md defines each.
struct DriftMetrics {
  double max_abs_err = kNoValue;
  double max_rel_err = kNoValue;  ///< max |e/R| where |R| is at least 2^-10 of the scale.
  double rel_fro_err = kNoValue;
  double rmse = kNoValue;
  double max_ulp_fp32 = kNoValue;
  double max_ulp_fp16 = kNoValue;
  std::uint64_t worst_index = 0;  ///< Flat index with the largest error over its tolerance.
  std::uint64_t nonfinite = 0;    ///< Pairs left out of the norms: output or reference not finite.
  std::uint64_t clamped = 0;      ///< Output is ± largest finite where the reference overflows.
  std::uint64_t underflowed = 0;  ///< Output is 0 where the reference is not.
  double bound_ratio = kNoValue;  ///< max |e| / (tolerance of that element)
  double rel_fro_err_fp64 = kNoValue;       ///< Output against the FP64 oracle, on its rows.
  double reference_rel_fro_err = kNoValue;  ///< FP32 reference against the oracle, on its rows.
  double freivalds_rel_fro_err = kNoValue;  ///< Whole-output estimate from the residual.
  double fp16_lattice_share = kNoValue;     ///< Of finite nonzero fp32 outputs; none for fp16.
  double constant_share = kNoValue;         ///< Of a sample: equal to its most frequent value.
  double zero_share = kNoValue;
  double saturated_share = kNoValue;  ///< ±Inf or ± the largest finite value.

  std::uint64_t elements = 0;
  std::uint64_t compared = 0;         ///< Pairs in the norms.
  std::uint64_t cancelled = 0;        ///< Pairs without a relative error.
  std::uint64_t violations = 0;       ///< Compared pairs beyond their tolerance.
  std::uint64_t poison_left = 0;      ///< Never written.
  std::uint64_t spurious = 0;         ///< Non-finite outputs that no order of summation explains.
  std::uint64_t order_dependent = 0;  ///< Non-finite pairs that partial sums may explain.
  std::uint64_t first_poison = 0;     ///< Flat indices; meaningful if the count is not 0.
  std::uint64_t first_spurious = 0;
  double worst_got = kNoValue;  ///< At worst_index: output, reference, tolerance.
  double worst_expected = kNoValue;
  double worst_allowed = kNoValue;
  double rel_fro_limit = kNoValue;       ///< What rel_fro_err may be on this very data.
  double frobenius_ratio = kNoValue;     ///< ‖e‖_F / allowed; unlike rel_fro_err also at R = 0.
  double oracle_bound_ratio = kNoValue;  ///< As bound_ratio, against the oracle's rows.
  double reference_bound_ratio = kNoValue;  ///< The FP32 reference against the oracle's rows.
  double row_residual_ratio = kNoValue;     ///< max |(Gx - y)_i| / allowed
  std::uint64_t worst_residual_row = 0;
};

struct Tolerance;

/// All metrics. The same bits on any machine and number of threads.
DriftMetrics measure_drift(const OutputView& output, const ReferenceView& reference,
                           const Tolerance& tolerance);

}  // namespace gpubench
