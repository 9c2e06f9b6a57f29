#include "run/candidate_arena.h"

#include <algorithm>

#include "run/bands.h"

namespace gpubench {
namespace {

// One sample lasts so long, or is one launch: far above what the timer's own reading takes.
constexpr double kSampleSeconds = 5e-3;
constexpr double kMostLaunches = 256;
// A launch that takes so many times as long as the fastest would not win if it ended; but the first
// one may have something to compile. A device in software stops for whatever else its machine does.
constexpr double kPatience = 20;
constexpr double kLeastPatienceSeconds = 10;
// A hang takes those along that share the device, be it ended by us or by the driver; after so many
// of them, what is left is likelier to hang than to win.
constexpr int kMostLosses = 2;

}  // namespace

Result<ReopenedDevice> ReopenedDevice::open(Open open) {
  ReopenedDevice device(std::move(open));
  if (auto opened = device.reopen(); !opened) return opened.error();
  return device;
}

Outcome ReopenedDevice::reopen() {
  device_.reset();
  auto opened = open_();
  if (!opened) return opened.error();
  device_ = std::move(opened).value();
  return Done{};
}

CandidateArena::CandidateArena(ReopenedDevice& device, Checker& checker, const TunedCase& tuned,
                               std::span<const Tuning> candidates)
    : device_(device),
      checker_(checker),
      tuned_(tuned),
      candidates_(candidates),
      contestants_(candidates.size()),
      fastest_s_(tuned.rate.flops > 0 ? flop(tuned.planned.problem) / tuned.rate.flops : 0) {}

Error CandidateArena::recover(Error error) {
  in_use_.reset();
  if (!is_loss(error)) return error;
  ++losses_;
  execution_.reset();
  if (auto reopened = device_.reopen(); !reopened) closed_ = reopened.error().message;
  return error;
}

Outcome CandidateArena::prepare(std::size_t candidate) {
  if (contestants_[candidate]) return Done{};
  auto launch = tuned_.kernel->launch(tuned_.planned.problem, tuned_.planned.precision,
                                      device_.get().traits(), candidates_[candidate]);
  if (!launch) return launch.error();
  contestants_[candidate] =
      Contestant{{std::string(tuned_.kernel->name), "", std::move(launch).value(), {}}};
  return Done{};
}

/// Makes it the kernel of the execution, in bands that the slowest likely candidate finishes.
Outcome CandidateArena::use(std::size_t candidate) {
  if (in_use_ == candidate) return Done{};
  const PreparedKernel& kernel = contestants_[candidate]->kernel;
  const Problem& problem = tuned_.planned.problem;
  if (execution_ == nullptr) {
    auto execution = Execution::create(device_.get(), problem, tuned_.planned.precision, kernel,
                                       InputData::from_fill, 1);
    if (!execution) return execution.error();
    execution_ = std::move(execution).value();
  } else if (auto set = execution_->set_kernel(kernel); !set) {
    return set;
  }
  if (auto cut = cut_bands(candidate); !cut) return cut;
  in_use_ = candidate;
  return Done{};
}

/// At its own time, once that is known.
Outcome CandidateArena::cut_bands(std::size_t candidate) {
  const Contestant& contestant = *contestants_[candidate];
  const Problem& problem = tuned_.planned.problem;
  const Rate rate = contestant.launch_s > 0
                        ? Rate{flop(problem) / contestant.launch_s, RateEvidence::same_problem}
                        : tuned_.rate;
  return execution_->set_bands(bands_for(problem, contestant.kernel.launch, rate));
}

Result<Sample> CandidateArena::launch(std::uint32_t launches) {
  Device& device = device_.get();
  const bool is_known = fastest_s_ > 0 && !device.traits().is_software();
  const double patience_s =
      is_known ? std::max(kLeastPatienceSeconds, kPatience * fastest_s_) : kHungSeconds;
  device.set_submit_timeout_s(std::min(patience_s, kHungSeconds));
  auto sample = execution_->launch(launches);
  device.set_submit_timeout_s(kHungSeconds);
  return sample;
}

/// Seconds of the launch whose output was judged; `wrong` says what is wrong with it.
Result<double> CandidateArena::verify(std::size_t candidate, std::string* wrong) {
  if (auto ready = use(candidate); !ready) return ready.error();
  if (auto poisoned = execution_->poison_output(); !poisoned) return poisoned.error();
  const auto launched = launch(1);
  if (!launched) return launched.error();
  const auto guard = execution_->overwritten_guard();
  if (!guard) return guard.error();
  const auto output = execution_->output();
  if (!output) return output.error();
  const Judgement judgement = checker_.judge(*output, nullptr);
  if (judgement.check.status == CheckStatus::failed) *wrong = judgement.check.text;
  if (!guard->empty()) *wrong = *guard;
  return seconds_of(*launched);
}

std::optional<Refusal> CandidateArena::enter(std::size_t candidate) {
  if (losses_ >= kMostLosses && !contestants_[candidate]) return Refusal{Ending::not_tried, ""};
  if (auto prepared = prepare(candidate); !prepared) {
    return Refusal{Ending::refused, prepared.error().message};
  }
  std::string wrong;
  const auto launch_s = verify(candidate, &wrong);
  if (!launch_s) {
    const Error error = recover(launch_s.error());
    return Refusal{is_loss(error) ? Ending::lost : Ending::refused, error.message};
  }
  if (!wrong.empty()) return Refusal{Ending::wrong, wrong};
  contestants_[candidate]->launch_s = *launch_s;
  if (fastest_s_ == 0 || *launch_s < fastest_s_) fastest_s_ = *launch_s;
  // Tall tiles fill the device less in bands that were cut for want of knowledge.
  if (auto cut = cut_bands(candidate); !cut) {
    return Refusal{Ending::refused, recover(cut.error()).message};
  }
  return std::nullopt;
}

Result<double> CandidateArena::time(std::size_t candidate) {
  const double wanted = kSampleSeconds / std::max(contestants_[candidate]->launch_s, 1e-9);
  const auto launches = static_cast<std::uint32_t>(std::clamp(wanted, 1.0, kMostLaunches));
  if (auto ready = use(candidate); !ready) return recover(ready.error());
  const auto sample = launch(launches);
  if (!sample) return recover(sample.error());
  return std::max(seconds_of(*sample) / launches, 1e-9);
}

}  // namespace gpubench
