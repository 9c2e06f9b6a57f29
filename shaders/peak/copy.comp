#version 450
// copy.comp — how many bytes a device moves in a second: each invocation copies kVectors vectors,
// neighbours next to each other. A measurement, not a kernel of the catalogue.
// Specialize: kThreads is the workgroup; kVectors
// Push:       below
// Groups:     x and y: one after the other; their number times kThreads·kVectors is the length
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_control_flow_attributes : require

layout(buffer_reference, std430, buffer_reference_align = 16)
    readonly restrict buffer Uvec4Input { uvec4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16)
    writeonly restrict buffer Uvec4Output { uvec4 v[]; };

layout(push_constant) uniform Push {
  Uvec4Input from;
  Uvec4Output to;
}
push;

layout(constant_id = 8) const uint kThreads = 256;
layout(constant_id = 9) const uint kVectors = 4;
layout(local_size_x_id = 8) in;

void main() {
  const uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  const uint first = group * kThreads * kVectors + gl_LocalInvocationID.x;
  uvec4 x[kVectors];
  [[unroll]] for (uint i = 0; i < kVectors; ++i) x[i] = push.from.v[first + i * kThreads];
  [[unroll]] for (uint i = 0; i < kVectors; ++i) push.to.v[first + i * kThreads] = x[i];
}
