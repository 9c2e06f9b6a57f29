#version 450
#extension GL_GOOGLE_include_directive : require
// fp16_accumulate.comp — fault: declared FP32, but the running sum is rounded to FP16 at each step.
#include "contract.glsl"

void main() {
  if (!inside()) return;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    const float next = fma(push.a.v[a_index(i)], push.b.v[b_index(i)], sum);
    sum = unpackHalf2x16(packHalf2x16(vec2(next, 0.0))).x;
  }
  push.c.v[c_index()] = sum;
}
