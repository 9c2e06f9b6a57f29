// parameters.h — what may be chosen freely about a kernel's launch, by name and value. Knows no
// kernel, and not which values are fast.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gpubench {

struct Parameter {
  std::string name;  ///< "tile_m"
  std::uint32_t value = 0;
  bool operator==(const Parameter&) const = default;
};

/// A value for each parameter of a kernel, in the kernel's order; empty: the kernel decides.
using Tuning = std::vector<Parameter>;

/// "tile_m=128 tile_n=64"; empty text for an empty tuning.
std::string to_string(const Tuning& tuning);
/// Fails with `input` where the text is not of that form.
Result<Tuning> parse_tuning(std::string_view text);

/// The values that a parameter may have.
struct ParameterSpace {
  std::string_view name;
  std::span<const std::uint32_t> values;
  /// What it is in a tuning that does not name it. Only for one that is younger than tables of
  /// tunings are: those still hold then. Not among `values` where the kernel itself chooses one.
  std::optional<std::uint32_t> unnamed = std::nullopt;
};

/// `ParameterSpace::unnamed` of a parameter that is never 0: the kernel chooses its value.
inline constexpr std::uint32_t kKernelChooses = 0;

/// The values of a tuning in the order of `spaces`. Fails with `input` when a parameter that must
/// be named is missing, or one is unknown or has a value that it may not have.
Result<std::vector<std::uint32_t>> values_of(const Tuning& tuning,
                                             std::span<const ParameterSpace> spaces);

/// The values by the names of `spaces`.
Tuning tuning_of(std::span<const ParameterSpace> spaces, std::span<const std::uint32_t> values);

/// How many combinations of values there are; 1 where nothing may be chosen.
std::uint64_t combinations(std::span<const ParameterSpace> spaces);
/// Combination number `index`, below `combinations`; the last parameter changes fastest.
Tuning combination(std::span<const ParameterSpace> spaces, std::uint64_t index);

}  // namespace gpubench
