// feed.glsl — how an invocation of direct.comp gets its numbers out of the panels: what the FEED_*
// of the module says. Include panels.glsl first. No FEED_*: pairs.
//
//   pairs      A and B as vectors of two
//   words      the same as 64-bit words: where each lane is loaded by itself, half as many loads
//   texels     A and B as texels of four: some drivers fetch those at once for all lanes
//   broadcast  B as texels; of A each lane fetches one texel, and the subgroup hands them round
//   uniform    A as vectors of four, whose address is the same for all lanes; B as 64-bit words
//
// COLUMN is a run of B, ROW as much of A as belongs to kStep steps of k.

#if defined(FEED_WORDS) || defined(FEED_UNIFORM)
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
layout(buffer_reference, std430, buffer_reference_align = 8)
    readonly restrict buffer WordInput { uint64_t v[]; };
#define load_word(panels, index) uintBitsToFloat(unpackUint2x32(WordInput(panels).v[index]))
#endif

#if defined(FEED_TEXELS) || defined(FEED_BROADCAST)
layout(set = 0, binding = 0) uniform samplerBuffer a_texels;  // scratch0
layout(set = 0, binding = 1) uniform samplerBuffer b_texels;  // scratch1
#define COLUMN vec4
#define load_column(index) texelFetch(b_texels, int(index))
#elif defined(FEED_WORDS) || defined(FEED_UNIFORM)
#define COLUMN vec2
#define load_column(index) load_word(push.scratch1, index)
#else
#define COLUMN COMPUTE2
#define load_column(index) PairInput(push.scratch1).v[index]
#endif

#if defined(FEED_TEXELS) || defined(FEED_BROADCAST) || defined(FEED_UNIFORM)
#define ROW vec4
const uint kStep = 4;
#else
#define ROW COMPUTE2
const uint kStep = 2;
#endif

ROW rows[kTileM];

#if defined(FEED_BROADCAST)
#extension GL_KHR_shader_subgroup_ballot : require

// kLanes, which must be the subgroup size, texels at a time: one to a lane.
void load_rows(uint a) {
  [[unroll]] for (uint first = 0; first < kTileM; first += kLanes) {
    const uint mine = min(first + gl_SubgroupInvocationID, kTileM - 1);
    const vec4 texel = texelFetch(a_texels, int(a + mine));
    [[unroll]] for (uint r = 0; r < kLanes; ++r) {
      if (first + r < kTileM) rows[first + r] = subgroupBroadcast(texel, r);
    }
  }
}
#else
ROW load_row(uint index) {
#if defined(FEED_TEXELS)
  return texelFetch(a_texels, int(index));
#elif defined(FEED_UNIFORM)
  return QuadInput(push.scratch0).v[index];
#elif defined(FEED_WORDS)
  return load_word(push.scratch0, index);
#else
  return PairInput(push.scratch0).v[index];
#endif
}

void load_rows(uint a) {
  [[unroll]] for (uint r = 0; r < kTileM; ++r) rows[r] = load_row(a + r);
}
#endif
