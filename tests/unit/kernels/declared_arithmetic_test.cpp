// Which modules contradict which precision path.
#include "kernels/declared_arithmetic.h"

#include <gmock/gmock.h>

namespace gpubench {
namespace {

using ::testing::HasSubstr;

DeclaredArithmetic plain() {
  return {.fp32 = 10};
}
DeclaredArithmetic relaxed() {
  return {.fp32 = 10, .relaxed = 4};
}
DeclaredArithmetic half() {
  return {.fp32 = 10, .fp16 = 3};
}
DeclaredArithmetic rounded() {
  return {.fp32 = 10, .to_fp16 = 1};
}

DeclaredArithmetic with_bf16() {
  return {.fp32 = 10, .bf16 = 2};
}

TEST(DeclaredEvidence, PlainFp32CodeContradictsNoPath) {
  for (const std::string_view name : precision_names()) {
    const Precision declared = *parse_precision(name);

    EXPECT_EQ(declared_evidence(declared, plain()), DeclaredEvidence::as_declared) << name;
    EXPECT_EQ(contradiction(declared, plain()), "") << name;
  }
}

TEST(DeclaredEvidence, RelaxedValuesContradictEveryPathThatSumsInFp32ButTheirOwn) {
  for (const Precision declared :
       {Precision::fp32, Precision::fp16_acc32, Precision::tf32, Precision::bf16}) {
    EXPECT_EQ(declared_evidence(declared, relaxed()), DeclaredEvidence::relaxed)
        << to_string(declared);
  }
  EXPECT_EQ(declared_evidence(Precision::fp32_relaxed, relaxed()), DeclaredEvidence::as_declared);
  EXPECT_EQ(declared_evidence(Precision::fp16, relaxed()), DeclaredEvidence::as_declared);
}

TEST(DeclaredEvidence, HalfArithmeticContradictsFp32EvenWhereItIsRelaxed) {
  EXPECT_EQ(declared_evidence(Precision::fp32, half()), DeclaredEvidence::fp16);
  EXPECT_EQ(declared_evidence(Precision::fp32_relaxed, half()), DeclaredEvidence::fp16);
  EXPECT_EQ(declared_evidence(Precision::fp16_acc32, half()), DeclaredEvidence::fp16);
  EXPECT_EQ(declared_evidence(Precision::fp16, half()), DeclaredEvidence::as_declared);
  EXPECT_EQ(declared_evidence(Precision::fp32_via_fp16, half()), DeclaredEvidence::as_declared);
}

TEST(DeclaredEvidence, RoundingToFp16IsHowFp16OutputsAreStored) {
  EXPECT_EQ(declared_evidence(Precision::fp32, rounded()), DeclaredEvidence::fp16);
  EXPECT_EQ(declared_evidence(Precision::fp16_acc32, rounded()), DeclaredEvidence::as_declared);
}

TEST(DeclaredEvidence, Bf16ContradictsEveryPathButItsOwn) {
  for (const std::string_view name : precision_names()) {
    const bool own = name == "bf16";

    EXPECT_EQ(declared_evidence(*parse_precision(name), with_bf16()),
              own ? DeclaredEvidence::as_declared : DeclaredEvidence::bf16)
        << name;
  }
}

TEST(DeclaredEvidence, ContradictionSaysWhatToDeclareInstead) {
  EXPECT_THAT(contradiction(Precision::fp32, relaxed()), HasSubstr("declare fp32_relaxed"));
  EXPECT_THAT(contradiction(Precision::fp32, half()), HasSubstr("declare fp32_via_fp16"));
  EXPECT_THAT(contradiction(Precision::fp16_acc32, half()), HasSubstr("declare fp16"));
  EXPECT_THAT(contradiction(Precision::fp32, with_bf16()), HasSubstr("declare bf16"));
}

TEST(DeclaredArithmetic, SumKeepsModesThatAreAlikeOnce) {
  DeclaredArithmetic sum{.fp32 = 1, .no_contraction = 1, .modes = "RoundingModeRTE 32"};

  sum += {.fp32 = 2, .bf16 = 3, .relaxed = 5, .no_contraction = 2, .modes = "RoundingModeRTE 32"};

  EXPECT_EQ(sum.fp32, 3U);
  EXPECT_EQ(sum.bf16, 3U);
  EXPECT_EQ(sum.relaxed, 5U);
  EXPECT_EQ(sum.no_contraction, 3U);
  EXPECT_EQ(sum.modes, "RoundingModeRTE 32");
}

}  // namespace
}  // namespace gpubench
