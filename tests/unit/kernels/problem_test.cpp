#include "kernels/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench {
namespace {

TEST(ProblemWords, EveryWordComesBackAsItself) {
  for (const auto word : op_names()) EXPECT_EQ(to_string(parse_op(word).value()), word);
  for (const auto word : precision_names()) {
    EXPECT_EQ(to_string(parse_precision(word).value()), word);
  }
  for (const auto word : activation_names()) {
    EXPECT_EQ(to_string(parse_activation(word).value()), word);
  }
  for (const auto word : fill_names()) EXPECT_EQ(to_string(parse_fill(word).value()), word);
}

// The order of the tables is the order of the enums; one word of each end fixes it.
TEST(ProblemWords, WordsBelongToTheirEnumerators) {
  EXPECT_EQ(to_string(Op::gemm), "gemm");
  EXPECT_EQ(to_string(Op::softmax), "softmax");
  EXPECT_EQ(to_string(Precision::fp16_acc32), "fp16_acc32");
  EXPECT_EQ(to_string(Precision::bf16), "bf16");
  EXPECT_EQ(to_string(Activation::gelu), "gelu");
  EXPECT_EQ(to_string(Fill::near_threshold), "near_threshold");
  EXPECT_EQ(to_string(Fill::file), "file");
  EXPECT_EQ(to_string(Layout::nt), "nt");
}

TEST(ProblemWords, UnknownWordIsNothing) {
  EXPECT_FALSE(parse_op("gem"));
  EXPECT_FALSE(parse_op(""));
  EXPECT_FALSE(parse_precision("FP32"));
  EXPECT_FALSE(parse_activation("tanh"));
  EXPECT_FALSE(parse_fill("zeroes"));
}

TEST(ProblemFormats, PathsDeclareWhatTheDesignTableSays) {
  struct Row {
    Precision precision;
    Format stored;
    const char* in;
    const char* acc;
    const char* out;
  };
  const Row rows[] = {
      {Precision::fp32, Format::f32, "f32", "f32", "f32"},
      {Precision::fp16, Format::f16, "f16", "f16", "f16"},
      {Precision::fp16_acc32, Format::f16, "f16", "f32", "f16"},
      {Precision::fp32_via_fp16, Format::f32, "f16", "f16", "f32"},
      {Precision::fp32_relaxed, Format::f32, "f32", "f32", "f32"},
      {Precision::tf32, Format::f32, "tf32", "f32", "f32"},
      {Precision::bf16, Format::f32, "bf16", "f32", "f32"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(to_string(row.precision));
    EXPECT_EQ(storage(row.precision), row.stored);
    EXPECT_EQ(dtype_in(row.precision), row.in);
    EXPECT_EQ(dtype_acc(Op::gemm, row.precision), row.acc);
    EXPECT_EQ(dtype_out(row.precision), row.out);
    EXPECT_EQ(dtype_acc(Op::softmax, row.precision), "f32");
  }
}

TEST(ProblemWork, GemmCountsTwoPerMultiplyAdd) {
  Problem problem{.op = Op::gemm, .shape = {.m = 3, .n = 5, .k = 7, .batch = 2}};

  EXPECT_EQ(problem.a_elements(), 42U);                     // 2·3·7
  EXPECT_EQ(problem.b_elements(), 70U);                     // 2·7·5
  EXPECT_EQ(problem.c_elements(), 30U);                     // 2·3·5
  EXPECT_EQ(flop(problem), 420.0);                          // 2·2·3·5·7
  EXPECT_EQ(moved_bytes(problem, Precision::fp32), 568.0);  // (42 + 70 + 30)·4
  EXPECT_EQ(moved_bytes(problem, Precision::fp16), 284.0);
}

TEST(ProblemWork, LinearMovesItsBias) {
  Problem problem{.op = Op::linear, .shape = {.m = 3, .n = 5, .k = 7}, .bias = true};

  EXPECT_EQ(problem.bias_elements(), 5U);
  EXPECT_EQ(flop(problem), 210.0);  // 2·3·5·7: bias and activation are not counted
  EXPECT_EQ(moved_bytes(problem, Precision::fp32), 304.0);  // (21 + 35 + 5 + 15)·4
}

TEST(ProblemWork, SoftmaxReadsOnceAndWritesOnce) {
  Problem problem{.op = Op::softmax, .shape = {.m = 4, .n = 10, .k = 0}};

  EXPECT_EQ(problem.a_elements(), 40U);
  EXPECT_EQ(problem.b_elements(), 0U);
  EXPECT_EQ(flop(problem), 200.0);
  EXPECT_EQ(moved_bytes(problem, Precision::fp32_via_fp16), 320.0);
}

TEST(ProblemWork, TheHeadlineSizeDoesNotOverflow) {
  Problem problem{.op = Op::gemm, .shape = {.m = 16384, .n = 16384, .k = 16384}};

  EXPECT_EQ(problem.c_elements(), 268435456U);  // 2^28
  EXPECT_EQ(flop(problem), 8796093022208.0);    // 2·2^42
}

}  // namespace
}  // namespace gpubench
