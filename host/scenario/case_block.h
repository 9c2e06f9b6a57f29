// case_block.h — one entry of `cases:` from its YAML map.
// Knows the keys of a block; the words come with the vocabulary.
#pragma once

#include <span>
#include <string>

#include "scenario/fields.h"
#include "scenario/scenario.h"
#include "scenario/vocabulary.h"

namespace gpubench {

/// Complains to `issues`; the block is of use only when that stays empty.
CaseBlock read_case_block(const YamlNode& node, const Scenario& scenario, const Vocabulary& words,
                          Issues& issues);

/// The name of one of `levels`.
std::string read_level(const YamlNode& node, std::span<const Level> levels, Issues& issues);

/// Cases that the product of the block's axes makes; saturates.
std::uint64_t case_count(const CaseBlock& block);

}  // namespace gpubench
