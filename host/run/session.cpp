#include "run/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <limits>
#include <memory>
#include <numeric>
#include <set>

#include "base/text.h"
#include "kernels/fill.h"
#include "plan/expand.h"
#include "plan/level_time.h"
#include "plan/reasons.h"
#include "plan/vocabulary.h"
#include "record/build_info.h"
#include "record/columns.h"
#include "record/environment.h"
#include "record/results_table.h"
#include "record/run_folder.h"
#include "record/run_id.h"
#include "record/scenario_vocabulary.h"
#include "record/words.h"
#include "run/case_runner.h"
#include "run/case_time.h"
#include "run/labels.h"
#include "run/libraries.h"
#include "run/machine.h"
#include "run/timer.h"
#include "run/tuning_file.h"
#include "scenario/reader.h"
#include "tuning/shipped.h"

namespace gpubench {
namespace {

/// Reads a tensor that comes from a file once, piece by piece, to see that all of it can be used.
Outcome check_fill_file(const Problem& problem, Tensor tensor, std::uint64_t elements) {
  constexpr std::uint64_t kPiece = 1 << 20;
  std::vector<float> piece;
  for (std::uint64_t first = 0; first < elements; first += piece.size()) {
    piece.resize(std::min(kPiece, elements - first));
    if (auto filled = fill_tensor(problem, tensor, first, piece); !filled) return filled;
  }
  return Done{};
}

/// Finds a missing or unfit array before anything is written.
Outcome check_input_files(const std::vector<Case>& cases) {
  std::set<std::pair<std::string, std::string>> seen;  // a file, and the case's shape with it
  for (const Case& planned : cases) {
    if (auto checked = check_labels(planned); !checked) return checked;
    const Problem& problem = planned.problem;
    if (problem.fill != Fill::file) continue;
    const std::string shape =
        fmt::format("{}x{}x{} {} {} {}", problem.shape.m, problem.shape.n, problem.shape.k,
                    problem.shape.batch, to_string(problem.op), to_string(problem.layout));
    if (!seen.emplace(problem.fill_file + '\n' + problem.fill_file_b, shape).second) continue;
    for (const auto& [tensor, elements] :
         {std::pair{Tensor::a, problem.a_elements()}, std::pair{Tensor::b, problem.b_elements()}}) {
      if (auto checked = check_fill_file(problem, tensor, elements); !checked) return checked;
    }
  }
  return Done{};
}

std::string labels_text(const Scenario& scenario) {
  std::string text;
  for (const auto& [name, value] : scenario.labels) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ";", name, value);
  }
  return text;
}

/// What decides, beside the scenario, which cases a run measures.
std::string selection_text(const RunRequest& request) {
  std::string text = request.case_id.empty() ? "" : "--case " + request.case_id;
  if (request.over_budget == OverBudget::run) text += text.empty() ? "--full" : " --full";
  return text;
}

RunDocument new_document(const RunRequest& request, const PlannedScenario& planned,
                         const Machine& machine) {
  const Scenario& scenario = planned.scenario;
  const auto now = RunClock::now();
  RunDocument document;
  document.facts.run_id = make_run_id(now, scenario.name, random_salt());
  document.facts.started_at = utc_timestamp(now);
  document.facts.tool_version = build_info().version;
  document.facts.tool_commit = build_info().commit;
  document.facts.host = host_name();
  document.facts.scenario = scenario.name;
  document.facts.scenario_hash = scenario.hash;
  document.facts.labels = labels_text(scenario);
  document.facts.planned_rows = planned.plan.cases.size() * machine.devices.size();
  document.facts.api_validation = request.validation == ApiValidation::on;
  document.sessions.push_back({document.facts.started_at, "", "running", request.command_line});
  document.scenario_file = scenario.file;
  document.resolved_scenario = scenario.resolved;
  document.selection = selection_text(request);
  document.environment_json = environment_json(library_versions());
  document.devices = device_documents(machine);
  return document;
}

Result<RunFolder> open_folder(const RunRequest& request, RunDocument document) {
  return request.resume_folder.empty()
             ? RunFolder::create(request.results_dir, std::move(document))
             : RunFolder::resume(request.resume_folder, std::move(document));
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The cases of a run on its devices, one after the other, with what they share.
class Session {
 public:
  Session(const RunRequest& request, const PlannedScenario& planned, const Machine& machine,
          RunFolder& folder, RunObserver& observer, const ShouldStop& should_stop, double began_s)
      : request_(request),
        planned_(planned),
        machine_(machine),
        folder_(folder),
        observer_(observer),
        should_stop_(should_stop),
        level_(level_of(planned.scenario)) {
    if (level_ != nullptr) level_ends_s_ = began_s + planned_seconds(*level_);
  }

  Outcome run(const KernelSources& sources) {
    predicted_s_.assign(planned_.plan.cases.size() * machine_.devices.size(), 0);
    for (const RunDevice& device : machine_.devices) {
      if (auto done = run_device(device, sources); !done) return done;
      if (should_stop_()) return Done{};
    }
    return Done{};
  }

  std::vector<Row> take_rows() { return std::move(rows_); }
  [[nodiscard]] std::size_t resumed_rows() const { return resumed_rows_; }

 private:
  Outcome run_device(const RunDevice& device, const KernelSources& sources) {
    observer_.on_device(device.traits);
    for (const DroppedCase& dropped : planned_.plan.dropped) {
      if (auto kept = keep(dropped_row(dropped, blank_row(device))); !kept) return kept;
    }
    std::size_t next = 0;
    while (next < planned_.plan.cases.size() && !should_stop_()) {
      const auto done = run_from(next, device, sources);
      if (!done) return done.error();
      next = *done;
    }
    return Done{};
  }

  /// Opens the device and runs cases from `first` on; returns the first that was not run because
  /// the device was lost. Opening it anew for the rest is all that can be done about that.
  Result<std::size_t> run_from(std::size_t first, const RunDevice& device,
                               const KernelSources& sources) {
    DeviceOptions options;
    options.cache_dir = request_.cache_dir;
    auto opened = open_device(machine_.instance, device.index, options);
    if (!opened) return give_up_from(first, device, opened.error());
    RateBook rates(**opened, sources);
    PeakBook peaks([&](Ceiling ceiling) { return measure_peak(**opened, ceiling); });
    CaseContext context{**opened,
                        sources,
                        rates,
                        peaks,
                        checker_,
                        blank_row(device),
                        timer_facts(**opened),
                        *telemetry_of(device),
                        request_.over_budget,
                        steady_seconds,
                        should_stop_,
                        [&](std::string_view stage) { on_stage(stage, current_case()); }};
    for (std::size_t i = first; i < planned_.plan.cases.size(); ++i) {
      if (should_stop_()) return i;
      const auto lost = run_one(planned_.plan.cases[i], device, context);
      if (!lost) return lost.error();
      if (*lost) return i + 1;
    }
    return planned_.plan.cases.size();
  }

  /// True when the device was lost.
  Result<bool> run_one(const Case& planned, const RunDevice& device, CaseContext& context) {
    ++position_;
    if (folder_.is_finished(planned.id, device.traits.uuid)) {
      ++resumed_rows_;
      return false;
    }
    predict(context.rates);
    observer_.on_case({position_, predicted_s_.size(), planned, predicted_s_});
    Row row = run_in_time(planned, context);
    observer_.on_row(row);
    if (auto kept = keep(std::move(row)); !kept) return kept.error();
    return context.device_is_gone;
  }

  /// With as many samples as the time of the level allows, or skipped where it would end too late.
  Row run_in_time(const Case& planned, CaseContext& context) {
    if (!level_ || request_.over_budget == OverBudget::run) return run_case(planned, context);
    Rate rate = context.rates.known(planned);
    if (!is_short(planned.problem)) {
      const auto measured = context.rates.rate_for(planned);
      if (!measured) return run_case(planned, context);  // says what is wrong
      rate = *measured;
    }
    const double began_s = steady_seconds();
    const std::vector<double> least_s = least_of_rest(planned, rate, context.rates);
    const TimeShare share = share_of(*level_, level_ends_s_ - began_s, least_s);
    if (share.skipped) return dropped_row({planned, *share.skipped}, context.blank);
    context.sampling_s = little_sampling_seconds(planned, rate) + share.spare_s;
    Row row = run_case(planned, context);
    slowness_.learn(least_s.front() + share.spare_s, steady_seconds() - began_s);
    return row;
  }

  std::vector<double> least_of_rest(const Case& planned, const Rate& rate, const RateBook& rates) {
    const std::vector<Case>& cases = planned_.plan.cases;
    std::vector<double> least_s{least_seconds(planned, rate, references_, request_.over_budget)};
    for (std::size_t i = position_; i < predicted_s_.size(); ++i) {
      const Case& later = cases[i % cases.size()];
      least_s.push_back(
          least_seconds(later, rates.known(later), references_, request_.over_budget));
    }
    for (double& seconds : least_s) seconds *= slowness_.factor();
    return least_s;
  }

  /// Tells the observer, and keeps how long references take.
  void on_stage(std::string_view stage, const Case& planned) {
    const double now = steady_seconds();
    if (stage_ == "reference") references_.learn(planned.problem, now - stage_began_s_);
    stage_ = stage;
    stage_began_s_ = now;
    observer_.on_stage(stage);
  }

  /// From the case in hand on; again whenever a hundredth of the run is done, as rates become
  /// known.
  void predict(const RateBook& rates) {
    const std::size_t cases = planned_.plan.cases.size();
    const std::size_t stride = std::max<std::size_t>(1, predicted_s_.size() / 100);
    if (position_ > 1 && position_ % stride != 0) return;
    for (std::size_t i = position_ - 1; i < predicted_s_.size(); ++i) {
      predicted_s_[i] =
          expected_seconds(planned_.plan.cases[i % cases], rates, request_.over_budget);
    }
    if (level_ != nullptr && request_.over_budget == OverBudget::skip) fit_into_level();
  }

  /// No more time is left than that of the level.
  void fit_into_level() {
    const std::span<double> rest = std::span(predicted_s_).subspan(position_ - 1);
    const double left_s = std::max(level_ends_s_ - steady_seconds(), 0.0);
    const double sum_s = std::accumulate(rest.begin(), rest.end(), 0.0);
    if (sum_s <= left_s) return;
    for (double& seconds : rest) seconds *= left_s / sum_s;
  }

  /// Rows for cases that cannot be run any more, so that the file says what is missing.
  Result<std::size_t> give_up_from(std::size_t first, const RunDevice& device, const Error& error) {
    // The only device: whoever started the run must see to it first.
    if (first == 0 && machine_.devices.size() == 1) return error;
    for (std::size_t i = first; i < planned_.plan.cases.size(); ++i) {
      Row row = blank_row(device);
      row.planned = planned_.plan.cases[i];
      row.status = first == 0 ? RowStatus::error : RowStatus::device_lost;
      row.reason =
          first == 0
              ? Reason{reason::kNoDevice, error.message}
              : Reason{reason::kDeviceLost,
                       "lost in an earlier case and not to be opened again: " + error.message};
      if (auto kept = keep(std::move(row)); !kept) return kept.error();
    }
    return planned_.plan.cases.size();
  }

  Outcome keep(Row row) {
    if (folder_.is_finished(row.planned.id, row.device.uuid)) return Done{};
    auto kept = folder_.append(row);
    rows_.push_back(std::move(row));
    return kept;
  }

  [[nodiscard]] const Case& current_case() const {
    return planned_.plan.cases[(position_ - 1) % planned_.plan.cases.size()];
  }

  Row blank_row(const RunDevice& device) const {
    Row row;
    row.run = &folder_.facts();
    row.device = device.traits;
    row.env_id = device.env_id;
    return row;
  }

  std::shared_ptr<TelemetrySource> telemetry_of(const RunDevice& device) {
    telemetry_ = open_telemetry(device.traits);
    return telemetry_;
  }

  const RunRequest& request_;
  const PlannedScenario& planned_;
  const Machine& machine_;
  RunFolder& folder_;
  RunObserver& observer_;
  const ShouldStop& should_stop_;
  const Level* level_;  ///< Null: the run takes as long as it takes.
  double level_ends_s_ = 0;
  ReferenceRate references_;
  Slowness slowness_;
  std::string stage_;
  double stage_began_s_ = 0;
  Checker checker_;
  std::shared_ptr<TelemetrySource> telemetry_;
  std::vector<double> predicted_s_;
  std::vector<Row> rows_;
  std::size_t position_ = 0;
  std::size_t resumed_rows_ = 0;
};

Outcome close_folder(RunFolder& folder, const Outcome& ended, bool interrupted) {
  const std::string now = utc_timestamp(RunClock::now());
  if (!ended) {
    // The reason for stopping matters more than a second failure to write it down.
    [[maybe_unused]] const Outcome noted = folder.abandon(ended.error().message, now);
    return ended;
  }
  return folder.finish(interrupted ? RunEnd::interrupted : RunEnd::finished, now);
}

std::size_t accused_rows(const ResultsTable& results) {
  std::size_t count = 0;
  for (std::size_t row = 0; row < results.size(); ++row) {
    const std::string& verdict = results.text(row, "precision_verdict");
    count += accuses(verdict, results.text(row, "precision")) ? 1 : 0;
  }
  return count;
}

std::size_t rows_with(const ResultsTable& results, std::string_view column,
                      std::initializer_list<std::string_view> words) {
  std::size_t count = 0;
  for (std::size_t row = 0; row < results.size(); ++row) {
    count += std::ranges::count(words, results.text(row, column)) > 0 ? 1 : 0;
  }
  return count;
}

std::size_t rows_for(const ResultsTable& results, std::string_view reason_code) {
  std::size_t count = 0;
  for (std::size_t row = 0; row < results.size(); ++row) {
    const std::string& reason = results.text(row, "reason");
    count += reason.substr(0, reason.find(':')) == reason_code ? 1 : 0;
  }
  return count;
}

/// `expected` says of each row whether the scenario expects it to end as it did.
std::size_t mistrusted_rows(const ResultsTable& results, const std::vector<bool>& expected) {
  std::size_t count = 0;
  for (std::size_t row = 0; row < results.size(); ++row) {
    const bool mistrusted = results.text(row, "check_status") == to_string(CheckStatus::mistrusted);
    count += mistrusted && !expected[row] ? 1 : 0;
  }
  return count;
}

std::vector<std::string> cases_of(const ResultsTable& results, const std::vector<bool>& expected) {
  std::vector<std::string> ids;
  for (std::size_t row = 0; row < results.size(); ++row) {
    if (expected[row]) ids.push_back(results.text(row, "case_id"));
  }
  return ids;
}

std::vector<RowStatus> statuses_of(const ResultsTable& results, const std::vector<bool>& expected) {
  std::vector<RowStatus> statuses;
  for (std::size_t row = 0; row < results.size(); ++row) {
    // A word of a newer version is no good result.
    const auto status = parse_row_status(results.text(row, "status"));
    statuses.push_back(expected[row] ? RowStatus::ok : status.value_or(RowStatus::error));
  }
  return statuses;
}

}  // namespace

Result<PlannedScenario> plan_scenario(const std::string& file,
                                      std::span<const std::string> overrides) {
  auto scenario = read_scenario(file, overrides, scenario_vocabulary());
  if (!scenario) return scenario.error();
  auto plan = expand(*scenario);
  if (!plan) return plan.error();
  return PlannedScenario{std::move(scenario).value(), std::move(plan).value()};
}

Result<PlannedScenario> plan_request(const RunRequest& request) {
  std::vector<std::string> overrides = request.overrides;
  if (request.budget_s) {
    const std::string budget = "budget=" + shortest(*request.budget_s) + "s";
    overrides.insert(overrides.end(), {budget, "cases." + budget});
  }
  auto planned = plan_scenario(request.scenario_file, overrides);
  if (!planned) return planned.error();
  if (!request.case_id.empty()) {
    auto selected = select_cases(planned->plan, request.case_id);
    if (!selected) return selected.error();
    planned->plan = std::move(selected).value();
  }
  return planned;
}

Result<KernelSources> load_sources(const RunRequest& request, const std::vector<Case>& cases) {
  auto user_code = load_user_code(cases);
  if (!user_code) return user_code.error();
  auto tuned = read_tuning_file(request.tuning_file);
  if (!tuned) return tuned.error();
  return KernelSources{std::move(user_code).value(), std::move(tuned).value(),
                       request.shipped_tunings ? shipped_table() : TuningTable{}};
}

Result<RunSummary> run_scenario(const RunRequest& request, RunObserver& observer,
                                const ShouldStop& should_stop) {
  const double began_s = steady_seconds();
  auto planned = plan_request(request);
  if (!planned) return planned.error();
  const auto sources = load_sources(request, planned->plan.cases);
  if (!sources) return sources.error();
  if (auto files = check_input_files(planned->plan.cases); !files) return files.error();
  const auto machine = find_machine(request.validation, request.device_selector);
  if (!machine) return machine.error();
  auto folder = open_folder(request, new_document(request, *planned, *machine));
  if (!folder) return folder.error();

  Session session(request, *planned, *machine, *folder, observer, should_stop, began_s);
  const Outcome ended = session.run(*sources);
  const bool interrupted = should_stop();
  if (auto closed = close_folder(*folder, ended, interrupted); !closed) return closed.error();
  const auto results = ResultsTable::read(folder->path() + "/results.csv");
  if (!results) return results.error();

  RunSummary summary;
  summary.rows = session.take_rows();
  summary.failed_expectations = failed_expectations(planned->scenario.expects, *results);
  const std::vector<bool> expected = expected_rows(planned->scenario.expects, *results);
  summary.statuses = statuses_of(*results, expected);
  summary.mistrusted_rows = mistrusted_rows(*results, expected);
  summary.expected_cases = cases_of(*results, expected);
  summary.above_peak_rows = rows_for(*results, reason::kAbovePeak);
  summary.contradicted_rows =
      rows_with(*results, "declared_evidence",
                {to_string(DeclaredEvidence::relaxed), to_string(DeclaredEvidence::fp16),
                 to_string(DeclaredEvidence::bf16)});
  summary.accused_rows = accused_rows(*results);
  summary.resumed_rows = session.resumed_rows();
  summary.scenario = std::move(planned->scenario);
  summary.folder = folder->path();
  summary.interrupted = interrupted;
  return summary;
}

}  // namespace gpubench
