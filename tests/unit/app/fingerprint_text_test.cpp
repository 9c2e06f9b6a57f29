// What is said of two builds of one kernel, from made findings.
#include "app/fingerprint_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gpubench {
namespace {

/// As `audit --device` found it: separate or fused, and sure of that.
KernelFinding finding_of(Build build, const char* name) {
  KernelFinding finding;
  finding.kernel = "tiled";
  finding.build = build;
  finding.fingerprint.emplace();
  finding.fingerprint->verdict = PrecisionVerdict::confirmed;
  finding.fingerprint->name = name;
  RegionFingerprint region;
  region.verdict = PrecisionVerdict::confirmed;
  region.name = name;
  region.region.rows = {0};
  region.region.columns = {0};
  finding.fingerprint->facts = Fingerprint{.regions = {region}};
  return finding;
}

nlohmann::json kernels_of(const std::vector<KernelFinding>& findings) {
  return nlohmann::json::parse(device_audit_json({{}, {8, 8, 8}, 42, findings}))["kernels"];
}

TEST(FingerprintText, StrictBuildsHaveTheNamesOfCases) {
  EXPECT_EQ(name_of(finding_of(Build::as_is, "x")), "gemm/tiled/fp32");
  EXPECT_EQ(name_of(finding_of(Build::strict, "x")), "gemm/tiled+strict/fp32");
}

TEST(FingerprintText, DriverThatFusesWhereItMayIsAFinding) {
  const std::vector<KernelFinding> findings = {finding_of(Build::as_is, "fused fp32 sums"),
                                               finding_of(Build::strict, "separate fp32 sums")};

  ASSERT_EQ(default_of(findings[1], findings), &findings[0]);
  EXPECT_EQ(difference_text(findings[0], findings[1]),
            "the default build computes otherwise: fused fp32 sums");
  EXPECT_EQ(kernels_of(findings)[1]["differs_from_default"], true);
  EXPECT_FALSE(kernels_of(findings)[0].contains("differs_from_default"));
}

TEST(FingerprintText, BuildsThatComputeAlikeAreNone) {
  const std::vector<KernelFinding> findings = {finding_of(Build::as_is, "separate fp32 sums"),
                                               finding_of(Build::strict, "separate fp32 sums")};

  EXPECT_EQ(difference_text(findings[0], findings[1]), "");
  EXPECT_EQ(kernels_of(findings)[1]["differs_from_default"], false);
}

TEST(FingerprintText, NothingIsSaidOfBuildsThatWereNotBothNamed) {
  std::vector<KernelFinding> findings = {finding_of(Build::as_is, "fused fp32 sums"),
                                         finding_of(Build::strict, "separate fp32 sums")};
  findings[0].fingerprint.reset();

  EXPECT_EQ(difference_text(findings[0], findings[1]), "");
  EXPECT_TRUE(kernels_of(findings)[1]["differs_from_default"].is_null());
  EXPECT_EQ(default_of(findings[1], {findings[1]}), nullptr);
}

TEST(FingerprintText, OtherPathsAreNoCounterpart) {
  std::vector<KernelFinding> findings = {finding_of(Build::as_is, "fused fp16 sums"),
                                         finding_of(Build::strict, "separate fp32 sums")};
  findings[0].precision = Precision::fp16;

  EXPECT_EQ(default_of(findings[1], findings), nullptr);
}

KernelFinding softmax_finding(const SoftmaxFingerprint& said) {
  KernelFinding finding;
  finding.op = Op::softmax;
  finding.kernel = "naive";
  finding.fingerprint = KernelFingerprint{said.verdict, said.reason, said.name, 4, said};
  return finding;
}

TEST(FingerprintText, SoftmaxHasFactsOfItsOwn) {
  SoftmaxFingerprint said;
  said.outputs = 4096;
  said.open_sums = {NumberFormat::fp32, NumberFormat::fp16};
  said.seen.input = 10;
  said.seen.wide_range = false;
  const KernelFinding finding = softmax_finding(said);

  const auto facts = kernels_of({finding})[0]["softmax"];
  EXPECT_EQ(facts["input_fraction_bits"], 10);
  EXPECT_EQ(facts["wide_range"], false);
  EXPECT_EQ(facts["nearest"], "fp32 inputs, fp32 exp, fp32 or fp16 sums");
  const std::string text = finding_text(finding, FingerprintDetail::everything, {});
  EXPECT_NE(text.find("logits of 100 overflow; x of 2^17 overflows"), std::string::npos) << text;
}

// What is wrong, or differs each time, was not asked for its formats.
TEST(FingerprintText, SoftmaxThatIsWrongHasNoFacts) {
  SoftmaxFingerprint said;
  said.verdict = PrecisionVerdict::wrong;
  said.reason = "3 of 8 rows are wrong";
  const KernelFinding finding = softmax_finding(said);

  EXPECT_TRUE(kernels_of({finding})[0]["softmax"].is_null());
  const std::string text = finding_text(finding, FingerprintDetail::everything, {});
  EXPECT_NE(text.find("WRONG"), std::string::npos) << text;
  EXPECT_EQ(text.find("inputs "), std::string::npos) << text;
}

}  // namespace
}  // namespace gpubench
