#version 450
#extension GL_GOOGLE_include_directive : require
// pack_a.comp — copies rows [row_begin, row_end) of A into panels; see panels.glsl.
// Define:     PATH_* (types, see precision.glsl)
// Specialize: kTileM, kLanes, kUnroll, kRunA
// Push:       the common block
// Groups:     x: kLanes runs of each row, y: row tiles, z: batch members
// Edges:      m and k are free; what lies beyond them is packed as zero.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "panels.glsl"

COMPUTE load_a(uint member, uint row, uint i) {
  if (row >= push.row_end || i >= push.k) return COMPUTE(0.0);
  return to_compute(COMPUTE(push.a.v[a_index(member, row, i)]));
}

void main() {
  const uint member = gl_WorkGroupID.z;
  const uint row_tile = gl_WorkGroupID.y;
  const uint run = gl_GlobalInvocationID.x;
  if (run >= padded_k() / kRunA) return;

  const uint to = a_panel(member, row_tile) + run * kTileM;
  for (uint r = 0; r < kTileM; ++r) {
    const uint row = first_row(row_tile) + r;
    COMPUTE4 packed = COMPUTE4(0.0);
    [[unroll]] for (uint e = 0; e < kRunA; ++e) packed[e] = load_a(member, row, run * kRunA + e);
    store_run(PairOutput(push.scratch0), kRunA, to + r, packed);
  }
}
