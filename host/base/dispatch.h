// dispatch.h — what to launch, as plain data: kernels/ decide it, device/ executes it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace gpubench {

/// The buffers a kernel may address. All are reached by 64-bit device address in the push
/// constants, so that operands larger than a storage-buffer range work.
enum class BufferRole : std::uint8_t { a, b, bias, c, scratch0, scratch1, count };

/// Texels are four floats, which a shader gets in FP32 whatever they are in memory.
enum class TexelFormat : std::uint8_t { f32, f16 };

/// A buffer that a shader fetches texels from.
struct TexelBuffer {
  BufferRole role = BufferRole::a;
  TexelFormat format = TexelFormat::f32;
  bool operator==(const TexelBuffer&) const = default;
};

/// A specialization constant: a 32-bit value for `constant_id = id`.
struct SpecConstant {
  std::uint32_t id = 0;
  std::uint32_t value = 0;
  bool operator==(const SpecConstant&) const = default;
};

/// Identifies one compute pipeline. Two equal specs are the same pipeline.
struct PipelineSpec {
  std::string shader;  ///< Name of an embedded SPIR-V module, or "user".
  std::vector<SpecConstant> constants;
  std::uint32_t push_bytes = 0;
  std::uint32_t required_subgroup_size = 0;  ///< 0: the driver's choice.
  bool full_subgroups = false;               ///< No subgroup lacks a lane.
  std::vector<TexelBuffer> texels;           ///< Set 0, bindings 0, 1 and so on.
  bool operator==(const PipelineSpec&) const = default;
};

/// One field of the push-constant block, in order: the address of a buffer (8 bytes; address 0
/// when the launch has no such buffer) or a 32-bit value.
struct PushField {
  enum class Kind : std::uint8_t { address, u32 } kind = Kind::u32;
  BufferRole role = BufferRole::a;
  std::uint32_t value = 0;

  static PushField address_of(BufferRole role) { return {Kind::address, role, 0}; }
  static PushField u32(std::uint32_t value) { return {Kind::u32, BufferRole::a, value}; }
};

/// One dispatch. Consecutive steps of a launch depend on each other: device/ puts a barrier
/// between them.
struct Step {
  PipelineSpec pipeline;
  std::vector<PushField> push;
  std::array<std::uint32_t, 3> groups{1, 1, 1};
};

}  // namespace gpubench
