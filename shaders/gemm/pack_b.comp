#version 450
#extension GL_GOOGLE_include_directive : require
// pack_b.comp — copies B into panels; see panels.glsl.
// Define:     PATH_* (types, see precision.glsl)
// Specialize: kLayout, kTileN, kLanes, kUnroll, kRunB, kRunsPerGroup
// Push:       the common block
// Groups:     x: column tiles, y: kRunsPerGroup runs of each column, z: batch members
// Edges:      n and k are free; what lies beyond them is packed as zero.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "panels.glsl"

layout(constant_id = 12) const uint kRunsPerGroup = 32;

COMPUTE load_b(uint member, uint i, uint column) {
  if (i >= push.k || column >= push.n) return COMPUTE(0.0);
  return to_compute(COMPUTE(push.b.v[b_index(member, i, column)]));
}

void main() {
  const uint member = gl_WorkGroupID.z;
  const uint column_tile = gl_WorkGroupID.x;
  const uint lane = gl_LocalInvocationID.x;
  const uint first = gl_WorkGroupID.y * kRunsPerGroup;
  const uint last = min(first + kRunsPerGroup, padded_k() / kRunB);
  const uint panel = b_panel(member, column_tile);

  for (uint run = first; run < last; ++run) {
    for (uint j = 0; j < kLaneColumns; ++j) {
      const uint within = j * kLanes + lane;
      const uint column = column_tile * kTileN + within;
      COMPUTE4 packed = COMPUTE4(0.0);
      [[unroll]] for (uint e = 0; e < kRunB; ++e) {
        packed[e] = load_b(member, run * kRunB + e, column);
      }
      store_run(PairOutput(push.scratch1), kRunB, panel + run * kTileN + within, packed);
    }
  }
}
