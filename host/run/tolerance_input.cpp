#include <algorithm>
#include <numeric>

#include "run/checker.h"

namespace gpubench {
namespace {

DataKind data_kind(const Problem& problem) {
  switch (problem.fill) {
    case Fill::normal:
    case Fill::uniform:
    case Fill::logits:
    case Fill::exp_spread:
    case Fill::overflow:
      return DataKind::zero_mean;
    case Fill::uniform01:
      return DataKind::positive;
    case Fill::int_exact: {
      const bool keeps_integers =
          problem.activation == Activation::none || problem.activation == Activation::relu;
      // The terms of a softmax of integers take a few values only.
      if (problem.op == Op::softmax) return DataKind::structured;
      return keeps_integers ? DataKind::exact : DataKind::zero_mean;
    }
    case Fill::cancel:
    case Fill::near_threshold:
    case Fill::subnormal:
    case Fill::zeros:
    case Fill::file:
      return DataKind::structured;
  }
  return DataKind::structured;
}

ActivationKind activation_kind(Activation activation) {
  switch (activation) {
    case Activation::none:
      return ActivationKind::none;
    case Activation::relu:
      return ActivationKind::relu;
    case Activation::gelu:
      return ActivationKind::gelu;
    case Activation::silu:
      return ActivationKind::silu;
    case Activation::sigmoid:
      return ActivationKind::sigmoid;
  }
  return ActivationKind::none;
}

FormatFacts stored_format(Precision precision) {
  return storage(precision) == Format::f16 ? kF16 : kF32;
}

FormatFacts multiplied_format(Precision precision) {
  switch (precision) {
    case Precision::fp32:
    case Precision::fp32_relaxed:
      return kF32;
    case Precision::fp16:
    case Precision::fp16_acc32:
    case Precision::fp32_via_fp16:
      return kF16;
    case Precision::tf32:
      return kTf32;
    case Precision::bf16:
      return kBf16;
  }
  return kF32;
}

/// Softmax sums in fp32 on every path; what differs there is the format of exp.
FormatFacts accumulated_format(Op op, Precision precision) {
  const bool half = precision == Precision::fp16 || precision == Precision::fp32_via_fp16;
  return half && op != Op::softmax ? kF16 : kF32;
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

ToleranceInput tolerance_input(const Case& planned, const Reference& reference) {
  const Problem& problem = planned.problem;
  ToleranceInput input;
  input.operation = problem.op == Op::softmax ? Operation::softmax : Operation::product;
  input.activation = activation_kind(problem.activation);
  input.rows = reference.rows;
  input.columns = reference.columns;
  input.k = std::uint64_t{problem.shape.k} + (problem.bias ? 1 : 0);
  input.stored = stored_format(planned.precision);
  input.multiplied = multiplied_format(planned.precision);
  input.accumulated = accumulated_format(problem.op, planned.precision);
  input.output = stored_format(planned.precision);
  input.data = data_kind(problem);
  input.relaxed = planned.precision == Precision::fp32_relaxed;
  const bool half = input.multiplied.min_exponent == kF16.min_exponent || input.relaxed;
  input.subnormal_share =
      half ? reference.inputs.half_subnormal_share : reference.inputs.float_subnormal_share;
  const auto k = static_cast<double>(std::max<std::uint64_t>(input.k, 1));
  input.product_rms = mean(reference.scales.row) * mean(reference.scales.column) / k;
  input.largest_input = reference.inputs.largest;
  return input;
}

}  // namespace gpubench
