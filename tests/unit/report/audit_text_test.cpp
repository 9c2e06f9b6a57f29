#include "report/audit_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "report/audit_json.h"
#include "report/audit_words.h"
#include "unit/audit/made_arrays.h"
#include "unit/report/golden.h"

namespace gpubench {
namespace {

using audit_tests::column;
using audit_tests::Values;
using report_tests::expect_fits;
using report_tests::expect_golden;
using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const Values kCpu = {0.6480752, -0.34015813, 1.4329923};
const Values kGpu = {0.6484375, -0.34033203125, 1.4326171875};

Audit audit_of(const Values& reference, const std::vector<Values>& outputs) {
  AuditRequest request;
  request.reference = column("cpu.npy", reference);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    request.outputs.push_back(column("path" + std::to_string(i) + ".npy", outputs[i]));
  }
  request.decision.emplace();
  auto audit = run_audit(request);
  return audit ? *std::move(audit) : Audit{};
}

TEST(AuditText, PublishedCaseReadsAsItShould) {
  expect_golden("audit_published.txt", audit_text(audit_of(kCpu, {kGpu}), {}));
}

TEST(AuditText, EveryLineFitsTheConsole) {
  const Audit audit = audit_of(kCpu, {kGpu, kCpu, Values(3, kNan), {9, 9, 9}, kGpu, kGpu, kCpu});
  for (const std::size_t width : {60, 80, 120}) {
    expect_fits(audit_text(audit, {.width = width}), width);
  }
}

TEST(AuditText, NamesOfFilesCannotDriveTheTerminal) {
  Audit audit = audit_of(kCpu, {kGpu});
  audit.outputs[0].name = "\x1B[31mred\n" + std::string(200, 'x');

  const std::string text = audit_text(audit, {});

  EXPECT_EQ(text.find('\x1B'), std::string::npos);
  expect_fits(text, 80);
}

TEST(AuditText, EveryReasonIsAWholeSentence) {
  OutputAudit output = audit_of(kCpu, {kGpu}).outputs.front();
  for (int reason = 0; reason <= static_cast<int>(AuditReason::better); ++reason) {
    output.judgement.reason = static_cast<AuditReason>(reason);
    const std::string text = reason_sentence(output, Declared::fp16);
    EXPECT_TRUE(text.empty() || text.ends_with('.')) << text;
  }
}

TEST(AuditText, ChancesAreShort) {
  EXPECT_EQ(chance_text(0), "1");
  EXPECT_EQ(chance_text(-39), "2^-39");
  EXPECT_EQ(chance_text(-1.3e9), "under 2^-1000000");
}

TEST(AuditJson, NaNIsNullAndBrokenUtf8IsReplaced) {
  Audit audit = audit_of(kCpu, {Values(3, kNan)});
  audit.outputs[0].name = "\xFF.npy";

  const std::string json = audit_json(audit);

  EXPECT_THAT(json, HasSubstr("\"max_abs_err\": null"));
  EXPECT_THAT(json, HasSubstr("\"verdict\": \"wrong\""));
  EXPECT_THAT(json, HasSubstr("\xEF\xBF\xBD.npy"));
  EXPECT_EQ(json.find("NaN,"), std::string::npos);
}

}  // namespace
}  // namespace gpubench
