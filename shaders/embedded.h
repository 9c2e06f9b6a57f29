// embedded.h — what is built into the program, by name: SPIR-V modules, and tables of tunings.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace gpubench {

struct EmbeddedShader {
  std::string_view name;  ///< "gemm_tiled_fp16_acc32"
  std::span<const std::uint32_t> words;
};

std::span<const EmbeddedShader> embedded_shaders();

struct EmbeddedTable {
  std::string_view name;  ///< Of its file in shaders/tuned.
  std::string_view json;
};

std::vector<EmbeddedTable> embedded_tables();

}  // namespace gpubench
