// reader.h — a scenario from its YAML file: the format of docs/scenario-format.md, read strictly.
// Whatever the file holds, the answer is a scenario or one error with its place; nothing is thrown.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scenario/scenario.h"
#include "scenario/vocabulary.h"

namespace gpubench {

/// `overrides` are `path=value` texts of `--set`, applied in order; see overrides.h.
Result<Scenario> read_scenario(const std::string& path, std::span<const std::string> overrides,
                               const Vocabulary& words);

/// The same for text that was read already. `file` is the name in messages, and its folder is
/// where relative paths start.
Result<Scenario> read_scenario_text(std::string_view text, const std::string& file,
                                    std::span<const std::string> overrides,
                                    const Vocabulary& words);

/// The `expect` rules alone of a scenario that ran somewhere once: the files that it names need not
/// be here. `file` is for messages only.
Result<std::vector<ExpectRule>> read_expect_rules(std::string_view text, const std::string& file,
                                                  const Vocabulary& words);

}  // namespace gpubench
