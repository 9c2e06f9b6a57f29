// shader_facts.h — what a SPIR-V module asks of a driver: its descriptors, push block, workgroup
// and capabilities. Pure; does not know what gpubench gives (user_shader.h judges).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/dispatch.h"

namespace gpubench {

/// A variable that a descriptor set would have to fill.
struct ShaderDescriptor {
  std::string name;  ///< As in the source; empty when the module was stripped.
  std::uint32_t set = 0;
  std::uint32_t binding = 0;
};

struct ShaderFacts {
  bool has_compute_main = false;  ///< An entry point "main" for compute.
  std::vector<ShaderDescriptor> descriptors;
  std::uint64_t push_bytes = 0;  ///< Up to the last byte of the largest push block.
  /// Invocations of a workgroup of "main"; none where the module computes them in a way that is
  /// not followed here.
  std::optional<std::array<std::uint32_t, 3>> local_size;
  std::vector<std::uint32_t> capabilities;  ///< Numbers of SPIR-V.
};

/// Facts of a valid module whose specialization constants are set to `constants`, the rest to what
/// the module says.
ShaderFacts read_shader_facts(std::span<const std::uint32_t> words,
                              std::span<const SpecConstant> constants);

/// "Int8", as SPIR-V spells it.
std::string capability_name(std::uint32_t capability);

}  // namespace gpubench
