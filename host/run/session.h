// session.h — a whole run: scenario, plan, devices, every case, and what it leaves behind.
// Prints nothing: an observer is told what happens.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "device/device.h"
#include "plan/case.h"
#include "record/row.h"
#include "run/case_runner.h"
#include "run/expectations.h"

namespace gpubench {

struct RunRequest {
  std::string scenario_file;
  std::vector<std::string> overrides;  ///< `path=value` of --set.
  std::string device_selector;
  std::string case_id;  ///< Empty: all. May hold `*`.
  std::optional<double> budget_s;
  OverBudget over_budget = OverBudget::skip;
  ApiValidation validation = ApiValidation::off;
  std::string results_dir = "results";
  std::string resume_folder;    ///< Empty: a new run.
  std::string cache_dir;        ///< For compiled pipelines; empty: none.
  std::string tuning_file;      ///< What `gpubench tune` found; need not exist. Empty: none.
  bool shipped_tunings = true;  ///< Whether those that come with the program are used.
  std::vector<std::string> command_line;
};

struct CaseStart {
  std::size_t position = 0;  ///< From 1, over all devices.
  std::size_t total = 0;
  const Case& planned;
  std::span<const double> predicted_s;  ///< Of every case of the run, in order; 0: unknown.
};

class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_device(const DeviceTraits& device) = 0;
  virtual void on_case(const CaseStart& start) = 0;
  virtual void on_stage(std::string_view stage) = 0;
  virtual void on_row(const Row& row) = 0;
};

struct RunSummary {
  Scenario scenario;
  std::string folder;
  std::vector<Row> rows;  ///< Of this session, in order.
  /// Of every row of the run, earlier sessions' first; ok where the scenario expects the row's end.
  std::vector<RowStatus> statuses;
  std::size_t mistrusted_rows = 0;          ///< Likewise: outputs that agree and prove nothing.
  std::vector<std::string> expected_cases;  ///< Ids of cases that ended as `expect` says.
  std::size_t above_peak_rows = 0;    ///< Likewise: declared FP32, and faster than that can be.
  std::size_t contradicted_rows = 0;  ///< Likewise: the SPIR-V declares less than the case.
  std::size_t accused_rows = 0;       ///< Likewise: the probes say less precise, or worse.
  std::vector<FailedExpectation> failed_expectations;
  std::size_t resumed_rows = 0;  ///< Left by earlier sessions.
  bool interrupted = false;
};

using ShouldStop = std::function<bool()>;

/// Users' shaders and the tuning table; fails with `input` where one of them is no good.
Result<KernelSources> load_sources(const RunRequest& request, const std::vector<Case>& cases);

/// Fails for what concerns the whole run: a bad scenario or input file, no device, a results
/// folder that cannot be written. Whatever happens to one case is in its row.
Result<RunSummary> run_scenario(const RunRequest& request, RunObserver& observer,
                                const ShouldStop& should_stop);

/// A case as it would run: its kernel's memory, and its time if a device is there to ask.
struct Forecast {
  Case planned;
  double flop = 0;
  std::uint64_t device_bytes = 0;
  std::optional<double> seconds;
  std::optional<DeclaredArithmetic> declared;  ///< By a user's own shader.
  std::optional<Reason> dropped;
};

struct ForecastReport {
  std::optional<DeviceTraits> device;  ///< Empty: none could be opened; `no_device` says why.
  std::string no_device;
  std::vector<Forecast> cases;
};

/// For --dry-run: reads, plans and predicts; runs probes of a few milliseconds and writes nothing.
Result<ForecastReport> forecast(const RunRequest& request);

/// Reads and plans one file. For `validate` and `list cases`.
struct PlannedScenario {
  Scenario scenario;
  Plan plan;
};
Result<PlannedScenario> plan_scenario(const std::string& file,
                                      std::span<const std::string> overrides);
/// The same for a request: only the cases it asks for, with its budgets.
Result<PlannedScenario> plan_request(const RunRequest& request);

}  // namespace gpubench
