#include "judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/parallel.h"
#include "judge/baseline_checks.h"
#include "judge/case_checks.h"
#include "judge/expectations.h"
#include "judge/facts.h"
#include "judge/limits.h"
#include "judge/peers.h"
#include "judge/steadiness_checks.h"
#include "judge/waivers.h"
#include "scenario/source_place.h"

namespace gpubench {

/// What all runs share.
struct Judge::Inputs {
  Inputs(const JudgeRequest& of, History read)
      : request(of), history(std::move(read)), facts(history) {}

  const JudgeRequest& request;
  const History history;
  const Facts facts;
  Expectations expectations;
  std::vector<LimitOnRows> limits;
  std::vector<WaiverOnRows> waivers;
  RowChecks peers, stability;
};

namespace {

// Runs of a part: large enough to be worth a thread's while.
constexpr std::size_t kRunsInPart = 16;

using Checks = std::vector<QualificationCheck>;

std::string note_at(const SourcePlace& place, const std::string& text) {
  return error_at(place, text).message;
}

void note_limits(std::vector<std::string>& notes, std::span<const LimitOnRows> limits,
                 std::size_t rows) {
  for (const LimitOnRows& on_rows : limits) {
    if (has_value(on_rows, rows)) continue;
    const Limit& limit = *on_rows.limit;
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

/// Part of the runs, judged.
struct JudgedPart {
  CheckTally tally;
  Checks kept;

  void add_run(Checks& checks, KeptChecks which) {
    tally.add_run(checks);
    const auto passed = [](const QualificationCheck& check) {
      return check.status == CheckResult::pass;
    };
    const auto end = which == KeptChecks::all
                         ? checks.end()
                         : std::remove_if(checks.begin(), checks.end(), passed);
    std::move(checks.begin(), end, std::back_inserter(kept));
  }
};

Qualification joined(std::span<JudgedPart> parts) {
  Qualification all;
  std::size_t count = 0;
  for (const JudgedPart& part : parts) count += part.kept.size();
  all.checks.reserve(count);
  for (JudgedPart& part : parts) {
    all.tally.add(part.tally);
    std::ranges::move(part.kept, std::back_inserter(all.checks));
    part.kept = {};  // Two copies of all would be much.
  }
  all.verdict = verdict_of(all.tally);
  all.line = verdict_line(all.verdict, all.tally);
  return all;
}

}  // namespace

Judge::Judge(std::unique_ptr<Inputs> inputs) : inputs_(std::move(inputs)) {}
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;
Judge::~Judge() = default;

Result<Judge> Judge::read(const JudgeRequest& request) {
  auto history = read_history(request.paths, columns_for_judging(request.criteria));
  if (!history) return history.error();
  // Most of it points to the rest of it, wherever the result is moved.
  auto inputs = std::make_unique<Inputs>(request, std::move(*history));
  auto expectations = Expectations::read(inputs->history);
  if (!expectations) return expectations.error();
  inputs->expectations = std::move(*expectations);
  if (auto checked = check_numbers(inputs->facts); !checked) return checked.error();
  auto limits = limits_on_rows(inputs->facts, request.criteria);
  if (!limits) return limits.error();
  inputs->limits = std::move(*limits);
  auto waivers = waivers_on_rows(inputs->facts, request.criteria, request.today);
  if (!waivers) return waivers.error();
  inputs->waivers = std::move(*waivers);
  auto stability = check_stability(inputs->facts, request.criteria);
  if (!stability) return stability.error();
  inputs->stability = std::move(*stability);
  inputs->peers = check_peers(inputs->facts);
  return Judge(std::move(inputs));
}

const History& Judge::history() const {
  return inputs_->history;
}

void Judge::judge_all_runs(Checks& checks) const {
  const JudgeRequest& request = inputs_->request;
  check_hosts(checks, inputs_->facts, request.expected_hosts);
  if (request.baseline) check_for_missing_cases(checks, inputs_->facts, *request.baseline);
}

void Judge::judge_run(Checks& checks, const HistoryRun& run) const {
  check_run(checks, inputs_->facts, inputs_->request.criteria, run);
  inputs_->expectations.check_run(checks, inputs_->facts, run);
  for (std::size_t row = run.first_row; row < run.first_row + run.rows; ++row) {
    judge_row(checks, row);
  }
}

void Judge::judge_row(Checks& checks, std::size_t row) const {
  const std::size_t first = checks.size();
  const Facts& facts = inputs_->facts;
  const Criteria& criteria = inputs_->request.criteria;
  const bool expected = inputs_->expectations.expects(row);
  check_case(checks, facts, criteria, row, expected ? CaseEnding::expected : CaseEnding::any);
  inputs_->expectations.check_row(checks, facts, row);
  check_limits(checks, facts, inputs_->limits, row);
  if (inputs_->request.baseline) {
    check_against_baseline(checks, facts, *inputs_->request.baseline, row);
  }
  for (const RowChecks* found : {&inputs_->peers, &inputs_->stability}) {
    if ((*found)[row]) checks.push_back(*(*found)[row]);
  }
  check_health(checks, facts, criteria, row);
  apply_waivers(std::span(checks).subspan(first), inputs_->waivers, row);
}

JudgedRuns Judge::judge(KeptChecks kept, const TakeChecks& take) const {
  const std::span<const HistoryRun> runs = inputs_->history.runs();
  // The first is of no run.
  std::vector<JudgedPart> parts(1 + (runs.size() + kRunsInPart - 1) / kRunsInPart);
  Checks of_no_run;
  judge_all_runs(of_no_run);
  parts.front().add_run(of_no_run, kept);
  parallel_for(runs.size(), kRunsInPart, [&](std::size_t begin, std::size_t end) {
    Checks checks;
    for (std::size_t run = begin; run < end; ++run) {
      checks.clear();
      judge_run(checks, runs[run]);
      if (take) take(run, checks);
      parts[1 + begin / kRunsInPart].add_run(checks, kept);
    }
  });
  JudgedRuns judged{joined(parts), {}};
  note_limits(judged.notes, inputs_->limits, inputs_->history.size());
  note_waivers(judged.notes, inputs_->request, judged.qualification.checks);
  return judged;
}

}  // namespace gpubench
