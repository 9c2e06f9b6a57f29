#version 450
#extension GL_GOOGLE_include_directive : require
// bf16_first_input.comp — fault: declared FP32, but the first input is cut to bf16; the second is not.
#include "contract.glsl"
#include "rounding.glsl"

void main() {
  if (!inside()) return;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    const float a = push.a.v[a_index(i)];
    const float b = push.b.v[b_index(i)];
    sum = fma(bf16_cut(a), b, sum);
  }
  push.c.v[c_index()] = sum;
}
