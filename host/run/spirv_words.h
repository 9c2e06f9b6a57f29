// spirv_words.h — walks the instructions of a valid SPIR-V module by itself: the SPIRV-Tools of
// Debian 12 stop at the first instruction that they do not know, such as those of cooperative
// matrices. Does not know what instructions mean.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// The instruction that begins at the first of `words`.
SpirvInstruction spirv_instruction(std::span<const std::uint32_t> words);

/// The text that begins at word `index` of an instruction.
std::string_view spirv_text(const SpirvInstruction& instruction, std::size_t index);

/// `visit(const SpirvInstruction&)` for each instruction in order.
template <class Visit>
void for_each_spirv_instruction(std::span<const std::uint32_t> module, const Visit& visit) {
  constexpr std::size_t kHeaderWords = 5;
  for (std::size_t at = kHeaderWords; at < module.size();) {
    const SpirvInstruction instruction = spirv_instruction(module.subspan(at));
    visit(instruction);
    at += instruction.words.size();
  }
}

}  // namespace gpubench
