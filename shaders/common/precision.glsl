// precision.glsl — the types of one precision path. Exactly one PATH_* is defined per module.
//
//   STORED         the format in memory, of STORED_BYTES;    STORED4   four of them
//   COMPUTE        the format of products and running sums;  COMPUTE2, COMPUTE4
//   to_compute(x)  rounds an input as it enters a product: only the controls tf32 and bf16 do
//
// A load reads `to_compute(COMPUTE(array.v[i]))`, a store writes `STORED(x)`. FP16 storage without
// FP16 arithmetic (PATH_FP16_ACC32) needs the 16-bit storage feature alone: there a STORED is
// converted where it is read and never passed to a function.

#if defined(PATH_FP16) || defined(PATH_FP16_ACC32)
#extension GL_EXT_shader_16bit_storage : require
#define STORED float16_t
#define STORED4 f16vec4
#define STORED_BYTES 2
#else
#define STORED float
#define STORED4 vec4
#define STORED_BYTES 4
#endif

#if defined(PATH_FP16) || defined(PATH_FP32_VIA_FP16)
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define COMPUTE float16_t
#define COMPUTE2 f16vec2
#define COMPUTE4 f16vec4
const float kComputeLowest = -65504.0;
#else
#define COMPUTE float
#define COMPUTE2 vec2
#define COMPUTE4 vec4
const float kComputeLowest = -3.402823466e38;
#endif

// Every float of the shader becomes RelaxedPrecision: the driver may lower all of it in silence.
#if defined(PATH_FP32_RELAXED)
precision mediump float;
#endif

#if defined(PATH_TF32) || defined(PATH_BF16)
#if defined(PATH_TF32)
const uint kDroppedBits = 13u;  // 23 fraction bits to 10
#else
const uint kDroppedBits = 16u;  // 23 fraction bits to 7
#endif

// To nearest, ties to even, by integers, so that no driver can round otherwise.
float to_compute(float x) {
  uint bits = floatBitsToUint(x);
  const bool finite = (bits & 0x7f800000u) != 0x7f800000u;
  if (!finite) return x;
  const uint below_half = (1u << (kDroppedBits - 1u)) - 1u;
  bits += below_half + ((bits >> kDroppedBits) & 1u);
  return uintBitsToFloat(bits & ~((1u << kDroppedBits) - 1u));
}

vec4 to_compute(vec4 x) {
  return vec4(to_compute(x.x), to_compute(x.y), to_compute(x.z), to_compute(x.w));
}
#else
#define to_compute(x) (x)
#endif
