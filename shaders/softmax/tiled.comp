#version 450
#extension GL_GOOGLE_include_directive : require
// tiled.comp — softmax over rows; one workgroup computes one row. A row of up to
// 4·kThreads·kCachedRuns elements stays in registers: it is read once. A longer one is read twice
// (kReads 2), with a running maximum and sum in the first sweep.
// Define:     PATH_* (types, see precision.glsl)
// Specialize: kThreads, kCachedRuns, kReads, kVectorLoads; kTileM is 1
// Push:       the common block; k is not used
// Edges:      m and n are free.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "row.glsl"

layout(constant_id = 8) const uint kThreads = 128;
layout(constant_id = 9) const uint kCachedRuns = 1;
layout(constant_id = 10) const uint kReads = 1;
layout(local_size_x_id = 8) in;

#include "workgroup.glsl"

COMPUTE4 cached[kCachedRuns];

void short_row(uint first) {
  const uint id = gl_LocalInvocationIndex;
  COMPUTE largest = COMPUTE(kComputeLowest);
  [[unroll]] for (uint r = 0; r < kCachedRuns; ++r) {
    cached[r] = load_run(first, r * kThreads + id);
    largest = max(largest, largest_of(cached[r]));
  }
  largest = largest_of_workgroup(largest);

  float sum = 0.0;
  [[unroll]] for (uint r = 0; r < kCachedRuns; ++r) {
    sum += sum_of(exp(cached[r] - COMPUTE4(largest)));
  }
  const Running row = Running(largest, sum_of_workgroup(sum));

  [[unroll]] for (uint r = 0; r < kCachedRuns; ++r) {
    store_run(first, r * kThreads + id, shares(cached[r], row));
  }
}

void long_row(uint first) {
  const uint id = gl_LocalInvocationIndex;
  Running mine = nothing();
  for (uint run = id; run < runs_of_row(); run += kThreads) {
    mine = include_run(mine, load_run(first, run));
  }
  const COMPUTE largest = largest_of_workgroup(mine.largest);
  const Running row = Running(largest, sum_of_workgroup(rescaled(mine, largest)));

  for (uint run = id; run < runs_of_row(); run += kThreads) {
    store_run(first, run, shares(load_run(first, run), row));
  }
}

void main() {
  const uint first = c_index(gl_WorkGroupID.z, first_row(gl_WorkGroupID.y), 0);
  if (kReads == 1) {
    short_row(first);
  } else {
    long_row(first);
  }
}
