#define SPV_ENABLE_UTILITY_CODE  // for HasResultAndType
#include "run/spirv_words.h"

#include <spirv-tools/libspirv.h>

#include <cassert>
#include <spirv-tools/libspirv.hpp>

#include "run/spirv_arithmetic.h"

namespace gpubench {
namespace {

using Words = std::span<const std::uint32_t>;

constexpr std::size_t kHeaderWords = 5;

struct Ids {
  bool result = false;
  bool type = false;
};

/// Which ids an instruction begins with. Headers older than an instruction say none.
Ids ids_of(spv::Op op) {
  if (op == kOpTypeCooperativeMatrix || op == kOpTypeTensorLayout || op == kOpTypeTensorView) {
    return {true, false};
  }
  if (op == kOpCooperativeMatrixLoad || op == kOpCooperativeMatrixMulAdd ||
      op == kOpCooperativeMatrixLength || op == kOpCooperativeMatrixLoadTensor ||
      op == kOpCooperativeMatrixPerElement ||
      (op >= kOpCreateTensorLayout && op <= kOpLastOfTensors)) {
    return {true, true};
  }
  Ids ids;
  spv::HasResultAndType(op, &ids.result, &ids.type);
  return ids;
}

/// The instruction that begins at the first of `words`, by its length and its opcode alone.
SpirvInstruction instruction_at(Words words) {
  const std::size_t count = words[0] >> spv::WordCountShift;
  assert(count > 0 && count <= words.size() && "the module is valid");
  SpirvInstruction instruction;
  instruction.op = static_cast<spv::Op>(words[0] & spv::OpCodeMask);
  instruction.words = words.first(count);
  const Ids ids = ids_of(instruction.op);
  if (ids.type) instruction.type_id = words[1];
  if (ids.result) instruction.result_id = words[ids.type ? 2 : 1];
  return instruction;
}

struct Reading {
  const std::function<void(const SpirvInstruction&)>& visit;
  std::size_t read = kHeaderWords;  ///< Words.
};

/// For spvBinaryParse.
spv_result_t take_instruction(void* user_data, const spv_parsed_instruction_t* parsed) {
  Reading& reading = *static_cast<Reading*>(user_data);
  const Words words(parsed->words, parsed->num_words);
  reading.visit({static_cast<spv::Op>(parsed->opcode), words, parsed->type_id, parsed->result_id});
  reading.read += words.size();
  return SPV_SUCCESS;
}

}  // namespace

std::string_view spirv_text(const SpirvInstruction& instruction, std::size_t index) {
  const auto bytes = std::as_bytes(instruction.words.subspan(index));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

void for_each_spirv_instruction(std::span<const std::uint32_t> module,
                                const std::function<void(const SpirvInstruction&)>& visit) {
  Reading reading{visit};
  const spvtools::Context context(SPV_ENV_VULKAN_1_2);
  spvBinaryParse(context.CContext(), &reading, module.data(), module.size(), nullptr,
                 take_instruction, nullptr);
  for (std::size_t at = reading.read; at < module.size();) {
    const SpirvInstruction instruction = instruction_at(module.subspan(at));
    visit(instruction);
    at += instruction.words.size();
  }
}

}  // namespace gpubench
