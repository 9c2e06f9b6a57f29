#version 450
#extension GL_GOOGLE_include_directive : require
// bf16_last_rows.comp — fault: declared FP32, but the last rows, a part of a tile or a whole one, are
// computed from inputs cut to bf16.
#include "contract.glsl"
#include "rounding.glsl"

void main() {
  if (!inside()) return;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    const float a = push.a.v[a_index(i)];
    const float b = push.b.v[b_index(i)];
    const bool tail = row() + 1 + (push.m - 1) % 8 >= push.m;
    sum = tail ? fma(bf16_cut(a), bf16_cut(b), sum) : fma(a, b, sum);
  }
  push.c.v[c_index()] = sum;
}
