#version 450
#extension GL_GOOGLE_include_directive : require
// naive.comp — softmax over rows; one invocation computes one row in three passes: the maximum,
// the sum, the quotients. The readable one.
// Define:     PATH_* (types, see precision.glsl)
// Specialize: kTileM is the workgroup: so many rows
// Push:       the common block; k is not used
// Edges:      m and n are free.
#include "../common/precision.glsl"
#include "../common/contract.glsl"

layout(local_size_x = 1, local_size_y_id = 3) in;

COMPUTE load_x(uint index) { return to_compute(COMPUTE(push.a.v[index])); }

void main() {
  const uint row = push.row_begin + gl_GlobalInvocationID.y;
  if (row >= push.row_end) return;
  const uint first = c_index(gl_WorkGroupID.z, row, 0);

  COMPUTE largest = COMPUTE(kComputeLowest);
  for (uint j = 0; j < push.n; ++j) largest = max(largest, load_x(first + j));

  float sum = 0.0;
  for (uint j = 0; j < push.n; ++j) sum += float(exp(load_x(first + j) - largest));

  for (uint j = 0; j < push.n; ++j) {
    const float share = float(exp(load_x(first + j) - largest)) / sum;
    push.c.v[first + j] = STORED(COMPUTE(share));
  }
}
