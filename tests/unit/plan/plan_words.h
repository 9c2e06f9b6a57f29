// plan_words.h — the real words but for kernels, for tests of how axes expand.
#pragma once

#include <string_view>

#include "kernels/kernel.h"
#include "kernels/problem.h"
#include "scenario/reader.h"

namespace gpubench {

inline Vocabulary plan_words() {
  Vocabulary words;
  words.ops = {{"gemm", {"m", "n", "k", "batch"}, {"transpose_b"}, {"naive", "tiled"}},
               {"linear", {"m", "n", "k"}, {"activation", "bias"}, {"naive", "tiled"}},
               {"softmax", {"m", "n"}, {}, {"naive", "tiled"}}};
  words.precisions = precision_names();
  words.activations = activation_names();
  words.fills = fill_names();
  words.builds = build_names();
  return words;
}

/// The scenario "x" with these cases, as YAML.
inline Result<Scenario> scenario_of(std::string_view cases) {
  return read_scenario_text("name: x\ncases:\n" + std::string(cases), "t.yaml", {}, plan_words());
}

}  // namespace gpubench
