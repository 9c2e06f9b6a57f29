// made_rows.h — rows with made numbers, as a run of matmul.yaml could have left them.
#pragma once

#include <string>
#include <vector>

#include "record/row.h"

namespace gpubench::report_tests {

inline DeviceTraits software_device() {
  DeviceTraits traits;
  traits.name = "llvmpipe (LLVM 15.0.6, 256 bits)";
  traits.type = DeviceType::cpu;
  traits.uuid = "6d657361-3232-2e33-2e36-000000000000";
  traits.driver_id = "MESA_LLVMPIPE";
  traits.driver_info = "Mesa 22.3.6 (LLVM 15.0.6)";
  traits.api_version = "1.3.230";
  traits.shader_float16 = true;
  traits.storage_16bit = true;
  traits.subgroup_size = 8;
  traits.device_local_bytes = std::uint64_t{8} << 30;
  traits.max_buffer_bytes = std::uint64_t{2} << 30;
  traits.max_shared_bytes = 32768;
  traits.timestamps = true;
  traits.timestamp_valid_bits = 64;
  traits.timestamp_period_ns = 1;
  return traits;
}

inline Row planned_row(std::uint32_t size, Precision precision) {
  Row row;
  row.device = software_device();
  row.planned.problem.shape = {size, size, size, 1};
  row.planned.precision = precision;
  row.planned.id = "gemm/auto/" + std::string(to_string(precision)) + "/nn/" +
                   std::to_string(size) + 'x' + std::to_string(size) + 'x' + std::to_string(size) +
                   "/normal/s42";
  return row;
}

/// Passed and steady; the quartiles lie 1 % of the median apart: a spread of 0.7 %.
inline Row timed_row(std::uint32_t size, Precision precision, double median_s, double error) {
  Row row = planned_row(size, precision);
  row.kernel = "direct";
  row.status = RowStatus::ok;
  row.series = Series{};
  row.series->samples.assign(10, {median_s, median_s});
  row.timing = TimingStats{};
  row.timing->status = TimingStatus::steady;
  row.timing->p25_s = 0.995 * median_s;
  row.timing->median_s = median_s;
  row.timing->p75_s = 1.005 * median_s;
  row.check = CheckFacts{};
  row.check->status = CheckStatus::passed;
  row.check->metrics.rel_fro_err = error;
  row.check->metrics.bound_ratio = 0.25;
  row.check->tolerance_rule = "gemm_fp32";
  return row;
}

inline Row skipped_row(std::uint32_t size, Precision precision, const std::string& text) {
  Row row = planned_row(size, precision);
  row.status = RowStatus::skipped;
  row.reason = Reason{"budget", text};
  return row;
}

/// Every kind of line that a GEMM table can have.
inline std::vector<Row> matmul_rows() {
  std::vector<Row> rows = {timed_row(256, Precision::fp32, 0.00031, 1.2e-7),
                           timed_row(256, Precision::fp16, 0.00052, 3.4e-3),
                           timed_row(4096, Precision::fp32, 1.373, 4.8e-7),
                           timed_row(4096, Precision::fp16, 2.0595, 1.3e-2),
                           timed_row(4096, Precision::fp16_acc32, 1.5, 2.9e-4),
                           skipped_row(8192, Precision::fp32, "predicted 11.0 s, budget 10.0 s"),
                           skipped_row(8192, Precision::fp16, "predicted 16.5 s, budget 10.0 s")};
  rows[1].timing->status = TimingStatus::noisy;
  rows[1].timing->p75_s = 1.1 * rows[1].timing->median_s;
  rows[3].check->metrics.bound_ratio = 0.61;
  rows[3].check->tolerance_rule = "gemm_fp16";
  rows[4].timing->status = TimingStatus::drifting;
  return rows;
}

}  // namespace gpubench::report_tests
