#version 450
#extension GL_GOOGLE_include_directive : require
// poison.comp — fault: leaves the last column of C unwritten.
#include "contract.glsl"

void main() {
  if (inside() && column() + 1 < push.n) push.c.v[c_index()] = product(push.k);
}
