#version 450
#extension GL_GOOGLE_include_directive : require
// add_parts.comp — adds the sums over parts of k, first to last, and stores the outputs.
// Define:     PATH_* (types, see precision.glsl), EPILOGUE (linear)
// Specialize: kTileN is the workgroup: so many columns of one row; kTileM is 1; kSplits
// Push:       the common block; scratch0 holds the sums, see parts.glsl
// Edges:      m and n are free.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "../linear/epilogue.glsl"
#include "parts.glsl"

layout(local_size_x_id = 4) in;

void main() {
  const uint member = gl_WorkGroupID.z;
  const uint row = first_row(gl_WorkGroupID.y);
  const uint column = gl_GlobalInvocationID.x;
  if (row >= push.row_end || column >= push.n) return;

  COMPUTE sum = COMPUTE(PartInput(push.scratch0).v[part_index(0, member, row, column)]);
  for (uint part = 1; part < kSplits; ++part) {
    sum += COMPUTE(PartInput(push.scratch0).v[part_index(part, member, row, column)]);
  }
  push.c.v[c_index(member, row, column)] = STORED(finish(sum, column));
}
