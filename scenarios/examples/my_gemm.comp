#version 450
// my_gemm.comp — an example of a user's own kernel: C = A·B in FP32, one invocation per element.
// Contract: docs/adding-a-kernel.md. Run it with scenarios/examples/my_gemm.yaml.
#extension GL_EXT_buffer_reference : require

layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float v[]; };

// The push block: 72 bytes, the same for every kernel.
layout(push_constant) uniform Push {
  Floats a;         // m x k
  Floats b;         // k x n, or n x k when kLayout is 1
  Floats bias;      // n; null when there is none
  Floats c;         // m x n
  Floats scratch0;  // 4 KiB, zero before the first dispatch
  Floats scratch1;  // null
  uint m;
  uint n;
  uint k;
  uint batch;
  uint row_begin;  // write rows [row_begin, row_end) of each batch member, no others
  uint row_end;
}
push;

// gpubench sets constants 0 to 5; ids from 8 on are yours, by `constants:` in the scenario.
layout(constant_id = 0) const uint kLayout = 0;

// Here the workgroup is the tile: tile_n invocations along x, tile_m along y.
layout(local_size_x_id = 4, local_size_y_id = 3) in;

void main() {
  const uint member = gl_WorkGroupID.z;
  const uint row = push.row_begin + gl_GlobalInvocationID.y;
  const uint column = gl_GlobalInvocationID.x;
  if (row >= push.row_end || column >= push.n) return;

  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    const uint b = kLayout == 1 ? (member * push.n + column) * push.k + i
                                : (member * push.k + i) * push.n + column;
    sum = fma(push.a.v[(member * push.m + row) * push.k + i], push.b.v[b], sum);
  }
  push.c.v[(member * push.m + row) * push.n + column] = sum;
}
