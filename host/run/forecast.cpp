// forecast.cpp — what a run would do and how long it would take, for --dry-run.
#include <algorithm>

#include "kernels/kernel.h"
#include "plan/estimate.h"
#include "plan/level_time.h"
#include "run/case_runner.h"
#include "run/case_time.h"
#include "run/fingerprint_kernel.h"
#include "run/machine.h"
#include "run/memory.h"
#include "run/reason_of.h"
#include "run/session.h"
#include "run/shader_scan.h"

namespace gpubench {
namespace {

Forecast forecast_of(const Case& planned, const UserCode& user_code) {
  Forecast entry;
  entry.planned = planned;
  entry.declared = scan_user_code(planned.kernel, user_code);
  entry.flop = flop(planned.problem);
  return entry;
}

Forecast forecast_on(const Case& planned, Device& device, const KernelSources& sources,
                     RateBook& rates, OverBudget policy) {
  Forecast entry = forecast_of(planned, sources.user_code);
  const auto kernel =
      prepare_kernel(planned.kernel, planned.problem, planned.precision, device.traits(), sources);
  if (!kernel) {
    entry.dropped = reason_of(kernel.error());
    return entry;
  }
  entry.device_bytes = device_bytes(planned.problem, planned.precision, kernel->launch);
  const auto rate = rates.rate_for(planned);
  if (!rate) {
    entry.dropped = reason_of(rate.error());
    return entry;
  }
  const Estimate cost = estimate_at(planned, *rate);
  if (cost.seconds) {
    entry.seconds = *cost.seconds + probe_seconds(planned, *cost.launch_s, policy);
  }
  entry.dropped = over_budget(planned, cost);
  if (!entry.dropped) entry.dropped = over_memory(planned, kernel->launch, device);
  return entry;
}

/// Drops what the level has no time for, if each case before it takes what it usually does.
void fit_into(const Level& level, double left_s, std::vector<Forecast>& cases,
              const RateBook& rates) {
  std::vector<Forecast*> running;
  std::vector<double> least_s;
  for (Forecast& each : cases) {
    if (each.dropped) continue;
    running.push_back(&each);
    least_s.push_back(least_seconds(each.planned, rates.known(each.planned), {}, OverBudget::skip));
  }
  for (std::size_t i = 0; i < running.size(); ++i) {
    const TimeShare share = share_of(level, left_s, std::span(least_s).subspan(i));
    running[i]->dropped = share.skipped;
    if (share.skipped) continue;
    const double usual_s = expected_seconds(running[i]->planned, rates, OverBudget::skip);
    left_s -= std::clamp(usual_s, least_s[i], least_s[i] + share.spare_s);
  }
}

}  // namespace

Result<ForecastReport> forecast(const RunRequest& request) {
  const auto planned = plan_request(request);
  if (!planned) return planned.error();
  const Plan& plan = planned->plan;
  const auto sources = load_sources(request, plan.cases);
  if (!sources) return sources.error();
  ForecastReport report;
  const auto machine = find_machine(request.validation, request.device_selector);
  auto device = machine ? open_device(machine->instance, machine->devices.front().index, {})
                        : Result<std::unique_ptr<Device>>(machine.error());
  if (device) {
    report.device = (*device)->traits();
    RateBook rates(**device, *sources);
    for (const Case& each : plan.cases) {
      report.cases.push_back(forecast_on(each, **device, *sources, rates, request.over_budget));
    }
    const Level* level = level_of(planned->scenario);
    if (level != nullptr && request.over_budget == OverBudget::skip) {
      // The devices of a run share its time.
      const auto devices = static_cast<double>(machine->devices.size());
      fit_into(*level, planned_seconds(*level) / devices, report.cases, rates);
    }
  } else {
    report.no_device = device.error().message;
    for (const Case& each : plan.cases)
      report.cases.push_back(forecast_of(each, sources->user_code));
  }
  for (const DroppedCase& dropped : plan.dropped) {
    report.cases.push_back(forecast_of(dropped.planned, sources->user_code));
    report.cases.back().dropped = dropped.reason;
  }
  return report;
}

}  // namespace gpubench
