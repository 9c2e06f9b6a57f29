// scenario_vocabulary.h — every word that a scenario may use: those of the catalogue, and the
// columns that its `expect` rules may speak of.
#pragma once

#include "scenario/vocabulary.h"

namespace gpubench {

Vocabulary scenario_vocabulary();

}  // namespace gpubench
