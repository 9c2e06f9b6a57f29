// questions.h — `compare:` and `expect:`: what the scenario's author asks of the results.
// Knows how they are written, not how they are answered.
#pragma once

#include <vector>

#include "scenario/fields.h"
#include "scenario/scenario.h"
#include "scenario/vocabulary.h"

namespace gpubench {

std::vector<Comparison> read_comparisons(const YamlNode& node, const Vocabulary& words,
                                         Issues& issues);
std::vector<ExpectRule> read_expects(const YamlNode& node, const Vocabulary& words, Issues& issues);

}  // namespace gpubench
