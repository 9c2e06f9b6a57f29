#include "reference/probes.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cmath>

#include "base/parallel.h"
#include "kernels/random.h"
#include "reference/dot.h"

namespace gpubench {
namespace {

constexpr std::size_t kColumnStrip = 512;

/// Consecutive lines of this length to give to one thread.
std::size_t lines_per_task(std::uint64_t length) {
  return std::max<std::size_t>(1, 65536 / length);
}

/// out[line] = Σ matrix[line][i]·x[i] for lines of x.size() elements.
void times_vector(const float* matrix, std::span<const double> x, std::span<double> out) {
  parallel_for(out.size(), lines_per_task(x.size()), [&](std::size_t begin, std::size_t end) {
    for (std::size_t line = begin; line < end; ++line) {
      out[line] = dot(matrix + line * x.size(), x.data(), x.size());
    }
  });
}

/// out[i] = Σ matrix[line][i]·x[line] for lines of out.size() elements.
void vector_times(const float* matrix, std::span<const double> x, std::span<double> out) {
  parallel_for(out.size(), kColumnStrip, [&](std::size_t begin, std::size_t end) {
    std::fill(out.data() + begin, out.data() + end, 0.0);
    for (std::size_t line = 0; line < x.size(); ++line) {
      add_scaled(matrix + line * out.size() + begin, end - begin, x[line], out.data() + begin);
    }
  });
}

std::vector<double> gaussian_vectors(std::uint64_t seed, std::size_t count) {
  std::vector<float> drawn(count);
  draw_normal({seed, kProbeStream}, 0, drawn);
  return {drawn.begin(), drawn.end()};
}

// --- The prime field.

__extension__ using Wide = __int128;
constexpr std::int64_t kPrime = (std::int64_t{1} << 61) - 1;

std::int64_t residue(Wide value) {
  const auto remainder = static_cast<std::int64_t>(value % kPrime);
  return remainder < 0 ? remainder + kPrime : remainder;
}

// |integer| < 2^31, x < 2^61 and up to 2^32 terms: the sum stays below 2^124.
std::int64_t exact_dot(const float* integers, std::span<const std::int64_t> x) {
  Wide sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += static_cast<Wide>(x[i]) * static_cast<std::int64_t>(integers[i]);
  }
  return residue(sum);
}

void times_vector(const float* matrix, std::span<const std::int64_t> x,
                  std::span<std::int64_t> out) {
  parallel_for(out.size(), lines_per_task(x.size()), [&](std::size_t begin, std::size_t end) {
    for (std::size_t line = begin; line < end; ++line) {
      out[line] = exact_dot(matrix + line * x.size(), x);
    }
  });
}

void vector_times(const float* matrix, std::span<const std::int64_t> x,
                  std::span<std::int64_t> out) {
  parallel_for(out.size(), kColumnStrip, [&](std::size_t begin, std::size_t end) {
    std::array<Wide, kColumnStrip> sums{};
    for (std::size_t line = 0; line < x.size(); ++line) {
      const float* integers = matrix + line * out.size() + begin;
      for (std::size_t i = 0; i < end - begin; ++i) {
        sums[i] += static_cast<Wide>(x[line]) * static_cast<std::int64_t>(integers[i]);
      }
    }
    std::transform(sums.data(), sums.data() + (end - begin), out.data() + begin, residue);
  });
}

std::vector<std::int64_t> residues(std::uint64_t seed, std::size_t count) {
  std::vector<std::uint32_t> words(2 * count);
  draw_words({seed, kProbeStream}, 0, words);
  std::vector<std::int64_t> x(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t bits = std::uint64_t{words[2 * i]} << 32 | words[2 * i + 1];
    x[i] = residue(static_cast<Wide>(bits >> 3));
  }
  return x;
}

// --- Both: y = A(Bx) for each batch member.

template <class Scalar>
void probe_product(const Problem& problem, const Inputs& inputs, std::span<const Scalar> x,
                   std::span<Scalar> y) {
  const auto [m, n, k, batches] = problem.shape;
  std::vector<Scalar> bx(k);
  for (std::uint64_t batch = 0; batch < batches; ++batch) {
    const float* b = inputs.b.data() + batch * n * k;
    if (is_b_transposed(problem)) {
      vector_times(b, x, std::span<Scalar>(bx));
    } else {
      times_vector(b, x, std::span<Scalar>(bx));
    }
    times_vector(inputs.a.data() + batch * m * k, std::span<const Scalar>(bx),
                 y.subspan(batch * m, m));
  }
}

/// Whether C·x = y in this row; `output` has x.size() values, converted by `value_of`.
template <class Element, class ValueOf>
bool row_is_exact(std::span<const Element> output, std::span<const std::uint64_t> x,
                  std::uint64_t y, ValueOf value_of) {
  Wide sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const float value = value_of(output[j]);
    if (!(std::abs(value) < 0x1p31F)) return false;
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<float>(integer) != value) return false;
    sum += static_cast<Wide>(x[j]) * integer;
  }
  return residue(sum) == static_cast<std::int64_t>(y);
}

template <class Element, class ValueOf>
std::optional<std::uint64_t> find_inexact_row(const ExactProbe& probe,
                                              std::span<const Element> output, ValueOf value_of) {
  const std::size_t columns = probe.x.size();
  assert(columns > 0 && output.size() == columns * probe.y.size() && "probe of another problem");
  const std::uint64_t none = probe.y.size();
  std::atomic<std::uint64_t> first{none};
  parallel_for(probe.y.size(), lines_per_task(columns), [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      if (row_is_exact(output.subspan(row * columns, columns), probe.x, probe.y[row], value_of)) {
        continue;
      }
      std::uint64_t before = first;
      while (row < before && !first.compare_exchange_weak(before, row)) {
      }
      return;
    }
  });
  return first == none ? std::nullopt : std::optional<std::uint64_t>(first);
}

}  // namespace

GaussianProbe gaussian_probe(const Problem& problem, const Inputs& inputs, std::uint32_t vectors) {
  const std::uint64_t columns = problem.shape.n;
  const std::uint64_t rows = std::uint64_t{problem.shape.batch} * problem.shape.m;
  GaussianProbe probe{vectors, gaussian_vectors(problem.seed, vectors * columns),
                      std::vector<double>(vectors * rows)};
  for (std::uint64_t vector = 0; vector < vectors; ++vector) {
    const std::span<const double> x = std::span(probe.x).subspan(vector * columns, columns);
    const std::span<double> y = std::span(probe.y).subspan(vector * rows, rows);
    probe_product(problem, inputs, x, y);
    if (inputs.bias.empty()) continue;
    const double shift = dot(inputs.bias.data(), x.data(), columns);
    for (double& value : y) value += shift;
  }
  return probe;
}

ExactProbe exact_probe(const Problem& problem, const Inputs& inputs) {
  const std::vector<std::int64_t> x = residues(problem.seed, problem.shape.n);
  std::vector<std::int64_t> y(std::uint64_t{problem.shape.batch} * problem.shape.m);
  probe_product(problem, inputs, std::span(x), std::span(y));
  if (!inputs.bias.empty()) {
    const std::int64_t shift = exact_dot(inputs.bias.data(), x);
    for (std::int64_t& value : y) value = residue(static_cast<Wide>(value) + shift);
  }
  return {{x.begin(), x.end()}, {y.begin(), y.end()}};
}

std::optional<std::uint64_t> first_inexact_row(const ExactProbe& probe,
                                               std::span<const float> output) {
  return find_inexact_row(probe, output, [](float value) { return value; });
}

std::optional<std::uint64_t> first_inexact_row(const ExactProbe& probe,
                                               std::span<const HalfBits> output) {
  return find_inexact_row(probe, output, [](HalfBits bits) { return float_from_half(bits); });
}

}  // namespace gpubench
