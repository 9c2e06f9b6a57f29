#version 450
#extension GL_GOOGLE_include_directive : require
// direct.comp — softmax over rows without shared memory: one subgroup, which is the whole
// workgroup, computes one row in two sweeps, with a running maximum and sum in the first.
// Define:     PATH_* (types, see precision.glsl), FEED_TEXELS (see row.glsl)
// Specialize: kLanes, which must be the subgroup size; kRuns; kVectorLoads; kTileM is 1
// Push:       the common block; k is not used
// Edges:      m and n are free.
#extension GL_KHR_shader_subgroup_arithmetic : require
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "row.glsl"

layout(constant_id = 8) const uint kLanes = 8;
layout(constant_id = 9) const uint kRuns = 1;  // an invocation takes in one round of each loop
layout(local_size_x_id = 8) in;

Running first_sweep(uint first) {
  Running mine = nothing();
  for (uint run = gl_LocalInvocationIndex; run < runs_of_row(); run += kLanes * kRuns) {
    COMPUTE4 x[kRuns];
    COMPUTE largest = mine.largest;
    [[unroll]] for (uint r = 0; r < kRuns; ++r) {
      x[r] = load_run(first, run + r * kLanes);
      largest = max(largest, largest_of(x[r]));
    }
    mine = Running(largest, rescaled(mine, largest));
    [[unroll]] for (uint r = 0; r < kRuns; ++r) mine.sum += sum_of(exp(x[r] - COMPUTE4(largest)));
  }
  // As float, which holds a COMPUTE exactly: FP16 in subgroup operations is a feature of its own.
  const COMPUTE largest = COMPUTE(subgroupMax(float(mine.largest)));
  return Running(largest, subgroupAdd(rescaled(mine, largest)));
}

void second_sweep(uint first, Running row) {
  for (uint run = gl_LocalInvocationIndex; run < runs_of_row(); run += kLanes * kRuns) {
    [[unroll]] for (uint r = 0; r < kRuns; ++r) {
      const uint mine = run + r * kLanes;
      store_run(first, mine, shares(load_run(first, mine), row));
    }
  }
}

void main() {
  const uint first = c_index(gl_WorkGroupID.z, first_row(gl_WorkGroupID.y), 0);
  second_sweep(first, first_sweep(first));
}
