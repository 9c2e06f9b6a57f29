// contract.glsl — what the host gives to every kernel: push constants and specialization
// constants. The host side is host/kernels/contract.h; docs/adding-a-kernel.md explains it.
// Include precision.glsl first.

#extension GL_EXT_buffer_reference : require
#extension GL_EXT_control_flow_attributes : require

// No dispatch writes what it reads, and no buffer that is written overlaps another: each block says so, as
// shaders/README.md explains.
layout(buffer_reference, std430, buffer_reference_align = STORED_BYTES)
    readonly restrict buffer StoredInput { STORED v[]; };
layout(buffer_reference, std430, buffer_reference_align = STORED_BYTES)
    writeonly restrict buffer StoredOutput { STORED v[]; };
// The same memory, four elements at a time; only where kVectorLoads says that rows allow it.
layout(buffer_reference, std430, buffer_reference_align = 4 * STORED_BYTES)
    readonly restrict buffer Stored4Input { STORED4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4 * STORED_BYTES)
    writeonly restrict buffer Stored4Output { STORED4 v[]; };
// An address, which kernels cast to what they keep there.
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Scratch { uint v[]; };

layout(push_constant) uniform Push {
  StoredInput a;     // m x k; the input of a softmax, m x n
  StoredInput b;     // k x n, or n x k when kLayout is kLayoutNt
  StoredInput bias;  // n
  StoredOutput c;    // m x n
  Scratch scratch0;
  Scratch scratch1;
  uint m;
  uint n;
  uint k;
  uint batch;
  uint row_begin;  // this dispatch writes rows [row_begin, row_end) of each batch member
  uint row_end;
}
push;

const uint kLayoutNn = 0;
const uint kLayoutNt = 1;

// Ids 0 to 7 are the contract's; a kernel's own begin at 8.
layout(constant_id = 0) const uint kLayout = 0;
layout(constant_id = 1) const uint kActivation = 0;
layout(constant_id = 2) const uint kHasBias = 0;
layout(constant_id = 3) const uint kTileM = 1;
layout(constant_id = 4) const uint kTileN = 1;
// 1: rows of A, B and C begin on vector boundaries, so that whole vectors may be read and written.
layout(constant_id = 5) const uint kVectorLoads = 0;

// Workgroup (x, y, z) owns column tile x, row tile y counted from row_begin, batch member z.
uint first_row(uint row_tile) { return push.row_begin + row_tile * kTileM; }
uint a_index(uint member, uint row, uint i) { return (member * push.m + row) * push.k + i; }
uint b_index(uint member, uint i, uint column) {
  if (kLayout == kLayoutNt) return (member * push.n + column) * push.k + i;
  return (member * push.k + i) * push.n + column;
}
uint c_index(uint member, uint row, uint column) {
  return (member * push.m + row) * push.n + column;
}
