#include "compare/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "compare/baseline_file.h"
#include "unit/compare/made_sets.h"

namespace gpubench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const BaselineOrigin kOrigin = {"2026-11-21T10:30:05Z", "Ada \"lab\" 3", "0.1.0 (abc)", {}};

/// `devices` of one name, with a run a day for `days`; all times within 1 %.
RunSet fleet(std::size_t devices, std::size_t days) {
  std::vector<SeriesSide> series;
  for (std::size_t i = 0; i < devices; ++i) {
    std::vector<double> times;
    for (std::size_t day = 0; day < days; ++day) {
      times.push_back(1 + 0.001 * static_cast<double>(day + i));
    }
    series.push_back(side_of(times));
    series.back().device_uuid = fmt::format("u{}", i);
  }
  RunSet set = set_of("r", std::move(series));
  for (std::size_t day = 0; day < days; ++day) {
    set.runs[day].started_s = kDay_s * static_cast<double>(day);
  }
  return set;
}

Baseline made(const RunSet& set, const SeriesFloors& floors = {}) {
  auto baseline = make_baseline(set, kOrigin, floors);
  EXPECT_TRUE(baseline.ok());
  return baseline.ok() ? *std::move(baseline) : Baseline{};
}

TEST(MakeBaseline, KeepsEveryRunsTimeAndWhatTheyRestOn) {
  const Baseline baseline = made(fleet(3, 5));

  const BaselineSeries* series = baseline.find("gemm/one", "GPU");
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(series->medians_s.size(), 15U);
  // 1 + 0.001·(day + device): 0 to 6, the middle is 3.
  EXPECT_NEAR(series->median_s, 1.003, 1e-12);
  EXPECT_EQ(series->sessions, 5U);
  EXPECT_EQ(series->precision_verdict, "confirmed");
  EXPECT_GT(series->floor_rel, 0);
  EXPECT_EQ(baseline.find("gemm/two", "GPU"), nullptr);
  EXPECT_EQ(baseline.find("gemm/one", "other"), nullptr);
  ASSERT_EQ(baseline.devices.size(), 1U);
  EXPECT_EQ(baseline.devices[0].devices, 3U);
  EXPECT_THAT(baseline.devices[0].drivers, ElementsAre("driver 1"));
}

TEST(MakeBaseline, IsProvisionalUnderThreeDevicesOrFiveSessions) {
  EXPECT_FALSE(made(fleet(3, 5)).provisional);
  EXPECT_TRUE(made(fleet(2, 5)).provisional);
  EXPECT_TRUE(made(fleet(3, 4)).provisional);
}

TEST(MakeBaseline, TakesTheLargerFloor) {
  const SeriesFloors large = {{{"gemm/one", "GPU"}, {0.3, 20, 5}}};
  const SeriesFloors small = {{{"gemm/one", "GPU"}, {0, 20, 5}}};

  EXPECT_EQ(made(fleet(3, 5), large).find("gemm/one", "GPU")->floor_rel, 0.3);
  EXPECT_EQ(made(fleet(3, 5), small).find("gemm/one", "GPU")->floor_rel,
            made(fleet(3, 5)).find("gemm/one", "GPU")->floor_rel);
}

TEST(MakeBaseline, RefusesRunsThatTimedDifferentThings) {
  RunSet set = fleet(2, 2);
  set.series[1].kernel_hash.text = "other";

  const auto baseline = make_baseline(set, kOrigin);

  ASSERT_FALSE(baseline.ok());
  EXPECT_THAT(baseline.error().message, HasSubstr("kernel_hash changed between the runs"));
}

TEST(BaselineFaults, NameEveryKindOfFailure) {
  EXPECT_THAT(baseline_faults(fleet(2, 3)), IsEmpty());
  RunSet set = fleet(1, 3);
  set.series[0].bad_rows = 1;
  set.series[0].bad_status = "failed: wrong_result";
  set.series[0].mistrusted_rows = 2;
  set.series[0].accused_rows = 3;
  set.runs[2].half_written = true;

  EXPECT_THAT(baseline_faults(set),
              ElementsAre(HasSubstr("1 of 3 rows ended badly, the first with failed: wrong_result"),
                          HasSubstr("2 of 3 rows have an output that proves nothing"),
                          HasSubstr("3 of 3 rows compute in less than they declare"),
                          HasSubstr("r002/results.csv: the last row is half written")));
}

TEST(CompareWithBaseline, OneRunIsComparedByStudentsT) {
  BaselineSeries series;
  // Log times -0.02 -0.01 0 0.01 0.02: mean 0, deviation √(0.001/4) = 0.0158114.
  for (const int i : {-2, -1, 0, 1, 2}) series.medians_s.push_back(std::exp(0.01 * i));
  series.median_s = 1;

  const std::vector<double> fresh = {std::exp(0.06)};
  const BaselineComparison result = compare_with_baseline(series, fresh);

  EXPECT_EQ(result.evidence, BaselineEvidence::student);
  EXPECT_NEAR(result.delta_rel, std::expm1(0.06), 1e-12);
  // Error 0.0158114·√(1 + 1/5) = 0.0173205; t = 2.776445 at 4 degrees: 0.0480894 to either side.
  EXPECT_NEAR(*result.ci_low, std::expm1(0.06 - 0.0480894), 1e-6);
  EXPECT_NEAR(*result.ci_high, std::expm1(0.06 + 0.0480894), 1e-6);
  // t = 0.06 / 0.0173205 = 3.4641 = 2√3, whose two-sided p at 4 degrees is 0.0257.
  EXPECT_NEAR(*result.p_value, 0.0257, 1e-4);
  EXPECT_EQ(result.n_base, 5U);
  EXPECT_EQ(result.n_new, 1U);
}

TEST(CompareWithBaseline, EnoughRunsAreComparedByRanks) {
  BaselineSeries series;
  series.medians_s = {1.00, 1.01, 1.02, 1.03};
  series.median_s = 1.015;
  series.floor_rel = 0.05;

  const BaselineComparison result =
      compare_with_baseline(series, std::vector<double>{1.20, 1.21, 1.22, 1.23});

  EXPECT_EQ(result.evidence, BaselineEvidence::ranks);
  EXPECT_DOUBLE_EQ(*result.p_value, 2.0 / 70);
  EXPECT_NEAR(*result.ci_low, 1.20 / 1.03 - 1, 1e-12);
  EXPECT_NEAR(*result.ci_high, 1.23 / 1.00 - 1, 1e-12);
  EXPECT_DOUBLE_EQ(result.minimum_effect, 0.05);
}

TEST(CompareWithBaseline, TwoRunsAreNoEvidence) {
  BaselineSeries series;
  series.medians_s = {1, 1.01};

  const BaselineComparison result = compare_with_baseline(series, std::vector<double>{2});

  EXPECT_EQ(result.evidence, BaselineEvidence::none);
  EXPECT_FALSE(result.p_value.has_value());
  EXPECT_FALSE(result.ci_low.has_value());
}

class BaselineFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "b.yaml").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::string written() {
    Baseline baseline = made(fleet(3, 5));
    baseline.replaces = ReplacedBaseline{"old.yaml", "0123"};
    return *baseline_yaml(baseline);
  }

  Result<Baseline> read(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return read_baseline(path_);
  }

  std::string refusal(const std::string& text) {
    const auto baseline = read(text);
    return baseline.ok() ? "accepted" : baseline.error().message.substr(path_.size());
  }

  /// With `from` replaced, and the content's hash made to fit, as a forger would.
  static std::string forged(const std::string& from, const std::string& to) {
    std::string text = written();
    text.replace(text.find(from), from.size(), to);
    text.resize(text.find("content_hash: ", text.rfind("medians_s")));
    return text + "content_hash: " + content_hash(text) + "\n";
  }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(BaselineFile, ReadsBackAsItWasWritten) {
  const auto baseline = read(written());

  ASSERT_TRUE(baseline.ok()) << baseline.error().message;
  Baseline again = *baseline;
  EXPECT_EQ(*baseline_yaml(again), written());
  EXPECT_EQ(again.by, "Ada \"lab\" 3");
  EXPECT_EQ(again.replaces->content_hash, "0123");
  EXPECT_EQ(again.find("gemm/one", "GPU")->medians_s,
            made(fleet(3, 5)).find("gemm/one", "GPU")->medians_s);
  EXPECT_EQ(again.content_hash.size(), 32U);
}

TEST_F(BaselineFile, AnEditedNumberIsNoticed) {
  std::string text = written();
  text.replace(text.find("spread: "), 8, "spread: 1");

  EXPECT_THAT(refusal(text), HasSubstr("the baseline was edited or damaged"));
}

TEST_F(BaselineFile, ATruncatedFileIsRefusedWithItsPlace) {
  const std::string text = written();

  EXPECT_THAT(refusal(text.substr(0, text.size() - 20)), HasSubstr("content_hash"));
  EXPECT_THAT(refusal(text.substr(0, text.find("content_hash:", 400))),
              HasSubstr("needs the key \"content_hash\""));
  EXPECT_THAT(refusal(text + "more: 1\n"), HasSubstr("content_hash must be the last line"));
  EXPECT_THAT(refusal(""), testing::StartsWith(":"));
}

TEST_F(BaselineFile, EveryWrongValueHasItsPlace) {
  EXPECT_EQ(refusal(forged("baseline_version: 1", "baseline_version: 2")),
            ":3:19: baseline_version is 2, this gpubench reads 1");
  EXPECT_THAT(refusal(forged("spread: ", "spred: ")), HasSubstr("\"spred\" is unknown"));
  EXPECT_THAT(refusal(forged("median_s: 1", "median_s: -1")),
              HasSubstr("median_s must be a finite number"));
  EXPECT_THAT(refusal(forged("precision_verdict: confirmed", "precision_verdict: fine")),
              HasSubstr("\"fine\" is unknown"));
  EXPECT_THAT(refusal(forged("medians_s: [", "medians_s: [0, ")),
              HasSubstr("medians_s must be a finite number"));
  EXPECT_THAT(refusal(forged("provisional: false", "provisional: 3")), HasSubstr("true or false"));
}

TEST_F(BaselineFile, AMissingFileSaysSo) {
  EXPECT_FALSE(read_baseline((folder_ / "none.yaml").string()).ok());
}

}  // namespace
}  // namespace gpubench
