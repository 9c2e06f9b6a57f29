#define SPV_ENABLE_UTILITY_CODE  // for HasResultAndType
#include "run/spirv_words.h"

#include <cassert>

#include "run/spirv_arithmetic.h"

namespace gpubench {
namespace {

struct Ids {
  bool result = false;
  bool type = false;
};

/// Which ids an instruction begins with. Headers older than an instruction say none.
Ids ids_of(spv::Op op) {
  if (op == kOpTypeCooperativeMatrix) return {true, false};
  if (op == kOpCooperativeMatrixLoad || op == kOpCooperativeMatrixMulAdd ||
      op == kOpCooperativeMatrixLength) {
    return {true, true};
  }
  Ids ids;
  spv::HasResultAndType(op, &ids.result, &ids.type);
  return ids;
}

}  // namespace

SpirvInstruction spirv_instruction(std::span<const std::uint32_t> words) {
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

std::string_view spirv_text(const SpirvInstruction& instruction, std::size_t index) {
  const auto bytes = std::as_bytes(instruction.words.subspan(index));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\0'));
}

}  // namespace gpubench
