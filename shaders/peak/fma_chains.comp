#version 450
// fma_chains.comp — how many multiply-adds a device can do: chains of them that depend on nothing
// but themselves and touch no memory. A measurement, not a kernel of the catalogue.
// Define:     HALF: in FP16, else in FP32
// Specialize: kThreads is the workgroup; kVectors·4 chains run in each invocation; kCoupled is how a
//             step is written
// Push:       below
// A step is x·factor + term, or, coupled, a sum that a product is added to, the form of products of
// matrices: some hardware issues two at once of that form alone. Its two factors must change, or a
// compiler that splits a multiply-add would take the product out of the loop: so a chain's partner
// is one of them, and what is added to it in turn.
// Every value is a whole number that the format holds exactly, however a product is rounded or
// fused. In FP32 the chains count up to numbers that no shorter format reaches, so the result proves
// FP32. In FP16 they go to and fro (factor -1; coupled ones come round in six steps, with back -1),
// since FP16 cannot count far.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_control_flow_attributes : require
#if defined(HALF)
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define NUMBER float16_t
#define NUMBER2 f16vec2
#define NUMBER4 f16vec4
#else
#define NUMBER float
#define NUMBER2 vec2
#define NUMBER4 vec4
#endif

layout(buffer_reference, std430, buffer_reference_align = 16)
    writeonly restrict buffer Vec4Output { vec4 v[]; };

layout(push_constant) uniform Push {
  Vec4Output sums;  // one for each invocation: over its kVectors vectors
  float factor;     // 1 or -1; no compiler can know any of these
  float term;
  float back;       // coupled: 0, or -1, where factor is 1
  uint rounds;      // of kStepsPerRound steps
}
push;

layout(constant_id = 8) const uint kThreads = 64;
layout(constant_id = 9) const uint kVectors = 4;
layout(constant_id = 10) const bool kCoupled = false;
layout(local_size_x_id = 8) in;

// host/run/peak_chains.cpp has the same three.
const uint kStepsPerRound = 32;
const uint kStarts = 64;

// Chains begin at different numbers, or a compiler could run one for all.
float start(uint invocation, uint chain) { return float(invocation % kStarts + chain * kStarts); }

// Of four chains. Coupled, the last two are the partners of the first.
NUMBER4 start_of(uint invocation, uint chain) {
  const vec4 starts = vec4(start(invocation, chain), start(invocation, chain + 1),
                           start(invocation, chain + 2), start(invocation, chain + 3));
  return NUMBER4(kCoupled ? vec4(starts.xy, vec2(push.term)) : starts);
}

NUMBER4 step_from(NUMBER4 x) {
  const NUMBER factor = NUMBER(push.factor);
  if (!kCoupled) return fma(x, NUMBER4(factor), NUMBER4(NUMBER(push.term)));
  const NUMBER2 sums = fma(NUMBER2(factor), x.zw, x.xy);
  return NUMBER4(sums, fma(NUMBER2(NUMBER(push.back)), sums, x.zw));
}

void main() {
  const uint invocation = gl_GlobalInvocationID.x;
  NUMBER4 x[kVectors];
  [[unroll]] for (uint i = 0; i < kVectors; ++i) x[i] = start_of(invocation, i * 4);
  for (uint round = 0; round < push.rounds; ++round) {
    [[unroll]] for (uint s = 0; s < kStepsPerRound; ++s) {
      [[unroll]] for (uint i = 0; i < kVectors; ++i) x[i] = step_from(x[i]);
    }
  }
  vec4 sum = vec4(0.0);
  [[unroll]] for (uint i = 0; i < kVectors; ++i) sum += vec4(x[i]);
  push.sums.v[invocation] = sum;
}
