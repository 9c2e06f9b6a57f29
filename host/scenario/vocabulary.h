// vocabulary.h — the words that a scenario may use. The caller fills it (plan/vocabulary.h), so
// that this room needs no knowledge of operations, kernels or CSV columns.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace gpubench {

/// What a case block of one operation may say beyond the keys that all blocks share.
struct OpWords {
  std::string_view name;
  std::vector<std::string_view> dimensions;  ///< Keys of `shape`: all required but "batch".
  std::vector<std::string_view> keys;        ///< Of "activation", "bias", "transpose_b".
  std::vector<std::string_view> kernels;     ///< Without "auto", which every operation has.
};

struct Vocabulary {
  std::vector<OpWords> ops;
  std::span<const std::string_view> precisions;
  std::span<const std::string_view> activations;
  std::span<const std::string_view> builds;
  std::span<const std::string_view> fills;  ///< "file" is written as a map and not as this word.
  /// Columns that `expect: where` may name, and numeric ones for `metric`. Empty: any word goes.
  std::vector<std::string_view> columns;
  std::vector<std::string_view> metrics;
  /// What a check can say. Empty: any word goes.
  std::span<const std::string_view> check_statuses{};
};

}  // namespace gpubench
