// parts.glsl — a row of a softmax in parts, which workgroups of kThreads invocations take side by side.
// Include row.glsl first.
//   scratch0: [member][row][part]: maximum, and sum relative to it, both FP32

layout(constant_id = 8) const uint kThreads = 256;
layout(constant_id = 9) const uint kParts = 2;
layout(constant_id = 10) const uint kRunsOfPart = 1024;  // of four elements
layout(local_size_x_id = 8) in;

layout(buffer_reference, std430, buffer_reference_align = 8)
    readonly restrict buffer PartInput { vec2 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 8)
    writeonly restrict buffer PartOutput { vec2 v[]; };

uint part_index(uint member, uint row, uint part) {
  return (member * push.m + row) * kParts + part;
}

// The runs of the workgroup's own part.
uint first_run() { return gl_WorkGroupID.x * kRunsOfPart; }
uint end_of_runs() { return min(first_run() + kRunsOfPart, runs_of_row()); }
