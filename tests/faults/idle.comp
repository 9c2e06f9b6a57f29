#version 450
#extension GL_GOOGLE_include_directive : require
// idle.comp — fault: an output that is there already is left as it is, so that only the first of
// many launches works.
#include "contract.glsl"

void main() {
  if (!inside()) return;
  const uint there = floatBitsToUint(push.c.v[c_index()]) & 0x7fffffffu;
  const bool is_nan = there > 0x7f800000u;
  if (is_nan) push.c.v[c_index()] = product(push.k);
}
