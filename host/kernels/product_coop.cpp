// product_coop.cpp — launches shaders/gemm/coop.comp: chooses the matrix shape and the tile, and
// says whether it is the compiler, the driver or the device that leaves it without.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.h"
#include "kernels/absence.h"
#include "kernels/contract.h"
#include "kernels/fill.h"
#include "kernels/launches.h"
#include "kernels/matrix.h"
#include "kernels/rounds.h"

namespace gpubench {
namespace {

// Ids of the shader's own constants.
enum Constant : std::uint32_t {
  kThreadsId = 8,
  kTileKId,
  kMatrixMId,
  kMatrixNId,
  kMatrixKId,
  kSubgroupSizeId,
  kSubgroupsMId,
  kSubgroupsNId,
  kPadId,
  kGroupRowsId,
  kRows8Id,
};

constexpr std::uint32_t kVector = kMatrixVector;
constexpr std::uint32_t kVectorBytes = 16;
constexpr std::uint32_t kMostSumsOfALane = 128;  // FP32 registers; as many more do the feeding

/// Subgroups of a workgroup and what one of them computes at least, in the order of kSpaces.
struct Arrangement {
  std::uint32_t subgroups_m, subgroups_n;
  Tile part;
  std::uint32_t least_tile_k = 32;
  std::uint32_t pad = 1;         ///< One vector: enough to move shared rows apart.
  std::uint32_t group_rows = 8;  ///< Rows of tiles that share the columns of B in the cache.
};

constexpr std::array<std::uint32_t, 3> kSubgroupCounts{1, 2, 4};
constexpr std::array<std::uint32_t, 4> kPartSides{16, 32, 64, 128};
constexpr std::array<std::uint32_t, 3> kTileDepths{16, 32, 64};
constexpr std::array<std::uint32_t, 3> kPads{0, 1, 2};
constexpr std::array<std::uint32_t, 4> kGroups{1, 4, 8, 16};
constexpr std::array<ParameterSpace, 7> kSpaces{{{"subgroups_m", kSubgroupCounts},
                                                 {"subgroups_n", kSubgroupCounts},
                                                 {"part_m", kPartSides},
                                                 {"part_n", kPartSides},
                                                 {"tile_k", kTileDepths},
                                                 {"pad", kPads},
                                                 {"group_rows", kGroups}}};

/// An arrangement that the kernel takes by itself, and how many workgroups must be able to share
/// the device for it to be worth it.
struct Choice {
  Arrangement arrangement;
  std::uint64_t least_tiles;
};

// Largest first; the least counts are those of product_tiled.cpp.
constexpr std::array kChoices{
    Choice{{2, 2, {64, 64}}, 64},
    Choice{{2, 2, {32, 32}}, 64},
    Choice{{2, 2, {16, 16}}, 0},
};

// Whole cache sectors of a row of A. Invocations carry what is stored from one tile to the next, so
// FP32 goes half as deep in as many registers.
constexpr std::uint32_t kRowBytes = 64;

Arrangement of_path(Arrangement arrangement, Precision precision) {
  arrangement.least_tile_k = kRowBytes / format_bytes_of(storage(precision));
  return arrangement;
}

struct Tiling {
  Matrix matrix;
  Arrangement arrangement;
  std::uint32_t subgroup_size = 0;
  Tile tile;
  std::uint32_t tile_k = 0;

  [[nodiscard]] std::uint32_t subgroups() const {
    return arrangement.subgroups_m * arrangement.subgroups_n;
  }
  [[nodiscard]] std::uint32_t threads() const { return subgroups() * subgroup_size; }
  [[nodiscard]] std::uint32_t sums_of_a_lane() const { return tile.m * tile.n / threads(); }
};

Outcome check_driver(Precision precision, const DeviceTraits& device) {
  if (device.cooperative_matrix == CooperativeMatrixSupport::not_listed) {
    return absent_from_driver(device, "does not list VK_KHR_cooperative_matrix");
  }
  if (precision != Precision::bf16 || device.bfloat16.is_listed) return Done{};
  return absent_from_driver(device, "does not list VK_KHR_shader_bfloat16");
}

Outcome check_device(Precision precision, const DeviceTraits& device) {
  std::vector<std::string> missing;
  if (device.cooperative_matrix == CooperativeMatrixSupport::no_feature) {
    missing.emplace_back("the feature cooperativeMatrix");
  } else if (!best_matrix(precision, device)) {
    missing.push_back(fmt::format(
        "a cooperative matrix of {} with sums in {} for a subgroup, its sides multiples of {}",
        matrix_operand_type(precision), matrix_sum_type(precision), kVector));
  }
  const std::vector<std::string> usual = missing_features(precision, device);
  missing.insert(missing.end(), usual.begin(), usual.end());
  return check_missing(device, missing);
}

Tiling tiling_of(const Arrangement& arrangement, const Matrix& matrix, const DeviceTraits& device) {
  Tiling tiling{matrix, arrangement, device.subgroup_size, {}, 0};
  tiling.tile.m = arrangement.subgroups_m * ceil_div(arrangement.part.m, matrix.m) * matrix.m;
  tiling.tile.n = arrangement.subgroups_n * ceil_div(arrangement.part.n, matrix.n) * matrix.n;
  tiling.tile_k = ceil_div(arrangement.least_tile_k, matrix.k) * matrix.k;
  return tiling;
}

std::uint64_t shared_bytes(const Tiling& tiling, const Problem& problem, Precision precision) {
  const std::uint64_t pad = tiling.arrangement.pad;
  const std::uint64_t along_k = tiling.tile_k / kVector + pad;
  const std::uint64_t b = is_b_transposed(problem)
                              ? tiling.tile.n * along_k
                              : tiling.tile_k * (tiling.tile.n / kVector + pad);
  const std::uint64_t stage = std::uint64_t{tiling.subgroups()} * tiling.matrix.m * tiling.matrix.n;
  return (tiling.tile.m * along_k + b) * kVectorBytes + stage * compute_bytes(precision);
}

Outcome check_limits(const Tiling& tiling, const Problem& problem, Precision precision,
                     const DeviceTraits& device) {
  if (tiling.sums_of_a_lane() > kMostSumsOfALane) {
    return absent(
        fmt::format("{} sums a lane, more than {}", tiling.sums_of_a_lane(), kMostSumsOfALane));
  }
  return check_workgroup(tiling.threads(), shared_bytes(tiling, problem, precision), device);
}

Tiling choose_tiling(const Matrix& matrix, const Problem& problem, Precision precision,
                     const DeviceTraits& device) {
  const Shape& shape = problem.shape;
  for (const auto& [arrangement, least_tiles] : kChoices) {
    if (device.is_software()) break;  // every matrix is straight code there: 10 s to compile
    const Tiling tiling = tiling_of(of_path(arrangement, precision), matrix, device);
    const std::uint64_t tiles = std::uint64_t{ceil_div(shape.m, tiling.tile.m)} *
                                ceil_div(shape.n, tiling.tile.n) * shape.batch;
    if (tiles >= least_tiles && check_limits(tiling, problem, precision, device)) return tiling;
  }
  return tiling_of(of_path(kChoices.back().arrangement, precision), matrix, device);
}

Arrangement arrangement_from(ParameterValues values) {
  return {values[0], values[1], {values[2], values[3]}, values[4], values[5], values[6]};
}

std::array<std::uint32_t, kSpaces.size()> values_from(const Arrangement& arrangement) {
  return {arrangement.subgroups_m, arrangement.subgroups_n,  arrangement.part.m,
          arrangement.part.n,      arrangement.least_tile_k, arrangement.pad,
          arrangement.group_rows};
}

/// The loop over k, and one over the stage for each matrix of a subgroup.
std::uint64_t rounds(const Tiling& tiling, const Shape& shape) {
  const std::uint64_t of_a_matrix = std::uint64_t{tiling.matrix.m} * tiling.matrix.n;
  const std::uint64_t matrices =
      std::uint64_t{tiling.tile.m} * tiling.tile.n / (tiling.subgroups() * of_a_matrix);
  return rounds_of_loop(shape.k, tiling.tile_k) +
         matrices * rounds_of_loop(of_a_matrix, tiling.subgroup_size);
}

/// Every row of every matrix begins on a boundary of eight elements.
bool rows_are_wide_vectors(const Problem& problem) {
  return problem.shape.n % kVector == 0 && problem.shape.k % kVector == 0;
}

PipelineSpec pipeline_of(const std::string& module, const Problem& problem, const Tiling& tiling) {
  PipelineSpec pipeline = pipeline_spec(
      module, contract_constants(problem, tiling.tile,
                                 {{kThreadsId, tiling.threads()},
                                  {kTileKId, tiling.tile_k},
                                  {kMatrixMId, tiling.matrix.m},
                                  {kMatrixNId, tiling.matrix.n},
                                  {kMatrixKId, tiling.matrix.k},
                                  {kSubgroupSizeId, tiling.subgroup_size},
                                  {kSubgroupsMId, tiling.arrangement.subgroups_m},
                                  {kSubgroupsNId, tiling.arrangement.subgroups_n},
                                  {kPadId, tiling.arrangement.pad},
                                  {kGroupRowsId, tiling.arrangement.group_rows},
                                  {kRows8Id, rows_are_wide_vectors(problem) ? 1U : 0U}}));
  pipeline.required_subgroup_size = tiling.subgroup_size;
  pipeline.full_subgroups = true;
  return pipeline;
}

}  // namespace

std::span<const ParameterSpace> parameters_of_product_coop() {
  return kSpaces;
}

Result<Launch> launch_product_coop(const Problem& problem, Precision precision,
                                   const DeviceTraits& device, ParameterValues values) {
  const std::string module = module_name(to_string(problem.op), "coop", precision);
  const Outcome there =
      first_failure({check_path("coop", problem, precision), check_module(module),
                     check_driver(precision, device), check_device(precision, device)});
  if (!there) return there.error();
  const Matrix matrix = *best_matrix(precision, device);
  const Tiling tiling = values.empty() ? choose_tiling(matrix, problem, precision, device)
                                       : tiling_of(arrangement_from(values), matrix, device);
  const Tile tile = tiling.tile;
  const Outcome fits =
      first_failure({check_precision(precision, HalfScratch::none, device),
                     check_limits(tiling, problem, precision, device),
                     check_groups(column_tiles(problem, tile), problem.shape.batch, device),
                     check_rounds(rounds(tiling, problem.shape), device)});
  if (!fits) return fits.error();

  const PipelineSpec pipeline = pipeline_of(module, problem, tiling);
  Launch launch;
  const Arrangement& arrangement = tiling.arrangement;
  launch.params = fmt::format("tile={}x{}x{} matrix={}x{}x{} subgroups={}x{}x{} pad={} group={}",
                              tile.m, tile.n, tiling.tile_k, matrix.m, matrix.n, matrix.k,
                              arrangement.subgroups_m, arrangement.subgroups_n,
                              tiling.subgroup_size, arrangement.pad, arrangement.group_rows);
  launch.tuning = tuning_of(kSpaces, values_from(arrangement));
  launch.row_granule = tile.m;
  launch.steps = [=](RowBand band) { return cover(pipeline, problem, band, tile, device); };
  return launch;
}

}  // namespace gpubench
