#include "audit/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/audit/made_arrays.h"

namespace gpubench {
namespace {

using audit_tests::column;
using audit_tests::fp32_products;
using audit_tests::in_memory;
using audit_tests::rounded;
using audit_tests::Values;
using testing::AllOf;
using testing::HasSubstr;

AuditRequest request_for(Values reference, Values output) {
  AuditRequest request;
  request.reference = column("cpu.npy", std::move(reference));
  request.outputs = {column("theirs.npy", std::move(output))};
  return request;
}

std::string error_of(const AuditRequest& request) {
  const auto audit = run_audit(request);
  if (audit) return "no error";
  return audit.error().message;
}

TEST(Audit, ShapesThatDifferNameBoth) {
  EXPECT_THAT(error_of(request_for({1, 2}, {1, 2, 3})),
              AllOf(HasSubstr("theirs.npy: expected shape (2,)"), HasSubstr("found (3,)")));
  AuditRequest turned = request_for(Values(6), Values(6));
  turned.reference.shape = {2, 3};
  turned.outputs[0].shape = {3, 2};
  EXPECT_THAT(error_of(turned), HasSubstr("expected shape (2, 3) as in cpu.npy, found (3, 2)"));
}

TEST(Audit, AxesOfLengthOneDoNotMatter) {
  AuditRequest request = request_for({1, 2}, {1, 2});
  request.outputs[0].shape = {2, 1};

  EXPECT_TRUE(run_audit(request).ok());
}

TEST(Audit, EmptyArraysAreRefused) {
  EXPECT_THAT(error_of(request_for({}, {})),
              HasSubstr("cpu.npy: expected numbers, found an empty"));
}

TEST(Audit, NaNInTheReferenceIsFoundWhereverItIs) {
  for (const std::size_t place : {0UL, 9000UL, 299999UL}) {
    Values reference(300000, 1.5);
    reference[place] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THAT(error_of(request_for(reference, Values(300000, 1.5))),
                HasSubstr("cpu.npy: expected numbers in the reference, found NaN at element " +
                          std::to_string(place)));
  }
}

TEST(Audit, LabelsAreZeroOrOne) {
  AuditRequest request = request_for({0.1, 0.9, 0.2}, {0.1, 0.9, 0.2});
  request.decision.emplace();
  request.labels = column("y.npy", {0, 1, 2});
  EXPECT_THAT(error_of(request), HasSubstr("y.npy: expected labels 0 and 1, found 2 at element 2"));

  request.labels = column("y.npy", {0, 1});
  EXPECT_THAT(error_of(request), HasSubstr("y.npy: expected shape (3,)"));
}

TEST(Audit, TopKNeedsThatManyClasses) {
  AuditRequest request = request_for({1, 2, 3}, {1, 2, 3});
  request.top_k = 2;
  EXPECT_THAT(error_of(request), HasSubstr("--top-k needs rows of classes"));

  request = request_for(Values(6, 1.0), Values(6, 1.0));
  request.reference.shape = request.outputs[0].shape = {2, 3};
  request.top_k = 4;
  EXPECT_THAT(error_of(request), HasSubstr("expected 1 to 3 classes, found 4"));
}

TEST(Audit, ReadingThatFailsIsReported) {
  AuditRequest request = request_for({1, 2, 3}, {1, 2, 3});
  request.outputs[0].read = [](std::uint64_t, std::span<double>) -> Outcome {
    return Error{ErrorKind::io, "theirs.npy: the disk is gone"};
  };

  EXPECT_EQ(error_of(request), "theirs.npy: the disk is gone");
}

TEST(Audit, SlicesGiveTheFactsOfTheWhole) {
  // More than one slice, more than one piece in each, and a ragged end.
  const auto products = fp32_products(1, 700001, 2);
  const Values output = rounded(products.backwards, [](float v) { return round_to_half(v); });
  PairCollector whole(1);
  whole.add(0, products.forwards, output);
  const PairFacts expected = whole.facts();

  AuditRequest request = request_for(products.forwards, output);
  request.decision.emplace();
  const auto audit = run_audit(request);

  ASSERT_TRUE(audit.ok());
  const OutputAudit& found = audit->outputs.front();
  EXPECT_EQ(found.pair.elements, 700001U);
  EXPECT_EQ(found.pair.max_abs_err, expected.max_abs_err);
  EXPECT_EQ(found.pair.worst_index, expected.worst_index);
  EXPECT_EQ(found.pair.counts.identical, expected.counts.identical);
  EXPECT_NEAR(found.pair.rel_fro_err / expected.rel_fro_err, 1, 1e-12);
  EXPECT_EQ(found.pair.on(Lattice::fp16).on_lattice, expected.on(Lattice::fp16).on_lattice);
  EXPECT_EQ(found.flips->decided, 700001U);
}

TEST(Audit, RowsOfAMatrixAreRankedAcrossSlices) {
  constexpr std::uint64_t kRows = 4099, kColumns = 7;
  Values reference;
  for (std::uint64_t i = 0; i < kRows * kColumns; ++i) {
    reference.push_back(static_cast<double>(i * 7919 % 1009) + 0.1);
  }
  Values output = reference;
  output[4098 * kColumns + 6] = 5000;  // The last row alone has another first class.
  AuditRequest request = request_for(reference, output);
  request.reference.shape = request.outputs[0].shape = {kRows, kColumns};

  const auto audit = run_audit(request);

  ASSERT_TRUE(audit.ok());
  const RankingFacts& ranking = *audit->outputs.front().ranking;
  EXPECT_EQ(ranking.rows, kRows);
  EXPECT_EQ(ranking.top_k, 5U);
  EXPECT_EQ(ranking.same_first, kRows - 1);
  ASSERT_EQ(ranking.disagreements.size(), 1U);
  EXPECT_EQ(ranking.disagreements[0].row, kRows - 1);
}

TEST(Audit, SixPathsOfThePublishedCaseFallIntoTwoGroups) {
  // FP32 paths differ in the last digit; the two FP16 paths agree with each other.
  const Values cpu = {0.6480752, -0.34015813, 1.4329923};
  const Values mps = {0.64807528, -0.34015816, 1.4329922};
  const Values fp16 = {0.6484375, -0.34033203125, 1.4326171875};
  AuditRequest request;
  request.reference = column("torch_cpu", cpu);
  request.outputs = {column("torch_mps", mps), column("ort_cpu", cpu), column("ort_mps", fp16),
                     column("coreml_fp32", mps), column("coreml_fp16", fp16)};

  const auto audit = run_audit(request);

  ASSERT_TRUE(audit.ok());
  ASSERT_TRUE(audit->paths);
  EXPECT_EQ(audit->paths->groups, (std::vector<std::size_t>{0, 0, 0, 1, 0, 1}));
  EXPECT_NEAR(audit->paths->at(0, 3).max_abs, 3.75e-4, 1e-6);
  EXPECT_EQ(audit->paths->at(3, 0).max_abs, audit->paths->at(0, 3).max_abs);
  EXPECT_EQ(audit->paths->at(3, 5).max_abs, 0);
  EXPECT_EQ(audit->paths->at(3, 5).rel_fro, 0);
  EXPECT_EQ(audit->outputs[2].judgement.verdict, AuditVerdict::downgraded);
  EXPECT_EQ(audit->outputs[3].judgement.verdict, AuditVerdict::confirmed);
}

TEST(Audit, PathsLeaveOutWhatIsNotFinite) {
  AuditRequest request = request_for({1, 2}, {1, 2});
  request.outputs.push_back(column("nan.npy", {std::numeric_limits<double>::quiet_NaN(), 3}));

  const auto audit = run_audit(request);

  ASSERT_TRUE(audit.ok());
  EXPECT_EQ(audit->paths->at(0, 2).compared, 1U);
  EXPECT_EQ(audit->paths->at(0, 2).max_abs, 1);
}

}  // namespace
}  // namespace gpubench
