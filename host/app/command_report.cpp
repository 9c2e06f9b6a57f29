// command_report.cpp — `report`: runs as one page for people.
#include <fmt/format.h>

#include "app/commands.h"
#include "app/errors.h"
#include "app/run_sets.h"
#include "pages/html.h"
#include "pages/markdown.h"
#include "pages/report.h"
#include "record/durable_file.h"

namespace gpubench {
namespace {

/// Nothing that is read may be written over.
Outcome check_outputs(const ReportArguments& arguments, const History& history) {
  std::vector<std::string> inputs = arguments.paths;
  inputs.push_back(arguments.checks_file);
  for (const HistoryRun& run : history.runs()) inputs.push_back(run.file);
  for (const std::string& file : arguments.files) {
    if (auto checked = check_output(file, inputs); !checked) return checked;
  }
  return Done{};
}

}  // namespace

ExitCode report_command(const ReportArguments& arguments) {
  const auto input = read_report_input(arguments.paths, arguments.checks_file);
  if (!input) return report_error(input.error());
  if (auto checked = check_outputs(arguments, input->history); !checked) {
    return report_error(checked.error());
  }
  const PageDocument document = report_document(*input);
  for (const std::string& file : arguments.files) {
    const std::string page = file.ends_with(".md") ? markdown_page(document) : html_page(document);
    if (const auto written = replace_file(file, page); !written) {
      return report_error(written.error());
    }
    fmt::print("{}: {}\n", file, document.verdict);
  }
  return ExitCode::good;
}

}  // namespace gpubench
