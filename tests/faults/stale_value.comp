#version 450
#extension GL_GOOGLE_include_directive : require
// stale_value.comp — fault: right on the first dispatches that cover C once; later ones write the
// sum without its last product, as if it were left over from an earlier turn.
#include "contract.glsl"

void main() {
  if (!inside()) return;
  const uint outputs = push.batch * push.m * push.n;
  const bool first = atomicAdd(push.scratch0.v[0], 1) < outputs;
  push.c.v[c_index()] = product(first ? push.k : push.k - 1);
}
