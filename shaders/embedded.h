// embedded.h — the SPIR-V modules that are built into the program, by name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gpubench {

struct EmbeddedShader {
  std::string_view name;  ///< "gemm_tiled_fp16_acc32"
  std::span<const std::uint32_t> words;
};

std::span<const EmbeddedShader> embedded_shaders();

}  // namespace gpubench
