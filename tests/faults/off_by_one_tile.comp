#version 450
#extension GL_GOOGLE_include_directive : require
// off_by_one_tile.comp — fault: the first row of each row tile but the first gets the values of the
// row above.
#include "contract.glsl"

void main() {
  if (!inside()) return;
  const bool first_of_tile = gl_LocalInvocationID.y == 0 && row() > push.row_begin;
  const uint up = first_of_tile ? push.k : 0;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    sum = fma(push.a.v[a_index(i) - up], push.b.v[b_index(i)], sum);
  }
  push.c.v[c_index()] = sum;
}
