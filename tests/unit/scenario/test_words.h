// test_words.h — a small vocabulary and a short way to read text, for the tests of this room.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/reader.h"

namespace gpubench {

inline Vocabulary test_words() {
  static constexpr std::array<std::string_view, 3> kPrecisions = {"fp32", "fp16", "fp16_acc32"};
  static constexpr std::array<std::string_view, 3> kActivations = {"none", "relu", "gelu"};
  static constexpr std::array<std::string_view, 3> kFills = {"normal", "uniform", "file"};
  static constexpr std::array<std::string_view, 2> kBuilds = {"default", "strict"};
  static constexpr std::array<std::string_view, 2> kStatuses = {"passed", "failed"};
  Vocabulary words;
  words.ops = {{"gemm", {"m", "n", "k", "batch"}, {"transpose_b"}, {"naive", "tiled"}},
               {"linear", {"m", "n", "k"}, {"activation", "bias"}, {"naive"}},
               {"softmax", {"m", "n"}, {}, {"naive"}}};
  words.precisions = kPrecisions;
  words.activations = kActivations;
  words.fills = kFills;
  words.builds = kBuilds;
  words.columns = {"op", "precision", "fill"};
  words.metrics = {"rel_fro_err", "time_median_s"};
  words.check_statuses = kStatuses;
  return words;
}

inline Result<Scenario> read(std::string_view text, const std::vector<std::string>& sets = {}) {
  return read_scenario_text(text, "t.yaml", sets, test_words());
}

/// The error message, or "no error".
inline std::string message_of(const Result<Scenario>& result) {
  return result.ok() ? "no error" : result.error().message;
}

/// A valid scenario of one case; line 3 is `  - op: gemm` and line 4 is `    size: 8`.
inline constexpr std::string_view kOneCase = "name: one\ncases:\n  - op: gemm\n    size: 8\n";

}  // namespace gpubench
