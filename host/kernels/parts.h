// parts.h — sums over k in parts that run side by side, and the dispatch that adds the parts: for
// few outputs with long sums, whose tiles alone would leave most of a GPU idle. The shader side is
// shaders/gemm/parts.glsl. Knows no single kernel.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/device_traits.h"
#include "base/dispatch.h"
#include "base/result.h"
#include "kernels/contract.h"
#include "kernels/kernel.h"
#include "kernels/problem.h"

namespace gpubench {

/// Ids of parts.glsl: a kernel that includes it has its own around them.
inline constexpr std::uint32_t kSplitsId = 15;
inline constexpr std::uint32_t kTermsOfPartId = 16;

inline constexpr std::array<std::uint32_t, 4> kSplitCounts{2, 4, 8, 16};

struct Parts {
  std::uint32_t splits = 0;
  std::uint32_t terms = 0;  ///< Of each; the last ones may have fewer, or none.
};

/// As many as it takes to fill a GPU when C has so many tiles, but none that are too short.
std::uint32_t choose_splits(std::uint32_t k, std::uint64_t tiles);
/// Of whole tiles along k, so that none lies across two parts.
Parts parts_of(std::uint32_t k, std::uint32_t splits, std::uint32_t tile_k);

/// What the parts leave in scratch0.
std::uint64_t bytes_of_sums(const Parts& parts, const Shape& shape);
/// Unsupported when the sums are too many to index, or the workgroups, which have a tile of C each,
/// too many for the device.
Outcome check_parts(const Parts& parts, const Problem& problem, Tile tile,
                    const DeviceTraits& device);

/// The products of a band by `multiply`, part by part along z, then the additions.
std::function<std::vector<Step>(RowBand)> steps_of_parts(const PipelineSpec& multiply,
                                                         const Parts& parts, const Problem& problem,
                                                         Precision precision, Tile tile,
                                                         const DeviceTraits& device);

}  // namespace gpubench
