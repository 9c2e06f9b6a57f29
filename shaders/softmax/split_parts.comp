#version 450
#extension GL_GOOGLE_include_directive : require
// split_parts.comp — the maximum and the sum of every part of a row; one workgroup takes one part.
// split_shares.comp comes after it.
// Define:     PATH_* (types, see precision.glsl)
// Specialize: kThreads, kParts, kRunsOfPart, kVectorLoads; kTileM is 1
// Push:       the common block; scratch0 takes the maxima and sums, see parts.glsl; k is not used
// Groups:     x: parts, y: rows, z: batch members
// Edges:      m and n are free.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "row.glsl"
#include "parts.glsl"
#include "workgroup.glsl"

void main() {
  const uint row = first_row(gl_WorkGroupID.y);
  const uint first = c_index(gl_WorkGroupID.z, row, 0);
  Running mine = nothing();
  for (uint run = first_run() + gl_LocalInvocationIndex; run < end_of_runs(); run += kThreads) {
    mine = include_run(mine, load_run(first, run));
  }
  const COMPUTE largest = largest_of_workgroup(mine.largest);
  const float sum = sum_of_workgroup(rescaled(mine, largest));
  if (gl_LocalInvocationIndex == 0) {
    const uint index = part_index(gl_WorkGroupID.z, row, gl_WorkGroupID.x);
    PartOutput(push.scratch0).v[index] = vec2(float(largest), sum);
  }
}
