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

Result<std::string> exported(const ExportArguments& arguments) {
  auto columns = columns_for_export();
  if (find_result_column(arguments.metric) != nullptr) columns.push_back(arguments.metric);
  const auto history = read_history(arguments.paths, columns);
  if (!history) return history.error();
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
