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
// An exp that is emulated, its sum and quotient included, against such a step.
constexpr double kStepsPerExponential = 50;

/// Members of a batch follow each other in A and C, so they are rows of one taller product, if B is
/// the same for all. (Of a softmax k says nothing.)
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

/// The output for these inputs; B is empty for a softmax.
Result<std::vector<float>> compute(Execution& execution, std::span<const float> a,
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

NumberFormat stored_format(Precision precision) {
  return storage(precision) == Format::f16 ? NumberFormat::fp16 : NumberFormat::fp32;
}

/// What a fingerprint takes, whatever it is of.
struct Cost {
  double launches = 0;
  double steps = 0;
  double elements = 0;  ///< Made or read back in each launch.
};
Cost cost_of(const Problem& problem) {
  const auto [m, n, k] = shape_of(problem);
  if (problem.op == Op::softmax) {
    const SoftmaxFingerprintCost cost = softmax_fingerprint_cost(m, n);
    return {cost.launches, cost.steps * kStepsPerExponential, 2 * static_cast<double>(m * n)};
  }
  const FingerprintCost cost = fingerprint_cost({m, n, k});
  return {cost.launches, cost.steps, static_cast<double>(m * k + k * n + m * n)};
}

double fingerprint_seconds(const Problem& problem, double launch_s) {
  const Cost cost = cost_of(problem);
  return cost.launches * (launch_s + cost.elements * kSecondsPerElement) +
         cost.steps * kSecondsPerStep;
}

Result<KernelFingerprint> product_fingerprint(Execution& execution, const Problem& problem,
                                              Precision precision,
                                              const std::function<bool()>& should_stop) {
  MatmulUnderTest under_test;
  under_test.shape = shape_of(problem);
  under_test.storage = stored_format(precision);
  under_test.multiply = [&](std::span<const float> a,
                            std::span<const float> b) -> Result<std::vector<float>> {
    if (should_stop()) return Error{ErrorKind::interrupted, "stopped on request"};
    const bool as_it_lies = problem.layout == Layout::nn && problem.shape.batch == 1;
    return as_it_lies ? compute(execution, a, b) : compute(execution, a, laid_out(b, problem));
  };
  auto said = take_fingerprint(under_test, precision, problem.seed);
  if (!said) return said.error();
  const std::string name = said->name();
  return KernelFingerprint{said->verdict, said->reason, name, said->launches, *std::move(said)};
}

Result<KernelFingerprint> softmax_fingerprint(Execution& execution, const Problem& problem,
                                              Precision precision,
                                              const std::function<bool()>& should_stop) {
  SoftmaxUnderTest under_test;
  under_test.rows = std::size_t{problem.shape.batch} * problem.shape.m;
  under_test.columns = problem.shape.n;
  under_test.storage = stored_format(precision);
  under_test.normalize = [&](std::span<const float> x) -> Result<std::vector<float>> {
    if (should_stop()) return Error{ErrorKind::interrupted, "stopped on request"};
    return compute(execution, x, {});
  };
  auto said = take_softmax_fingerprint(under_test, precision, problem.seed);
  if (!said) return said.error();
  return KernelFingerprint{said->verdict, said->reason, said->name, said->launches,
                           *std::move(said)};
}

}  // namespace

std::optional<Reason> without_fingerprint(const Problem& problem) {
  const auto says = [](std::string text) {
    return Reason{reason::kNotApplicable, std::move(text)};
  };
  if (problem.op == Op::softmax) {
    if (problem.shape.n >= kLeastSoftmaxColumns) return std::nullopt;
    return says("rows of one element are 1 in any precision");
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

Result<KernelFingerprint> fingerprint_execution(Execution& execution, const Problem& problem,
                                                Precision precision,
                                                const std::function<bool()>& should_stop) {
  assert(!without_fingerprint(problem) && "only a plain product or softmax has a fingerprint");
  const auto take = problem.op == Op::softmax ? softmax_fingerprint : product_fingerprint;
  return take(execution, problem, precision, should_stop);
}

Result<KernelFingerprint> fingerprint_kernel(Device& device, const Problem& problem,
                                             Precision precision, const PreparedKernel& kernel,
                                             const std::function<bool()>& should_stop) {
  const auto execution =
      Execution::create(device, problem, precision, kernel, InputData::constant, 1);
  if (!execution) return execution.error();
  const auto banded = (*execution)->set_bands(careful_bands(problem, kernel.launch));
  if (!banded) return banded.error();
  return fingerprint_execution(**execution, problem, precision, should_stop);
}

}  // namespace gpubench
