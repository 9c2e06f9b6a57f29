// product_coop2.cpp — launches shaders/gemm/coop2.comp: chooses scope, tile and how matrices are
// moved, and says whether it is the compiler, the driver or the device that leaves it without.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "kernels/absence.h"
#include "kernels/contract.h"
#include "kernels/launches.h"
#include "kernels/matrix.h"
#include "kernels/rounds.h"

namespace gpubench {
namespace {

// Ids of the shader's own constants.
enum Constant : std::uint32_t {
  kThreadsId = 8,
  kTileKId,
  kScopeId,
  kUnrollId,
  kGroupRowsId,
  kRows8Id,
};

// FP32 registers; a register holds two sums in FP16. As many more do the feeding.
constexpr std::uint32_t kMostRegistersOfALane = 128;
// Elements of the vectors that rows may begin on.
constexpr std::uint32_t kVector = 8;

/// What may be tuned, in the order of kSpaces. The invocations tell the scope: those of a subgroup,
/// or those that the device wants in a workgroup whose matrices it shares.
struct Arrangement {
  std::uint32_t threads;
  std::uint32_t tile_m, tile_n, tile_k;
  std::uint32_t unroll = 1;
  std::uint32_t group_rows = 8;
  std::uint32_t tensors = 1;  ///< 1: the driver moves matrices, by layouts; 0: element by element.
  bool operator==(const Arrangement&) const = default;
};

constexpr std::array<std::uint32_t, 7> kThreadCounts{8, 16, 32, 64, 128, 256, 512};
constexpr std::array<std::uint32_t, 6> kSides{8, 16, 32, 64, 128, 256};
constexpr std::array<std::uint32_t, 5> kDepths{8, 16, 32, 64, 128};
constexpr std::array<std::uint32_t, 4> kUnrolls{1, 2, 4, 8};
constexpr std::array<std::uint32_t, 4> kGroups{1, 4, 8, 16};
constexpr std::array<std::uint32_t, 2> kOffOn{0, 1};
constexpr std::array<ParameterSpace, 7> kSpaces{{{"threads", kThreadCounts},
                                                 {"tile_m", kSides},
                                                 {"tile_n", kSides},
                                                 {"tile_k", kDepths},
                                                 {"unroll", kUnrolls},
                                                 {"group_rows", kGroups},
                                                 {"tensors", kOffOn}}};

/// An arrangement that the kernel takes by itself, and how many workgroups must be able to share
/// the device for it to be worth it.
struct Choice {
  Arrangement arrangement;
  std::uint64_t least_tiles;
};

// Of workgroups, best first: what others found good on GPUs, loops over k that are unrolled in part
// among it.
constexpr std::array kWorkgroupChoices{
    Choice{{256, 128, 256, 64, 8}, 64},
    Choice{{256, 128, 128, 64, 8}, 64},
    Choice{{128, 64, 64, 64, 8}, 0},
};

// Of subgroups.
constexpr std::array kSubgroupTiles{64U, 32U, 16U};
constexpr std::uint32_t kSubgroupDepth = 32;

struct Tiling {
  Arrangement arrangement;  ///< Its sides are those that the device has.
  std::string_view scope;

  [[nodiscard]] Tile tile() const { return {arrangement.tile_m, arrangement.tile_n}; }
  [[nodiscard]] std::uint32_t threads() const { return arrangement.threads; }
  [[nodiscard]] bool is_of_workgroup() const { return scope == "workgroup"; }
};

/// How matrices get from memory and back; the shader has a module for each.
std::string_view mover(const Arrangement& arrangement) {
  return arrangement.tensors != 0 ? "tensors" : "elements";
}

/// Element by element nothing is unrolled.
Arrangement with_mover_of(Arrangement arrangement, const DeviceTraits& device) {
  if (device.cooperative_matrix_2.tensor_addressing) return arrangement;
  arrangement.tensors = 0;
  arrangement.unroll = 1;
  return arrangement;
}

std::string name_of_module(const Problem& problem, Precision precision,
                           const Arrangement& arrangement) {
  return module_name(to_string(problem.op), fmt::format("coop2_{}", mover(arrangement)), precision);
}

Outcome check_driver(const DeviceTraits& device) {
  std::string_view missing;
  if (!device.cooperative_matrix_2.is_listed) missing = "does not list VK_NV_cooperative_matrix2";
  if (device.api_version.starts_with("1.2.")) missing = "has not Vulkan 1.3, whose SPIR-V it takes";
  if (missing.empty()) return Done{};
  return absent_from_driver(device, missing);
}

/// What the sides of matrices are multiples of that this many invocations may have together.
std::vector<CooperativeMatrixShape> granules_of(std::uint32_t threads, Precision precision,
                                                const DeviceTraits& device) {
  const CooperativeMatrix2& matrices = device.cooperative_matrix_2;
  std::vector<CooperativeMatrixShape> granules;
  for (const auto& [granule, invocations] : matrices.flexible_shapes) {
    const bool of_subgroup = granule.scope == "subgroup" && threads == device.subgroup_size;
    const bool of_workgroup =
        granule.scope == "workgroup" && matrices.workgroup_scope && threads == invocations;
    if ((of_subgroup || of_workgroup) && has_formats_of(precision, granule)) {
      granules.push_back(granule);
    }
  }
  return granules;
}

bool has_matrices(Precision precision, const DeviceTraits& device) {
  return std::ranges::any_of(kThreadCounts, [&](std::uint32_t threads) {
    return !granules_of(threads, precision, device).empty();
  });
}

Outcome check_device(const Problem& problem, Precision precision, const DeviceTraits& device) {
  const CooperativeMatrix2& matrices = device.cooperative_matrix_2;
  std::vector<std::string> missing;
  if (device.cooperative_matrix != CooperativeMatrixSupport::supported) {
    missing.emplace_back("the feature cooperativeMatrix");
  }
  if (!matrices.tensor_addressing && !matrices.per_element_operations) {
    missing.emplace_back(
        "the feature cooperativeMatrixTensorAddressing, nor cooperativeMatrixPerElementOperations "
        "in its place");
  } else if (problem.op == Op::linear && !matrices.per_element_operations) {
    missing.emplace_back("the feature cooperativeMatrixPerElementOperations");
  }
  if (!matrices.flexible_dimensions) {
    missing.emplace_back("the feature cooperativeMatrixFlexibleDimensions");
  } else if (!has_matrices(precision, device)) {
    missing.push_back(
        fmt::format("a flexible matrix of float16 with sums in {}", matrix_sum_type(precision)));
  }
  const std::vector<std::string> usual = missing_features(precision, device);
  missing.insert(missing.end(), usual.begin(), usual.end());
  return check_missing(device, missing);
}

Arrangement rounded_up(Arrangement arrangement, const CooperativeMatrixShape& granule) {
  arrangement.tile_m = ceil_div(arrangement.tile_m, granule.m) * granule.m;
  arrangement.tile_n = ceil_div(arrangement.tile_n, granule.n) * granule.n;
  arrangement.tile_k = ceil_div(arrangement.tile_k, granule.k) * granule.k;
  return arrangement;
}

/// As asked for if the device has that, else what it has instead.
Result<Tiling> tiling_of(const Arrangement& asked, Precision precision,
                         const DeviceTraits& device) {
  const auto granules = granules_of(asked.threads, precision, device);
  if (granules.empty()) {
    return absent(fmt::format("the device lists no matrices for {} invocations with sums in {}",
                              asked.threads, matrix_sum_type(precision)));
  }
  const auto fits = [&](const auto& granule) { return rounded_up(asked, granule) == asked; };
  auto taken = std::ranges::find_if(granules, fits);
  if (taken == granules.end()) taken = granules.begin();
  return Tiling{rounded_up(asked, *taken), taken->scope == "workgroup" ? "workgroup" : "subgroup"};
}

Outcome check_limits(const Tiling& tiling, Precision precision, const DeviceTraits& device) {
  const CooperativeMatrix2& matrices = device.cooperative_matrix_2;
  const Arrangement& taken = tiling.arrangement;
  const std::uint32_t threads = taken.threads;
  const std::uint64_t registers = std::uint64_t{taken.tile_m} * taken.tile_n *
                                  compute_bytes(precision) / (threads * sizeof(float));
  if (registers > kMostRegistersOfALane) {
    return absent(fmt::format("sums take {} registers of a lane, more than {}", registers,
                              kMostRegistersOfALane));
  }
  if (taken.tensors != 0 && !matrices.tensor_addressing) {
    return absent("the device has not the feature cooperativeMatrixTensorAddressing");
  }
  if (taken.tensors == 0 && !matrices.per_element_operations) {
    return absent("the device has not the feature cooperativeMatrixPerElementOperations");
  }
  if (taken.tensors == 0 && taken.unroll != 1) {
    return absent("the loop over elements has no unrolled steps");
  }
  const std::uint32_t longest = std::max({taken.tile_m, taken.tile_n, taken.tile_k});
  if (longest > matrices.max_dimension) {
    return absent(fmt::format("a side of {}, the limit is {}", longest, matrices.max_dimension));
  }
  if (!tiling.is_of_workgroup()) return check_workgroup(threads, 0, device);
  if (threads > matrices.max_workgroup_invocations) {
    return absent(fmt::format("{} invocations share matrices, the limit is {}", threads,
                              matrices.max_workgroup_invocations));
  }
  return check_workgroup(threads, matrices.reserved_shared_bytes, device);
}

/// The largest that leaves a lane registers; in software the smallest, which is the least code.
Result<Tiling> choose_of_subgroup(Precision precision, const DeviceTraits& device) {
  const auto tile = [&](std::uint32_t side) {
    const std::uint32_t depth = std::min(side / 2, kSubgroupDepth);
    return tiling_of(with_mover_of({device.subgroup_size, side, side, depth}, device), precision,
                     device);
  };
  for (const std::uint32_t side : kSubgroupTiles) {
    const auto tiling = tile(side);
    if (!device.is_software() && tiling && check_limits(*tiling, precision, device)) return tiling;
  }
  return tile(kSubgroupTiles.back());
}

Result<Tiling> choose_tiling(const Problem& problem, Precision precision,
                             const DeviceTraits& device) {
  const Shape& shape = problem.shape;
  for (const auto& [arrangement, least_tiles] : kWorkgroupChoices) {
    const auto tiling = tiling_of(with_mover_of(arrangement, device), precision, device);
    if (!tiling || !check_limits(*tiling, precision, device)) continue;
    const std::uint64_t tiles = std::uint64_t{ceil_div(shape.m, tiling->tile().m)} *
                                ceil_div(shape.n, tiling->tile().n) * shape.batch;
    if (tiles >= least_tiles) return tiling;
  }
  return choose_of_subgroup(precision, device);
}

Arrangement arrangement_from(ParameterValues values) {
  return {values[0], values[1], values[2], values[3], values[4], values[5], values[6]};
}

/// Exactly what the values say: no two of them mean the same.
Result<Tiling> tiling_from(ParameterValues values, Precision precision,
                           const DeviceTraits& device) {
  const Arrangement asked = arrangement_from(values);
  const auto tiling = tiling_of(asked, precision, device);
  if (!tiling || tiling->arrangement == asked) return tiling;
  return absent(fmt::format("the device has no matrices for a tile of {}x{}x{}", asked.tile_m,
                            asked.tile_n, asked.tile_k));
}

std::array<std::uint32_t, kSpaces.size()> values_from(const Arrangement& arrangement) {
  return {arrangement.threads, arrangement.tile_m,     arrangement.tile_n, arrangement.tile_k,
          arrangement.unroll,  arrangement.group_rows, arrangement.tensors};
}

PipelineSpec pipeline_of(const std::string& module, const Problem& problem, const Tiling& tiling,
                         const DeviceTraits& device) {
  constexpr std::uint32_t kWorkgroupScope = 2, kSubgroupScope = 3;  // SPIR-V's numbers
  PipelineSpec pipeline = pipeline_spec(
      module,
      contract_constants(problem, tiling.tile(),
                         {{kThreadsId, tiling.threads()},
                          {kTileKId, tiling.arrangement.tile_k},
                          {kScopeId, tiling.is_of_workgroup() ? kWorkgroupScope : kSubgroupScope},
                          {kUnrollId, tiling.arrangement.unroll},
                          {kGroupRowsId, tiling.arrangement.group_rows},
                          {kRows8Id, row_alignment(problem) >= kVector ? 1U : 0U}}));
  pipeline.required_subgroup_size = device.subgroup_size;
  pipeline.full_subgroups = true;
  return pipeline;
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_coop2() {
  return kSpaces;
}

Result<Launch> launch_product_coop2(const Problem& problem, Precision precision,
                                    const DeviceTraits& device, ParameterValues values) {
  const std::string module = name_of_module(
      problem, precision, values.empty() ? with_mover_of({}, device) : arrangement_from(values));
  const Outcome there =
      first_failure({check_path("coop2", problem, precision), check_module(module),
                     check_driver(device), check_device(problem, precision, device)});
  if (!there) return there.error();
  const auto tiling = values.empty() ? choose_tiling(problem, precision, device)
                                     : tiling_from(values, precision, device);
  if (!tiling) return tiling.error();
  const Arrangement& arrangement = tiling->arrangement;
  const Tile tile = tiling->tile();
  const Outcome fits =
      first_failure({check_precision(precision, HalfScratch::none, device),
                     check_limits(*tiling, precision, device),
                     check_groups(column_tiles(problem, tile), problem.shape.batch, device),
                     check_rounds(rounds_of_loop(problem.shape.k, arrangement.tile_k), device)});
  if (!fits) return fits.error();

  const PipelineSpec pipeline = pipeline_of(module, problem, *tiling, device);
  Launch launch;
  launch.params = fmt::format("tile={}x{}x{} {}={} by {} unroll={} group={}", tile.m, tile.n,
                              arrangement.tile_k, tiling->scope, arrangement.threads,
                              mover(arrangement), arrangement.unroll, arrangement.group_rows);
  launch.tuning = tuning_of(kSpaces, values_from(arrangement));
  launch.row_granule = tile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, tile, device); };
  return launch;
}

}  // namespace gpubench
