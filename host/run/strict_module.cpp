// strict_module.cpp — SPIRV-Tools takes the module apart; what it hands over is copied, but for the
// fma() and with what must be said added at the end of its section. SPIR-V's sections stand in a
// fixed order: capabilities, extensions, entry points, modes, names, decorations, types, functions.
#include "run/strict_module.h"

#include <spirv-tools/libspirv.h>

#include <spirv/unified1/GLSL.std.450.h>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <spirv-tools/libspirv.hpp>
#include <spirv/unified1/spirv.hpp11>
#include <string_view>

#include "run/spirv_arithmetic.h"

namespace gpubench {
namespace {

using Id = std::uint32_t;
using Words = std::span<const std::uint32_t>;

constexpr std::size_t kHeaderWords = 5, kVersionWord = 1, kBoundWord = 3;
// From here on the modes need no extension.
constexpr std::uint32_t kSpirv14 = 0x00010400;
constexpr const char* kModesExtension = "SPV_KHR_float_controls";

bool is_fma(const spv_parsed_instruction_t& instruction) {
  return is_glsl_instruction(instruction, GLSLstd450Fma);
}

/// An execution mode with the capability of the same name.
struct Mode {
  spv::ExecutionMode mode;
  spv::ExecutionMode contrary;
  spv::Capability capability;
  bool FloatControls::*supported;
  bool DeviceTraits::*independent;
};
constexpr std::array kModes{
    Mode{spv::ExecutionMode::RoundingModeRTE, spv::ExecutionMode::RoundingModeRTZ,
         spv::Capability::RoundingModeRTE, &FloatControls::round_to_even,
         &DeviceTraits::independent_rounding},
    Mode{spv::ExecutionMode::DenormPreserve, spv::ExecutionMode::DenormFlushToZero,
         spv::Capability::DenormPreserve, &FloatControls::denorm_preserve,
         &DeviceTraits::independent_denorms}};

const FloatControls& controls_of(const DeviceTraits& device, std::uint32_t bits) {
  if (bits == 16) return device.float16_controls;
  return bits == 32 ? device.float32_controls : device.float64_controls;
}

/// What has to be known before the module can be written again.
struct ModuleFacts {
  Id main = 0;
  std::uint32_t bound = 0;
  std::set<std::uint32_t> float_bits;
  std::set<std::uint32_t> capabilities;
  std::set<std::pair<std::uint32_t, std::uint32_t>> modes;  ///< Mode and bits, of main.
  std::set<Id> relaxed, no_contraction;                     ///< Decorated so already.
  std::vector<Id> arithmetic;
  std::map<Id, Id> products;  ///< Of each fma(): the id that its product gets.

  void take(const spv_parsed_instruction_t& instruction) {
    const Words words(instruction.words, instruction.num_words);
    const auto op = static_cast<spv::Op>(instruction.opcode);
    if (op == spv::Op::OpCapability) capabilities.insert(words[1]);
    if (op == spv::Op::OpTypeFloat) float_bits.insert(words[2]);
    if (op == spv::Op::OpEntryPoint && is_main(instruction)) main = words[2];
    if (op == spv::Op::OpExecutionMode && words.size() == 4) modes.insert({words[2], words[3]});
    if (op == spv::Op::OpDecorate) take_decoration(words);
    if (op == spv::Op::OpGroupDecorate) take_group(words[1], words.subspan(2));
    if (is_core_arithmetic(op)) arithmetic.push_back(instruction.result_id);
    if (is_fma(instruction)) {
      arithmetic.push_back(instruction.result_id);
      arithmetic.push_back(bound);
      products[instruction.result_id] = bound++;
    }
  }

 private:
  static bool is_main(const spv_parsed_instruction_t& entry_point) {
    const auto* name = entry_point.words + entry_point.operands[2].offset;
    return std::string_view(reinterpret_cast<const char*>(name)) == "main";
  }

  void take_decoration(Words words) {
    const auto kind = static_cast<spv::Decoration>(words[2]);
    if (kind == spv::Decoration::RelaxedPrecision) relaxed.insert(words[1]);
    if (kind == spv::Decoration::NoContraction) no_contraction.insert(words[1]);
  }

  /// The group itself was decorated before.
  void take_group(Id group, Words targets) {
    for (auto* decorated : {&relaxed, &no_contraction}) {
      if (decorated->contains(group)) decorated->insert(targets.begin(), targets.end());
    }
  }
};

/// Bits for which the mode is to be set. Where widths are not independent, all that the module has
/// or none: they must agree.
std::vector<std::uint32_t> bits_to_set(const Mode& mode, const ModuleFacts& facts,
                                       const DeviceTraits& device) {
  std::vector<std::uint32_t> bits;
  for (const std::uint32_t width : facts.float_bits) {
    const bool said = facts.modes.contains({std::uint32_t(mode.mode), width}) ||
                      facts.modes.contains({std::uint32_t(mode.contrary), width});
    if (!said && controls_of(device, width).*mode.supported) bits.push_back(width);
  }
  const bool all = bits.size() == facts.float_bits.size();
  return all || device.*mode.independent ? bits : std::vector<std::uint32_t>{};
}

class Writer {
 public:
  Writer(const ModuleFacts& facts, const DeviceTraits& device) : facts_(facts), device_(device) {}

  void header(Words words) {
    out_.assign(words.begin(), words.begin() + kHeaderWords);
    out_[kBoundWord] = facts_.bound;
  }

  void take(const spv_parsed_instruction_t& instruction) {
    const auto op = static_cast<spv::Op>(instruction.opcode);
    const Section section = section_of(op);
    for (; section_ < section; section_ = static_cast<Section>(section_ + 1)) close(section_);
    if (is_fma(instruction)) {
      split(instruction);
    } else {
      out_.insert(out_.end(), instruction.words, instruction.words + instruction.num_words);
    }
  }

  std::vector<std::uint32_t> result() { return std::move(out_); }

 private:
  enum Section { capabilities, extensions, entry_points, modes, names, decorations, rest };

  static Section section_of(spv::Op op) {
    switch (op) {
      case spv::Op::OpCapability:
        return capabilities;
      case spv::Op::OpExtension:
        return extensions;
      case spv::Op::OpExtInstImport:
      case spv::Op::OpMemoryModel:
      case spv::Op::OpEntryPoint:
        return entry_points;
      case spv::Op::OpExecutionMode:
      case spv::Op::OpExecutionModeId:
        return modes;
      case spv::Op::OpString:
      case spv::Op::OpSource:
      case spv::Op::OpSourceContinued:
      case spv::Op::OpSourceExtension:
      case spv::Op::OpName:
      case spv::Op::OpMemberName:
      case spv::Op::OpModuleProcessed:
        return names;
      case spv::Op::OpDecorate:
      case spv::Op::OpDecorateId:
      case spv::Op::OpDecorateString:
      case spv::Op::OpMemberDecorate:
      case spv::Op::OpMemberDecorateString:
      case spv::Op::OpDecorationGroup:
      case spv::Op::OpGroupDecorate:
      case spv::Op::OpGroupMemberDecorate:
        return decorations;
      default:
        return rest;
    }
  }

  /// What the module did not say at the end of a section.
  void close(Section section) {
    switch (section) {
      case capabilities:
        for_each_mode([&](const Mode& mode, std::uint32_t) { add_capability(mode); });
        break;
      case extensions:
        if (added_ && out_[kVersionWord] < kSpirv14) add_extension();
        break;
      case modes:
        for_each_mode([&](const Mode& mode, std::uint32_t bits) {
          add(spv::Op::OpExecutionMode, {facts_.main, std::uint32_t(mode.mode), bits});
        });
        break;
      case decorations:
        decorate();
        break;
      default:
        break;
    }
  }

  template <class Visit>
  void for_each_mode(const Visit& visit) {
    for (const Mode& mode : kModes) {
      for (const std::uint32_t bits : bits_to_set(mode, facts_, device_)) visit(mode, bits);
    }
  }

  void add_capability(const Mode& mode) {
    const auto number = std::uint32_t(mode.capability);
    added_ = true;
    if (facts_.capabilities.contains(number) || !own_capabilities_.insert(number).second) return;
    add(spv::Op::OpCapability, {number});
  }

  void add_extension() {
    const std::string_view name = kModesExtension;
    std::vector<std::uint32_t> text(name.size() / 4 + 1);  // ends in at least one zero byte
    for (std::size_t i = 0; i < name.size(); ++i) {
      text[i / 4] |= std::uint32_t(static_cast<unsigned char>(name[i])) << 8 * (i % 4);
    }
    add(spv::Op::OpExtension, text);
  }

  void decorate() {
    for (const Id id : facts_.arithmetic) {
      if (facts_.no_contraction.contains(id)) continue;
      add(spv::Op::OpDecorate, {id, std::uint32_t(spv::Decoration::NoContraction)});
    }
    for (const auto& [sum, product] : facts_.products) {
      if (!facts_.relaxed.contains(sum)) continue;
      add(spv::Op::OpDecorate, {product, std::uint32_t(spv::Decoration::RelaxedPrecision)});
    }
  }

  /// fma(a, b, c), whose three operands come last.
  void split(const spv_parsed_instruction_t& fma) {
    const Words operands(fma.words + fma.num_words - 3, 3);
    const Id product = facts_.products.at(fma.result_id);
    add(spv::Op::OpFMul, {fma.type_id, product, operands[0], operands[1]});
    add(spv::Op::OpFAdd, {fma.type_id, fma.result_id, product, operands[2]});
  }

  void add(spv::Op op, const std::vector<std::uint32_t>& operands) {
    const auto count = static_cast<std::uint32_t>(operands.size() + 1);
    out_.push_back(count << spv::WordCountShift | std::uint32_t(op));
    out_.insert(out_.end(), operands.begin(), operands.end());
  }

  const ModuleFacts& facts_;
  const DeviceTraits& device_;
  std::vector<std::uint32_t> out_;
  std::set<std::uint32_t> own_capabilities_;
  Section section_ = capabilities;
  bool added_ = false;
};

/// `taker` has take(instruction); every instruction in order.
template <class Taker>
void for_each_instruction(Words words, Taker& taker) {
  const spvtools::Context context(SPV_ENV_VULKAN_1_2);
  spvBinaryParse(
      context.CContext(), &taker, words.data(), words.size(), nullptr,
      [](void* user, const spv_parsed_instruction_t* instruction) {
        static_cast<Taker*>(user)->take(*instruction);
        return SPV_SUCCESS;
      },
      nullptr);
}

}  // namespace

std::vector<std::uint32_t> strict_module(std::span<const std::uint32_t> words,
                                         const DeviceTraits& device) {
  ModuleFacts facts;
  facts.bound = words[kBoundWord];
  for_each_instruction(words, facts);
  Writer writer(facts, device);
  writer.header(words);
  for_each_instruction(words, writer);
  return writer.result();
}

}  // namespace gpubench
