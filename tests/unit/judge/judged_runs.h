// judged_runs.h — runs on disk that are judged, and what tests ask of the outcome.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "judge/criteria.h"
#include "judge/judge.h"
#include "unit/history/written_runs.h"

namespace gpubench {

inline constexpr auto kGood = QualificationVerdict::qualified;
inline constexpr auto kBad = QualificationVerdict::not_qualified;
inline constexpr auto kOpen = QualificationVerdict::inconclusive;
inline constexpr auto kWarned = QualificationVerdict::qualified_with_warnings;

/// A row that every built-in check passes.
inline WrittenRow good_row(const WrittenRow& changes = {}) {
  WrittenRow row = changes;
  row.merge(WrittenRow{{"case_id", "gemm/x"},
                       {"host", "node1"},
                       {"device_name", "GPU"},
                       {"device_type", "discrete"},
                       {"device_uuid", "u1"},
                       {"env_id", "e1"},
                       {"op", "gemm"},
                       {"precision", "fp32"},
                       {"kernel_hash", "k1"},
                       {"timer", "gpu_timestamp"},
                       {"status", "ok"},
                       {"check_status", "passed"},
                       {"precision_verdict", "confirmed"},
                       {"timing_status", "steady"},
                       {"samples", "20"},
                       {"time_median_s", "0.5"},
                       {"bound_ratio", "0.25"},
                       {"rel_fro_err", "1e-07"},
                       {"planned_rows", "1"},
                       {"api_validation", "false"}});
  return row;
}

inline JudgeRequest request_of(const WrittenRuns& runs) {
  JudgeRequest request;
  request.paths = {runs.path()};
  request.today = "2026-11-22";
  return request;
}

inline Criteria criteria_of(const std::string& text) {
  auto criteria = parse_criteria("name: c\n" + text, "c.yaml");
  EXPECT_TRUE(criteria.ok()) << criteria.error().message;
  return *criteria;
}

/// Judged, and what is asked of it afterwards.
struct Judged {
  explicit Judged(JudgeRequest of)
      : request(std::move(of)), judge(read(request)), runs(judge.judge(KeptChecks::all)) {}
  [[nodiscard]] QualificationVerdict verdict() const { return runs.qualification.verdict; }
  [[nodiscard]] const QualificationCheck& check(std::string_view name) const {
    const auto& checks = runs.qualification.checks;
    const auto found = std::find_if(checks.begin(), checks.end(),
                                    [&](const auto& check) { return check.check == name; });
    EXPECT_NE(found, checks.end()) << name;
    return found == checks.end() ? checks.front() : *found;
  }

  JudgeRequest request;
  Judge judge;
  JudgedRuns runs;

 private:
  static Judge read(const JudgeRequest& request) {
    auto judge = Judge::read(request);
    EXPECT_TRUE(judge.ok()) << (judge.ok() ? "" : judge.error().message);
    return *std::move(judge);
  }
};

/// A run of one row.
inline Judged judged_row(const WrittenRow& changes = {}) {
  const WrittenRuns runs;
  runs.add_run("a", {good_row(changes)});
  return Judged(request_of(runs));
}

/// Five devices; the last takes `slow_s`, the others 1, 1.001, 0.999 and 1.002 s.
inline std::string fleet(const WrittenRuns& runs, const char* slow_s) {
  const std::vector<std::string> times = {"1", "1.001", "0.999", "1.002", slow_s};
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string name = std::to_string(i);
    runs.add_run("run" + name, {good_row({{"host", "n" + name}, {"time_median_s", times[i]}})});
  }
  return runs.path();
}

}  // namespace gpubench
