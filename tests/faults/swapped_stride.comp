#version 450
#extension GL_GOOGLE_include_directive : require
// swapped_stride.comp — fault: walks A with the row length of C, which is right when n equals k.
#include "contract.glsl"

void main() {
  if (!inside()) return;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    // Wrapped into A, so that the fault is a wrong value and not a wild read.
    const uint a = (row() * push.n + i) % (push.m * push.k) + member() * push.m * push.k;
    sum = fma(push.a.v[a], push.b.v[b_index(i)], sum);
  }
  push.c.v[c_index()] = sum;
}
