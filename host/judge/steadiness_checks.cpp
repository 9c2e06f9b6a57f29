#include "judge/steadiness_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "base/parallel.h"
#include "history/run_files.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

// Fewer leave less than five for each third, whose median then says little.
constexpr std::size_t kFewestSamples = 15;

double median_s(std::span<const SampleTimes> samples) {
  std::vector<double> times;
  for (const SampleTimes& sample : samples) {
    times.push_back(std::isnan(sample.gpu_s) ? sample.host_s : sample.gpu_s);
  }
  return median(std::move(times));
}

QualificationCheck stability(const Facts& facts, const Criteria& criteria, std::size_t row,
                             std::span<const SampleTimes> samples) {
  const std::size_t third = samples.size() / 3;
  const double first_s = median_s(samples.first(third));
  const double last_s = median_s(samples.last(third));
  QualificationCheck check = facts.check(row, "stability", CheckKind::stability);
  check.observed = last_s / first_s - 1;
  check.limit_high = criteria.max_change_within_run;
  check.unit = "ratio";
  check.limit_source = "criteria max_change_within_run";
  if (check.observed > check.limit_high) {
    set(check, CheckResult::warn, "slows_down", Action::monitor,
        fmt::format("the last third of the samples takes {:.1f} % longer than the first",
                    100 * check.observed));
  }
  return check;
}

Outcome check_run_stability(RowChecks& checks, const Facts& facts, const Criteria& criteria,
                            const HistoryRun& run) {
  const auto samples = read_samples(facts.history, run);
  if (!samples) return samples.error();
  for (std::size_t i = 0; i < run.rows; ++i) {
    const std::size_t row = run.first_row + i;
    if ((*samples)[i].size() < kFewestSamples || !facts.has_speed(row)) continue;
    checks[row] =
        std::make_unique<const QualificationCheck>(stability(facts, criteria, row, (*samples)[i]));
  }
  return Done{};
}

}  // namespace

Result<RowChecks> check_stability(const Facts& facts, const Criteria& criteria) {
  constexpr std::size_t kRunsInPart = 16;
  const std::span<const HistoryRun> runs = facts.history.runs();
  RowChecks checks(facts.history.size());
  std::vector<Outcome> outcomes(runs.size(), Outcome(Done{}));
  parallel_for(runs.size(), kRunsInPart, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      outcomes[i] = check_run_stability(checks, facts, criteria, runs[i]);
    }
  });
  const auto failed = std::ranges::find(outcomes, false, &Outcome::ok);
  if (failed != outcomes.end()) return failed->error();
  return checks;
}

void check_health(std::vector<QualificationCheck>& checks, const Facts& facts,
                  const Criteria& criteria, std::size_t row) {
  if (!std::isnan(facts.throttle_ratio[row])) {
    QualificationCheck check = facts.check(row, "throttling", CheckKind::health);
    check.observed = facts.throttle_ratio[row];
    check.limit_high = criteria.max_throttle_ratio;
    check.unit = "ratio";
    check.limit_source = "criteria max_throttle_ratio";
    if (check.observed > check.limit_high) {
      set(check, CheckResult::warn, "throttled", Action::monitor,
          fmt::format("the clock was held down in {:.0f} % of the readings", 100 * check.observed));
    }
    checks.push_back(std::move(check));
  }
  if (criteria.max_temp_c && !std::isnan(facts.temp_c_max[row])) {
    QualificationCheck check = facts.check(row, "temperature", CheckKind::health);
    check.observed = facts.temp_c_max[row];
    check.limit_high = *criteria.max_temp_c;
    check.unit = "°C";
    check.limit_source = "criteria max_temp_c";
    if (check.observed > check.limit_high) {
      set(check, CheckResult::fail, "too_hot", Action::isolate,
          fmt::format("{:.0f} °C; expected at most {:.0f}", check.observed, check.limit_high));
    }
    checks.push_back(std::move(check));
  }
}

}  // namespace gpubench
