// drift.h — how far an output is from its reference, and whether that is right.
// Pure: numbers in, metrics and verdict out. Knows nothing of kernels, devices or files.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/half.h"

namespace gpubench {

enum class CheckStatus : std::uint8_t { passed, mistrusted, failed, not_run };

/// An output tensor in its storage format: exactly one of the two spans is set.
struct OutputView {
  std::span<const float> f32;
  std::span<const HalfBits> f16;
  [[nodiscard]] std::size_t size() const { return f32.empty() ? f16.size() : f32.size(); }
};

/// FP64 results for a few whole rows of the output.
struct OracleRows {
  std::vector<std::uint64_t> rows;  ///< Row indices in [0, rows of the flattened output).
  std::vector<double> values;       ///< rows.size() x columns, row-major.
  std::vector<double> magnitudes;   ///< S = |A||B| (+|bias|), the same shape; empty for softmax.
};

/// Gaussian Freivalds probe of the whole output: for each of `vectors` random x, y = A(Bx)
/// (+ bias·x) in fp64. Empty when the output is not linear in the inputs.
struct FreivaldsProbe {
  std::uint32_t vectors = 0;
  std::vector<double> x;  ///< vectors x batch... : vectors x columns
  std::vector<double> y;  ///< vectors x rows
};

/// What is compared against. `values` is the CPU FP32 reference of the whole output.
struct ReferenceView {
  std::uint64_t rows = 0;  ///< batch·m
  std::uint64_t columns = 0;
  std::span<const float> values;
  /// Error scale of element (i, j) is row_scale[i] · column_scale[(i / rows_per_batch)·columns + j]:
  /// ‖a_i‖₂·‖b_j‖₂ for products, |reference| scale for softmax (see tolerance.h).
  std::span<const double> row_scale;
  std::span<const double> column_scale;
  std::uint64_t rows_per_batch = 0;
  const OracleRows* oracle = nullptr;
  const FreivaldsProbe* freivalds = nullptr;
};

/// Facts only; empty optionals of the CSV are NaN here. docs/results-format.md defines each.
struct DriftMetrics {
  double max_abs_err = 0;
  double max_rel_err = 0;
  double rel_fro_err = 0;
  double rmse = 0;
  double max_ulp_fp32 = 0;
  double max_ulp_fp16 = 0;
  std::uint64_t worst_index = 0;  ///< Flat index with the largest error over its scale.
  std::uint64_t nonfinite = 0;
  std::uint64_t clamped = 0;
  std::uint64_t underflowed = 0;
  double bound_ratio = 0;            ///< max |e| / (tolerance of that element)
  double rel_fro_err_fp64 = 0;       ///< Output against the FP64 oracle.
  double reference_rel_fro_err = 0;  ///< The FP32 reference's own drift against the oracle.
  double freivalds_rel_fro_err = 0;  ///< Whole-output estimate from the residual; NaN: no probe.
  double fp16_lattice_share = 0;
  double constant_share = 0;   ///< Share of outputs equal to the most frequent sampled value.
  double zero_share = 0;
  double saturated_share = 0;
};

}  // namespace gpubench
