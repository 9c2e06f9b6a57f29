// row.glsl — a row of a softmax as runs of four, shared by lanes; and its running maximum and sum.
// Include contract.glsl first. FEED_TEXELS: runs come as texels, which some drivers fetch at once for
// all lanes, and go as 64-bit words; kVectorLoads must be 1.

#if defined(FEED_TEXELS)
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#if defined(PATH_FP16) || defined(PATH_FP16_ACC32)
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#define STORED_IS_HALF
#endif
layout(set = 0, binding = 0) uniform samplerBuffer a_texels;
layout(buffer_reference, std430, buffer_reference_align = 8)
    writeonly restrict buffer WordOutput { uint64_t v[]; };
#endif

// A row's maximum so far, and the sum of exp(x - maximum) over what was seen.
struct Running {
  COMPUTE largest;
  float sum;
};

// Nothing seen yet. The lowest finite number, not -Inf: -Inf - -Inf would be NaN, and an element
// of -Inf must come out as 0.
Running nothing() { return Running(COMPUTE(kComputeLowest), 0.0); }

uint runs_of_row() { return (push.n + 3) / 4; }

// Run `run` of the row that begins at `first`; places beyond the row hold -Inf, whose exp is 0.
COMPUTE4 load_run(uint first, uint run) {
  const uint j = run * 4;
#if defined(FEED_TEXELS)
  const vec4 texel = texelFetch(a_texels, int((first + min(j, push.n - 4)) / 4));
  return j < push.n ? to_compute(COMPUTE4(texel)) : COMPUTE4(uintBitsToFloat(0xff800000u));
#endif
  if (kVectorLoads != 0 && j < push.n) {
    return to_compute(COMPUTE4(Stored4Input(push.a).v[(first + j) / 4]));
  }
  COMPUTE4 x = COMPUTE4(uintBitsToFloat(0xff800000u));
  [[unroll]] for (uint e = 0; e < 4; ++e) {
    if (j + e < push.n) x[e] = to_compute(COMPUTE(push.a.v[first + j + e]));
  }
  return x;
}

#if defined(FEED_TEXELS)
// The four elements from `index`.
void store_words(uint index, COMPUTE4 x) {
#if defined(STORED_IS_HALF)
  // Narrowed by a conversion, as other stores are: in which direction packHalf2x16 rounds is left open.
  const f16vec4 stored = f16vec4(x);
  const uvec2 pairs = uvec2(packFloat2x16(stored.xy), packFloat2x16(stored.zw));
  WordOutput(push.c).v[index / 4] = packUint2x32(pairs);
#else
  const uvec4 stored = floatBitsToUint(vec4(x));
  WordOutput(push.c).v[index / 2] = packUint2x32(stored.xy);
  WordOutput(push.c).v[index / 2 + 1] = packUint2x32(stored.zw);
#endif
}
#endif

void store_run(uint first, uint run, COMPUTE4 x) {
  const uint j = run * 4;
#if defined(FEED_TEXELS)
  if (j < push.n) store_words(first + j, x);
  return;
#endif
  if (kVectorLoads != 0) {
    if (j < push.n) Stored4Output(push.c).v[(first + j) / 4] = STORED4(x);
    return;
  }
  [[unroll]] for (uint e = 0; e < 4; ++e) {
    if (j + e < push.n) push.c.v[first + j + e] = STORED(x[e]);
  }
}

COMPUTE largest_of(COMPUTE4 x) { return max(max(x.x, x.y), max(x.z, x.w)); }

float sum_of(COMPUTE4 x) { return (float(x.x) + float(x.y)) + (float(x.z) + float(x.w)); }

// What a sum becomes when the maximum that it is relative to grows.
float rescaled(Running seen, COMPUTE largest) {
  return seen.sum * exp(float(seen.largest) - float(largest));
}

Running include_run(Running seen, COMPUTE4 x) {
  const COMPUTE largest = max(seen.largest, largest_of(x));
  return Running(largest, rescaled(seen, largest) + sum_of(exp(x - COMPUTE4(largest))));
}

COMPUTE4 shares(COMPUTE4 x, Running row) {
  const COMPUTE4 e = exp(x - COMPUTE4(row.largest));
  return COMPUTE4(vec4(e) / row.sum);
}
