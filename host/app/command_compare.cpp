// command_compare.cpp — `compare`: what got slower or worse from one set of runs to another.
#include <fmt/format.h>

#include <cstdio>

#include "app/commands_compare.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/run_sets.h"
#include "compare/floors.h"
#include "record/durable_file.h"
#include "report/comparison_markdown.h"

namespace gpubench {
namespace {

ExitCode exit_code_of(ComparisonOutcome outcome) {
  switch (outcome) {
    case ComparisonOutcome::nothing_worse:
      return ExitCode::good;
    case ComparisonOutcome::worse:
      return ExitCode::judged_bad;
    case ComparisonOutcome::inconclusive:
      break;
  }
  return ExitCode::inconclusive;
}

}  // namespace

ExitCode compare_command(const CompareArguments& arguments) {
  for (const auto* paths : {&arguments.base, &arguments.fresh}) {
    const auto checked = check_output(arguments.markdown_file, *paths);
    if (!checked) return report_error(checked.error());
  }
  CompareOptions options{{}, arguments.across, arguments.devices};
  if (!arguments.floor_file.empty()) {
    auto floors = read_floors(arguments.floor_file);
    if (!floors) return report_error(floors.error());
    options.floors = *std::move(floors);
  }
  const auto base = read_run_set(arguments.base, arguments.device);
  if (!base) return report_error(base.error());
  const auto fresh = read_run_set(arguments.fresh, arguments.device);
  if (!fresh) return report_error(fresh.error());
  const auto comparison = compare_sets(*base, *fresh, options);
  if (!comparison) return report_error(comparison.error());
  if (!arguments.markdown_file.empty()) {
    const auto written = replace_file(arguments.markdown_file, comparison_markdown(*comparison));
    if (!written) return report_error(written.error());
  }
  for (const std::string& warning : comparison->warnings) fmt::print(stderr, "{}\n", warning);
  fmt::print("{}", comparison_text(*comparison, arguments.listed, console_style()));
  return exit_code_of(comparison->outcome);
}

}  // namespace gpubench
