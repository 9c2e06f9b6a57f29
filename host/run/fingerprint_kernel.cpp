#include "run/fingerprint_kernel.h"

#include <cassert>

#include "kernels/fill.h"

namespace gpubench {
namespace {

std::vector<float> transposed(std::span<const float> b, const MatmulShape& shape) {
  std::vector<float> result(b.size());
  for (std::size_t p = 0; p < shape.k; ++p) {
    for (std::size_t j = 0; j < shape.n; ++j) result[j * shape.k + p] = b[p * shape.n + j];
  }
  return result;
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

}  // namespace

Result<Fingerprint> fingerprint_kernel(Device& device, const Problem& problem, Precision precision,
                                       const PreparedKernel& kernel) {
  assert(problem.op != Op::softmax && !problem.bias && problem.shape.batch == 1 &&
         problem.activation == Activation::none && "only a plain product has a fingerprint");
  const auto execution =
      Execution::create(device, problem, precision, kernel, InputData::constant, 1);
  if (!execution) return execution.error();
  const auto banded = (*execution)->set_bands(careful_bands(problem, kernel.launch));
  if (!banded) return banded.error();
  MatmulUnderTest under_test;
  under_test.shape = {problem.shape.m, problem.shape.n, problem.shape.k};
  under_test.storage = storage(precision) == Format::f16 ? NumberFormat::fp16 : NumberFormat::fp32;
  under_test.multiply = [&](std::span<const float> a, std::span<const float> b) {
    if (!is_b_transposed(problem)) return multiply(**execution, a, b);
    return multiply(**execution, a, transposed(b, under_test.shape));
  };
  return take_fingerprint(under_test, precision, problem.seed);
}

}  // namespace gpubench
