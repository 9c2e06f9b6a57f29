#version 450
#extension GL_GOOGLE_include_directive : require
// tf32_inputs.comp — fault: declared FP32, but both inputs are cut to TF32.
#include "contract.glsl"
#include "rounding.glsl"

void main() {
  if (!inside()) return;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    const float a = push.a.v[a_index(i)];
    const float b = push.b.v[b_index(i)];
    sum = fma(tf32_cut(a), tf32_cut(b), sum);
  }
  push.c.v[c_index()] = sum;
}
