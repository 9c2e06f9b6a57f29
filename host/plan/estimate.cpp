#include "plan/estimate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/reasons.h"

namespace gpubench {
namespace {

/// A launch is bound by arithmetic or by memory, whichever takes longer.
std::optional<double> launch_seconds(const Case& planned, const Estimate& cost,
                                     const Rates& rates) {
  const double flops = rates.flops(planned.precision);
  if (!(flops > 0) || !(rates.bytes_per_s > 0)) return std::nullopt;
  return std::max(cost.flop / flops, cost.moved_bytes / rates.bytes_per_s);
}

}  // namespace

Estimate estimate(const Case& planned, const Rates& rates) {
  const Problem& problem = planned.problem;
  const std::uint64_t stored = format_bytes_of(storage(planned.precision));
  const std::uint64_t inputs =
      problem.a_elements() + problem.b_elements() + problem.bias_elements();
  const std::uint64_t outputs = problem.c_elements();

  Estimate cost;
  cost.flop = flop(problem);
  cost.moved_bytes = moved_bytes(problem, planned.precision);
  cost.device_bytes = stored * (inputs + outputs);
  // Inputs and reference are fp32 on the host whatever the device stores.
  cost.host_bytes = sizeof(float) * (inputs + outputs) + stored * outputs;
  cost.launch_s = launch_seconds(planned, cost, rates);
  if (cost.launch_s) cost.seconds = kFewestLaunches * *cost.launch_s;
  return cost;
}

std::optional<Reason> over_budget(const Case& planned, const Estimate& estimate) {
  if (!estimate.seconds || *estimate.seconds <= planned.budget_s) return std::nullopt;
  return Reason{reason::kBudget,
                fmt::format("needs about {}, the budget is {}", format_seconds(*estimate.seconds),
                            format_seconds(planned.budget_s))};
}

}  // namespace gpubench
