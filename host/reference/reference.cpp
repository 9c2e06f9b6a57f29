#include "reference/reference.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "base/parallel.h"
#include "base/text.h"
#include "reference/activation.h"
#include "reference/onednn.h"
#include "reference/softmax.h"

namespace gpubench {
namespace {

constexpr std::size_t kGrain = std::size_t{1} << 16;

/// Bias in fp32; the activation in fp64, rounded once, so that it adds no error of its own.
void apply_epilogue(const Problem& problem, const std::vector<float>& bias,
                    std::span<float> values) {
  if (bias.empty() && problem.activation == Activation::none) return;
  parallel_for(values.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    std::size_t column = begin % problem.shape.n;
    for (std::size_t i = begin; i < end; ++i) {
      const float shifted = bias.empty() ? values[i] : values[i] + bias[column];
      values[i] = static_cast<float>(activate(problem.activation, shifted));
      column = column + 1 == problem.shape.n ? 0 : column + 1;
    }
  });
}

FloatArray product_values(const Problem& problem, const Inputs& inputs) {
  FloatArray values(problem.c_elements());
  const Transposed transposed = is_b_transposed(problem) ? Transposed::yes : Transposed::no;
  onednn_product(problem.shape, transposed, inputs.a.data(), inputs.b.data(), values.data());
  apply_epilogue(problem, inputs.bias, values.span());
  return values;
}

void add_product(const Problem& problem, const Inputs& inputs, const ReferenceOptions& options,
                 Reference& reference) {
  if (options.coverage == Coverage::whole) {
    reference.values = product_values(problem, inputs);
    reference.description = "onednn " + onednn_version() + ", fp32 strict";
  } else {
    reference.description = "openblas dgemm, sampled rows";
  }
  reference.scales = product_scales(problem, inputs);
  if (problem.activation != Activation::none) return;
  reference.freivalds = gaussian_probe(problem, inputs, options.probe_vectors);
  if (problem.fill == Fill::int_exact) reference.exact = exact_probe(problem, inputs);
}

void add_softmax(const Inputs& inputs, Reference& reference) {
  reference.values = FloatArray(inputs.a.size());
  softmax_fp32(inputs.a.span(), reference.columns, reference.values.span());
  reference.description = "host softmax, fp32, max-shifted";
  reference.scales = softmax_scales(reference.values.span(), reference.columns);
  // Column scales are 1 in every batch member, and stored once.
  reference.rows_per_batch = reference.rows;
}

Reference reference_of(const Problem& problem, const Inputs& inputs,
                       const ReferenceOptions& options) {
  Reference reference;
  reference.rows = std::uint64_t{problem.shape.batch} * problem.shape.m;
  reference.columns = problem.shape.n;
  reference.rows_per_batch = problem.shape.m;
  reference.inputs = facts_of(inputs);
  if (problem.op == Op::softmax) {
    add_softmax(inputs, reference);
  } else {
    add_product(problem, inputs, options, reference);
  }
  reference.oracle = compute_oracle(problem, inputs, sample_rows(problem, options.oracle_rows));
  return reference;
}

/// In floating point: the sizes of a hostile problem overflow 64 bits.
std::string host_memory(const Problem& problem) {
  constexpr double kLargest = 0x1p63;
  const double elements = static_cast<double>(problem.a_elements()) +
                          static_cast<double>(problem.b_elements()) +
                          static_cast<double>(problem.c_elements());
  return format_bytes(static_cast<std::uint64_t>(std::min(elements * sizeof(float), kLargest)));
}

}  // namespace

Result<Reference> compute_reference(const Problem& problem, Format storage,
                                    const ReferenceOptions& options) {
  // Libraries report trouble by exceptions; from here on it is a value.
  try {
    const auto inputs = make_inputs(problem, storage);
    if (!inputs) return inputs.error();
    return reference_of(problem, *inputs, options);
  } catch (const std::bad_alloc&) {
    return Error{ErrorKind::out_of_memory,
                 "the CPU reference needs " + host_memory(problem) + " of host memory"};
  } catch (const std::exception& failure) {
    return Error{ErrorKind::internal, std::string("the CPU reference failed: ") + failure.what()};
  }
}

}  // namespace gpubench
