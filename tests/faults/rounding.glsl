// rounding.glsl — numbers cut to shorter formats, for the kernels that do so in secret. By integers
// and `precise` sums: a driver may take a conversion to FP16 and back for nothing at all and drop
// it, as Mesa 25 does.

float tf32_cut(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0xffffe000u); }
float bf16_cut(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0xffff0000u); }

// To nearest, ties to even, for finite x. 0.5 has FP16's smallest step as its last place.
float fp16(float x) {
  precise const float sum = abs(x) + 0.5;
  precise const float small = sum - 0.5;
  const uint bits = floatBitsToUint(x);
  const float normal = uintBitsToFloat((bits + 0xfffu + ((bits >> 13) & 1u)) & ~0x1fffu);
  if (abs(x) < 6.103515625e-05) return x < 0.0 ? -small : small;
  if (abs(normal) > 65504.0) return x < 0.0 ? uintBitsToFloat(0xff800000u) : uintBitsToFloat(0x7f800000u);
  return normal;
}
float fp16_clamped(float x) { return clamp(fp16(clamp(x, -65504.0, 65504.0)), -65504.0, 65504.0); }
