#version 450
#extension GL_GOOGLE_include_directive : require
// stale.comp — fault: right on the first dispatches that cover C once, then writes nothing. Each
// invocation of C counts itself in scratch0[0].
#include "contract.glsl"

void main() {
  if (!inside()) return;
  const uint outputs = push.batch * push.m * push.n;
  if (atomicAdd(push.scratch0.v[0], 1) < outputs) push.c.v[c_index()] = product(push.k);
}
