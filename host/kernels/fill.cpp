#include "kernels/fill.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <vector>

#include "base/half.h"
#include "base/parallel.h"
#include "kernels/npy.h"
#include "kernels/random.h"
#include "kernels/structured_fill.h"

namespace gpubench {
namespace {

// Elements of one task: long enough to hide a thread's hand-over, short enough to share evenly.
constexpr std::size_t kGrain = std::size_t{1} << 16;

// ±5 binades about 2^-5, so that sums over any k stay finite in fp16.
constexpr ExponentRange kSpreadExponents{-10, 0};
// Products from 2^12 to 2^20: on either side of fp16's largest number, 65504, far below fp32's.
constexpr ExponentRange kOverflowExponents{6, 9};

[[maybe_unused]] std::uint64_t elements_of(const Problem& problem, Tensor tensor) {
  switch (tensor) {
    case Tensor::a:
      return problem.a_elements();
    case Tensor::b:
      return problem.b_elements();
    case Tensor::bias:
      return problem.bias_elements();
  }
  return 0;
}

/// Power of two that brings the arguments of an activation to unit variance, so that its curved
/// part is used; shared between X and W to keep both clear of fp16's subnormals.
float activation_scale(const Problem& problem, Tensor tensor) {
  if (problem.activation == Activation::none || tensor == Tensor::bias) return 1.0F;
  const int halvings = static_cast<int>(std::bit_width(problem.shape.k) - 1) / 2;
  const int of_x = halvings / 2;
  return std::ldexp(1.0F, -(tensor == Tensor::a ? of_x : halvings - of_x));
}

void fill_normal(const Part& part) {
  draw_normal({part.problem.seed, static_cast<std::uint32_t>(part.tensor)}, part.first, part.out);
  const float factor = activation_scale(part.problem, part.tensor);
  if (factor == 1.0F) return;
  for (float& value : part.out) {
    value = std::copysign(std::max(std::abs(value * factor), kSmallestDrawn), value);
  }
}

void fill_part(const Part& part) {
  const Stream stream{part.problem.seed, static_cast<std::uint32_t>(part.tensor)};
  switch (part.problem.fill) {
    case Fill::normal:
    case Fill::file:  // What no file is named for.
      return fill_normal(part);
    case Fill::uniform:
      return draw_uniform(stream, part.first, part.out);
    case Fill::uniform01:
      return draw_uniform01(stream, part.first, part.out);
    case Fill::int_exact:
      return fill_int_exact(part);
    case Fill::exp_spread:
      return draw_exponents(stream, part.first, kSpreadExponents, part.out);
    case Fill::cancel:
      return fill_cancel(part);
    case Fill::logits:
      return fill_logits(part);
    case Fill::near_threshold:
      return fill_near_threshold(part);
    case Fill::subnormal:
      return fill_subnormal(part);
    case Fill::overflow:
      return draw_exponents(stream, part.first, kOverflowExponents, part.out);
    case Fill::zeros:
      std::ranges::fill(part.out, 0.0F);
      return;
  }
}

const std::string* file_of(const Problem& problem, Tensor tensor) {
  if (problem.fill != Fill::file || tensor == Tensor::bias) return nullptr;
  const std::string& file = tensor == Tensor::a ? problem.fill_file : problem.fill_file_b;
  return file.empty() ? nullptr : &file;
}

/// The shape that a file must have: batch comes first, and only when there is more than one.
std::vector<std::uint64_t> shape_of(const Problem& problem, Tensor tensor) {
  const Shape& shape = problem.shape;
  std::vector<std::uint64_t> extents;
  if (shape.batch > 1) extents.push_back(shape.batch);
  if (tensor == Tensor::a) {
    extents.push_back(shape.m);
    extents.push_back(problem.op == Op::softmax ? shape.n : shape.k);
  } else {
    const bool transposed = is_b_transposed(problem);
    extents.push_back(transposed ? shape.n : shape.k);
    extents.push_back(transposed ? shape.k : shape.n);
  }
  return extents;
}

}  // namespace

Outcome fill_tensor(const Problem& problem, Tensor tensor, std::uint64_t first,
                    std::span<float> out) {
  assert(first + out.size() <= elements_of(problem, tensor) && "fill past the end of the tensor");
  if (const std::string* file = file_of(problem, tensor)) {
    return read_npy(*file, shape_of(problem, tensor), first, out);
  }
  parallel_for(out.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    fill_part({problem, tensor, first + begin, out.subspan(begin, end - begin)});
  });
  return Done{};
}

void quantise(std::span<float> values, Format format) {
  if (format == Format::f16) round_to_half(values);
}

}  // namespace gpubench
