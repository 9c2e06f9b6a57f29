// command_calibrate.cpp — `calibrate`: how far apart runs of the same thing lie, for compare.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/commands_compare.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/run_sets.h"
#include "compare/floors.h"
#include "record/durable_file.h"
#include "report/numbers.h"

namespace gpubench {
namespace {

std::string table_text(const Calibration& calibration, const ConsoleStyle& style) {
  Table table({{"case", Align::left}, {"floor"}, {"spread"}, {"runs"}, {"sessions"}});
  for (const CalibratedSeries& series : calibration.series) {
    table.add({{series.case_id},
               {percent(series.floor.floor_rel)},
               {percent(series.spread)},
               {std::to_string(series.floor.runs)},
               {std::to_string(series.floor.sessions)}});
  }
  return table.render(style);
}

std::string left_out_text(const Calibration& calibration) {
  std::string text;
  if (calibration.too_few > 0) {
    text += fmt::format("{} series left out: fewer than {} runs have a time\n", calibration.too_few,
                        kFewestToCalibrate);
  }
  if (calibration.mixed > 0) {
    text += fmt::format("{} series left out: kernel, fill or timer changed between the runs\n",
                        calibration.mixed);
  }
  return text;
}

}  // namespace

ExitCode calibrate_command(const CalibrateArguments& arguments) {
  const auto checked = check_output(arguments.out_file, arguments.runs);
  if (!checked) return report_error(checked.error());
  const auto set = read_run_set(arguments.runs, arguments.device);
  if (!set) return report_error(set.error());
  for (const std::string& warning : set->warnings) fmt::print(stderr, "{}\n", warning);
  const Calibration calibration = calibrate(*set);
  fmt::print(stderr, "{}", left_out_text(calibration));
  if (calibration.series.empty()) {
    fmt::print("no series can be calibrated; {} is not written\n", arguments.out_file);
    return ExitCode::inconclusive;
  }
  const auto written = replace_file(arguments.out_file, floors_csv(calibration));
  if (!written) return report_error(written.error());
  fmt::print("{}{} series in {}\n", table_text(calibration, console_style()),
             calibration.series.size(), arguments.out_file);
  return ExitCode::good;
}

}  // namespace gpubench
