#include "run/shader_facts.h"

#include <spirv-tools/libspirv.h>

#include <algorithm>
#include <limits>
#include <map>
#include <spirv-tools/libspirv.hpp>
#include <spirv/unified1/spirv.hpp11>
#include <string_view>
#include <tuple>

namespace gpubench {
namespace {

using Id = std::uint32_t;

constexpr std::uint64_t kMaxBytes = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kAddressBytes = 8;  // the one kind of pointer that a block may hold

/// A type as it lies in a block. Strides of matrices belong to the member of the block, so a matrix
/// counts as packed until then; an array of matrices remembers what it is made of.
struct TypeSize {
  std::uint64_t bytes = 0;    ///< At most kMaxBytes: no sum or product of two overflows.
  std::uint64_t columns = 0;  ///< 0 when there is no matrix.
  std::uint64_t rows = 0;
  std::uint64_t component_bytes = 0;
};

std::optional<std::uint32_t> folded(spv::Op op, std::uint32_t a, std::uint32_t b) {
  switch (op) {
    case spv::Op::OpIAdd:
      return a + b;
    case spv::Op::OpISub:
      return a - b;
    case spv::Op::OpIMul:
      return a * b;
    case spv::Op::OpUDiv:
      return b == 0 ? std::nullopt : std::optional(a / b);
    default:
      return std::nullopt;
  }
}

/// Takes the instructions before the first function in their order, in which what is used stands
/// before its user: nothing here recurses, however deep a module nests.
class GlobalsReader {
 public:
  explicit GlobalsReader(std::span<const SpecConstant> constants) : constants_(constants) {}

  void take(const spv_parsed_instruction_t& instruction) {
    const std::span words(instruction.words, instruction.num_words);
    const auto op = static_cast<spv::Op>(instruction.opcode);
    switch (op) {
      case spv::Op::OpCapability:
        facts_.capabilities.push_back(words[1]);
        break;
      case spv::Op::OpEntryPoint:
        take_entry_point(words, text_of(instruction, 2));
        break;
      case spv::Op::OpExecutionMode:
      case spv::Op::OpExecutionModeId:
        take_execution_mode(words);
        break;
      case spv::Op::OpName:
        names_[words[1]] = text_of(instruction, 1);
        break;
      case spv::Op::OpDecorate:
        decorations_[{words[1], kWhole, words[2]}] = words.size() > 3 ? words[3] : 0;
        break;
      case spv::Op::OpMemberDecorate:
        decorations_[{words[1], words[2], words[3]}] = words.size() > 4 ? words[4] : 0;
        break;
      case spv::Op::OpVariable:
        take_variable(words);
        break;
      default:
        take_type(op, words);
        take_constant(op, words);
    }
  }

  ShaderFacts facts() {
    facts_.local_size = workgroup_ids_ ? values_of(*workgroup_ids_) : literal_size_;
    return std::move(facts_);
  }

 private:
  using Words = std::span<const std::uint32_t>;
  using Ids = std::array<Id, 3>;
  static constexpr std::uint32_t kWhole = std::numeric_limits<std::uint32_t>::max();

  static std::string text_of(const spv_parsed_instruction_t& instruction, std::size_t operand) {
    const auto* word = instruction.words + instruction.operands[operand].offset;
    return reinterpret_cast<const char*>(word);
  }

  std::optional<std::uint32_t> decoration(Id id, std::uint32_t member, spv::Decoration key) const {
    const auto found = decorations_.find({id, member, static_cast<std::uint32_t>(key)});
    return found == decorations_.end() ? std::nullopt : std::optional(found->second);
  }
  std::uint32_t value_or(Id id, std::uint32_t otherwise) const {
    const auto found = values_.find(id);
    return found == values_.end() ? otherwise : found->second;
  }

  void take_entry_point(Words words, std::string_view name) {
    if (static_cast<spv::ExecutionModel>(words[1]) != spv::ExecutionModel::GLCompute) return;
    if (name != "main") return;
    facts_.has_compute_main = true;
    main_ = words[2];
  }

  void take_execution_mode(Words words) {
    if (words[1] != main_ || words.size() < 6) return;
    const auto mode = static_cast<spv::ExecutionMode>(words[2]);
    const Ids operands{words[3], words[4], words[5]};
    if (mode == spv::ExecutionMode::LocalSize) literal_size_ = operands;
    if (mode == spv::ExecutionMode::LocalSizeId) workgroup_ids_ = operands;
  }

  void take_variable(Words words) {
    const Id id = words[2];
    switch (static_cast<spv::StorageClass>(words[3])) {
      case spv::StorageClass::UniformConstant:
      case spv::StorageClass::Uniform:
      case spv::StorageClass::StorageBuffer:
        facts_.descriptors.push_back(
            {names_[id], decoration(id, kWhole, spv::Decoration::DescriptorSet).value_or(0),
             decoration(id, kWhole, spv::Decoration::Binding).value_or(0)});
        break;
      case spv::StorageClass::PushConstant:
        facts_.push_bytes = std::max(facts_.push_bytes, types_[pointees_[words[1]]].bytes);
        break;
      default:
        break;
    }
  }

  void take_type(spv::Op op, Words words) {
    switch (op) {
      case spv::Op::OpTypeInt:
      case spv::Op::OpTypeFloat:
        types_[words[1]].bytes = words[2] / 8;
        break;
      case spv::Op::OpTypeVector:
        types_[words[1]].bytes = types_[words[2]].bytes * words[3];
        vector_lengths_[words[1]] = words[3];
        break;
      case spv::Op::OpTypeMatrix:
        types_[words[1]] = matrix(words[2], words[3]);
        break;
      case spv::Op::OpTypeArray:
        types_[words[1]] = array(words[1], words[2], value_or(words[3], 1));
        break;
      case spv::Op::OpTypeStruct:
        types_[words[1]].bytes = struct_bytes(words[1], words.subspan(2));
        break;
      case spv::Op::OpTypePointer:
        types_[words[1]].bytes = kAddressBytes;
        pointees_[words[1]] = words[3];
        break;
      case spv::Op::OpTypeForwardPointer:
        types_[words[1]].bytes = kAddressBytes;
        break;
      default:
        break;
    }
  }

  TypeSize matrix(Id column, std::uint32_t columns) {
    const std::uint64_t bytes = types_[column].bytes;
    const std::uint64_t rows = std::max<std::uint64_t>(vector_lengths_[column], 1);
    return {bytes * columns, columns, rows, bytes / rows};
  }

  TypeSize array(Id id, Id element, std::uint32_t length) {
    TypeSize type = types_[element];
    const std::uint64_t stride = decoration(id, kWhole, spv::Decoration::ArrayStride).value_or(0);
    if (length > 0) type.bytes = std::min(type.bytes + (length - 1) * stride, kMaxBytes);
    return type;
  }

  std::uint64_t struct_bytes(Id id, Words members) {
    std::uint64_t bytes = 0;
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      const std::uint64_t offset = decoration(id, i, spv::Decoration::Offset).value_or(0);
      bytes = std::max(bytes, offset + member_bytes(id, i, types_[members[i]]));
    }
    return std::min(bytes, kMaxBytes);
  }

  std::uint64_t member_bytes(Id id, std::uint32_t member, const TypeSize& type) const {
    const auto stride = decoration(id, member, spv::Decoration::MatrixStride);
    if (type.columns == 0 || !stride) return type.bytes;
    const bool by_rows = decoration(id, member, spv::Decoration::RowMajor).has_value();
    const std::uint64_t lines = by_rows ? type.rows : type.columns;
    const std::uint64_t line = (by_rows ? type.columns : type.rows) * type.component_bytes;
    const std::uint64_t packed = type.columns * type.rows * type.component_bytes;
    return type.bytes - packed + (lines - 1) * *stride + line;
  }

  void take_constant(spv::Op op, Words words) {
    switch (op) {
      case spv::Op::OpConstant:
        values_[words[2]] = words[3];
        break;
      case spv::Op::OpSpecConstant:
        values_[words[2]] = specialized(words[2], words[3]);
        break;
      case spv::Op::OpSpecConstantOp:
        take_operation(words);
        break;
      case spv::Op::OpConstantComposite:
      case spv::Op::OpSpecConstantComposite:
        take_composite(words);
        break;
      default:
        break;
    }
  }

  std::uint32_t specialized(Id id, std::uint32_t otherwise) const {
    const auto spec_id = decoration(id, kWhole, spv::Decoration::SpecId);
    for (const SpecConstant& constant : constants_) {
      if (spec_id == constant.id) return constant.value;
    }
    return otherwise;
  }

  void take_operation(Words words) {
    if (words.size() != 6 || !values_.contains(words[4]) || !values_.contains(words[5])) return;
    const auto op = static_cast<spv::Op>(words[3]);
    if (const auto value = folded(op, values_[words[4]], values_[words[5]])) {
      values_[words[2]] = *value;
    }
  }

  /// The built-in WorkgroupSize has precedence over what the execution mode says.
  void take_composite(Words words) {
    const auto built_in = decoration(words[2], kWhole, spv::Decoration::BuiltIn);
    if (words.size() != 6 || !built_in) return;
    if (static_cast<spv::BuiltIn>(*built_in) != spv::BuiltIn::WorkgroupSize) return;
    workgroup_ids_ = Ids{words[3], words[4], words[5]};
  }

  std::optional<Ids> values_of(const Ids& ids) const {
    Ids values{};
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto found = values_.find(ids[i]);
      if (found == values_.end()) return std::nullopt;
      values[i] = found->second;
    }
    return values;
  }

  std::span<const SpecConstant> constants_;
  ShaderFacts facts_;
  std::map<Id, std::string> names_;
  /// By id, member (or kWhole) and decoration: its first operand.
  std::map<std::tuple<Id, std::uint32_t, std::uint32_t>, std::uint32_t> decorations_;
  std::map<Id, TypeSize> types_;
  std::map<Id, std::uint32_t> vector_lengths_;
  std::map<Id, Id> pointees_;
  std::map<Id, std::uint32_t> values_;  ///< Of 32-bit constants, specialized.
  Id main_ = 0;
  std::optional<Ids> literal_size_, workgroup_ids_;
};

spv_result_t take_instruction(void* reader, const spv_parsed_instruction_t* instruction) {
  if (static_cast<spv::Op>(instruction->opcode) == spv::Op::OpFunction) {
    return SPV_REQUESTED_TERMINATION;
  }
  static_cast<GlobalsReader*>(reader)->take(*instruction);
  return SPV_SUCCESS;
}

}  // namespace

ShaderFacts read_shader_facts(std::span<const std::uint32_t> words,
                              std::span<const SpecConstant> constants) {
  GlobalsReader reader(constants);
  const spvtools::Context context(SPV_ENV_VULKAN_1_2);
  // How it ends says nothing: it is stopped at the first function.
  spvBinaryParse(context.CContext(), &reader, words.data(), words.size(), nullptr, take_instruction,
                 nullptr);
  return reader.facts();
}

std::string capability_name(std::uint32_t capability) {
  // A module of that one instruction, in the words of the disassembler.
  const std::vector<std::uint32_t> words{
      spv::MagicNumber, 0x00010500, 0, 1, 0, (2U << 16) | std::uint32_t(spv::Op::OpCapability),
      capability};
  std::string text;
  const spvtools::SpirvTools tools(SPV_ENV_VULKAN_1_2);
  if (!tools.Disassemble(words, &text, SPV_BINARY_TO_TEXT_OPTION_NO_HEADER)) {
    return std::to_string(capability);
  }
  const std::size_t begin = text.find(' ') + 1;
  return text.substr(begin, text.find_first_of("\r\n", begin) - begin);
}

}  // namespace gpubench
