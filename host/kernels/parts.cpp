#include "kernels/parts.h"

#include <algorithm>

namespace gpubench {
namespace {

// Columns that a workgroup of add_parts.comp adds up.
constexpr std::uint32_t kAddColumns = 128;
// So many workgroups keep a middling GPU busy.
constexpr std::uint64_t kEnoughTiles = 128;
// A shorter part is not worth the memory that its sums take.
constexpr std::uint32_t kLeastTermsOfPart = 256;
constexpr std::uint64_t kMostSums = 1ULL << 31;  // SPIR-V takes an index of 32 bits as signed

std::uint64_t sums_of(const Parts& parts, const Shape& shape) {
  return parts.splits * shape.c_elements();
}

}  // namespace

std::uint32_t choose_splits(std::uint32_t k, std::uint64_t tiles) {
  std::uint32_t chosen = kSplitCounts.front();
  for (const std::uint32_t splits : kSplitCounts) {
    if (splits > 8 || k / splits < kLeastTermsOfPart) break;
    chosen = splits;
    if (tiles * splits >= kEnoughTiles) break;
  }
  return chosen;
}

Parts parts_of(std::uint32_t k, std::uint32_t splits, std::uint32_t tile_k) {
  return {splits, std::max(ceil_div(ceil_div(k, splits), tile_k), 1U) * tile_k};
}

std::uint64_t bytes_of_sums(const Parts& parts, const Shape& shape) {
  return sums_of(parts, shape) * sizeof(float);
}

Outcome check_parts(const Parts& parts, const Problem& problem, Tile tile,
                    const DeviceTraits& device) {
  const std::uint32_t columns =
      std::max(column_tiles(problem, tile), ceil_div(problem.shape.n, kAddColumns));
  const Outcome groups =
      check_groups(columns, std::uint64_t{problem.shape.batch} * parts.splits, device);
  if (!groups || sums_of(parts, problem.shape) < kMostSums) return groups;
  return Error{ErrorKind::unsupported, "the sums of all parts would exceed 2^31"};
}

std::function<std::vector<Step>(RowBand)> steps_of_parts(const PipelineSpec& multiply,
                                                         const Parts& parts, const Problem& problem,
                                                         Precision precision, Tile tile,
                                                         const DeviceTraits& device) {
  constexpr Tile kAdded{1, kAddColumns};
  const PipelineSpec add =
      pipeline_spec(module_name(to_string(problem.op), "add_parts", precision),
                    contract_constants(problem, kAdded, {{kSplitsId, parts.splits}}));
  return [=](RowBand band) {
    std::vector<Step> steps = cover(multiply, problem, band, tile, device);
    for (Step& step : steps) step.groups[2] *= parts.splits;
    const auto additions = cover(add, problem, band, kAdded, device);
    steps.insert(steps.end(), additions.begin(), additions.end());
    return steps;
  };
}

}  // namespace gpubench
