// contract.cpp — push block, constants, grid and limits common to all kernels.

#include "kernels/contract.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "kernels/fill.h"

namespace gpubench {
namespace {

// The ids of shaders/common/contract.glsl.
enum ContractConstant : std::uint32_t {
  kLayoutId = 0,
  kActivationId = 1,
  kHasBiasId = 2,
  kTileMId = 3,
  kTileNId = 4,
  kVectorLoadsId = 5,
};

constexpr std::uint32_t kVector = 4;

Error unsupported(std::string message) {
  return {ErrorKind::unsupported, std::move(message)};
}

bool computes_in_half(Precision precision) {
  return precision == Precision::fp16 || precision == Precision::fp32_via_fp16;
}

}  // namespace

std::vector<PushField> push_block(const Problem& problem, RowBand band) {
  const Shape& shape = problem.shape;
  return {
      PushField::address_of(BufferRole::a),
      PushField::address_of(BufferRole::b),
      PushField::address_of(BufferRole::bias),
      PushField::address_of(BufferRole::c),
      PushField::address_of(BufferRole::scratch0),
      PushField::address_of(BufferRole::scratch1),
      PushField::u32(shape.m),
      PushField::u32(shape.n),
      PushField::u32(shape.k),
      PushField::u32(shape.batch),
      PushField::u32(band.begin),
      PushField::u32(band.end),
  };
}

std::vector<SpecConstant> contract_constants(const Problem& problem, Tile tile,
                                             std::initializer_list<SpecConstant> own) {
  std::vector<SpecConstant> constants{
      {kLayoutId, std::uint32_t(is_b_transposed(problem) ? Layout::nt : Layout::nn)},
      {kActivationId, std::uint32_t(problem.activation)},
      {kHasBiasId, problem.bias ? 1U : 0U},
      {kTileMId, tile.m},
      {kTileNId, tile.n},
      {kVectorLoadsId, rows_are_vectors(problem) ? 1U : 0U},
  };
  constants.insert(constants.end(), own);
  return constants;
}

std::uint32_t row_alignment(const Problem& problem) {
  const std::uint32_t extents =
      problem.op == Op::softmax ? problem.shape.n : problem.shape.n | problem.shape.k;
  for (const std::uint32_t alignment : {8U, 4U}) {
    if (extents % alignment == 0) return alignment;
  }
  return 1;
}

bool rows_are_vectors(const Problem& problem) {
  return row_alignment(problem) >= kVector;
}

PipelineSpec pipeline_spec(std::string shader, std::vector<SpecConstant> constants) {
  return {std::move(shader), std::move(constants), kPushBytes, 0};
}

std::string module_name(std::string_view prefix, std::string_view kernel, Precision precision) {
  return fmt::format("{}_{}_{}", prefix, kernel, to_string(precision));
}

std::uint32_t column_tiles(const Problem& problem, Tile tile) {
  return problem.op == Op::softmax ? 1 : ceil_div(problem.shape.n, tile.n);
}

std::vector<Step> cover(const PipelineSpec& pipeline, const Problem& problem, RowBand band,
                        Tile tile, const DeviceTraits& device) {
  const std::uint64_t rows_at_once = std::uint64_t{device.max_workgroup_count[1]} * tile.m;
  std::vector<Step> steps;
  for (std::uint64_t begin = band.begin; begin < band.end; begin += rows_at_once) {
    const auto end = std::min<std::uint64_t>(begin + rows_at_once, band.end);
    const RowBand part{std::uint32_t(begin), std::uint32_t(end)};
    steps.push_back({pipeline,
                     push_block(problem, part),
                     {column_tiles(problem, tile), ceil_div(part.end - part.begin, tile.m),
                      problem.shape.batch}});
  }
  return steps;
}

Outcome check_precision(Precision precision, HalfScratch scratch, const DeviceTraits& device) {
  const bool half_scratch = scratch == HalfScratch::yes && computes_in_half(precision);
  if (computes_in_half(precision) && !device.shader_float16) {
    return unsupported(fmt::format("{} needs shaderFloat16", to_string(precision)));
  }
  if ((storage(precision) == Format::f16 || half_scratch) && !device.storage_16bit) {
    return unsupported(fmt::format("{} needs storageBuffer16BitAccess", to_string(precision)));
  }
  return Done{};
}

Outcome check_groups(std::uint64_t x, std::uint64_t z, const DeviceTraits& device) {
  const auto& limit = device.max_workgroup_count;
  if (x > limit[0]) {
    return unsupported(fmt::format("needs {} workgroups along x, the limit is {}", x, limit[0]));
  }
  if (z > limit[2]) {
    return unsupported(fmt::format("needs {} workgroups along z, the limit is {}", z, limit[2]));
  }
  return Done{};
}

Outcome check_subgroup_arithmetic(const DeviceTraits& device) {
  if (device.subgroup_arithmetic) return Done{};
  return unsupported("needs subgroup arithmetic (VK_SUBGROUP_FEATURE_ARITHMETIC_BIT)");
}

Outcome check_workgroup(std::uint32_t invocations, std::uint64_t shared_bytes,
                        const DeviceTraits& device) {
  const std::uint32_t limit =
      std::min(device.max_workgroup_invocations, device.max_workgroup_size[0]);
  if (invocations > limit) {
    return unsupported(
        fmt::format("needs {} invocations in a workgroup, the limit is {}", invocations, limit));
  }
  if (shared_bytes > device.max_shared_bytes) {
    return unsupported(fmt::format("needs {} of shared memory, the limit is {}",
                                   format_bytes(shared_bytes),
                                   format_bytes(device.max_shared_bytes)));
  }
  return Done{};
}

Outcome first_failure(std::initializer_list<Outcome> outcomes) {
  for (const Outcome& outcome : outcomes) {
    if (!outcome) return outcome;
  }
  return Done{};
}

std::uint32_t compute_bytes(Precision precision) {
  return computes_in_half(precision) ? 2 : 4;
}

}  // namespace gpubench
