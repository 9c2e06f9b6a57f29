// vocabulary.h — the words of the catalogue, for the scenario reader.
#pragma once

#include "scenario/vocabulary.h"

namespace gpubench {

/// Operations, precisions, activations, fills and kernels as kernels/ names them. The columns and
/// metrics of `expect` stay empty: only record/ and those above it know the columns.
Vocabulary catalogue_vocabulary();

}  // namespace gpubench
