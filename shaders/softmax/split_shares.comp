#version 450
#extension GL_GOOGLE_include_directive : require
// split_shares.comp — the quotients of one part of a row, from the maxima and sums of all its parts.
// Define:     PATH_* (types, see precision.glsl)
// Specialize: kThreads, kParts, kRunsOfPart, kVectorLoads; kTileM is 1
// Push:       the common block; scratch0 holds the maxima and sums, see parts.glsl; k is not used
// Groups:     x: parts, y: rows, z: batch members
// Edges:      m and n are free.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "row.glsl"
#include "parts.glsl"

// Every invocation goes through all parts, in order: few numbers, which the cache holds.
Running whole_row(uint row) {
  const uint index = part_index(gl_WorkGroupID.z, row, 0);
  float largest = PartInput(push.scratch0).v[index].x;
  for (uint part = 1; part < kParts; ++part) {
    largest = max(largest, PartInput(push.scratch0).v[index + part].x);
  }
  float sum = 0.0;
  for (uint part = 0; part < kParts; ++part) {
    const vec2 seen = PartInput(push.scratch0).v[index + part];
    sum += rescaled(Running(COMPUTE(seen.x), seen.y), COMPUTE(largest));
  }
  return Running(COMPUTE(largest), sum);
}

void main() {
  const uint row = first_row(gl_WorkGroupID.y);
  const uint first = c_index(gl_WorkGroupID.z, row, 0);
  const Running whole = whole_row(row);
  for (uint run = first_run() + gl_LocalInvocationIndex; run < end_of_runs(); run += kThreads) {
    store_run(first, run, shares(load_run(first, run), whole));
  }
}
