#include "run/shader_scan.h"

#include <fmt/format.h>
#include <spirv/unified1/GLSL.std.450.h>
#include <map>
#include <set>
#include <spirv/unified1/spirv.hpp11>
#include <string_view>
#include <vector>

#include "run/spirv_arithmetic.h"
#include "run/spirv_words.h"

namespace gpubench {
namespace {

using Id = std::uint32_t;
using Words = std::span<const std::uint32_t>;

/// Instructions whose result is computed, where it is floating point. Conversions are not among
/// them: they compute nothing, but may round.
bool is_arithmetic(spv::Op op) {
  return is_core_arithmetic(op) || op == kOpCooperativeMatrixMulAdd || op == spv::Op::OpExtInst ||
         op == spv::Op::OpGroupNonUniformFAdd || op == spv::Op::OpGroupNonUniformFMul;
}

/// OpTypeFloat names an encoding where it is not IEEE 754's.
bool is_bfloat16(Words type) {
  constexpr std::size_t kEncoding = 3;
  constexpr std::uint32_t kBfloat16Encoding = 0;
  return type.size() > kEncoding && type[kEncoding] == kBfloat16Encoding;
}

std::string_view mode_name(spv::ExecutionMode mode) {
  switch (mode) {
    case spv::ExecutionMode::RoundingModeRTE:
      return "RoundingModeRTE";
    case spv::ExecutionMode::RoundingModeRTZ:
      return "RoundingModeRTZ";
    case spv::ExecutionMode::DenormPreserve:
      return "DenormPreserve";
    case spv::ExecutionMode::DenormFlushToZero:
      return "DenormFlushToZero";
    case spv::ExecutionMode::SignedZeroInfNanPreserve:
      return "SignedZeroInfNanPreserve";
    default:
      return "";
  }
}

/// Takes a module's instructions in their order. SPIR-V puts entry points first, then modes,
/// decorations, types, and functions last, so each is known before it is needed.
class ArithmeticReader {
 public:
  void take(const SpirvInstruction& instruction) {
    const Words words = instruction.words;
    const spv::Op op = instruction.op;
    switch (op) {
      case spv::Op::OpExtInstImport:
        if (spirv_text(instruction, 2) == "GLSL.std.450") glsl_set_ = words[1];
        break;
      case spv::Op::OpEntryPoint:
        take_entry_point(words, instruction);
        break;
      case spv::Op::OpExecutionMode:
        take_execution_mode(words);
        break;
      case spv::Op::OpDecorate:
        decorated_.insert({words[2], words[1]});
        break;
      case spv::Op::OpGroupDecorate:
        take_group(words);
        break;
      case spv::Op::OpFunction:
        function_ = instruction.result_id;
        break;
      case spv::Op::OpFunctionCall:
        functions_[function_].calls.push_back(words[3]);
        break;
      default:
        take_type(op, words);
    }
    // It calls a function for each element.
    if (op == kOpCooperativeMatrixPerElement) functions_[function_].calls.push_back(words[4]);
    if (instruction.result_id != 0) take_result(instruction);
  }

  /// Of "main" and what it calls, however often.
  DeclaredArithmetic arithmetic() const {
    DeclaredArithmetic sum =
        functions_.contains(kGlobals) ? functions_.at(kGlobals).arithmetic : DeclaredArithmetic{};
    std::set<Id> seen;
    std::vector<Id> waiting{main_};
    while (!waiting.empty()) {
      const auto found = functions_.find(waiting.back());
      waiting.pop_back();
      if (found == functions_.end() || !seen.insert(found->first).second) continue;
      sum += found->second.arithmetic;
      waiting.insert(waiting.end(), found->second.calls.begin(), found->second.calls.end());
    }
    sum.modes = modes_;
    return sum;
  }

 private:
  struct Function {
    DeclaredArithmetic arithmetic;
    std::vector<Id> calls;
  };
  static constexpr Id kGlobals = 0;  // no id: what stands before the first function
  // In the place of bits: of bfloat16, which has as many as FP16.
  static constexpr std::uint32_t kBfloat16 = 0xBF16;

  void take_entry_point(Words words, const SpirvInstruction& instruction) {
    if (static_cast<spv::ExecutionModel>(words[1]) != spv::ExecutionModel::GLCompute) return;
    if (spirv_text(instruction, 3) == "main") main_ = words[2];
  }

  void take_execution_mode(Words words) {
    const std::string_view name = mode_name(static_cast<spv::ExecutionMode>(words[2]));
    if (words[1] != main_ || name.empty()) return;
    modes_ += fmt::format("{}{} {}", modes_.empty() ? "" : "; ", name, words[3]);
  }

  /// The group was decorated before.
  void take_group(Words words) {
    for (const auto kind : {spv::Decoration::RelaxedPrecision, spv::Decoration::NoContraction}) {
      if (!is_decorated(words[1], kind)) continue;
      for (const Id target : words.subspan(2)) {
        decorated_.insert({static_cast<std::uint32_t>(kind), target});
      }
    }
  }

  void take_type(spv::Op op, Words words) {
    if (op == kOpTypeCooperativeMatrix) float_bits_[words[1]] = bits_of(words[2]);
    switch (op) {
      case spv::Op::OpTypeFloat:
        float_bits_[words[1]] = is_bfloat16(words) ? kBfloat16 : words[2];
        break;
      case spv::Op::OpTypeVector:
      case spv::Op::OpTypeMatrix:
      case spv::Op::OpTypeArray:
      case spv::Op::OpTypeRuntimeArray:
        float_bits_[words[1]] = bits_of(words[2]);
        break;
      case spv::Op::OpTypePointer:
        float_bits_[words[1]] = bits_of(words[3]);
        break;
      default:
        break;
    }
  }

  bool packs_halves(const SpirvInstruction& instruction) const {
    return instruction.op == spv::Op::OpExtInst && instruction.words[3] == glsl_set_ &&
           instruction.words[4] == GLSLstd450PackHalf2x16;
  }

  void take_result(const SpirvInstruction& instruction) {
    const spv::Op op = instruction.op;
    DeclaredArithmetic& counts = functions_[function_].arithmetic;
    const Id id = instruction.result_id;
    const std::uint32_t bits = bits_of(instruction.type_id);
    const bool loads_matrix =
        op == kOpCooperativeMatrixLoad || op == kOpCooperativeMatrixLoadTensor;
    if (is_arithmetic(op) && bits == 32) ++counts.fp32;
    if (is_arithmetic(op) && bits == 16) ++counts.fp16;
    if (op == spv::Op::OpFConvert && bits == 16) ++counts.to_fp16;
    const bool makes_values = is_arithmetic(op) || op == spv::Op::OpFConvert || loads_matrix;
    if (makes_values && bits == kBfloat16) ++counts.bf16;
    if (op == spv::Op::OpQuantizeToF16 || packs_halves(instruction)) ++counts.to_fp16;
    if (bits == 32 && is_decorated(id, spv::Decoration::RelaxedPrecision)) ++counts.relaxed;
    if (is_decorated(id, spv::Decoration::NoContraction)) ++counts.no_contraction;
  }

  std::uint32_t bits_of(Id type) const {
    const auto found = float_bits_.find(type);
    return found == float_bits_.end() ? 0 : found->second;
  }
  bool is_decorated(Id id, spv::Decoration kind) const {
    return decorated_.contains({static_cast<std::uint32_t>(kind), id});
  }

  std::set<std::pair<std::uint32_t, Id>> decorated_;  ///< Decoration and target.
  std::map<Id, std::uint32_t> float_bits_;  ///< Of types made of floats, and of pointers to them.
  std::map<Id, Function> functions_;
  std::string modes_;
  Id glsl_set_ = 0;
  Id main_ = 0;
  Id function_ = kGlobals;
};

/// Refuses nothing: for asking a kernel what it would launch.
DeviceTraits boundless_device() {
  constexpr std::uint32_t kPlenty = 1U << 30;
  DeviceTraits device;
  device.shader_float16 = device.storage_16bit = device.shader_int64 = true;
  device.subgroup_size = device.min_subgroup_size = device.max_subgroup_size = 32;
  device.subgroup_size_control = device.full_subgroups = device.vulkan_memory_model = true;
  device.subgroup_arithmetic = true;
  device.cooperative_matrix = CooperativeMatrixSupport::supported;
  for (const char* sum : {"float16", "float32"}) {
    device.cooperative_matrices.push_back({16, 16, 16, "float16", "float16", sum, sum, "subgroup"});
    device.cooperative_matrix_2.flexible_shapes.push_back({device.cooperative_matrices.back()});
  }
  device.cooperative_matrices.push_back(
      {16, 16, 16, "bfloat16", "bfloat16", "float32", "float32", "subgroup"});
  device.bfloat16 = {.is_listed = true, .type = true, .cooperative_matrix = true};
  device.cooperative_matrix_2.is_listed = device.cooperative_matrix_2.flexible_dimensions = true;
  device.cooperative_matrix_2.per_element_operations = true;
  device.cooperative_matrix_2.tensor_addressing = true;
  device.cooperative_matrix_2.max_dimension = kPlenty;
  device.max_workgroup_invocations = device.max_shared_bytes = device.max_push_bytes = kPlenty;
  device.max_workgroup_size = device.max_workgroup_count = {kPlenty, kPlenty, kPlenty};
  return device;
}

}  // namespace

DeclaredArithmetic scan_module(std::span<const std::uint32_t> words) {
  ArithmeticReader reader;
  for_each_spirv_instruction(
      words, [&](const SpirvInstruction& instruction) { reader.take(instruction); });
  return reader.arithmetic();
}

DeclaredArithmetic scan_kernel(const PreparedKernel& kernel, std::uint32_t rows) {
  std::set<const std::uint32_t*> seen;
  DeclaredArithmetic sum;
  for (const Step& step : kernel.launch.steps({0, rows})) {
    const auto code = code_of(kernel, step.pipeline);
    if (!seen.insert(code.data()).second) continue;
    sum += scan_module(code);
  }
  return sum;
}

Result<DeclaredArithmetic> scan_catalogue(const Kernel& kernel, Precision precision) {
  const Problem problem = sample_problem(kernel);
  auto launch = kernel.launch(problem, precision, boundless_device());
  if (!launch) return launch.error();
  return scan_kernel({std::string(kernel.name), "", std::move(launch).value(), {}},
                     problem.shape.m);
}

std::optional<DeclaredArithmetic> scan_user_code(const KernelChoiceSpec& spec,
                                                 const UserCode& user_code) {
  const auto code = user_code_of(spec, user_code);
  return code.empty() ? std::nullopt : std::optional(scan_module(code));
}

}  // namespace gpubench
