#include "run/rates.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/memory.h"

namespace gpubench {
namespace {

constexpr double kShortFlop = 5e8;
// A launch of 20 ms is far above every overhead of a submission.
constexpr double kTellingSeconds = 0.02;
constexpr std::uint64_t kFirstProbeSide = 128;

/// Sides first, then the batch: a small matrix may take a large batch to tell anything.
Case shrunk(Case planned, std::uint64_t side) {
  const auto at_most = [](std::uint32_t whole, std::uint64_t limit) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(whole, limit));
  };
  Shape& shape = planned.problem.shape;
  shape.m = at_most(shape.m, side);
  shape.n = at_most(shape.n, side);
  shape.k = at_most(shape.k, side);
  shape.batch = at_most(shape.batch, side / kFirstProbeSide);
  planned.problem.fill = Fill::normal;
  planned.cache_rotate = false;
  return planned;
}

/// A user's kernel with other tiles or constants is another kernel.
std::string kernel_word(const KernelChoiceSpec& spec) {
  std::string word = fmt::format("{} {} {} {} {}x{}", spec.name, spec.build, spec.glsl_file,
                                 spec.spirv_file, spec.tile_m, spec.tile_n);
  for (const auto& [id, value] : spec.constants) word += fmt::format(" {}={}", id, value);
  return word;
}

}  // namespace

bool is_short(const Problem& problem) {
  return flop(problem) < kShortFlop;
}

Estimate estimate_at(const Case& planned, const Rate& rate) {
  if (!(rate.flops > 0)) return estimate(planned, {});
  // The rate is this kernel's own, memory included: both bounds say the same.
  const double launch_s = flop(planned.problem) / rate.flops;
  Rates rates;
  rates.flop_per_s.fill(rate.flops);
  rates.bytes_per_s = moved_bytes(planned.problem, planned.precision) / launch_s;
  return estimate(planned, rates);
}

RateBook::Key RateBook::key_of(const Case& planned) {
  return {planned.problem.op, planned.precision, kernel_word(planned.kernel),
          planned.problem.layout};
}

Rate RateBook::known(const Case& planned) const {
  const auto found = flops_.find(key_of(planned));
  return found == flops_.end() ? Rate{} : Rate{found->second, RateEvidence::probe};
}

Result<Rate> RateBook::rate_for(const Case& planned) {
  const Key key = key_of(planned);
  const bool is_telling = !is_short(planned.problem);
  if (const Rate rate = known(planned); is_telling && rate.flops > 0) return rate;
  const auto probed = probe(planned);
  if (!probed) return probed.error();
  // The rate of a short launch is mostly overhead: it must not predict long ones.
  if (is_telling) flops_[key] = *probed;
  return Rate{*probed, RateEvidence::probe};
}

void RateBook::learn(const Case& planned, double launch_s) {
  if (is_short(planned.problem) || !(launch_s > 0)) return;
  flops_[key_of(planned)] = flop(planned.problem) / launch_s;
}

Result<double> RateBook::probe(const Case& planned) {
  double flops = 0;
  for (std::uint64_t side = kFirstProbeSide;; side *= 2) {
    const Case smaller = shrunk(planned, side);
    const auto kernel = prepare_kernel(smaller.kernel, smaller.problem, smaller.precision,
                                       device_.traits(), sources_);
    if (!kernel) return kernel.error();
    // What a smaller version showed has to do where a larger one does not fit.
    if (flops > 0 && over_memory(smaller, kernel->launch, device_)) return flops;
    const auto seconds = time_launch(smaller, *kernel);
    if (!seconds) return seconds.error();
    flops = flop(smaller.problem) / *seconds;
    const bool whole = smaller.problem.shape == planned.problem.shape;
    if (*seconds >= kTellingSeconds || whole) return flops;
  }
}

/// The first launch may compile and touch memory for the first time; the second counts.
Result<double> RateBook::time_launch(const Case& smaller, const PreparedKernel& kernel) {
  auto execution = Execution::create(device_, smaller.problem, smaller.precision, kernel,
                                     InputData::constant, 1);
  if (!execution) return execution.error();
  if (auto first = (*execution)->launch(1); !first) return first.error();
  const auto second = (*execution)->launch(1);
  if (!second) return second.error();
  return std::max(seconds_of(*second), 1e-9);
}

}  // namespace gpubench
