#include "run/fingerprint_kernel.h"

#include <fmt/format.h>

#include <cassert>

#include "base/text.h"
#include "plan/reasons.h"
#include "timing/batching.h"

namespace gpubench {
namespace {

// Of one core, for predictions: making, rounding and moving an element of an operand or the output
// in one launch, and one multiplication and addition of the emulator.
constexpr double kSecondsPerElement = 10e-9;
constexpr double kSecondsPerStep = 2e-9;

/// Members of a batch follow each other in A and C, so they are rows of one taller product, if B is
/// the same for all.
MatmulShape shape_of(const Problem& problem) {
  const Shape& shape = problem.shape;
  return {std::size_t{shape.batch} * shape.m, shape.n, shape.k};
}

/// B as the problem's layout has it, once for each member of the batch.
std::vector<float> laid_out(std::span<const float> b, const Problem& problem) {
  const auto [m, n, k] = shape_of(problem);
  std::vector<float> member(b.begin(), b.end());
  if (problem.layout == Layout::nt) {
    for (std::size_t p = 0; p < k; ++p) {
      for (std::size_t j = 0; j < n; ++j) member[j * k + p] = b[p * n + j];
    }
  }
  if (problem.shape.batch == 1) return member;
  std::vector<float> all;
  all.reserve(problem.b_elements());
  for (std::uint32_t i = 0; i < problem.shape.batch; ++i) {
    all.insert(all.end(), member.begin(), member.end());
  }
  return all;
}

Result<std::vector<float>> multiply(Execution& execution, std::span<const float> a,
                                    std::span<const float> b) {
  if (auto set = execution.set_operands(a, b); !set) return set.error();
  if (auto poisoned = execution.poison_output(); !poisoned) return poisoned.error();
  if (const auto launched = execution.launch(1); !launched) return launched.error();
  const auto output = execution.output();
  if (!output) return output.error();
  std::vector<float> c;
  c.reserve(output->size());
  for (std::size_t i = 0; i < output->size(); ++i) c.push_back(output->at(i));
  return c;
}

/// As a run does where it knows nothing of the device yet: no submission grows long.
std::vector<Band> careful_bands(const Problem& problem, const Launch& launch) {
  BandRequest request;
  request.rows = problem.shape.m;
  request.granule = launch.row_granule;
  request.flop = flop(problem);
  return row_bands(request);
}

double fingerprint_seconds(const Problem& problem, double launch_s) {
  const MatmulShape shape = shape_of(problem);
  const FingerprintCost cost = fingerprint_cost(shape);
  const auto elements =
      static_cast<double>(shape.m * shape.k + shape.k * shape.n + shape.m * shape.n);
  return cost.launches * (launch_s + elements * kSecondsPerElement) + cost.steps * kSecondsPerStep;
}

}  // namespace

std::optional<Reason> without_fingerprint(const Problem& problem) {
  const auto says = [](std::string text) {
    return Reason{reason::kNotApplicable, std::move(text)};
  };
  if (problem.op == Op::softmax) {
    return says("softmax has no probes: implementations round exp as they like");
  }
  if (problem.activation != Activation::none) {
    return says(fmt::format("activation {} hides the bits of the sums; probe the layer without it",
                            to_string(problem.activation)));
  }
  if (problem.shape.k < kLeastFingerprintDepth) {
    return says(fmt::format("k is {}: the probes need {} terms to add", problem.shape.k,
                            kLeastFingerprintDepth));
  }
  return std::nullopt;
}

std::optional<Reason> why_not_probed(const Case& planned, double launch_s, OverBudget over_budget) {
  if (auto why = without_fingerprint(planned.problem)) return why;
  const double seconds = fingerprint_seconds(planned.problem, launch_s);
  if (over_budget == OverBudget::run || seconds <= planned.budget_s) return std::nullopt;
  return Reason{reason::kBudget,
                fmt::format("the probes need about {}, the budget is {}", format_seconds(seconds),
                            format_seconds(planned.budget_s))};
}

double probe_seconds(const Case& planned, double launch_s, OverBudget over_budget) {
  if (!planned.probe || why_not_probed(planned, launch_s, over_budget)) return 0;
  return fingerprint_seconds(planned.problem, launch_s);
}

Result<Fingerprint> fingerprint_execution(Execution& execution, const Problem& problem,
                                          Precision precision,
                                          const std::function<bool()>& should_stop) {
  assert(!without_fingerprint(problem) && "only a plain product has a fingerprint");
  MatmulUnderTest under_test;
  under_test.shape = shape_of(problem);
  under_test.storage = storage(precision) == Format::f16 ? NumberFormat::fp16 : NumberFormat::fp32;
  under_test.multiply = [&](std::span<const float> a,
                            std::span<const float> b) -> Result<std::vector<float>> {
    if (should_stop()) return Error{ErrorKind::interrupted, "stopped on request"};
    const bool as_it_lies = problem.layout == Layout::nn && problem.shape.batch == 1;
    return as_it_lies ? multiply(execution, a, b) : multiply(execution, a, laid_out(b, problem));
  };
  return take_fingerprint(under_test, precision, problem.seed);
}

Result<Fingerprint> fingerprint_kernel(Device& device, const Problem& problem, Precision precision,
                                       const PreparedKernel& kernel,
                                       const std::function<bool()>& should_stop) {
  const auto execution =
      Execution::create(device, problem, precision, kernel, InputData::constant, 1);
  if (!execution) return execution.error();
  const auto banded = (*execution)->set_bands(careful_bands(problem, kernel.launch));
  if (!banded) return banded.error();
  return fingerprint_execution(**execution, problem, precision, should_stop);
}

}  // namespace gpubench
