#include "kernels/coop_tiling.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "kernels/absence.h"
#include "kernels/fill.h"
#include "kernels/parts.h"
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
  kSubgroupsNId = kTermsOfPartId + 1,
  kPadId,
  kGroupRowsId,
  kRows8Id,
};
static_assert(kSubgroupsMId < kSplitsId);

constexpr std::uint32_t kVector = kMatrixVector;
constexpr std::uint32_t kVectorBytes = 16;
constexpr std::uint32_t kMostSumsOfALane = 128;  // FP32 registers; as many more do the feeding

/// An arrangement that is taken where nothing else is asked for, and how many workgroups must be
/// able to share the device for it to be worth it.
struct Choice {
  Arrangement arrangement;
  std::uint64_t least_workgroups;
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
                     const DeviceTraits& device, std::uint32_t workgroups_of_tile) {
  for (const auto& [arrangement, least_workgroups] : kChoices) {
    if (device.is_software()) break;  // every matrix is straight code there: 10 s to compile
    const Tiling tiling = tiling_of(of_path(arrangement, precision), matrix, device);
    const std::uint64_t workgroups = tiling.tiles_of(problem.shape) * workgroups_of_tile;
    if (workgroups < least_workgroups) continue;
    if (check_limits(tiling, problem, precision, device)) return tiling;
  }
  return tiling_of(of_path(kChoices.back().arrangement, precision), matrix, device);
}

Arrangement arrangement_from(ParameterValues values) {
  return {values[0], values[1], {values[2], values[3]}, values[4], values[5], values[6]};
}

/// The loop over k, and one over the stage for each matrix of a subgroup.
std::uint64_t rounds(const Tiling& tiling, std::uint32_t terms) {
  const std::uint64_t of_a_matrix = std::uint64_t{tiling.matrix.m} * tiling.matrix.n;
  const std::uint64_t matrices =
      std::uint64_t{tiling.tile.m} * tiling.tile.n / (tiling.subgroups() * of_a_matrix);
  return rounds_of_loop(terms, tiling.tile_k) +
         matrices * rounds_of_loop(of_a_matrix, tiling.subgroup_size);
}

}  // namespace

std::array<std::uint32_t, kTilingSpaces.size()> Tiling::values() const {
  return {arrangement.subgroups_m, arrangement.subgroups_n,  arrangement.part.m,
          arrangement.part.n,      arrangement.least_tile_k, arrangement.pad,
          arrangement.group_rows};
}

std::string Tiling::params() const {
  return fmt::format("tile={}x{}x{} matrix={}x{}x{} subgroups={}x{}x{} pad={} group={}", tile.m,
                     tile.n, tile_k, matrix.m, matrix.n, matrix.k, arrangement.subgroups_m,
                     arrangement.subgroups_n, subgroup_size, arrangement.pad,
                     arrangement.group_rows);
}

Outcome check_units(std::string_view kernel, const std::string& module, const Problem& problem,
                    Precision precision, const DeviceTraits& device) {
  return first_failure({check_path(kernel, problem, precision), check_module(module),
                        check_driver(precision, device), check_device(precision, device)});
}

Tiling tiling_for(ParameterValues values, const Problem& problem, Precision precision,
                  const DeviceTraits& device, std::uint32_t workgroups_of_tile) {
  const Matrix matrix = *best_matrix(precision, device);
  if (!values.empty()) return tiling_of(arrangement_from(values), matrix, device);
  return choose_tiling(matrix, problem, precision, device, workgroups_of_tile);
}

Outcome check_tiling(const Tiling& tiling, const Problem& problem, Precision precision,
                     std::uint32_t terms, const DeviceTraits& device) {
  return first_failure({check_precision(precision, HalfScratch::none, device),
                        check_limits(tiling, problem, precision, device),
                        check_rounds(rounds(tiling, terms), device)});
}

PipelineSpec coop_pipeline(const std::string& module, const Problem& problem,
                           const Tiling& tiling) {
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
                                  {kRows8Id, row_alignment(problem) >= kVector ? 1U : 0U}}));
  pipeline.required_subgroup_size = tiling.subgroup_size;
  pipeline.full_subgroups = true;
  return pipeline;
}

}  // namespace gpubench
