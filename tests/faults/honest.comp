#version 450
#extension GL_GOOGLE_include_directive : require
// honest.comp — no fault: what the others are but for theirs.
#include "contract.glsl"

void main() {
  if (inside()) push.c.v[c_index()] = product(push.k);
}
