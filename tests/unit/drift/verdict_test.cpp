#include "drift/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "unit/drift/tensors.h"

namespace gpubench {
namespace {

using emulation::absolute_tolerance;
using emulation::halves;
using emulation::Tensor;
using testing::HasSubstr;

constexpr float kInf = std::numeric_limits<float>::infinity();

/// Sixteen different values in four rows.
Tensor sixteen() {
  std::vector<float> values;
  for (int i = 1; i <= 16; ++i) values.push_back(static_cast<float>(i));
  return {4, 4, values};
}

Check check(const std::vector<float>& output, const Tensor& tensor,
            const Tolerance& tolerance = absolute_tolerance(0.5), const Repeats& repeats = {}) {
  const DriftMetrics metrics = measure_drift({output, {}}, tensor.view(), tolerance);
  return judge(metrics, tensor.view(), tolerance, repeats);
}

Check check_f16(const std::vector<float>& output, const Tensor& tensor) {
  const Tolerance tolerance = absolute_tolerance(0.5);
  const std::vector<HalfBits> bits = halves(output);
  return judge(measure_drift({{}, bits}, tensor.view(), tolerance), tensor.view(), tolerance, {});
}

TEST(Verdict, RightOutputPasses) {
  const Check result = check(sixteen().values, sixteen());

  EXPECT_EQ(result.status, CheckStatus::passed);
  EXPECT_EQ(result.finding, CheckFinding::none);
  EXPECT_EQ(result.coverage, "full");
  EXPECT_EQ(result.text, "");
}

TEST(Verdict, PoisonNamesCountAndPlace) {
  std::vector<float> output = sixteen().values;
  output[6] = output[9] = std::bit_cast<float>(kPoisonF32);
  output[0] = 99;  // wrong, too, but never written comes first

  const Check result = check(output, sixteen());

  EXPECT_EQ(result.status, CheckStatus::failed);
  EXPECT_EQ(result.finding, CheckFinding::poison_left);
  EXPECT_EQ(result.text, "2 of 16 outputs were never written, the first at row 1, column 2");
}

TEST(Verdict, UnexpectedNaNFails) {
  std::vector<float> output = sixteen().values;
  output[15] = std::numeric_limits<float>::quiet_NaN();

  const Check result = check(output, sixteen());

  EXPECT_EQ(result.finding, CheckFinding::nonfinite);
  EXPECT_THAT(result.text, HasSubstr("1 of 16"));
  EXPECT_THAT(result.text, HasSubstr("row 3, column 3"));
}

TEST(Verdict, WrongElementNamesGotExpectedAndAllowed) {
  std::vector<float> output = sixteen().values;
  output[13] = 14.75F;

  const Check result = check(output, sixteen());

  EXPECT_EQ(result.status, CheckStatus::failed);
  EXPECT_EQ(result.finding, CheckFinding::wrong_result);
  EXPECT_EQ(result.text,
            "1 of 16 outputs are beyond tolerance, the worst at row 3, column 1: got 14.75, "
            "expected 14, may differ by 0.5");
}

TEST(Verdict, ElementAtItsLimitPasses) {
  std::vector<float> output = sixteen().values;
  output[13] = 14.5F;

  EXPECT_EQ(check(output, sixteen()).status, CheckStatus::passed);
}

TEST(Verdict, ViolationWithoutARatioFails) {
  // What a tolerance that is NaN leaves behind.
  const Tensor tensor = sixteen();
  DriftMetrics metrics = measure_drift({tensor.values, {}}, tensor.view(), Tolerance{});
  metrics.violations = 1;

  EXPECT_EQ(judge(metrics, tensor.view(), Tolerance{}, {}).status, CheckStatus::failed);
}

TEST(Verdict, ExactDataSaysNotExact) {
  Tolerance exact = absolute_tolerance(0.25);
  exact.exact = true;
  std::vector<float> output = sixteen().values;
  output[0] = 2;

  EXPECT_EQ(check(output, sixteen(), exact).finding, CheckFinding::not_exact);
}

TEST(Verdict, ErrorOfTheWholeFailsWhereNoElementDoes) {
  Tolerance tolerance = absolute_tolerance(0.5);
  tolerance.rms_absolute = 0.01;  // 1.6 (1 + 6/4) 0.01 = 0.04 is below the 0.25 of each element
  std::vector<float> output = sixteen().values;
  for (float& value : output) value += 0.25F;

  const Check result = check(output, sixteen(), tolerance);

  EXPECT_EQ(result.finding, CheckFinding::wrong_result);
  EXPECT_THAT(result.text, HasSubstr("relative Frobenius error"));
}

TEST(Verdict, OracleOverrulesAReferenceThatIsWrongInTheSameWay) {
  Tensor tensor = sixteen();
  tensor.oracle = {{2}, {9, 10, 11, 17}};

  const Check result = check(tensor.values, tensor);

  EXPECT_EQ(result.status, CheckStatus::failed);
  EXPECT_EQ(result.finding, CheckFinding::wrong_result);
  EXPECT_THAT(result.text, HasSubstr("FP64"));
  EXPECT_EQ(result.coverage, "full+oracle_rows");
}

TEST(Verdict, OutputThatAgreesWithTheOracleIsNotBlamedForTheReference) {
  Tensor tensor = sixteen();
  tensor.oracle = {{2}, {9, 10, 11, 17}};
  std::vector<float> output = tensor.values;
  output[11] = 17;

  const Check result = check(output, tensor);

  EXPECT_EQ(result.status, CheckStatus::mistrusted);
  EXPECT_EQ(result.finding, CheckFinding::reference_doubtful);
}

TEST(Verdict, RowResidualFails) {
  Tensor tensor = sixteen();
  tensor.probe = {1, {1, 1, 1, 1}, {10, 26, 42, 158}};  // the last is 58 in truth

  const Check result = check(tensor.values, tensor);

  EXPECT_EQ(result.finding, CheckFinding::row_residual);
  EXPECT_THAT(result.text, HasSubstr("row 3"));
  EXPECT_EQ(result.coverage, "full+freivalds");
}

TEST(Verdict, RightRowResidualPasses) {
  Tensor tensor = sixteen();
  tensor.probe = {1, {1, 1, 1, 1}, {10, 26, 42, 58}};

  EXPECT_EQ(check(tensor.values, tensor).status, CheckStatus::passed);
}

TEST(Verdict, RepeatsThatDifferFail) {
  const Check result = check(sixteen().values, sixteen(), absolute_tolerance(0.5), {20, 2});

  EXPECT_EQ(result.status, CheckStatus::failed);
  EXPECT_EQ(result.finding, CheckFinding::nondeterministic);
  EXPECT_EQ(result.text, "20 repeats of one dispatch gave 2 different outputs");
  EXPECT_EQ(check(sixteen().values, sixteen(), absolute_tolerance(0.5), {20, 1}).status,
            CheckStatus::passed);
}

TEST(Verdict, OneClampedOutputIsMistrusted) {
  Tensor tensor = sixteen();
  tensor.values[3] = 1e6F;
  std::vector<float> output = tensor.values;

  EXPECT_EQ(check_f16(output, tensor).status, CheckStatus::passed);  // Inf where Inf belongs
  output[3] = 65504;
  const Check result = check_f16(output, tensor);
  EXPECT_EQ(result.status, CheckStatus::mistrusted);
  EXPECT_EQ(result.finding, CheckFinding::saturated_output);
}

TEST(Verdict, MostlySaturatedOutputIsMistrusted) {
  Tensor tensor = sixteen();
  for (std::size_t i = 0; i < 8; ++i) tensor.values[i] = kInf;
  EXPECT_EQ(check(tensor.values, tensor).status, CheckStatus::passed);
  tensor.values[8] = kInf;

  EXPECT_EQ(check(tensor.values, tensor).finding, CheckFinding::saturated_output);
}

TEST(Verdict, OutputThatOverflowsByOrderIsMistrusted) {
  Tensor tensor = sixteen();
  tensor.row_scale.assign(4, 1e300);
  std::vector<float> output = tensor.values;
  for (std::size_t i = 0; i < 9; ++i) output[i] = std::numeric_limits<float>::quiet_NaN();

  EXPECT_EQ(check(output, tensor).finding, CheckFinding::saturated_output);
}

/// `same` of 20 values are `value`, the others all differ.
Tensor repeated(std::size_t same, float value) {
  std::vector<float> values;
  for (std::size_t i = 0; i < 20; ++i) values.push_back(i < same ? value : static_cast<float>(i));
  return {1, 20, values};
}

TEST(Verdict, MostlyZeroOutputIsMistrusted) {
  EXPECT_EQ(check(repeated(18, 0).values, repeated(18, 0)).status, CheckStatus::passed);
  EXPECT_EQ(check(repeated(19, 0).values, repeated(19, 0)).finding, CheckFinding::mostly_zero);
}

TEST(Verdict, ConstantOutputIsMistrusted) {
  EXPECT_EQ(check(repeated(18, 7).values, repeated(18, 7)).status, CheckStatus::passed);
  EXPECT_EQ(check(repeated(19, 7).values, repeated(19, 7)).finding, CheckFinding::constant_output);
}

TEST(Verdict, FewOutputsMayBeAlikeByChance) {
  const Tensor seven(1, 7, std::vector<float>(7, 3));
  const Tensor eight(1, 8, std::vector<float>(8, 3));

  EXPECT_EQ(check(seven.values, seven).status, CheckStatus::passed);
  EXPECT_EQ(check(eight.values, eight).finding, CheckFinding::constant_output);
}

TEST(Verdict, AWrongZeroOutputFailsBeforeItIsMistrusted) {
  EXPECT_EQ(check(std::vector<float>(16, 0), sixteen()).finding, CheckFinding::wrong_result);
}

TEST(Verdict, NothingComparedIsNotAPass) {
  const Check empty = check({}, Tensor(0, 0, {}));
  EXPECT_EQ(empty.status, CheckStatus::not_run);
  EXPECT_EQ(empty.finding, CheckFinding::nothing_compared);
  EXPECT_EQ(empty.coverage, "none");

  const Check blind = check({1, 2}, Tensor(1, 2, {}));
  EXPECT_EQ(blind.status, CheckStatus::not_run);
}

TEST(Verdict, CoverageWithoutAWholeReference) {
  Tensor tensor(2, 2, {});
  tensor.oracle = {{1}, {3, 4}};
  tensor.probe = {1, {1, 1}, {3, 7}};

  const Check result = check({1, 2, 3, 4}, tensor);

  EXPECT_EQ(result.status, CheckStatus::passed);
  EXPECT_EQ(result.coverage, "sampled_rows+freivalds");
  tensor.oracle = {};
  EXPECT_EQ(check({1, 2, 3, 4}, tensor).coverage, "freivalds");
}

TEST(Verdict, RightFirstAndWrongLaterIsStale) {
  const Check first = check(sixteen().values, sixteen());
  std::vector<float> output = sixteen().values;
  output[0] = 50;
  const Check last = check(output, sixteen());

  const Check result = judge_again(first, last);

  EXPECT_EQ(result.status, CheckStatus::failed);
  EXPECT_EQ(result.finding, CheckFinding::stale_output);
  EXPECT_THAT(result.text, HasSubstr(last.text));
}

TEST(Verdict, JudgingAgainKeepsAllOtherResults) {
  const Check passed = check(sixteen().values, sixteen());
  const Check differs = check(sixteen().values, sixteen(), absolute_tolerance(0.5), {9, 3});
  const Check wrong = check(std::vector<float>(16, 0), sixteen());

  EXPECT_EQ(judge_again(passed, passed).finding, CheckFinding::none);
  EXPECT_EQ(judge_again(passed, differs).finding, CheckFinding::nondeterministic);
  EXPECT_EQ(judge_again(wrong, wrong).finding, CheckFinding::wrong_result);
}

TEST(Verdict, EveryFindingHasItsOwnName) {
  std::set<std::string_view> names;
  const int last = static_cast<int>(CheckFinding::constant_output);
  for (int i = 0; i <= last; ++i) names.insert(to_string(static_cast<CheckFinding>(i)));

  EXPECT_EQ(names.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_EQ(names.count("?"), 0U);
}

}  // namespace
}  // namespace gpubench
