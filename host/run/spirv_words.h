// spirv_words.h — the instructions of a valid SPIR-V module in their order, as SPIRV-Tools read
// them. Does not know what instructions mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <spirv/unified1/spirv.hpp11>
#include <string_view>

namespace gpubench {

struct SpirvInstruction {
  spv::Op op = spv::Op::OpNop;
  std::span<const std::uint32_t> words;  ///< The first holds opcode and length.
  std::uint32_t type_id = 0;             ///< 0 where there is none.
  std::uint32_t result_id = 0;           ///< The same.
};

/// The text that begins at word `index` of an instruction.
std::string_view spirv_text(const SpirvInstruction& instruction, std::size_t index);

/// SPIRV-Tools stop at the first instruction that is newer than they are: those of Debian 12 know
/// no cooperative matrices. From there on instructions are told apart by the lengths that they
/// carry.
void for_each_spirv_instruction(std::span<const std::uint32_t> module,
                                const std::function<void(const SpirvInstruction&)>& visit);

}  // namespace gpubench
