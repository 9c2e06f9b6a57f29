// dashboard.h — every run below some folders as one page: a line for each case and device over
// time. Knows the facts of the runs; how they are shown is dashboard.js's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compare/baseline.h"
#include "history/history.h"
#include "pages/annotations.h"

namespace gpubench {

struct DashboardInput {
  History history;
  std::vector<std::string> commands;  ///< Of each run, without --case; empty where not known.
  std::vector<Annotation> annotations;
  std::optional<Baseline> baseline;
};

struct DashboardFiles {
  std::vector<std::string> paths;
  std::string annotations;  ///< Empty: annotations.csv in the first of `paths`, if there is one.
  std::string baseline;     ///< Empty: none.
};

/// Fails with `input`.
Result<DashboardInput> read_dashboard_input(const DashboardFiles& files);

std::string dashboard_page(const DashboardInput& input);

}  // namespace gpubench
