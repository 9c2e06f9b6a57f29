// launches.h — what the tests of launches ask of the catalogue, and what they look for in its
// steps.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "kernels/kernel.h"

namespace gpubench {

inline Problem gemm(Shape shape) {
  return {.op = Op::gemm, .shape = shape};
}

inline Problem problem_of(Op op, Shape shape) {
  if (op == Op::softmax) shape.k = 0;
  return {.op = op, .shape = shape};
}

inline std::uint32_t constant(const Step& step, std::uint32_t id) {
  for (const SpecConstant& entry : step.pipeline.constants) {
    if (entry.id == id) return entry.value;
  }
  ADD_FAILURE() << "no constant " << id;
  return 0;
}

inline std::string refusal(std::string_view kernel, const Problem& problem, Precision precision,
                           const DeviceTraits& device) {
  const auto launch = find_kernel(problem.op, kernel)->launch(problem, precision, device);
  if (launch) return "";
  EXPECT_EQ(launch.error().kind, ErrorKind::unsupported);
  return launch.error().message;
}

}  // namespace gpubench
