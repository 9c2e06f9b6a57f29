// contract.h — what every kernel is given: the push block, the specialization constants, the grid.
// The shader side is shaders/common/contract.glsl. Knows no single kernel.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/device_traits.h"
#include "base/dispatch.h"
#include "base/result.h"
#include "kernels/kernel.h"
#include "kernels/problem.h"

namespace gpubench {

/// Six addresses of 8 bytes, six sizes of 4.
constexpr std::uint32_t kPushBytes = 72;
/// Constant ids below this one belong to the contract.
constexpr std::uint32_t kFirstOwnConstant = 8;

/// The block of output that one workgroup computes.
struct Tile {
  std::uint32_t m = 1;
  std::uint32_t n = 1;
};

std::vector<PushField> push_block(const Problem& problem, RowBand band);

/// Constants 0 to 5, then the kernel's own.
std::vector<SpecConstant> contract_constants(const Problem& problem, Tile tile,
                                             std::initializer_list<SpecConstant> own);

/// Elements on whose multiples every row of every matrix begins: 8, 4 or 1. So many may be read and
/// written at once.
std::uint32_t row_alignment(const Problem& problem);
/// Whether whole vectors of four may be read and written.
bool rows_are_vectors(const Problem& problem);

PipelineSpec pipeline_spec(std::string shader, std::vector<SpecConstant> constants);

/// "gemm_tiled_fp16": how shaders/CMakeLists.txt names the module of a kernel on a path.
std::string module_name(std::string_view prefix, std::string_view kernel, Precision precision);

/// Dispatches that write the rows of `band`: column tiles along x, row tiles along y, batch members
/// along z; more than one when the row tiles exceed the device's group count.
std::vector<Step> cover(const PipelineSpec& pipeline, const Problem& problem, RowBand band,
                        Tile tile, const DeviceTraits& device);
/// Column tiles of the problem: a row of a softmax is never divided.
std::uint32_t column_tiles(const Problem& problem, Tile tile);

/// Which kinds of memory a kernel keeps FP16 values in, beside the operands.
enum class HalfScratch : std::uint8_t { none, yes };
/// Unsupported unless the device has the features that the path needs.
Outcome check_precision(Precision precision, HalfScratch scratch, const DeviceTraits& device);
/// Unsupported unless `groups` fit; y is left out where `cover` cuts it.
Outcome check_groups(std::uint64_t x, std::uint64_t z, const DeviceTraits& device);
/// Unsupported unless lanes of a subgroup can add up and compare their values.
Outcome check_subgroup_arithmetic(const DeviceTraits& device);
Outcome check_workgroup(std::uint32_t invocations, std::uint64_t shared_bytes,
                        const DeviceTraits& device);
/// The first failure among `outcomes`, or success.
Outcome first_failure(std::initializer_list<Outcome> outcomes);

/// Bytes of one value of the format that the path multiplies in.
std::uint32_t compute_bytes(Precision precision);

constexpr std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) {
  return std::uint32_t((std::uint64_t{a} + b - 1) / b);
}

}  // namespace gpubench
