#version 450
#extension GL_GOOGLE_include_directive : require
// fp16_accumulate.comp — fault: declared FP32, but the running sum is rounded to FP16 at each step.
#include "contract.glsl"

// By integers: a driver may take a conversion to FP16 and back for nothing at all and drop it, as
// Mesa 25 does. To nearest, ties to even; right for the normal numbers of FP16.
float rounded_to_fp16(float x) {
  const uint bits = floatBitsToUint(x);
  return uintBitsToFloat((bits + 0xfffu + ((bits >> 13) & 1u)) & ~0x1fffu);
}

void main() {
  if (!inside()) return;
  float sum = 0.0;
  for (uint i = 0; i < push.k; ++i) {
    sum = rounded_to_fp16(fma(push.a.v[a_index(i)], push.b.v[b_index(i)], sum));
  }
  push.c.v[c_index()] = sum;
}
