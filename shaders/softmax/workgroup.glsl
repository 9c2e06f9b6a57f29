// workgroup.glsl — the maximum and the sum over a workgroup of kThreads invocations, known to each of
// them. Include row.glsl first, and after kThreads is declared. Each may be called once.
#extension GL_KHR_shader_subgroup_arithmetic : require

// One place for each subgroup; no subgroup is smaller than one invocation.
shared float subgroup_largest[kThreads];
shared float subgroup_sum[kThreads];

// As float, which holds a COMPUTE exactly: FP16 in subgroup operations is a feature of its own.
COMPUTE largest_of_workgroup(COMPUTE mine) {
  const float of_subgroup = subgroupMax(float(mine));
  if (subgroupElect()) subgroup_largest[gl_SubgroupID] = of_subgroup;
  barrier();  // waits for every subgroup's maximum
  float largest = subgroup_largest[0];
  for (uint s = 1; s < gl_NumSubgroups; ++s) largest = max(largest, subgroup_largest[s]);
  return COMPUTE(largest);
}

float sum_of_workgroup(float mine) {
  const float of_subgroup = subgroupAdd(mine);
  if (subgroupElect()) subgroup_sum[gl_SubgroupID] = of_subgroup;
  barrier();  // waits for every subgroup's sum
  float sum = subgroup_sum[0];
  for (uint s = 1; s < gl_NumSubgroups; ++s) sum += subgroup_sum[s];
  return sum;
}
