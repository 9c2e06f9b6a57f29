// made_arrays.h — arrays in memory for the audit's tests: seeded, and rounded as runtimes do.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "audit/audit.h"
#include "base/half.h"

namespace gpubench::audit_tests {

using Values = std::vector<double>;

inline AuditArray in_memory(std::string name, std::vector<std::uint64_t> shape, Values values) {
  return {std::move(name), "float32", std::move(shape),
          [values = std::move(values)](std::uint64_t first, std::span<double> out) -> Outcome {
            std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(first), out.size(),
                        out.begin());
            return Done{};
          }};
}

inline AuditArray column(std::string name, Values values) {
  const std::uint64_t size = values.size();
  return in_memory(std::move(name), {size}, std::move(values));
}

/// FP32 numbers, normal with mean 0 and deviation 1; the same on any standard library.
inline std::vector<float> normal_floats(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 bits(seed);
  const auto uniform = [&] { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1p-53; };
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>(std::sqrt(-2 * std::log(uniform())) *
                               std::cos(2 * std::numbers::pi * uniform()));
  }
  return values;
}

template <class Round>
Values rounded(const Values& values, Round round) {
  Values result;
  for (const double value : values) {
    result.push_back(static_cast<double>(round(static_cast<float>(value))));
  }
  return result;
}

/// The same sums by two orders in FP32: from the front, and in two halves from the back.
struct Products {
  Values forwards, backwards;
};
inline Products fp32_products(std::uint64_t seed, std::size_t count, std::size_t terms) {
  const std::vector<float> a = normal_floats(seed, count * terms);
  const std::vector<float> b = normal_floats(~seed, count * terms);
  Products result;
  for (std::size_t i = 0; i < count; ++i) {
    float forwards = 0, even = 0, odd = 0;
    for (std::size_t k = 0; k < terms; ++k) forwards += a[i * terms + k] * b[i * terms + k];
    for (std::size_t k = terms; k-- > 0;) {
      (k % 2 == 0 ? even : odd) += a[i * terms + k] * b[i * terms + k];
    }
    result.forwards.push_back(static_cast<double>(forwards));
    result.backwards.push_back(static_cast<double>(even + odd));
  }
  return result;
}

/// The facts and the judgement of one output; the test ends where the audit does not.
inline OutputAudit audited(const Values& reference, const Values& output,
                           Declared declared = Declared::fp32) {
  AuditRequest request;
  request.reference = column("cpu.npy", reference);
  request.outputs = {column("theirs.npy", output)};
  request.declared = declared;
  auto audit = run_audit(request);
  return audit ? audit->outputs.front() : OutputAudit{};
}

}  // namespace gpubench::audit_tests
