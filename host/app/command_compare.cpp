// command_compare.cpp — `compare`: what got slower or worse from one set of runs to another.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "app/commands_compare.h"
#include "app/console_style.h"
#include "app/errors.h"
#include "app/run_sets.h"
#include "compare/baseline_file.h"
#include "compare/baseline_set.h"
#include "compare/floors.h"
#include "record/durable_file.h"
#include "report/comparison_json.h"
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

Outcome check_outputs(const CompareArguments& arguments) {
  for (const std::string& file : {arguments.markdown_file, arguments.json_file}) {
    for (const auto* paths : {&arguments.base, &arguments.fresh}) {
      if (auto checked = check_output(file, *paths); !checked) return checked;
    }
  }
  return Done{};
}

bool is_baseline(const std::vector<std::string>& paths) {
  return paths.size() == 1 && (paths[0].ends_with(".yaml") || paths[0].ends_with(".yml"));
}

/// A baseline's floors become those of `options`.
Result<RunSet> read_base(const CompareArguments& arguments, const RunSet& fresh,
                         CompareOptions& options) {
  if (!is_baseline(arguments.base)) return read_run_set(arguments.base, arguments.device);
  const auto baseline = read_baseline(arguments.base.front());
  if (!baseline) return baseline.error();
  options.floors = floors_with(*baseline, std::move(options.floors));
  return run_set_of(*baseline, fresh);
}

Outcome write_files(const CompareArguments& arguments, const SetComparison& comparison) {
  if (!arguments.markdown_file.empty()) {
    auto written = replace_file(arguments.markdown_file, comparison_markdown(comparison));
    if (!written) return written;
  }
  if (arguments.json_file.empty()) return Done{};
  return replace_file(arguments.json_file, comparison_json(comparison));
}

}  // namespace

ExitCode compare_command(const CompareArguments& arguments) {
  if (auto checked = check_outputs(arguments); !checked) return report_error(checked.error());
  CompareOptions options{{}, arguments.across, arguments.devices};
  if (!arguments.floor_file.empty()) {
    auto floors = read_floors(arguments.floor_file);
    if (!floors) return report_error(floors.error());
    options.floors = *std::move(floors);
  }
  const auto fresh = read_run_set(arguments.fresh, arguments.device);
  if (!fresh) return report_error(fresh.error());
  const auto base = read_base(arguments, *fresh, options);
  if (!base) return report_error(base.error());
  const auto comparison = compare_sets(*base, *fresh, options);
  if (!comparison) return report_error(comparison.error());
  if (auto written = write_files(arguments, *comparison); !written) {
    return report_error(written.error());
  }
  for (const std::string& warning : comparison->warnings) fmt::print(stderr, "{}\n", warning);
  fmt::print("{}", comparison_text(*comparison, arguments.listed, console_style()));
  return exit_code_of(comparison->outcome);
}

}  // namespace gpubench
