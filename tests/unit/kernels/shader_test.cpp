// What the embedded SPIR-V declares, read from its words (SPIR-V specification, section 2.3).

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>

#include "embedded.h"
#include "kernels/problem.h"

namespace gpubench {
namespace {

constexpr std::uint32_t kOpExtInst = 12, kOpCapability = 17, kOpTypePointer = 32, kOpLoad = 61,
                        kOpAccessChain = 65, kOpInBoundsAccessChain = 66, kOpDecorate = 71,
                        kOpMemberDecorate = 72, kOpBitcast = 124;
constexpr std::uint32_t kRelaxedPrecision = 0, kBuiltIn = 11, kRestrict = 19, kNonWritable = 24,
                        kNonReadable = 25, kLane = 41;
constexpr std::uint32_t kPhysicalStorageBuffer = 5349;
constexpr std::uint32_t kFloat16 = 9, kInt64 = 11, kFma = 50;
constexpr std::uint32_t kBfloat16Type = 5116, kBfloat16CooperativeMatrix = 5118;

using Instruction = std::span<const std::uint32_t>;

// Calls `visit(opcode, words)` for each instruction after the header of five words.
void for_each_instruction(std::span<const std::uint32_t> module,
                          const std::function<void(std::uint32_t, Instruction)>& visit) {
  for (std::size_t at = 5; at < module.size(); at += module[at] >> 16) {
    visit(module[at] & 0xFFFF, module.subspan(at, module[at] >> 16));
  }
}

bool declares(std::span<const std::uint32_t> module, std::uint32_t capability) {
  bool found = false;
  for_each_instruction(module, [&](std::uint32_t opcode, Instruction words) {
    found = found || (opcode == kOpCapability && words[1] == capability);
  });
  return found;
}

// The number of a lane is left out: glslang says that it fits in 16 bits, as it does.
std::set<std::uint32_t> relaxed_ids(std::span<const std::uint32_t> module) {
  std::set<std::uint32_t> ids, lanes;
  for_each_instruction(module, [&](std::uint32_t opcode, Instruction words) {
    if (opcode == kOpDecorate && words[2] == kRelaxedPrecision) ids.insert(words[1]);
    const bool lane = opcode == kOpDecorate && words[2] == kBuiltIn && words[3] == kLane;
    if (lane) lanes.insert(words[1]);
    if (opcode == kOpLoad && lanes.contains(words[3])) lanes.insert(words[2]);
  });
  for (const std::uint32_t lane : lanes) ids.erase(lane);
  return ids;
}

// Blocks that are reached through an address, and what is in them read or written; by their ids.
std::set<std::uint32_t> referenced_blocks(std::span<const std::uint32_t> module) {
  std::map<std::uint32_t, std::uint32_t> block_of_type, block_of_pointer;
  std::set<std::uint32_t> blocks;
  for_each_instruction(module, [&](std::uint32_t opcode, Instruction words) {
    if (opcode == kOpTypePointer && words[2] == kPhysicalStorageBuffer) {
      block_of_type[words[1]] = words[3];
    }
    const bool gives_pointer = opcode == kOpLoad || opcode == kOpBitcast;
    if (gives_pointer && block_of_type.contains(words[1])) {
      block_of_pointer[words[2]] = block_of_type[words[1]];
    }
    const bool accesses = opcode == kOpAccessChain || opcode == kOpInBoundsAccessChain;
    if (accesses && block_of_pointer.contains(words[3])) blocks.insert(block_of_pointer[words[3]]);
  });
  return blocks;
}

// Of the one member, the array, that the block `id` has.
std::set<std::uint32_t> decorations_of_array(std::span<const std::uint32_t> module,
                                             std::uint32_t id) {
  std::set<std::uint32_t> decorations;
  for_each_instruction(module, [&](std::uint32_t opcode, Instruction words) {
    if (opcode == kOpMemberDecorate && words[1] == id) decorations.insert(words[3]);
  });
  return decorations;
}

bool is_on(const EmbeddedShader& shader, Precision precision) {
  return shader.name.ends_with("_" + std::string(to_string(precision)));
}

bool is_for_matrix_units(const EmbeddedShader& shader) {
  return shader.name.find("coop") != std::string_view::npos ||
         shader.name.find("matrix") != std::string_view::npos;
}

// SPIR-V 1.5 for Vulkan 1.2; what exists in Vulkan 1.3 alone is 1.6.
TEST(Shaders, EveryModuleIsOfTheOldestSpirVThatItCanBe) {
  EXPECT_GE(embedded_shaders().size(), 7U * 11U + 4U);
  for (const EmbeddedShader& shader : embedded_shaders()) {
    ASSERT_GT(shader.words.size(), 5U) << shader.name;
    EXPECT_EQ(shader.words[0], 0x07230203U) << shader.name;
    const bool newer = shader.name.find("coop2") != std::string_view::npos;
    EXPECT_EQ(shader.words[1], newer ? 0x00010600U : 0x00010500U) << shader.name;
  }
}

TEST(Shaders, RelaxedProductsAreDecoratedAndNoOtherPathHasAny) {
  for (const EmbeddedShader& shader : embedded_shaders()) {
    const auto relaxed = relaxed_ids(shader.words);
    if (!is_on(shader, Precision::fp32_relaxed)) {
      EXPECT_TRUE(relaxed.empty()) << shader.name;
      continue;
    }
    EXPECT_FALSE(relaxed.empty()) << shader.name;
    for_each_instruction(shader.words, [&](std::uint32_t opcode, Instruction words) {
      if (opcode == kOpExtInst && words[4] == kFma) {
        EXPECT_TRUE(relaxed.contains(words[2])) << shader.name << " id " << words[2];
      }
    });
  }
}

TEST(Shaders, OnlyPathsThatComputeInHalfNeedHalfArithmetic) {
  for (const EmbeddedShader& shader : embedded_shaders()) {
    // A copy into FP16 panels converts, which needs no arithmetic.
    if (shader.name.starts_with("pack")) continue;
    // A matrix unit multiplies FP16 whatever it sums in, but for path bf16; whoever converts to
    // bfloat16, as the probe of the peak does, is given FP16 as well by glslang 16.
    const bool bf16 = is_on(shader, Precision::bf16) && !shader.name.starts_with("peak");
    const bool half = is_on(shader, Precision::fp16) || is_on(shader, Precision::fp32_via_fp16) ||
                      // Packs what it stores into words.
                      shader.name == "softmax_direct_texels_fp16_acc32" ||
                      (is_for_matrix_units(shader) && !bf16);
    EXPECT_EQ(declares(shader.words, kFloat16), half) << shader.name;
  }
}

TEST(Shaders, OnlyMatrixUnitsOfPathBf16NeedBfloat16) {
  for (const EmbeddedShader& shader : embedded_shaders()) {
    const bool bf16 = is_for_matrix_units(shader) && is_on(shader, Precision::bf16);
    EXPECT_EQ(declares(shader.words, kBfloat16Type), bf16) << shader.name;
    EXPECT_EQ(declares(shader.words, kBfloat16CooperativeMatrix), bf16) << shader.name;
  }
}

TEST(Shaders, OnlyWordLoadsNeedInt64) {
  for (const EmbeddedShader& shader : embedded_shaders()) {
    const bool reads_words = shader.name.find("_words_") != std::string_view::npos ||
                             shader.name.find("_uniform_") != std::string_view::npos ||
                             shader.name.starts_with("softmax_direct_texels_");
    EXPECT_EQ(declares(shader.words, kInt64), reads_words) << shader.name;
  }
}

// A reference without it may be the same memory as any other: all inputs would have to be read
// again after each store.
TEST(Shaders, EveryBufferSaysWhetherItIsReadOrWritten) {
  for (const EmbeddedShader& shader : embedded_shaders()) {
    const auto blocks = referenced_blocks(shader.words);
    EXPECT_FALSE(blocks.empty()) << shader.name;
    for (const std::uint32_t block : blocks) {
      const auto said = decorations_of_array(shader.words, block);
      EXPECT_NE(said.contains(kNonWritable), said.contains(kNonReadable))
          << shader.name << ": neither readonly nor writeonly is block " << block;
      EXPECT_TRUE(said.contains(kRestrict)) << shader.name << ": not restrict is block " << block;
    }
  }
}

}  // namespace
}  // namespace gpubench
