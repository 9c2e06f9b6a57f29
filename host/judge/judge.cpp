#include "judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <optional>
#include <set>

#include "base/parallel.h"
#include "history/run_files.h"
#include "judge/baseline_checks.h"
#include "judge/case_checks.h"
#include "judge/expectations.h"
#include "judge/limits.h"
#include "judge/peers.h"
#include "judge/steadiness_checks.h"
#include "judge/waivers.h"
#include "scenario/source_place.h"

namespace gpubench {
namespace {

// Runs of a part: large enough to be worth a thread's while.
constexpr std::size_t kRunsInPart = 16;

/// What all runs share.
struct Setting {
  const JudgeRequest& request;
  const Facts& facts;
  const Expectations& expectations;
  std::vector<LimitOnRows> limits;
  std::vector<WaiverOnRows> waivers;
  std::vector<std::unique_ptr<const QualificationCheck>> peers;  ///< Of each row, or null.
};

Result<Setting> prepare(const JudgeRequest& request, const Facts& facts,
                        const Expectations& expectations) {
  auto limits = limits_on_rows(facts, request.criteria);
  if (!limits) return limits.error();
  auto waivers = waivers_on_rows(facts, request.criteria, request.today);
  if (!waivers) return waivers.error();
  return Setting{request,           facts, expectations, std::move(*limits), std::move(*waivers),
                 check_peers(facts)};
}

void judge_row(std::vector<QualificationCheck>& checks, const Setting& setting, std::size_t row,
               std::span<const SampleTimes> samples) {
  const std::size_t first = checks.size();
  const Criteria& criteria = setting.request.criteria;
  const bool expected = setting.expectations.expects(row);
  check_case(checks, setting.facts, criteria, row, expected ? Ending::expected : Ending::any);
  setting.expectations.check_row(checks, setting.facts, row);
  check_limits(checks, setting.facts, setting.limits, row);
  if (setting.request.baseline) {
    check_against_baseline(checks, setting.facts, *setting.request.baseline, row);
  }
  if (setting.peers[row]) checks.push_back(*setting.peers[row]);
  check_stability(checks, setting.facts, criteria, row, samples);
  check_health(checks, setting.facts, criteria, row);
  apply_waivers(std::span(checks).subspan(first), setting.waivers, row);
}

Result<std::vector<QualificationCheck>> judge_run(const Setting& setting, const HistoryRun& run) {
  std::vector<QualificationCheck> checks;
  check_run(checks, setting.facts, setting.request.criteria, run);
  setting.expectations.check_run(checks, setting.facts, run);
  const auto samples = read_samples(setting.facts.history, run);
  if (!samples) return samples.error();
  for (std::size_t i = 0; i < run.rows; ++i) {
    judge_row(checks, setting, run.first_row + i, (*samples)[i]);
  }
  return checks;
}

Result<std::vector<QualificationCheck>> judge_all(const Setting& setting) {
  const std::span<const HistoryRun> runs = setting.facts.history.runs();
  std::vector<Result<std::vector<QualificationCheck>>> parts(runs.size(),
                                                             std::vector<QualificationCheck>());
  parallel_for(runs.size(), kRunsInPart, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) parts[i] = judge_run(setting, runs[i]);
  });
  std::vector<QualificationCheck> checks;
  check_hosts(checks, setting.facts, setting.request.expected_hosts);
  if (setting.request.baseline) {
    check_for_missing_cases(checks, setting.facts, *setting.request.baseline);
  }
  std::size_t count = checks.size();
  for (const auto& part : parts) {
    if (!part) return part.error();
    count += part->size();
  }
  checks.reserve(count);
  for (auto& part : parts) {
    std::move(part->begin(), part->end(), std::back_inserter(checks));
    *part = {};  // Two copies of all would be much.
  }
  return checks;
}

std::string note_at(const SourcePlace& place, const std::string& text) {
  return error_at(place, text).message;
}

void note_limits(std::vector<std::string>& notes, const JudgeRequest& request,
                 std::span<const QualificationCheck> checks) {
  std::set<std::string_view> with_value;
  for (const QualificationCheck& check : checks) {
    if (check.kind == CheckKind::limit && !std::isnan(check.observed)) {
      with_value.insert(check.check);
    }
  }
  for (const Limit& limit : request.criteria.limits) {
    if (with_value.contains(limit.name)) continue;
    notes.push_back(
        note_at(limit.place,
                fmt::format("limit \"{}\" judged nothing: no row that it fits has a value of {}",
                            limit.name, limit.metric)));
  }
}

void note_waivers(std::vector<std::string>& notes, const JudgeRequest& request,
                  std::span<const QualificationCheck> checks) {
  std::vector<const QualificationCheck*> waived;
  for (const QualificationCheck& check : checks) {
    if (check.status == CheckResult::waived) waived.push_back(&check);
  }
  for (const Waiver& waiver : request.criteria.waivers) {
    if (request.today > waiver.expires) continue;  // Where it is missed, the check says so.
    const bool used = std::any_of(waived.begin(), waived.end(), [&](const auto* check) {
      return check->check == waiver.check && check->message.ends_with(waived_words(waiver));
    });
    if (used) continue;
    notes.push_back(note_at(waiver.place,
                            fmt::format("the waiver of \"{}\" had no effect: nothing that it fits "
                                        "fails or warns",
                                        waiver.check)));
  }
}

}  // namespace

Result<JudgedRuns> judge_runs(const JudgeRequest& request) {
  auto read = read_history(request.paths, columns_for_judging(request.criteria));
  if (!read) return read.error();
  // Checks and expectations point to it, wherever the result is moved.
  auto history = std::make_unique<const History>(std::move(*read));
  auto expectations = Expectations::read(*history);
  if (!expectations) return expectations.error();
  Qualification qualification;
  {
    const Facts facts(*history);
    if (auto checked = check_numbers(facts); !checked) return checked.error();
    const auto setting = prepare(request, facts, *expectations);
    if (!setting) return setting.error();
    auto checks = judge_all(*setting);
    if (!checks) return checks.error();
    qualification.checks = std::move(*checks);
  }
  qualification.verdict = verdict_of(qualification.checks);
  qualification.line = verdict_line(qualification.verdict, qualification.checks);
  std::vector<std::string> notes;
  note_limits(notes, request, qualification.checks);
  note_waivers(notes, request, qualification.checks);
  return JudgedRuns{std::move(history), std::move(*expectations), std::move(qualification),
                    std::move(notes)};
}

}  // namespace gpubench
