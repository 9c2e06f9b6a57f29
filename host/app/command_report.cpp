// command_report.cpp — `report`: runs as one page for people.
#include <fmt/format.h>

#include "app/commands.h"
#include "app/errors.h"
#include "pages/html.h"
#include "pages/markdown.h"
#include "pages/report.h"
#include "record/durable_file.h"

namespace gpubench {

ExitCode report_command(const ReportArguments& arguments) {
  const auto input = read_report_input(arguments.paths, arguments.checks_file);
  if (!input) return report_error(input.error());
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
