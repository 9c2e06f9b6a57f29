// command_export.cpp — `export`: runs in the formats of other tools.
#include <fmt/format.h>

#include "app/commands.h"
#include "app/errors.h"
#include "app/run_sets.h"
#include "exchange/benchmark_json.h"
#include "exchange/series.h"
#include "exchange/wide_csv.h"
#include "record/columns.h"
#include "record/durable_file.h"

namespace gpubench {
namespace {

/// Neither what is named nor what was found there may be written over.
Outcome check_outputs(const ExportArguments& arguments, const History& history) {
  std::vector<std::string> files = arguments.paths;
  for (const HistoryRun& run : history.runs()) files.push_back(run.file);
  return arguments.file.empty() ? Outcome(Done{}) : check_output(arguments.file, files);
}

Result<std::string> exported(const ExportArguments& arguments) {
  auto columns = columns_for_export();
  if (find_result_column(arguments.metric) != nullptr) columns.push_back(arguments.metric);
  const auto history = read_history(arguments.paths, columns);
  if (!history) return history.error();
  if (auto checked = check_outputs(arguments, *history); !checked) return checked.error();
  warn_of_half_lines(*history);
  if (arguments.format == ExportFormat::benchmark_json) return benchmark_json(*history);
  return wide_csv(*history, arguments.metric);
}

}  // namespace

ExitCode export_command(const ExportArguments& arguments) {
  const auto text = exported(arguments);
  if (!text) return report_error(text.error());
  if (arguments.file.empty()) {
    fmt::print("{}", *text);
    return ExitCode::good;
  }
  const auto written = replace_file(arguments.file, *text);
  return written ? ExitCode::good : report_error(written.error());
}

}  // namespace gpubench
