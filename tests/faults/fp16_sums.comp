#version 450
#extension GL_GOOGLE_include_directive : require
// fp16_sums.comp — fault: declared FP32, but products and running sums are FP16.
#include "contract.glsl"
#include "rounding.glsl"

void main() {
  if (!inside()) return;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    const float a = push.a.v[a_index(i)];
    const float b = push.b.v[b_index(i)];
    sum = fp16(sum + fp16(a * b));
  }
  push.c.v[c_index()] = sum;
}
