// lattice.h — the formats whose grid of numbers an output may have been stored on.
// Pure. Formats are drift's FormatFacts; how many pairs lie on a grid is counted elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "drift/tolerance.h"

namespace gpubench {

/// Coarsest significand first: what lies on the bf16 grid and within fp16's range lies on all
/// three.
enum class Lattice : std::uint8_t { bf16, fp16, tf32 };
constexpr std::size_t kLattices = 3;
constexpr std::array<Lattice, kLattices> kAllLattices = {Lattice::bf16, Lattice::fp16,
                                                         Lattice::tf32};

constexpr const FormatFacts& facts_of(Lattice lattice) {
  constexpr const FormatFacts* kFacts[kLattices] = {&kBf16, &kF16, &kTf32};
  return *kFacts[static_cast<std::size_t>(lattice)];
}

constexpr std::string_view name_of(Lattice lattice) {
  constexpr std::string_view kNames[kLattices] = {"bf16", "fp16", "tf32"};
  return kNames[static_cast<std::size_t>(lattice)];
}

/// What a path claims to be.
enum class Declared : std::uint8_t { bf16, fp16, tf32, fp32 };
constexpr std::array<std::string_view, 4> kDeclaredNames = {"bf16", "fp16", "tf32", "fp32"};

constexpr std::string_view name_of(Declared declared) {
  return kDeclaredNames[static_cast<std::size_t>(declared)];
}

constexpr const FormatFacts& facts_of(Declared declared) {
  return declared == Declared::fp32 ? kF32 : facts_of(static_cast<Lattice>(declared));
}

}  // namespace gpubench
