// overrides.h — `--set path=value` applied to a scenario before it is read, so that an override
// is checked exactly as the file is.
// Knows lists, maps and that `size` and `shape` replace each other; knows no other key.
#pragma once

#include <string_view>

#include "base/result.h"
#include "scenario/yaml_tree.h"

namespace gpubench {

/// Path: keys and list positions joined by dots. In a list a number picks one entry (0 is the
/// first) and a key goes to every entry: `cases.precision=fp32`. Keys that are not there are
/// added. The value is YAML.
Outcome apply_override(YamlNode& root, std::string_view assignment);

}  // namespace gpubench
