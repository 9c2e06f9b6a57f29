// case_runner_rig.h — one case on a device that fails when it is told to.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fake_device.h"
#include "run/case_runner.h"

namespace gpubench::run_tests {

inline Case small_product() {
  Case planned;
  planned.problem = {.op = Op::gemm, .shape = {3, 5, 4, 1}};
  planned.kernel.name = "naive";
  return planned;
}

/// A device that computes the product rightly, and all that a case needs beside it.
class CaseRunner : public ::testing::Test {
 protected:
  CaseRunner() { plan(planned_); }

  /// The device's answer is always that of the case.
  void plan(const Case& planned) {
    planned_ = planned;
    const auto reference = compute_reference(planned_.problem, Format::f32);
    ASSERT_TRUE(reference) << reference.error().message;
    const auto values = reference->values.span();
    device_.answer.assign(values.begin(), values.end());
  }

  Peak measured_peak() {
    const std::size_t last = peaks_.size() - 1;
    return {peaks_.at(std::min(peak_measurements_++, last)), "made"};
  }

  Row run() {
    now_ = 0;
    device_.submissions = 0;
    RateBook rates(device_, no_sources_);
    PeakBook peaks([this](Ceiling) { return measured_peak(); });
    CaseContext context{device_,
                        no_sources_,
                        rates,
                        peaks,
                        checker_,
                        Row{},
                        {},
                        *telemetry_,
                        over_budget_,
                        [this] { return now_ += 1e-3; },
                        [this] { return stop_ || polls_left_-- == 0; },
                        [](std::string_view) {}};
    Row row = run_case(planned_, context);
    device_is_gone_ = context.device_is_gone;
    return row;
  }

  void expect_ended(const Row& row, RowStatus status, const char* code) {
    EXPECT_EQ(row.status, status);
    ASSERT_TRUE(row.reason.has_value());
    EXPECT_EQ(row.reason->code, code) << row.reason->text;
    EXPECT_FALSE(has_speed(row));
  }

  static std::string text_of(const Row& row) { return row.reason ? row.reason->text : ""; }

  Case planned_ = small_product();
  FakeDevice device_;
  KernelSources no_sources_;
  Checker checker_;
  std::unique_ptr<TelemetrySource> telemetry_ = open_telemetry(DeviceTraits{});
  double now_ = 0;  ///< A clock that moves by 1 ms whenever it is read.
  OverBudget over_budget_ = OverBudget::skip;
  std::vector<double> peaks_{0};  ///< What the measurements of a peak say, in order.
  std::size_t peak_measurements_ = 0;
  bool stop_ = false;
  bool device_is_gone_ = false;
  int polls_left_ = -1;  ///< Questions of "stop?" until the answer is yes; below 0: never.
};

}  // namespace gpubench::run_tests
