#version 450
#extension GL_GOOGLE_include_directive : require
// direct.comp — C = A·B, row-major, without shared memory: one workgroup of kLanes invocations
// computes one kTileM x kTileN block of C, each invocation kTileM rows of kTileN/kLanes columns,
// from operands that pack_a.comp and pack_b.comp have laid out.
// Define:     PATH_* (types, see precision.glsl), EPILOGUE (linear), WORD64 (a pair is read as one
//             64-bit word: half as many loads where each lane is loaded by itself)
// Specialize: kTileM, kTileN, kLanes, kUnroll
// Push:       the common block; scratch0 and scratch1 hold the panels
// Edges:      m, n and k are free: panels are padded with zero, stores beyond C are skipped.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "../linear/epilogue.glsl"
#include "panels.glsl"

#if defined(WORD64)
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
layout(buffer_reference, std430, buffer_reference_align = 8) buffer WordArray { uint64_t v[]; };
#define load_pair(panels, index) uintBitsToFloat(unpackUint2x32(WordArray(panels).v[index]))
#else
#define load_pair(panels, index) PairArray(panels).v[index]
#endif

// sums[row · kLaneColumns + column]
COMPUTE sums[kTileM * kLaneColumns];

// Takes the products of one pair of k: `a` and `b` are where its pairs begin.
void accumulate(uint a, uint b) {
  COMPUTE2 rows[kTileM];
  [[unroll]] for (uint r = 0; r < kTileM; ++r) rows[r] = load_pair(push.scratch0, a + r);
  [[unroll]] for (uint j = 0; j < kLaneColumns; ++j) {
    const COMPUTE2 column = load_pair(push.scratch1, b + j * kLanes);
    [[unroll]] for (uint r = 0; r < kTileM; ++r) {
      const uint s = r * kLaneColumns + j;
      sums[s] = fma(rows[r].x, column.x, sums[s]);
      sums[s] = fma(rows[r].y, column.y, sums[s]);
    }
  }
}

// Launch order is x first; this walks down the row tiles first, so that the larger panel, of B,
// stays in the cache from one workgroup to the next.
struct Tile {
  uint row;
  uint column;
};

Tile tile_of_workgroup() {
  const uint id = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  return Tile(id % gl_NumWorkGroups.y, id / gl_NumWorkGroups.y);
}

void store_sums(uint member, Tile tile) {
  const uint lane = gl_LocalInvocationID.x;
  [[unroll]] for (uint r = 0; r < kTileM; ++r) {
    const uint row = first_row(tile.row) + r;
    [[unroll]] for (uint j = 0; j < kLaneColumns; ++j) {
      const uint column = tile.column * kTileN + j * kLanes + lane;
      if (row < push.row_end && column < push.n) {
        push.c.v[c_index(member, row, column)] = STORED(finish(sums[r * kLaneColumns + j], column));
      }
    }
  }
}

void main() {
  const uint member = gl_WorkGroupID.z;
  const Tile tile = tile_of_workgroup();
  [[unroll]] for (uint s = 0; s < kTileM * kLaneColumns; ++s) sums[s] = COMPUTE(0.0);

  uint a = a_panel(member, tile.row);
  uint b = b_panel(member, tile.column) + gl_LocalInvocationID.x;
  for (uint pair = 0; pair < pairs_of_k(); pair += kUnroll) {
    [[unroll]] for (uint u = 0; u < kUnroll; ++u) accumulate(a + u * kTileM, b + u * kTileN);
    a += kUnroll * kTileM;
    b += kUnroll * kTileN;
  }
  store_sums(member, tile);
}
