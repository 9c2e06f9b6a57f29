#include "run/case_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/text.h"
#include "plan/reasons.h"
#include "run/bands.h"
#include "run/execution.h"
#include "run/fingerprint_kernel.h"
#include "run/memory.h"
#include "run/reason_of.h"
#include "run/shader_scan.h"
#include "timing/host_check.h"
#include "timing/sampler.h"
#include "timing/statistics.h"

namespace gpubench {
namespace {

Row ended(Row row, RowStatus status, Reason reason) {
  row.status = status;
  row.reason = std::move(reason);
  return row;
}

Row ended_by(Row row, const Error& error) {
  return ended(std::move(row), status_of(error.kind), reason_of(error));
}

// A poisoned output changes what is in the caches, which is not worth a factor of three.
constexpr double kWorksLonger = 3;
constexpr int kComparedLaunches = 5;
// A busy machine holds short launches up for a while, but hardly each of so many.
constexpr double kComparedFor_s = 0.5;
constexpr int kMostCompared = 1000;

/// One case on its way; each step fills its columns of the row, and says whether to go on.
class CaseRun {
 public:
  CaseRun(const Case& planned, CaseContext& context)
      : planned_(planned), context_(context), row_(context.blank) {
    row_.planned = planned;
  }

  Row run() {
    if (prepare() && predict() && reference() && check_first() && time() && check_last()) {
      row_.status = RowStatus::ok;
    }
    if (planned_.probe) probe();
    if (row_.status == RowStatus::ok) judge_speed();
    const std::vector<std::string> messages = context_.device.take_validation_messages();
    if (!messages.empty()) {
      row_ =
          ended(std::move(row_), RowStatus::failed, {reason::kValidationMessage, messages.front()});
    }
    return std::move(row_);
  }

 private:
  bool end(RowStatus status, Reason reason) {
    row_ = ended(std::move(row_), status, std::move(reason));
    return false;
  }
  bool end_by(const Error& error) {
    note_loss(error);
    row_ = ended_by(std::move(row_), error);
    return false;
  }
  void note_loss(const Error& error) {
    if (is_loss(error)) context_.device_is_gone = true;
  }

  bool prepare() {
    // Before anything can refuse the kernel: what a shader says needs no device.
    row_.declared = scan_user_code(planned_.kernel, context_.sources.user_code);
    auto kernel = prepare_kernel(planned_.kernel, planned_.problem, planned_.precision,
                                 context_.device.traits(), context_.sources);
    if (!kernel) return end_by(kernel.error());
    kernel_ = std::move(kernel).value();
    row_.kernel = kernel_.name;
    row_.kernel_choice = kernel_.why;
    row_.kernel_params = kernel_.launch.params;
    row_.kernel_hash = kernel_hash(kernel_, planned_.problem.shape.m);
    row_.declared = scan_kernel(kernel_, planned_.problem.shape.m);
    return true;
  }

  /// Time comes first: a reader learns how long the case would take, memory or not.
  bool predict() {
    if (!is_short(planned_.problem)) {
      const auto rate = context_.rates.rate_for(planned_);
      if (!rate) return end_by(rate.error());
      rate_ = *rate;
    }
    const auto too_long = over_budget(planned_, estimate_at(planned_, rate_));
    if (too_long && context_.over_budget == OverBudget::skip) {
      return end(RowStatus::skipped, *too_long);
    }
    if (const auto reason = over_memory(planned_, kernel_.launch, context_.device)) {
      return end(RowStatus::skipped, *reason);
    }
    return true;
  }

  bool reference() {
    context_.on_stage("reference");
    const auto ready = context_.checker.prepare(planned_);
    return ready ? true : end_by(ready.error());
  }

  bool check_first() {
    context_.on_stage("check");
    auto execution = Execution::create(context_.device, planned_.problem, planned_.precision,
                                       kernel_, InputData::from_fill, input_copies(planned_));
    if (!execution) return end_by(execution.error());
    execution_ = std::move(execution).value();
    if (auto cut = execution_->set_bands(bands_for(planned_.problem, kernel_.launch, rate_));
        !cut) {
      return end_by(cut.error());
    }
    const auto launched = launch_poisoned();
    if (!launched) return end_by(launched.error());
    first_launch_s_ = seconds_of(*launched);
    return judge_output();
  }

  /// Every output that is judged was NaN before the launch that made it.
  Result<Sample> launch_poisoned() {
    if (auto poisoned = execution_->poison_output(); !poisoned) return poisoned.error();
    return execution_->launch(1);
  }

  bool judge_output() {
    const auto guard = execution_->overwritten_guard();
    if (!guard) return end_by(guard.error());
    if (!guard->empty()) {
      row_.check = CheckFacts{};
      row_.check->status = CheckStatus::failed;
      return end(RowStatus::failed, {reason::kGuardOverwritten, *guard});
    }
    const auto output = execution_->output();
    if (!output) return end_by(output.error());
    if (judgement_) ++row_.repeats;
    judgement_ = context_.checker.judge(*output, judgement_ ? &*judgement_ : nullptr);
    row_.check = judgement_->facts;
    row_.end_to_end = judgement_->end_to_end;
    row_.decisions = judgement_->decisions;
    row_.reason = judgement_->reason;
    row_.error_map = judgement_->error_map;
    if (judgement_->check.status == CheckStatus::failed) row_.status = RowStatus::failed;
    return judgement_->check.status != CheckStatus::failed;
  }

  SamplerOptions sampler_options() const {
    SamplerOptions options;
    options.timer =
        context_.device.traits().timestamps ? TimerKind::gpu_timestamp : TimerKind::host;
    options.timer_facts = context_.timer_facts;
    options.known_launch_s = first_launch_s_;
    const double budget_s = std::min(planned_.budget_s, context_.sampling_s);
    options.stopping.budget_s = std::max(0.0, budget_s - first_launch_s_);
    options.stopping.hold_s = planned_.hold_s;
    return options;
  }

  bool time() {
    context_.on_stage("time");
    if (first_launch_s_ > 0) {
      const Rate shown{flop(planned_.problem) / first_launch_s_, RateEvidence::same_problem};
      const auto bands = bands_for(planned_.problem, kernel_.launch, shown);
      if (auto cut = execution_->set_bands(bands); !cut) return end_by(cut.error());
    }
    if (auto poisoned = execution_->poison_output(); !poisoned) return end_by(poisoned.error());
    TelemetrySampler telemetry(context_.telemetry);
    const auto series = sample(
        sampler_options(), [&](std::uint32_t launches) { return execution_->launch(launches); },
        context_.now, context_.should_stop);
    row_.telemetry = telemetry.stop();
    if (!series) return end_by(series.error());
    row_.series = *series;
    return true;
  }

  /// The last sample is taken on a poisoned output: what is judged is what was timed last. Then
  /// once more after a single launch, since a fault that comes and goes with every second dispatch
  /// may be out of sight after the first and the last.
  bool check_last() {
    context_.on_stage("check again");
    if (!judge_after(launch_last_sample()) || !judge_after(repeat_launch()) || !works_anew() ||
        !repeat()) {
      row_.series.reset();
      return false;
    }
    row_.timing = summarise(*row_.series);
    if (!row_.reason) row_.reason = reason_of(check_against_host(*row_.series, *row_.timing));
    context_.rates.learn(planned_, row_.timing->median_s);
    return true;
  }

  /// The device is as warm now as the kernel found it. No probe takes back what speed proves.
  void judge_speed() {
    const auto ceiling = ceiling_of(planned_, row_.kernel, context_.device.traits());
    if (!ceiling) return;
    const bool of_memory = *ceiling == Ceiling::copy;
    const auto rate = of_memory ? bandwidth_bytes_per_s(row_) : throughput_flops(row_);
    if (!rate) return;
    context_.on_stage("peak");
    const Peak& peak = context_.peaks.beside(*ceiling, *rate);
    auto& known = of_memory ? row_.peak_bandwidth_bytes_per_s : row_.peak_flops;
    if (peak.per_second > 0) known = peak.per_second;
    row_.peak_source = peak.source;
    // A doubtful time, or an output that proves nothing, is no evidence.
    if (!row_.reason && is_above_peak(row_)) doubt_speed(*ceiling, *rate, peak);
  }

  void doubt_speed(Ceiling ceiling, double rate, const Peak& peak) {
    const char* unit = ceiling == Ceiling::copy ? "B/s" : "FLOP/s";
    const std::string reached = format_rate(rate, unit);
    const std::string most = format_rate(peak.per_second, unit);
    if (!proves_less_than_fp32(row_)) {
      row_.reason = {reason::kSuspicious, fmt::format("{}, where the device was measured to reach "
                                                      "{} ({}): the time or the peak is wrong",
                                                      reached, most, peak.source)};
      return;
    }
    row_.reason = {reason::kAbovePeak,
                   fmt::format("faster than FP32 can be on this device: this path is not FP32 "
                               "({}, FP32 multiply-adds reach {})",
                               reached, most)};
    if (accuses(row_.precision_verdict, to_string(planned_.precision))) return;
    row_.precision_verdict = "downgraded";
    row_.precision_reason = row_.reason->text;
  }

  bool judge_after(const Outcome& launched) {
    return launched ? judge_output() : end_by(launched.error());
  }

  Outcome launch_last_sample() {
    if (auto poisoned = execution_->poison_output(); !poisoned) return poisoned;
    const std::uint32_t launches = row_.series->dispatches_per_sample;
    const double at_s = context_.now() - row_.series->begin_s;
    const auto whole = execution_->launch(launches);
    if (!whole) return whole.error();
    row_.series->samples.push_back({whole->gpu_s / launches, whole->host_s / launches, at_s});
    return Done{};
  }

  Outcome repeat_launch() {
    const auto launched = launch_poisoned();
    if (!launched) return launched.error();
    fresh_launch_s_ = seconds_of(*launched);
    return Done{};
  }

  /// A kernel that finds its output there already and returns passes every check of that output,
  /// and was timed doing nothing. On a poisoned output it has to work, which takes longer, however
  /// often it is tried; an honest launch takes longer only while something else holds the machine.
  bool works_anew() {
    // Shortest against shortest: a busy machine lengthens the median of launches that do nothing.
    const double usual_s = summarise(*row_.series).min_s;
    // One launch of a tiny kernel takes longer than its share of a batch: compare like with like.
    double repeated_s = std::numeric_limits<double>::infinity();
    double spent_s = 0;
    const auto goes_on = [&](int round) {
      return round < kComparedLaunches || (round < kMostCompared && spent_s < kComparedFor_s);
    };
    for (int round = 0; goes_on(round); ++round) {
      if (fresh_launch_s_ <= kWorksLonger * usual_s) return true;
      const bool compared = round >= kComparedLaunches;
      if (compared && fresh_launch_s_ <= kWorksLonger * repeated_s) return true;
      if (!keep_shortest(fresh_launch_s_, spent_s, launch_poisoned())) return false;
      if (!keep_shortest(repeated_s, spent_s, execution_->launch(1))) return false;
    }
    if (fresh_launch_s_ <= kWorksLonger * repeated_s) return true;
    row_.check->status = CheckStatus::failed;
    return end(RowStatus::failed,
               {reason::kStaleOutput,
                fmt::format("a launch takes {} when its output was erased, but {} when it is there "
                            "already: timed launches left work out",
                            format_seconds(fresh_launch_s_), format_seconds(repeated_s))});
  }

  /// What fails now and then fails in one of many.
  bool repeat() {
    for (std::uint32_t i = 0; i < planned_.repeats && !context_.should_stop(); ++i) {
      if (!judge_after(repeat_launch())) return false;
    }
    return true;
  }

  bool keep_shortest(double& shortest_s, double& spent_s, const Result<Sample>& launched) {
    if (!launched) return end_by(launched.error());
    shortest_s = std::min(shortest_s, seconds_of(*launched));
    spent_s += launched->host_s;
    return true;
  }

  /// A wrong result is worth a look as well: the probes may tell why it is wrong.
  bool has_output() const {
    if (row_.status == RowStatus::ok) return true;
    return row_.status == RowStatus::failed && row_.reason &&
           (row_.reason->code == reason::kWrongResult || row_.reason->code == reason::kNanInOutput);
  }

  /// Comes last, since it puts other numbers into the inputs. Whatever happens here, the rest of
  /// the row stays what it is.
  void probe() {
    if (!has_output()) return;
    const double launch_s = row_.timing ? row_.timing->median_s : first_launch_s_;
    if (const auto why = why_not_probed(planned_, launch_s, context_.over_budget)) {
      return leave_unprobed(*why);
    }
    context_.on_stage("probe");
    const auto found = fingerprint_execution(*execution_, planned_.problem, planned_.precision,
                                             context_.should_stop);
    execution_.reset();
    if (!found) {
      note_loss(found.error());
      return leave_unprobed(reason_of(found.error()));
    }
    row_.precision_verdict = to_string(found->verdict);
    row_.precision_reason = found->reason;
    row_.observed_precision = found->name;
  }

  void leave_unprobed(const Reason& why) { row_.precision_reason = why.code + ": " + why.text; }

  const Case& planned_;
  CaseContext& context_;
  Row row_;
  PreparedKernel kernel_;
  Rate rate_;
  std::unique_ptr<Execution> execution_;
  std::optional<Judgement> judgement_;  ///< Of the output judged last.
  double first_launch_s_ = 0;
  double fresh_launch_s_ = 0;  ///< On a poisoned output, after the series.
};

}  // namespace

Row run_case(const Case& planned, CaseContext& context) {
  return CaseRun(planned, context).run();
}

Row dropped_row(const DroppedCase& dropped, const Row& blank) {
  Row row = blank;
  row.planned = dropped.planned;
  return ended(std::move(row), RowStatus::skipped, dropped.reason);
}

}  // namespace gpubench
