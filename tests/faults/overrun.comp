#version 450
#extension GL_GOOGLE_include_directive : require
// overrun.comp — fault: C is right, but one element past its end is written too.
#include "contract.glsl"

void main() {
  if (!inside()) return;
  push.c.v[c_index()] = product(push.k);
  const bool last = member() + 1 == push.batch && row() + 1 == push.m && column() + 1 == push.n;
  if (last) push.c.v[c_index() + 1] = 1.0;
}
