#version 450
#extension GL_GOOGLE_include_directive : require
// naive.comp — C = A·B, row-major; one invocation computes one element of C. The readable one.
// Define:     PATH_* (types, see precision.glsl), EPILOGUE (linear)
// Specialize: kTileM x kTileN is the workgroup; kTerms
// Push:       the common block
// Edges:      m, n and k are free; invocations outside C do nothing.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "../linear/epilogue.glsl"

layout(constant_id = 8) const uint kTerms = 1;  // taken in one round of the loop over k
layout(local_size_x_id = 4, local_size_y_id = 3) in;

COMPUTE load_a(uint member, uint row, uint i) {
  return to_compute(COMPUTE(push.a.v[a_index(member, row, i)]));
}

COMPUTE load_b(uint member, uint i, uint column) {
  return to_compute(COMPUTE(push.b.v[b_index(member, i, column)]));
}

void main() {
  const uint member = gl_WorkGroupID.z;
  const uint row = push.row_begin + gl_GlobalInvocationID.y;
  const uint column = gl_GlobalInvocationID.x;
  if (row >= push.row_end || column >= push.n) return;

  COMPUTE sum = COMPUTE(0.0);
  for (uint i = 0; i < push.k; i += kTerms) {
    [[unroll]] for (uint t = 0; t < kTerms; ++t) {
      if (i + t < push.k) {
        sum = fma(load_a(member, row, i + t), load_b(member, i + t, column), sum);
      }
    }
  }
  push.c.v[c_index(member, row, column)] = STORED(finish(sum, column));
}
