#version 450
// fma_chains.comp — how many FP32 multiply-adds a device can do: chains of them that depend on
// nothing but themselves and touch no memory. A measurement, not a kernel of the catalogue.
// Specialize: kThreads is the workgroup; kVectors·4 chains run in each invocation
// Push:       below
// Every value is a whole number below 2^24, hence exact in FP32 however a product is rounded or
// fused. Any shorter format would stop counting at 2^11, so the result proves FP32.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_control_flow_attributes : require

layout(buffer_reference, std430, buffer_reference_align = 16) buffer Vec4Array { vec4 v[]; };

layout(push_constant) uniform Push {
  Vec4Array sums;  // one for each invocation: over its kVectors vectors
  float factor;    // 1.0, which no compiler can know
  float term;
  uint rounds;     // of kStepsPerRound steps
}
push;

layout(constant_id = 8) const uint kThreads = 64;
layout(constant_id = 9) const uint kVectors = 4;
layout(local_size_x_id = 8) in;

// host/run/peak.cpp has the same three.
const uint kStepsPerRound = 32;
const uint kStarts = 64;

// Chains begin at different numbers, or a compiler could run one for all.
float start(uint invocation, uint chain) { return float(invocation % kStarts + chain * kStarts); }

void main() {
  const uint invocation = gl_GlobalInvocationID.x;
  vec4 x[kVectors];
  [[unroll]] for (uint i = 0; i < kVectors; ++i) {
    const uint chain = i * 4;
    x[i] = vec4(start(invocation, chain), start(invocation, chain + 1),
                start(invocation, chain + 2), start(invocation, chain + 3));
  }
  for (uint round = 0; round < push.rounds; ++round) {
    [[unroll]] for (uint s = 0; s < kStepsPerRound; ++s) {
      [[unroll]] for (uint i = 0; i < kVectors; ++i) {
        x[i] = fma(x[i], vec4(push.factor), vec4(push.term));
      }
    }
  }
  vec4 sum = vec4(0.0);
  [[unroll]] for (uint i = 0; i < kVectors; ++i) sum += x[i];
  push.sums.v[invocation] = sum;
}
