// launch_order.glsl — which tile of C a workgroup computes. Launch order is x first; this walks
// kGroupRows row tiles per column tile instead, so that neighbours in time share operands in the
// cache. Declare kGroupRows before it.

// x: row tile, y: column tile.
uvec2 tile_of_workgroup() {
  const uint id = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  const uint per_group = kGroupRows * gl_NumWorkGroups.x;
  const uint group = id / per_group;
  const uint rows = min(kGroupRows, gl_NumWorkGroups.y - group * kGroupRows);
  const uint within = id - group * per_group;
  return uvec2(group * kGroupRows + within % rows, within / rows);
}
