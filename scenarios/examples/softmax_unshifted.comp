#version 450
// softmax_unshifted.comp — an example of a fault: exp(x) / Σ exp(x) in FP32 without taking the
// largest x off first. Right for small inputs; beyond 88 exp overflows, below -103 it vanishes.
// Contract: docs/adding-a-kernel.md. scenarios/overflow.yaml runs it beside kernels that shift.
#extension GL_EXT_buffer_reference : require

layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float v[]; };

// The push block: 72 bytes, the same for every kernel.
layout(push_constant) uniform Push {
  Floats x;         // m x n
  Floats b;         // null
  Floats bias;      // null
  Floats y;         // m x n
  Floats scratch0;  // 4 KiB, zero before the first dispatch
  Floats scratch1;  // null
  uint m;
  uint n;
  uint k;  // 0
  uint batch;
  uint row_begin;  // write rows [row_begin, row_end) of each batch member, no others
  uint row_end;
}
push;

// One invocation computes a row; tile_m of them are a workgroup.
layout(local_size_x = 1, local_size_y_id = 3) in;

void main() {
  const uint row = push.row_begin + gl_GlobalInvocationID.y;
  if (row >= push.row_end) return;
  const uint first = (gl_WorkGroupID.z * push.m + row) * push.n;

  float sum = 0.0;
  for (uint j = 0; j < push.n; ++j) sum += exp(push.x.v[first + j]);
  for (uint j = 0; j < push.n; ++j) push.y.v[first + j] = exp(push.x.v[first + j]) / sum;
}
