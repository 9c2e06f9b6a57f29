// commands_compare.h — the commands that set runs against runs. Each prints its own results and
// errors, and says how the process should end.
#pragma once

#include <string>
#include <vector>

#include "app/exit_code.h"
#include "compare/comparison.h"
#include "report/comparison_text.h"

namespace gpubench {

struct CompareArguments {
  /// Runs, folders of runs, CSV files or patterns; or the base is one baseline's YAML file.
  std::vector<std::string> base, fresh;
  std::string device;                    ///< Part of a name; empty: all.
  std::string floor_file;                ///< Empty: none.
  std::string markdown_file, json_file;  ///< Empty: none is written.
  Across across = Across::nothing;
  DeviceMatch devices = DeviceMatch::same_name;
  ListedSeries listed = ListedSeries::notable;
};
ExitCode compare_command(const CompareArguments& arguments);

struct CalibrateArguments {
  std::vector<std::string> runs;  ///< As for compare.
  std::string device;             ///< Part of a name; empty: all.
  std::string out_file;
};
ExitCode calibrate_command(const CalibrateArguments& arguments);

struct BaselineArguments {
  std::vector<std::string> runs;  ///< As for compare.
  std::string device;             ///< Part of a name; empty: all.
  std::string out_file, by;
  std::string replaces_file;  ///< Empty: the old file under the same name, if there is one.
  std::string floor_file;     ///< Empty: none.
};
ExitCode baseline_create_command(const BaselineArguments& arguments);

}  // namespace gpubench
