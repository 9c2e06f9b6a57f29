#include "bench/verified_kernel.h"

#include <utility>

#include "plan/reasons.h"
#include "run/bands.h"
#include "run/memory.h"
#include "run/timer.h"
#include "timing/warmup.h"

namespace gpubench::bench {

VerifiedKernel::VerifiedKernel(Device& device, Case planned, PreparedKernel kernel)
    : device_(device), planned_(std::move(planned)), kernel_(std::move(kernel)) {}

Result<std::unique_ptr<VerifiedKernel>> VerifiedKernel::make(Device& device, const Case& planned,
                                                             const KernelSources& sources) {
  auto kernel =
      prepare_kernel(planned.kernel, planned.problem, planned.precision, device.traits(), sources);
  if (!kernel) return kernel.error();
  if (const auto reason = over_memory(planned, kernel->launch, device)) {
    return Error{ErrorKind::out_of_memory, reason->text};
  }
  std::unique_ptr<VerifiedKernel> made(
      new VerifiedKernel(device, planned, std::move(kernel).value()));
  if (auto filled = made->fill(sources); !filled) return filled.error();
  if (auto verified = made->verify(); !verified) return verified.error();
  if (made->fault_) return made;
  if (auto warm = made->warm_up(); !warm) return warm.error();
  return made;
}

Outcome VerifiedKernel::fill(const KernelSources& sources) {
  if (auto ready = checker_.prepare(planned_); !ready) return ready;
  auto execution = Execution::create(device_, planned_.problem, planned_.precision, kernel_,
                                     InputData::from_fill, input_copies(planned_));
  if (!execution) return execution.error();
  execution_ = std::move(execution).value();
  if (is_short(planned_.problem)) return cut({});
  const auto rate = RateBook(device_, sources).rate_for(planned_);
  return rate ? cut(*rate) : Outcome(rate.error());
}

Outcome VerifiedKernel::cut(const Rate& rate) {
  return execution_->set_bands(bands_for(planned_.problem, kernel_.launch, rate));
}

Outcome VerifiedKernel::verify() {
  if (auto poisoned = execution_->poison_output(); !poisoned) return poisoned;
  const auto launched = execution_->launch(1);
  if (!launched) return launched.error();
  launch_s_ = seconds_of(*launched);
  const auto guard = execution_->overwritten_guard();
  if (!guard) return guard.error();
  const auto output = execution_->output();
  if (!output) return output.error();
  judgement_ = checker_.judge(*output, judgement_ ? &*judgement_ : nullptr);
  fault_.reset();
  if (!guard->empty()) fault_ = {reason::kGuardOverwritten, *guard};
  if (judgement_->check.status == CheckStatus::failed) fault_ = judgement_->reason;
  return Done{};
}

/// As long as `gpubench run` would, and in samples of the size that it would take.
Outcome VerifiedKernel::warm_up() {
  if (auto recut = cut({flop(planned_.problem) / launch_s_, RateEvidence::same_problem}); !recut) {
    return recut;
  }
  const TimerFacts timer = timer_facts(device_);
  launches_per_sample_ = gpubench::launches_per_sample(timer, launch_s_);
  WarmupRule rule;
  rule.initialize({});
  while (!rule.is_done()) {
    const auto whole = execution_->launch(launches_per_sample_);
    if (!whole) return whole.error();
    const double each_s = seconds_of(*whole) / launches_per_sample_;
    rule.add(each_s, whole->host_s);
    launches_per_sample_ = gpubench::launches_per_sample(timer, each_s);
  }
  return Done{};
}

}  // namespace gpubench::bench
