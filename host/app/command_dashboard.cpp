// command_dashboard.cpp — `dashboard`: many runs over time as one page.
#include <fmt/format.h>

#include "app/commands.h"
#include "app/errors.h"
#include "pages/dashboard.h"
#include "record/durable_file.h"

namespace gpubench {

ExitCode dashboard_command(const DashboardArguments& arguments) {
  const auto input = read_dashboard_input(arguments.files);
  if (!input) return report_error(input.error());
  if (const auto written = replace_file(arguments.page, dashboard_page(*input)); !written) {
    return report_error(written.error());
  }
  fmt::print("{}: {} rows of {} runs\n", arguments.page, input->history.size(),
             input->history.runs().size());
  return ExitCode::good;
}

}  // namespace gpubench
