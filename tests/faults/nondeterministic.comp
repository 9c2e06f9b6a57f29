#version 450
#extension GL_GOOGLE_include_directive : require
// nondeterministic.comp — fault: the lowest bit of element 0 alternates from dispatch to dispatch.
// scratch0[0] counts them.
#include "contract.glsl"

void main() {
  if (!inside()) return;
  float sum = product(push.k);
  if (member() == 0 && row() == 0 && column() == 0) {
    const uint dispatch = atomicAdd(push.scratch0.v[0], 1);
    sum = uintBitsToFloat(floatBitsToUint(sum) ^ (dispatch & 1));
  }
  push.c.v[c_index()] = sum;
}
