#version 450
#extension GL_GOOGLE_include_directive : require
// k_tail.comp — fault: drops the last steps when k is no multiple of the tile of 16, and the last
// step when it is.
#include "contract.glsl"

void main() {
  const uint tail = push.k % 16;
  if (inside()) push.c.v[c_index()] = product(push.k - max(tail, 1));
}
