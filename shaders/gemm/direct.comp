#version 450
#extension GL_GOOGLE_include_directive : require
// direct.comp — C = A·B, row-major, without shared memory: one workgroup of kLanes invocations
// computes one kTileM x kTileN block of C, each invocation kTileM rows of kTileN/kLanes columns,
// from operands that pack_a.comp and pack_b.comp have laid out.
// Define:     PATH_* (types, see precision.glsl), EPILOGUE (linear), FEED_* (see feed.glsl; all but
//             pairs need a path that multiplies in FP32)
// Specialize: kTileM, kTileN, kLanes, kUnroll, kRunA, kRunB, kStoreInLoop
// Push:       the common block; scratch0 and scratch1 hold the panels
// Edges:      m, n and k are free: panels are padded with zero, stores beyond C are skipped.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "../linear/epilogue.glsl"
#include "panels.glsl"
#include "feed.glsl"

// 1: rows are finished and stored in a loop. Straight code for each sum, with its activation, would
// take a compiler in software many seconds.
layout(constant_id = 13) const uint kStoreInLoop = 0;

// sums[row · kLaneColumns + column]
COMPUTE sums[kTileM * kLaneColumns];

// Takes the products of kStep steps of k: `a` and `b` are where its runs begin.
void accumulate(uint a, uint b) {
  load_rows(a);
  [[unroll]] for (uint run = 0; run < kStep / kRunB; ++run) {
    [[unroll]] for (uint j = 0; j < kLaneColumns; ++j) {
      const COLUMN column = load_column(b + run * kTileN + j * kLanes);
      [[unroll]] for (uint r = 0; r < kTileM; ++r) {
        const uint s = r * kLaneColumns + j;
        [[unroll]] for (uint e = 0; e < kRunB; ++e) {
          sums[s] = fma(rows[r][run * kRunB + e], column[e], sums[s]);
        }
      }
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

// Stores the sums that begin at `first` as row `row`.
void store_row(uint member, uint row, uint tile_column, uint first) {
  [[unroll]] for (uint j = 0; j < kLaneColumns; ++j) {
    const uint column = tile_column * kTileN + j * kLanes + gl_LocalInvocationID.x;
    if (row < push.row_end && column < push.n) {
      push.c.v[c_index(member, row, column)] = STORED(finish(sums[first + j], column));
    }
  }
}

void store_sums(uint member, Tile tile) {
  const uint first = first_row(tile.row);
  if (kStoreInLoop == 0) {
    [[unroll]] for (uint r = 0; r < kTileM; ++r) {
      store_row(member, first + r, tile.column, r * kLaneColumns);
    }
    return;
  }
  // Each row in turn moves to the front: an index that varies would put the sums into memory.
  [[dont_unroll]] for (uint r = 0; r < kTileM; ++r) {
    store_row(member, first + r, tile.column, 0);
    [[unroll]] for (uint s = kLaneColumns; s < kTileM * kLaneColumns; ++s) {
      sums[s - kLaneColumns] = sums[s];
    }
  }
}

void main() {
  const uint member = gl_WorkGroupID.z;
  const Tile tile = tile_of_workgroup();
  [[unroll]] for (uint s = 0; s < kTileM * kLaneColumns; ++s) sums[s] = COMPUTE(0.0);

  uint a = a_panel(member, tile.row);
  uint b = b_panel(member, tile.column) + gl_LocalInvocationID.x;
  for (uint i = 0; i < padded_k(); i += kUnroll) {
    [[unroll]] for (uint u = 0; u < kUnroll; u += kStep) {
      accumulate(a + u / kRunA * kTileM, b + u / kRunB * kTileN);
    }
    a += kUnroll / kRunA * kTileM;
    b += kUnroll / kRunB * kTileN;
  }
  store_sums(member, tile);
}
