#version 450
#extension GL_GOOGLE_include_directive : require
// naive.comp — softmax over rows; one invocation computes one row in three passes: the maximum,
// the sum, the quotients. The readable one.
// Define:     PATH_* (types, see precision.glsl)
// Specialize: kTileM is the workgroup: so many rows; kTerms
// Push:       the common block; k is not used
// Edges:      m and n are free.
#include "../common/precision.glsl"
#include "../common/contract.glsl"

layout(constant_id = 8) const uint kTerms = 1;  // elements taken in one round of each loop
layout(local_size_x = 1, local_size_y_id = 3) in;

COMPUTE load_x(uint index) { return to_compute(COMPUTE(push.a.v[index])); }

void main() {
  const uint row = push.row_begin + gl_GlobalInvocationID.y;
  if (row >= push.row_end) return;
  const uint first = c_index(gl_WorkGroupID.z, row, 0);

  COMPUTE largest = COMPUTE(kComputeLowest);
  for (uint j = 0; j < push.n; j += kTerms) {
    [[unroll]] for (uint t = 0; t < kTerms; ++t) {
      if (j + t < push.n) largest = max(largest, load_x(first + j + t));
    }
  }

  float sum = 0.0;
  for (uint j = 0; j < push.n; j += kTerms) {
    [[unroll]] for (uint t = 0; t < kTerms; ++t) {
      if (j + t < push.n) sum += float(exp(load_x(first + j + t) - largest));
    }
  }

  for (uint j = 0; j < push.n; j += kTerms) {
    [[unroll]] for (uint t = 0; t < kTerms; ++t) {
      if (j + t < push.n) {
        const float share = float(exp(load_x(first + j + t) - largest)) / sum;
        push.c.v[first + j + t] = STORED(COMPUTE(share));
      }
    }
  }
}
