#include "run/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "record/build_info.h"
#include "record/run_id.h"
#include "run/memory.h"
#include "run/qualifying.h"
#include "tuning/candidates.h"
#include "tuning/shipped.h"

namespace gpubench {
namespace {

// Enough for hours of tuning.
constexpr std::size_t kMostCandidates = 400;
// Beyond this, candidates are checked on rows and with probes: a whole product on the CPU would
// take longer than the search.
constexpr double kWholeReferenceFlop = 2e11;
// A kernel one launch of which takes more of the budget is left out.
constexpr double kLaunchShare = 0.1;
// A kernel whose own choice is so much slower than another's is not searched: no tuning of ours has
// gained as much, and the other one has its tunings, too.
constexpr double kRivalRatio = 3;
// What finding that out may take of the budget, for all kernels together.
constexpr double kLookShare = 0.2;

/// A kernel in the search for a target.
struct Contender {
  TunedCase whole;
  TunedKernel tuned;
  double launch_s = 0;   ///< Of its own choice, as its rate predicts.
  Trial look;            ///< Of that, before any search, if there was one.
  double own_flops = 0;  ///< FLOP/s that the look found; 0: not known.
  bool is_behind = false;
  bool is_done = false;
};

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

  /// What is done is kept in the order of the catalogue, whatever became of the rest.
  Outcome tune_target(const TuneTarget& target, double budget_s, std::vector<TunedKernel>& done) {
    // References of earlier targets are in the budget that this one gets.
    const double end_s = options_.now() + budget_s - unbudgeted_s_;
    std::vector<Contender> contenders;
    Outcome tuned = gather(target, budget_s, contenders);
    if (tuned) tuned = search_each(contenders, end_s);
    for (Contender& contender : contenders) {
      if (contender.is_done) done.push_back(std::move(contender.tuned));
    }
    return tuned;
  }

  Outcome gather(const TuneTarget& target, double budget_s, std::vector<Contender>& contenders) {
    for (const Kernel* kernel : kernels_for(target)) {
      auto contender = enter(target, *kernel, budget_s);
      if (!contender) return contender.error();
      contenders.push_back(std::move(contender).value());
    }
    // Who names kernels wants to know their tiles, however slow they are.
    return options_.kernels.empty() ? drop_slow(contenders, budget_s) : Done{};
  }

  Result<Contender> enter(const TuneTarget& target, const Kernel& kernel, double budget_s) {
    Contender contender;
    contender.tuned = {std::string(kernel.name),
                       code_hash(kernel, target.problem, target.precision, traits()),
                       utc_timestamp(RunClock::now()),
                       build_info().version,
                       target.problem.shape,
                       {}};
    contender.whole = {planned_for(target, kernel), &kernel, {}};
    const double before_s = options_.now();
    const auto rate = RateBook(device_.get(), no_sources_).rate_for(contender.whole.planned);
    unbudgeted_s_ += options_.now() - before_s;
    if (!rate) {
      if (auto there = recover(rate.error()); !there) return there.error();
      leave_out(contender, Ending::refused, rate.error().message);
      return contender;
    }
    contender.whole.rate = *rate;
    contender.launch_s = flop(target.problem) / rate->flops;
    if (const std::string why = why_left_out(contender, budget_s); !why.empty()) {
      leave_out(contender, Ending::refused, why);
    }
    return contender;
  }

  /// Times the own choice of each kernel, and leaves those out that are far behind the fastest.
  Outcome drop_slow(std::vector<Contender>& contenders, double budget_s) {
    const auto is_open = [](const Contender& one) { return !one.is_done; };
    if (std::ranges::count_if(contenders, is_open) < 2) return Done{};
    for (Contender& contender : contenders) {
      if (contender.is_done || options_.should_stop()) continue;
      const double look_s = kLookShare * budget_s / static_cast<double>(contenders.size());
      if (auto looked = look_at(contender, look_s); !looked) return looked;
    }
    const auto fastest = std::ranges::max_element(contenders, {}, &Contender::own_flops);
    for (Contender& contender : contenders) {
      const double share = contender.own_flops / fastest->own_flops;
      if (contender.is_done || !(share > 0) || share * kRivalRatio >= 1) continue;
      contender.is_behind = true;
      contender.tuned.probe_shape = qualifying(contender).planned.problem.shape;
      contender.tuned.probed = {{{}, contender.look}};
      contender.tuned.probed.front().trial.ending = Ending::slower;
      leave_out(contender, Ending::not_tried,
                fmt::format("its own tiles reach {:.2g} of the rate of those of {}", share,
                            fastest->tuned.kernel));
    }
    return Done{};
  }

  /// At the shape at which its candidates would qualify: verified, timed, and verified again, as
  /// it may drive others out. One that fails is searched still, for others of its tunings may be
  /// right.
  Outcome look_at(Contender& contender, double budget_s) {
    const TunedCase looked_at = qualifying(contender);
    const auto tried = try_all(looked_at, {{}}, budget_s, 1.0);
    if (!tried) return tried.error();
    contender.look = tried->front().trial;
    if (contender.look.ending != Ending::won) return Done{};
    contender.own_flops = flop(looked_at.planned.problem) / contender.look.median_s();
    return Done{};
  }

  /// The fastest first: of a short budget it has the surest share.
  Outcome search_each(std::vector<Contender>& contenders, double end_s) {
    std::vector<Contender*> open;
    for (Contender& contender : contenders) {
      if (!contender.is_done) open.push_back(&contender);
    }
    std::ranges::stable_sort(open, std::ranges::greater(), &Contender::own_flops);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (options_.should_stop()) break;
      const double free_s = std::max(0.0, end_s + unbudgeted_s_ - options_.now());
      Contender& contender = *open[i];
      const auto searched =
          search_tunings(contender, free_s / static_cast<double>(open.size() - i));
      if (!searched) return searched;
      // Half a search has no winner.
      if (options_.should_stop()) break;
      contender.is_done = true;
      if (i == 0 && contender.tuned.best() == nullptr) bring_back(contenders, open);
    }
    return Done{};
  }

  /// Those that the fastest drove out, when it had no winner in the end.
  static void bring_back(std::vector<Contender>& contenders, std::vector<Contender*>& open) {
    for (Contender& contender : contenders) {
      if (!contender.is_behind) continue;
      contender.is_behind = contender.is_done = false;
      open.push_back(&contender);
    }
  }

  Outcome search_tunings(Contender& contender, double budget_s) {
    if (const std::string why = why_left_out(contender, budget_s); !why.empty()) {
      leave_out(contender, Ending::refused, why);
      return Done{};
    }
    const TunedCase& whole = contender.whole;
    const Problem& problem = whole.planned.problem;
    std::vector<Tuning> candidates =
        candidates_for(*whole.kernel, problem, whole.planned.precision, traits(), kMostCandidates,
                       shipped_winners(shipped_, whole.kernel->name, traits().vendor_id));
    const TunedCase probe = qualifying(contender);
    const bool two_stages =
        probe.planned.problem.shape != problem.shape && candidates.size() > kFinalists;
    contender.tuned.probed.clear();
    if (two_stages) {
      contender.tuned.probe_shape = probe.planned.problem.shape;
      const double probe_s = qualifying_seconds(problem, contender.launch_s, budget_s);
      auto probed = try_all(probe, candidates, probe_s, SearchOptions().entry_share);
      if (!probed) return probed.error();
      contender.tuned.probed = *std::move(probed);
      candidates = finalists(contender.tuned.probed, candidates);
      budget_s -= probe_s;
    }
    // Finalists are few, and each of them may enter.
    auto tried =
        try_all(whole, candidates, budget_s, two_stages ? 1.0 : SearchOptions().entry_share);
    if (!tried) return tried.error();
    contender.tuned.tried = *std::move(tried);
    // One that failed once is out, though it be right now.
    const Ending looked = contender.look.ending;
    if (looked == Ending::wrong || looked == Ending::lost) {
      contender.tuned.tried.front().trial = contender.look;
    }
    return Done{};
  }

  static TunedCase qualifying(const Contender& contender) {
    TunedCase smaller = contender.whole;
    smaller.planned.problem.shape =
        qualifying_shape(contender.whole.planned.problem, contender.launch_s);
    return smaller;
  }

  TuneStage begin_stage(const TunedCase& tuned) {
    const TuneStage stage{{tuned.planned.problem, tuned.planned.precision},
                          tuned.kernel->name,
                          tuned.planned.problem.shape,
                          left_s()};
    observer_.on_stage(stage);
    return stage;
  }

  Outcome prepare_checks(const TunedCase& tuned) {
    const double before_s = options_.now();
    const Coverage coverage =
        flop(tuned.planned.problem) > kWholeReferenceFlop ? Coverage::sampled : Coverage::whole;
    if (auto ready = checker_.prepare(tuned.planned, coverage); !ready) return ready.error();
    unbudgeted_s_ += options_.now() - before_s;
    return Done{};
  }

  Result<std::vector<TriedTuning>> try_all(const TunedCase& tuned,
                                           const std::vector<Tuning>& candidates, double budget_s,
                                           double entry_share) {
    const TuneStage stage = begin_stage(tuned);
    if (auto ready = prepare_checks(tuned); !ready) return ready.error();
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

  static void leave_out(Contender& contender, Ending ending, const std::string& why) {
    contender.tuned.tried = {{{}, {ending, why, {}}}};
    contender.is_done = true;
  }

  std::string why_left_out(const Contender& contender, double budget_s) const {
    const TunedCase& whole = contender.whole;
    const auto launch =
        whole.kernel->launch(whole.planned.problem, whole.planned.precision, traits());
    if (const auto reason = over_memory(whole.planned, *launch, device_.get())) return reason->text;
    if (contender.launch_s <= std::max(kLaunchShare * budget_s, kLongLaunchSeconds)) return "";
    return fmt::format("one launch takes about {}, of {} to tune it in",
                       format_seconds(contender.launch_s), format_seconds(budget_s));
  }

  /// Fails when the device is gone for good.
  Outcome recover(const Error& error) { return is_loss(error) ? device_.reopen() : Done{}; }

  ReopenedDevice& device_;
  const TuneOptions& options_;
  TuneObserver& observer_;
  double begin_s_;
  double unbudgeted_s_ = 0;  ///< Spent on references, and on compiling first kernels.
  Checker checker_;
  const KernelSources no_sources_;
  const TuningTable shipped_ = shipped_table();
};

}  // namespace

Outcome tune(ReopenedDevice& device, const TuneOptions& options, TuneObserver& observer) {
  return Tuner(device, options, observer).run();
}

}  // namespace gpubench
