#include "judge/baseline_checks.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <set>
#include <utility>

#include "plan/reasons.h"

namespace gpubench {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// What keeps the row from being compared; empty where nothing does.
std::string_view why_incomparable(const Facts& facts, const BaselineSeries& series,
                                  std::size_t row) {
  if (facts.kernel_hash[row] != series.kernel_hash) return "kernel_changed";
  if (facts.fill[row] != series.fill) return "fill_changed";
  if (facts.timer[row] != series.timer) return "timer_changed";
  return {};
}

/// A case that was not run, but for one that another row of the same name was run for.
bool was_left_out(const Facts& facts, std::size_t row) {
  const std::string_view status = facts.status[row];
  return (status == "skipped" || status == "unsupported") &&
         Facts::code_of(facts.reason[row]) != reason::kDuplicate;
}

Against against_of(const Baseline& baseline, const BaselineComparison& compared) {
  return {.baseline_id = baseline.content_hash,
          .value = compared.baseline_s,
          .delta_rel = compared.delta_rel,
          .ci_low = compared.ci_low.value_or(kUnknown),
          .ci_high = compared.ci_high.value_or(kUnknown),
          .p_value = compared.p_value.value_or(kUnknown),
          .n_base = compared.n_base,
          .n_new = compared.n_new};
}

void judge_time(QualificationCheck& check, const Baseline& baseline,
                const BaselineComparison& compared) {
  if (!(compared.delta_rel > compared.minimum_effect)) return;
  const std::string slower =
      fmt::format("{:.1f} % slower than the baseline", 100 * compared.delta_rel);
  if (compared.ci_low && *compared.ci_low <= 0) {
    set(check, CheckResult::warn, "maybe_slower", Action::rerun,
        slower + ", but not surely: its 95 % interval holds no change");
  } else if (baseline.provisional) {
    set(check, CheckResult::warn, "slower", Action::triage, slower + ", which is provisional");
  } else {
    set(check, CheckResult::fail, "slower", Action::triage, slower);
  }
}

}  // namespace

void check_against_baseline(std::vector<QualificationCheck>& checks, const Facts& facts,
                            const Baseline& baseline, std::size_t row) {
  const BaselineSeries* series = baseline.find(facts.case_id[row], facts.device_name[row]);
  const bool timed = facts.has_speed(row);
  if (!timed && (series == nullptr || !was_left_out(facts, row))) return;
  QualificationCheck check = facts.check(row, "baseline", CheckKind::baseline);
  check.observed = facts.time_median_s[row];
  check.unit = "s";
  check.limit_source = "baseline";
  if (!timed) {
    set(check, CheckResult::inconclusive, "missing_case", Action::rerun,
        fmt::format("the baseline knows this case, and here it is {}: {}", facts.status[row],
                    facts.reason[row]));
  } else if (series == nullptr) {
    set(check, CheckResult::inconclusive, "no_baseline", Action::none,
        "the baseline does not know this case on such a device");
  } else if (const std::string_view why = why_incomparable(facts, *series, row); !why.empty()) {
    set(check, CheckResult::inconclusive, why, Action::rerun,
        "the baseline was made of another kernel, fill or timer: create a new one");
  } else {
    const auto compared = compare_with_baseline(*series, std::array{check.observed});
    check.limit_high = compared.baseline_s * (1 + compared.minimum_effect);
    check.against = std::make_shared<const Against>(against_of(baseline, compared));
    judge_time(check, baseline, compared);
  }
  checks.push_back(std::move(check));
}

void check_for_missing_cases(std::vector<QualificationCheck>& checks, const Facts& facts,
                             const Baseline& baseline) {
  std::set<std::pair<std::string_view, std::string_view>> present;
  std::set<std::string_view> devices;
  for (std::size_t row = 0; row < facts.history.size(); ++row) {
    present.emplace(facts.case_id[row], facts.device_name[row]);
    devices.insert(facts.device_name[row]);
  }
  for (const auto& [key, series] : baseline.series) {
    const bool expected = devices.contains(series.device_name);
    if (!expected || present.contains({series.case_id, series.device_name})) continue;
    QualificationCheck check;
    check.case_id = series.case_id;
    check.device_name = series.device_name;
    check.check = "baseline";
    check.kind = CheckKind::baseline;
    check.limit_source = "baseline";
    set(check, CheckResult::inconclusive, "missing_case", Action::rerun,
        "the baseline knows this case, and no run has it");
    checks.push_back(std::move(check));
  }
}

}  // namespace gpubench
