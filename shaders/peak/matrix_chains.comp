#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#pragma use_vulkan_memory_model
// matrix_chains.comp — how many multiply-adds the matrix units of a device can do: chains of
// products of two matrices that stay in registers and touch no memory. A measurement, not a kernel
// of the catalogue.
// Define:     PATH_FP16, PATH_FP16_ACC32 or PATH_BF16: the formats of operands and sums (see
//             precision.glsl)
// Specialize: kThreads is the workgroup, whole subgroups; kScope is who shares a matrix, the subgroup
//             or the workgroup; kMatrixM, kMatrixN, kMatrixK (a shape that the device has for that
//             scope); kChains run in each
// Launch:     full subgroups
// Push:       below
// All elements of a matrix are the same whole number, so all elements of a sum are one that its
// format holds exactly, in whatever order a unit adds. In FP32 they count up to numbers that FP16
// does not reach; in FP16 they go to and fro.
#include "../common/operand.glsl"
#include "../common/precision.glsl"
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_control_flow_attributes : require

layout(buffer_reference, std430, buffer_reference_align = 4)
    writeonly restrict buffer FloatOutput { float v[]; };

layout(push_constant) uniform Push {
  FloatOutput sums;  // one for each invocation: over its chains, of one element
  float factor;      // every element of A
  float there;       // every element of the B of a round's first product, and of its second;
  float back;        // no compiler can know them
  uint rounds;
}
push;

layout(constant_id = 8) const uint kThreads = 128;
layout(constant_id = 9) const uint kMatrixM = 16;
layout(constant_id = 10) const uint kMatrixN = 16;
layout(constant_id = 11) const uint kMatrixK = 16;
layout(constant_id = 12) const uint kChains = 4;
layout(constant_id = 13) const uint kScope = gl_ScopeSubgroup;
layout(local_size_x_id = 8) in;

// host/run/peak_matrix.cpp has the same.
const uint kStarts = 8;

#define MATRIX_A coopmat<OPERAND, kScope, kMatrixM, kMatrixK, gl_MatrixUseA>
#define MATRIX_B coopmat<OPERAND, kScope, kMatrixK, kMatrixN, gl_MatrixUseB>
#define MATRIX_C coopmat<COMPUTE, kScope, kMatrixM, kMatrixN, gl_MatrixUseAccumulator>

// Chains begin at different numbers, or a compiler could run one for all.
float start(uint chain) { return float(gl_WorkGroupID.x % kStarts + chain * kStarts); }

void main() {
  const MATRIX_A a = MATRIX_A(OPERAND(push.factor));
  const MATRIX_B there = MATRIX_B(OPERAND(push.there));
  const MATRIX_B back = MATRIX_B(OPERAND(push.back));
  MATRIX_C sums[kChains];
  [[unroll]] for (uint i = 0; i < kChains; ++i) sums[i] = MATRIX_C(COMPUTE(start(i)));
  for (uint round = 0; round < push.rounds; ++round) {
    [[unroll]] for (uint i = 0; i < kChains; ++i) sums[i] = coopMatMulAdd(a, there, sums[i]);
    [[unroll]] for (uint i = 0; i < kChains; ++i) sums[i] = coopMatMulAdd(a, back, sums[i]);
  }
  float sum = 0.0;
  [[unroll]] for (uint i = 0; i < kChains; ++i) {
    sums[i] = coopMatMulAdd(a, there, sums[i]);  // else FP16 would end where it began
    sum += float(sums[i][0]);
  }
  push.sums.v[gl_GlobalInvocationID.x] = sum;
}
