// command_line_pages.h — the options of `gpubench report` and `dashboard`: how they are given and
// what they mean.
#pragma once

#include <string>
#include <vector>

#include "app/commands.h"

namespace CLI {
class App;
}

namespace gpubench {

void add_report(CLI::App& app, ReportArguments& arguments);
void add_dashboard(CLI::App& app, DashboardArguments& arguments);

}  // namespace gpubench
