#version 450
#extension GL_GOOGLE_include_directive : require
// fp16_clamped.comp — fault: declared FP32, but everything is FP16, and what overflows is clamped to 65504.
#include "contract.glsl"
#include "rounding.glsl"

void main() {
  if (!inside()) return;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    const float a = push.a.v[a_index(i)];
    const float b = push.b.v[b_index(i)];
    sum = fp16_clamped(sum + fp16_clamped(fp16_clamped(a) * fp16_clamped(b)));
  }
  push.c.v[c_index()] = sum;
}
