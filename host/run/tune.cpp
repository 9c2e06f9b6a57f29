#include "run/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "record/build_info.h"
#include "record/run_id.h"
#include "run/memory.h"
#include "tuning/candidates.h"
#include "tuning/shipped.h"

namespace gpubench {
namespace {

// Enough for hours of tuning.
constexpr std::size_t kMostCandidates = 400;
// Where a launch takes longer, candidates qualify at a smaller shape first.
constexpr double kLongLaunchSeconds = 0.1;
// So long is an output of theirs at most in being checked, by what a core takes an element: to
// poison it, to bring it to the host, to hash it, and to compare it with the reference.
constexpr double kLongCheckSeconds = 0.2;
constexpr double kCheckSecondsPerElement = 1e-8;
constexpr std::uint32_t kLeastProbeSide = 256;
// Of them, so many go on to the shape that was asked for.
constexpr std::size_t kFinalists = 4;
constexpr double kProbeShare = 0.6;
// What it takes there at least: two are verified, and timed often enough to tell. One of them is
// verified again before it wins.
constexpr double kFinalLaunches = 2 * (1 + kLeastSamples) + 1;
constexpr double kFinalChecks = 3;
constexpr double kLeastProbeShare = 0.2;
// Beyond this, candidates are checked on rows and with probes: a whole product on the CPU would
// take longer than the search.
constexpr double kWholeReferenceFlop = 2e11;
// A kernel one launch of which takes more of the budget is left out.
constexpr double kLaunchShare = 0.1;

std::uint32_t halved(std::uint32_t side) {
  if (side <= kLeastProbeSide) return side;
  return std::max(kLeastProbeSide, side / 2 / 64 * 64);
}

double check_seconds(const Problem& problem, const Shape& shape) {
  Problem checked = problem;
  checked.shape = shape;
  return static_cast<double>(checked.c_elements()) * kCheckSecondsPerElement;
}

/// The whole shape, or one of which a launch is short at this rate, and a check. Rows of a softmax
/// keep their length: it is what its tiling hangs on.
Shape probe_shape(const Problem& problem, double launch_s) {
  Shape shape = problem.shape;
  while (launch_s > kLongLaunchSeconds || check_seconds(problem, shape) > kLongCheckSeconds) {
    const Shape before = shape;
    shape.m = halved(shape.m);
    if (problem.op != Op::softmax) {
      shape.n = halved(shape.n);
      shape.k = halved(shape.k);
    }
    if (shape == before) break;
    Problem smaller = problem;
    smaller.shape = shape;
    Problem larger = problem;
    larger.shape = before;
    launch_s *= flop(smaller) / flop(larger);
  }
  return shape;
}

bool was_timed(const TriedTuning& tried) {
  const Ending ending = tried.trial.ending;
  return ending == Ending::won || ending == Ending::slower || ending == Ending::undecided;
}

/// The kernel's own choice, then the fastest others, then the likeliest that had no turn.
std::vector<Tuning> finalists(const std::vector<TriedTuning>& probed,
                              const std::vector<Tuning>& candidates) {
  std::vector<const TriedTuning*> timed;
  for (const TriedTuning& one : probed) {
    if (was_timed(one) && !one.tuning.empty()) timed.push_back(&one);
  }
  std::ranges::sort(timed, {}, [](const TriedTuning* one) { return one->trial.median_s(); });
  std::vector<Tuning> chosen{{}};
  for (const TriedTuning* one : timed) chosen.push_back(one->tuning);
  for (const Tuning& candidate : candidates) {
    const bool had_turn =
        std::ranges::find(probed, candidate, &TriedTuning::tuning) != probed.end();
    if (!had_turn) chosen.push_back(candidate);
  }
  chosen.resize(std::min(chosen.size(), kFinalists));
  return chosen;
}

class Tuner {
 public:
  Tuner(ReopenedDevice& device, const TuneOptions& options, TuneObserver& observer)
      : device_(device), options_(options), observer_(observer), begin_s_(options.now()) {}

  Outcome run() {
    std::size_t left = options_.targets.size();
    for (const TuneTarget& target : options_.targets) {
      const double budget_s = left_s() / static_cast<double>(left--);
      TuningEntry entry{tuned_device(traits()), class_of(target.problem, target.precision), {}};
      const Outcome tuned = tune_target(target, budget_s, entry.kernels);
      const bool ended_early = !tuned || options_.should_stop();
      // Kernels that are done are kept, whatever became of the next one.
      if (!ended_early || !entry.kernels.empty()) {
        if (auto kept = observer_.on_entry(target, entry); !kept) return kept;
      }
      if (ended_early) return tuned;
    }
    return Done{};
  }

 private:
  [[nodiscard]] double left_s() const {
    return std::max(0.0, options_.budget_s - (options_.now() - begin_s_) + unbudgeted_s_);
  }

  [[nodiscard]] const DeviceTraits& traits() const { return device_.get().traits(); }

  /// Says of the others why they cannot.
  [[nodiscard]] std::vector<const Kernel*> kernels_for(const TuneTarget& target) {
    std::vector<const Kernel*> kernels;
    for (const Kernel& kernel : catalogue()) {
      const bool asked = options_.kernels.empty() ||
                         std::ranges::find(options_.kernels, kernel.name) != options_.kernels.end();
      if (kernel.op != target.problem.op || !asked) continue;
      std::string why = without(kernel, target.precision, Build::as_is);
      if (why.empty()) {
        const auto launch = kernel.launch(target.problem, target.precision, traits());
        if (!launch) why = launch.error().message;
      }
      if (why.empty()) {
        kernels.push_back(&kernel);
      } else {
        observer_.on_absent(target, kernel.name, why);
      }
    }
    return kernels;
  }

  Outcome tune_target(const TuneTarget& target, double budget_s, std::vector<TunedKernel>& done) {
    const std::vector<const Kernel*> kernels = kernels_for(target);
    // References of earlier targets are in the budget that this one gets.
    const double end_s = options_.now() + budget_s - unbudgeted_s_;
    std::size_t left = kernels.size();
    for (const Kernel* kernel : kernels) {
      const double free_s = std::max(0.0, end_s + unbudgeted_s_ - options_.now());
      const auto tuned = tune_kernel(target, *kernel, free_s / static_cast<double>(left--));
      if (!tuned) return tuned.error();
      if (options_.should_stop()) break;  // Half a search has no winner.
      done.push_back(*tuned);
    }
    return Done{};
  }

  Result<TunedKernel> tune_kernel(const TuneTarget& target, const Kernel& kernel, double budget_s) {
    TunedKernel tuned{std::string(kernel.name),
                      code_hash(kernel, target.problem, target.precision, traits()),
                      utc_timestamp(RunClock::now()),
                      build_info().version,
                      target.problem.shape,
                      {}};
    TunedCase whole{planned_for(target, kernel), &kernel, {}};
    const auto rate = RateBook(device_.get(), no_sources_).rate_for(whole.planned);
    if (!rate) {
      if (auto there = recover(rate.error()); !there) return there.error();
      return left_out(std::move(tuned), rate.error().message);
    }
    whole.rate = *rate;
    const double launch_s = flop(target.problem) / whole.rate.flops;
    if (const std::string why = why_left_out(whole, launch_s, budget_s); !why.empty()) {
      return left_out(std::move(tuned), why);
    }
    return search_tunings(std::move(tuned), whole, launch_s, budget_s);
  }

  Result<TunedKernel> search_tunings(TunedKernel tuned, const TunedCase& whole, double launch_s,
                                     double budget_s) {
    const Problem& problem = whole.planned.problem;
    std::vector<Tuning> candidates =
        candidates_for(*whole.kernel, problem, whole.planned.precision, traits(), kMostCandidates,
                       shipped_winners(shipped_, whole.kernel->name, traits().vendor_id));
    TunedCase probe = whole;
    probe.planned.problem.shape = probe_shape(problem, launch_s);
    const bool two_stages =
        probe.planned.problem.shape != problem.shape && candidates.size() > kFinalists;
    if (two_stages) {
      tuned.probe_shape = probe.planned.problem.shape;
      const double final_s =
          kFinalLaunches * launch_s + kFinalChecks * check_seconds(problem, problem.shape);
      const double probe_s =
          std::clamp(budget_s - final_s, kLeastProbeShare * budget_s, kProbeShare * budget_s);
      auto probed = try_all(probe, candidates, probe_s, SearchOptions().entry_share);
      if (!probed) return probed.error();
      tuned.probed = *std::move(probed);
      candidates = finalists(tuned.probed, candidates);
      budget_s -= probe_s;
    }
    // Finalists are few, and each of them may enter.
    auto tried =
        try_all(whole, candidates, budget_s, two_stages ? 1.0 : SearchOptions().entry_share);
    if (!tried) return tried.error();
    tuned.tried = *std::move(tried);
    return tuned;
  }

  Result<std::vector<TriedTuning>> try_all(const TunedCase& tuned,
                                           const std::vector<Tuning>& candidates, double budget_s,
                                           double entry_share) {
    const TuneTarget target{tuned.planned.problem, tuned.planned.precision};
    const TuneStage stage{target, tuned.kernel->name, tuned.planned.problem.shape, left_s()};
    observer_.on_stage(stage);
    const double before_s = options_.now();
    const Coverage coverage =
        flop(target.problem) > kWholeReferenceFlop ? Coverage::sampled : Coverage::whole;
    if (auto ready = checker_.prepare(tuned.planned, coverage); !ready) return ready.error();
    unbudgeted_s_ += options_.now() - before_s;
    CandidateArena arena(device_, checker_, tuned, candidates);
    SearchOptions options;
    options.budget_s = budget_s;
    options.entry_share = entry_share;
    const std::vector<Trial> trials =
        search(candidates.size(), arena, options,
               {options_.now, options_.should_stop, [&](SearchProgress progress) {
                  progress.left_s = left_s();
                  observer_.on_progress(stage, progress);
                }});
    if (!arena.closed().empty()) return Error{ErrorKind::device_lost, arena.closed()};
    std::vector<TriedTuning> tried;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      if (i == 0 || trials[i].ending != Ending::not_tried) {
        tried.push_back({candidates[i], trials[i]});
      }
    }
    return tried;
  }

  static Case planned_for(const TuneTarget& target, const Kernel& kernel) {
    Case planned;
    planned.problem = target.problem;
    planned.precision = target.precision;
    planned.kernel.name = kernel.name;
    return planned;
  }

  static TunedKernel left_out(TunedKernel tuned, const std::string& why) {
    tuned.tried = {{{}, {Ending::refused, why, {}}}};
    return tuned;
  }

  std::string why_left_out(const TunedCase& tuned, double launch_s, double budget_s) const {
    const auto launch =
        tuned.kernel->launch(tuned.planned.problem, tuned.planned.precision, traits());
    if (const auto reason = over_memory(tuned.planned, *launch, device_.get())) return reason->text;
    if (launch_s <= std::max(kLaunchShare * budget_s, kLongLaunchSeconds)) return "";
    return fmt::format("one launch takes about {}, of {} to tune it in", format_seconds(launch_s),
                       format_seconds(budget_s));
  }

  /// Fails when the device is gone for good.
  Outcome recover(const Error& error) {
    const bool lost = error.kind == ErrorKind::device_lost || error.kind == ErrorKind::timeout;
    return lost ? device_.reopen() : Done{};
  }

  ReopenedDevice& device_;
  const TuneOptions& options_;
  TuneObserver& observer_;
  double begin_s_;
  double unbudgeted_s_ = 0;  ///< Spent on references.
  Checker checker_;
  const KernelSources no_sources_;
  const TuningTable shipped_ = shipped_table();
};

}  // namespace

Outcome tune(ReopenedDevice& device, const TuneOptions& options, TuneObserver& observer) {
  return Tuner(device, options, observer).run();
}

}  // namespace gpubench
