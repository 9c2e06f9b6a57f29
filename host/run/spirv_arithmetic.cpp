#include "run/spirv_arithmetic.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gpubench {

bool is_core_arithmetic(spv::Op op) {
  constexpr std::array kOps{spv::Op::OpFNegate,
                            spv::Op::OpFAdd,
                            spv::Op::OpFSub,
                            spv::Op::OpFMul,
                            spv::Op::OpFDiv,
                            spv::Op::OpFRem,
                            spv::Op::OpFMod,
                            spv::Op::OpVectorTimesScalar,
                            spv::Op::OpMatrixTimesScalar,
                            spv::Op::OpVectorTimesMatrix,
                            spv::Op::OpMatrixTimesVector,
                            spv::Op::OpMatrixTimesMatrix,
                            spv::Op::OpOuterProduct,
                            spv::Op::OpDot};
  return std::find(kOps.begin(), kOps.end(), op) != kOps.end();
}

bool is_glsl_instruction(const spv_parsed_instruction_t& instruction, std::uint32_t number) {
  constexpr std::size_t kExtendedOp = 4;  // the word that says which of the set it is
  return instruction.ext_inst_type == SPV_EXT_INST_TYPE_GLSL_STD_450 &&
         instruction.words[kExtendedOp] == number;
}

}  // namespace gpubench
