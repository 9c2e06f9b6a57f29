#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/contract.h"
#include "unit/kernels/launches.h"

namespace gpubench {
namespace {

TEST(PushBlock, IsTheDocumentedOne) {
  const auto push = push_block(gemm({.m = 3, .n = 5, .k = 7, .batch = 2}), {1, 3});

  std::uint32_t bytes = 0;
  for (const PushField& field : push) bytes += field.kind == PushField::Kind::address ? 8 : 4;
  EXPECT_EQ(bytes, kPushBytes);
  const BufferRole roles[] = {BufferRole::a, BufferRole::b,        BufferRole::bias,
                              BufferRole::c, BufferRole::scratch0, BufferRole::scratch1};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(push[i].kind, PushField::Kind::address);
    EXPECT_EQ(push[i].role, roles[i]);
  }
  const std::uint32_t values[] = {3, 5, 7, 2, 1, 3};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(push[6 + i].value, values[i]);
}

TEST(Contract, LinearIsAlwaysTransposed) {
  Problem problem{.op = Op::linear, .shape = {.m = 4, .n = 4, .k = 4}};
  problem.activation = Activation::silu;
  problem.bias = true;

  const auto constants = contract_constants(problem, {8, 16}, {{9, 77}});

  const std::vector<SpecConstant> expected{{0, 1},  {1, 3}, {2, 1}, {3, 8},
                                           {4, 16}, {5, 1}, {9, 77}};
  EXPECT_EQ(constants, expected);
}

TEST(Contract, RowsAreAlignedAsTheWorstOfThemIs) {
  EXPECT_EQ(row_alignment(gemm({.m = 3, .n = 8, .k = 16})), 8U);
  EXPECT_EQ(row_alignment(gemm({.m = 8, .n = 8, .k = 12})), 4U);
  EXPECT_EQ(row_alignment(gemm({.m = 8, .n = 12, .k = 8})), 4U);
  EXPECT_EQ(row_alignment(gemm({.m = 8, .n = 8, .k = 6})), 1U);
  EXPECT_EQ(row_alignment(problem_of(Op::softmax, {.m = 3, .n = 8, .k = 0})), 8U);
}

TEST(Contract, VectorsNeedRowsOfFours) {
  EXPECT_TRUE(rows_are_vectors(gemm({.m = 3, .n = 8, .k = 12})));
  EXPECT_FALSE(rows_are_vectors(gemm({.m = 4, .n = 9, .k = 12})));
  EXPECT_FALSE(rows_are_vectors(gemm({.m = 4, .n = 8, .k = 13})));
  EXPECT_TRUE(rows_are_vectors(problem_of(Op::softmax, {.m = 3, .n = 8})));
}

}  // namespace
}  // namespace gpubench
