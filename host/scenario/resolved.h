// resolved.h — a scenario written back as YAML with every default spelt out: what run.json keeps,
// and what a run can be repeated from. One text for one meaning, so its hash names the scenario.
#pragma once

#include <string>

#include "scenario/scenario.h"

namespace gpubench {

/// Gives each block the scenario's seed and budget where it has none of its own.
void apply_defaults(Scenario& scenario);

/// Reading the text, from the same folder, gives an equal scenario.
std::string resolved_yaml(const Scenario& scenario);

}  // namespace gpubench
