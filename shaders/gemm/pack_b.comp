#version 450
#extension GL_GOOGLE_include_directive : require
// pack_b.comp — copies B into panels; see panels.glsl.
// Define:     PATH_* (types, see precision.glsl)
// Specialize: kLayout, kTileN, kLanes, kUnroll
// Push:       the common block
// Groups:     x: column tiles, y: runs of kPairsPerGroup pairs, z: batch members
// Edges:      n and k are free; what lies beyond them is packed as zero.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "panels.glsl"

layout(constant_id = 10) const uint kPairsPerGroup = 32;

COMPUTE load_b(uint member, uint i, uint column) {
  if (i >= push.k || column >= push.n) return COMPUTE(0.0);
  return to_compute(COMPUTE(push.b.v[b_index(member, i, column)]));
}

void main() {
  const uint member = gl_WorkGroupID.z;
  const uint column_tile = gl_WorkGroupID.x;
  const uint lane = gl_LocalInvocationID.x;
  const uint first = gl_WorkGroupID.y * kPairsPerGroup;
  const uint panel = b_panel(member, column_tile);

  for (uint pair = first; pair < min(first + kPairsPerGroup, pairs_of_k()); ++pair) {
    for (uint j = 0; j < kLaneColumns; ++j) {
      const uint within = j * kLanes + lane;
      const uint column = column_tile * kTileN + within;
      PairArray(push.scratch1).v[panel + pair * kTileN + within] =
          COMPUTE2(load_b(member, 2 * pair, column), load_b(member, 2 * pair + 1, column));
    }
  }
}
