// case_runner.h — one case through the rooms, top to bottom: prepare, predict, check, time, check
// again. Whatever goes wrong ends in a row with a status and a reason.
#pragma once

#include <functional>
#include <limits>
#include <string_view>

#include "device/device.h"
#include "plan/case.h"
#include "record/row.h"
#include "record/telemetry.h"
#include "run/checker.h"
#include "run/peak.h"
#include "run/rates.h"

namespace gpubench {

/// What is the same for every case on one device.
struct CaseContext {
  Device& device;
  const KernelSources& sources;
  RateBook& rates;
  PeakBook& peaks;
  Checker& checker;
  Row blank;  ///< Run, device and environment columns filled in.
  TimerFacts timer_facts;
  TelemetrySource& telemetry;
  OverBudget over_budget = OverBudget::skip;
  std::function<double()> now;  ///< Seconds of a steady clock.
  std::function<bool()> should_stop;
  std::function<void(std::string_view stage)> on_stage;  ///< "reference", "check", "time", "probe".
  /// Set once the device answers nothing more until it is opened again. Its last row may be good.
  bool device_is_gone = false;
  /// Of the budget of the case in hand, samples take no more than this.
  double sampling_s = std::numeric_limits<double>::infinity();
};

/// The row of the case. Never fails: an error is a row, too.
Row run_case(const Case& planned, CaseContext& context);

/// The row of a case that the plan dropped.
Row dropped_row(const DroppedCase& dropped, const Row& blank);

}  // namespace gpubench
