// tensors.h — small references with unit scales, and tolerances with one coefficient, for tests
// whose numbers are worked out by hand.
#pragma once

#include <vector>

#include "base/half.h"
#include "drift/drift.h"
#include "drift/tolerance.h"

namespace gpubench::emulation {

struct Tensor {
  std::uint64_t rows = 1;
  std::uint64_t columns = 1;
  std::vector<float> values;
  std::vector<double> row_scale, column_scale;
  OracleRows oracle;
  FreivaldsProbe probe;

  Tensor(std::uint64_t m, std::uint64_t n, std::vector<float> reference)
      : rows(m),
        columns(n),
        values(std::move(reference)),
        row_scale(m, 1.0),
        column_scale(n, 1.0) {}

  [[nodiscard]] ReferenceView view() const {
    ReferenceView view;
    view.rows = rows;
    view.columns = columns;
    view.values = values;
    view.row_scale = row_scale;
    view.column_scale = column_scale;
    view.rows_per_batch = rows;
    if (!oracle.rows.empty()) view.oracle = &oracle;
    if (probe.vectors > 0) view.freivalds = &probe;
    return view;
  }
};

/// Every element may be off by `absolute`; so may the rms of the whole.
inline Tolerance absolute_tolerance(double absolute) {
  Tolerance tolerance;
  tolerance.absolute = absolute;
  tolerance.rms_absolute = absolute;
  return tolerance;
}

inline DriftMetrics measure(const std::vector<float>& output, const Tensor& tensor,
                            const Tolerance& tolerance = absolute_tolerance(1)) {
  return measure_drift({output, {}}, tensor.view(), tolerance);
}

inline std::vector<HalfBits> halves(const std::vector<float>& values) {
  std::vector<HalfBits> bits(values.size());
  halves_from_floats(values, bits);
  return bits;
}

inline DriftMetrics measure_f16(const std::vector<HalfBits>& output, const Tensor& tensor,
                                const Tolerance& tolerance = absolute_tolerance(1)) {
  return measure_drift({{}, output}, tensor.view(), tolerance);
}

}  // namespace gpubench::emulation
