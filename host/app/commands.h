// commands.h — the commands of the program. Each prints its own results and errors, and says how
// the process should end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/exit_code.h"
#include "app/fingerprint_text.h"
#include "audit/flips.h"
#include "audit/lattice.h"
#include "kernels/problem.h"
#include "kit/plan.h"
#include "pages/dashboard.h"
#include "run/session.h"

namespace gpubench {

struct RunArguments {
  std::vector<std::string> scenario_files;
  RunRequest request;      ///< All but the scenario's file.
  std::string tuned_file;  ///< As given; empty: the table that `tune` keeps.
  bool no_tuned = false;
  bool dry_run = false;
  bool quiet = false;
};
ExitCode run_command(const RunArguments& arguments);

enum class ListedThing : unsigned char { kernels, scenarios, cases, columns };

enum class OutputFormat : unsigned char { text, json };
ExitCode list_command(ListedThing thing, const std::vector<std::string>& scenario_files,
                      OutputFormat format);
ExitCode devices_command(OutputFormat format);

struct AuditArguments {
  std::string reference;
  std::vector<std::string> outputs;
  std::string labels;     ///< Empty: none.
  std::string json_file;  ///< Empty: none is written.
  Declared declared = Declared::fp32;
  std::optional<DecisionSettings> decision;
  std::optional<std::uint32_t> top_k;
};
ExitCode audit_command(const AuditArguments& arguments);

struct DeviceAuditArguments {
  std::string device_selector;
  std::vector<Op> ops{Op::gemm, Op::linear, Op::softmax};
  std::string kernel;     ///< Empty: every kernel of the operations.
  std::string precision;  ///< Empty: every path.
  std::vector<Build> builds{Build::as_is};
  MatmulShape shape{512, 512, 512};
  std::uint64_t seed = 42;
  FingerprintDetail detail = FingerprintDetail::verdict;
  std::string json_file;  ///< Empty: none is written.
  std::string cache_dir;
};
ExitCode audit_device_command(const DeviceAuditArguments& arguments);

struct KitArguments {
  KitSettings settings;
  std::string folder;
};
ExitCode audit_kit_command(const KitArguments& arguments);

struct IdentifyArguments {
  std::string folder;
  std::string output;
  std::optional<Precision> declared;  ///< The kit's storage if there is none.
  std::string json_file;              ///< Empty: none is written.
};
ExitCode audit_identify_command(const IdentifyArguments& arguments);

struct TuneArguments {
  std::string device_selector;
  std::vector<Op> ops{Op::gemm, Op::linear, Op::softmax};
  std::vector<std::uint32_t> sizes;          ///< Empty: one that suits the device.
  std::optional<Shape> shape;                ///< Instead of sizes.
  Layout layout = Layout::nn;                ///< Of gemm, and nt of nothing else.
  Activation activation = Activation::none;  ///< Of linear, and none of anything else.
  std::vector<Precision> precisions{Precision::fp32, Precision::fp16, Precision::fp16_acc32};
  std::vector<std::string> kernels;  ///< Empty: every kernel of the operations.
  double budget_s = 60;
  std::uint64_t seed = 42;
  std::string tuning_file;
  std::string cache_dir;
};
ExitCode tune_command(const TuneArguments& arguments);

enum class ExportFormat : unsigned char { benchmark_json, wide_csv };
struct ExportArguments {
  std::vector<std::string> paths;
  ExportFormat format = ExportFormat::benchmark_json;
  std::string metric = "time_median_s";  ///< Of wide_csv.
  std::string file;                      ///< Empty: stdout.
};
ExitCode export_command(const ExportArguments& arguments);

struct JudgeArguments {
  std::vector<std::string> paths;
  std::string criteria_file, expect_file;   ///< Empty: built-in criteria; any hosts.
  std::string baseline_file;                ///< Empty: none.
  std::string checks_file;                  ///< Empty: one into the folder of each run.
  std::string junit_file, prometheus_file;  ///< Empty: none is written.
  std::string today;                        ///< Empty: the clock's.
  bool allow_software = false;
};
ExitCode judge_command(const JudgeArguments& arguments);

struct ReportArguments {
  std::vector<std::string> paths;
  std::vector<std::string> files;  ///< Each ends in .html or .md.
  std::string checks_file;         ///< Empty: the checks.csv of each run.
};
ExitCode report_command(const ReportArguments& arguments);

struct DashboardArguments {
  DashboardFiles files;
  std::string page;  ///< Where it is written; may be empty where it is served.
  bool watch = false;
  std::optional<int> port;  ///< Served there; 0: any that is free.
};
ExitCode dashboard_command(const DashboardArguments& arguments);

ExitCode validate_command(const std::vector<std::string>& scenario_files,
                          const std::vector<std::string>& overrides);
ExitCode version_command();

}  // namespace gpubench
