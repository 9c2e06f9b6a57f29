// paths.h — files that a scenario names: relative paths start at the scenario's own folder.
#pragma once

#include <string>

#include "scenario/fields.h"

namespace gpubench {

/// The path of `written` as seen from where `scenario_file` was opened.
std::string resolve_path(const std::string& scenario_file, const std::string& written);

/// The inverse, for the resolved scenario: a run on another machine then has the same hash.
std::string path_as_written(const std::string& scenario_file, const std::string& resolved);

/// A file that must exist; resolved.
std::string read_file(const YamlNode& node, std::string_view what, const std::string& scenario_file,
                      Issues& issues);

}  // namespace gpubench
