// contract.glsl — the contract of a user's kernel (docs/adding-a-kernel.md) for FP32 storage, and
// the parts that the kernels with planted faults share. Each of them is an honest FP32 product
// but for the one fault that its head names.
#extension GL_EXT_buffer_reference : require

layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Words { uint v[]; };

layout(push_constant) uniform Push {
  Floats a;
  Floats b;
  Floats bias;
  Floats c;
  Words scratch0;
  Words scratch1;
  uint m;
  uint n;
  uint k;
  uint batch;
  uint row_begin;
  uint row_end;
}
push;

layout(constant_id = 0) const uint kLayout = 0;  // 0: B is k x n, 1: B is n x k

// Run with tile_m 8 and tile_n 16.
layout(local_size_x_id = 4, local_size_y_id = 3) in;

uint member() { return gl_WorkGroupID.z; }
uint row() { return push.row_begin + gl_GlobalInvocationID.y; }
uint column() { return gl_GlobalInvocationID.x; }
bool inside() { return row() < push.row_end && column() < push.n; }

uint a_index(uint i) { return (member() * push.m + row()) * push.k + i; }
uint b_index(uint i) {
  return kLayout == 1 ? (member() * push.n + column()) * push.k + i
                      : (member() * push.k + i) * push.n + column();
}
uint c_index() { return (member() * push.m + row()) * push.n + column(); }

// The honest sum of the first `k` products.
float product(uint k) {
  float sum = 0.0;
  for (uint i = 0; i < k; ++i) sum = fma(push.a.v[a_index(i)], push.b.v[b_index(i)], sum);
  return sum;
}
