// sample_rows.h — rows, documents and scratch folders for the tests of the record room.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "record/row.h"
#include "record/run_document.h"

namespace gpubench::record_tests {

/// A folder that is removed with everything in it at the end of the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = testing::TempDir() + "gpubench-record-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void put(const std::string& path, const std::string& content,
                std::ios::openmode mode = std::ios::trunc) {
  std::ofstream(path, std::ios::binary | mode) << content;
}

inline RunFacts run_facts() {
  return {"20261121T103005Z-matmul-3fa9",
          "2026-11-21T10:30:05Z",
          "0.1.0",
          "0123abc",
          "node7",
          "matmul",
          "00ff",
          "rack=4"};
}

/// A passed and timed 64x32x16 product: 2·64·32·16 = 65536 FLOP in a median of 0.5 ms.
inline Row timed_row(const RunFacts& facts, const std::string& case_id = "gemm/a") {
  Row row;
  row.run = &facts;
  row.device.name = "Test device";
  row.device.type = DeviceType::discrete;
  row.device.uuid = "uuid-0";
  row.device.vendor_id = 0x10de;
  row.device.device_id = 0x7;
  row.planned.id = case_id;
  row.planned.problem.shape = {64, 32, 16, 1};
  row.kernel = "tiled";
  row.status = RowStatus::ok;
  row.series = Series{};
  row.series->stop_reason = StopReason::converged;
  row.series->samples = {{0.0005, 0.001}, {0.00025, 0.002}};
  row.timing = TimingStats{};
  row.timing->status = TimingStatus::steady;
  row.timing->min_s = 0.00025;
  row.timing->median_s = 0.0005;
  row.timing->host_median_s = 0.001;
  row.check = CheckFacts{};
  row.check->status = CheckStatus::passed;
  row.check->metrics.rel_fro_err = 1.5e-7;
  row.check->tolerance_has_power = true;
  return row;
}

/// Decides at 0.5; element 1 flips up within its margin, element 2 down and far beyond.
inline Row deciding_row(const RunFacts& facts, const std::string& case_id = "linear/a") {
  Row row = timed_row(facts, case_id);
  FlipCollector collector({});
  collector.add(0, std::array{0.1, 0.4999, 0.75}, std::array{0.1, 0.5, 0.25},
                std::array{0.0, 1.0, 1.0});
  row.decisions = DecisionFacts{collector.facts(), {1e-3, 1e-3}, 1};
  return row;
}

inline Row skipped_row(const RunFacts& facts, const std::string& case_id) {
  Row row;
  row.run = &facts;
  row.device.name = "Test device";
  row.device.uuid = "uuid-0";
  row.planned.id = case_id;
  row.status = RowStatus::skipped;
  row.reason = Reason{"memory", "needs 3.2 GiB, 2.0 GiB free"};
  return row;
}

inline RunDocument run_document() {
  RunDocument document;
  document.facts = run_facts();
  document.sessions.push_back({"2026-11-21T10:30:05Z", "", "running", {"gpubench", "run", "x"}});
  document.scenario_file = "scenarios/matmul.yaml";
  document.resolved_scenario = "name: matmul\n";
  document.devices.push_back({"uuid-0", "env-0", R"({"name": "Test device"})"});
  return document;
}

/// A timed row whose device was looked at twice, and throttled the second time.
inline Row throttled_row(const RunFacts& facts, const std::string& case_id = "gemm/a") {
  Row row = timed_row(facts, case_id);
  row.telemetry.course.push_back({.clock_mhz = 1500, .temp_c = 64});
  row.telemetry.course.push_back(
      {.clock_mhz = 1200, .power_w = 300, .throttled = true, .at_s = 0.25});
  return row;
}

/// A row whose output was wrong in its upper half and never written in the lower.
inline Row wrong_row(const RunFacts& facts, const std::string& case_id = "gemm/a") {
  Row row = timed_row(facts, case_id);
  row.status = RowStatus::failed;
  row.series.reset();
  row.check->status = CheckStatus::failed;
  row.error_map = {{0, 32, 0, 32, 0.5, 2, 0}, {32, 64, 0, 32, 0, 0, 7}};
  return row;
}

}  // namespace gpubench::record_tests
