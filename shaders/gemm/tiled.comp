#version 450
#extension GL_GOOGLE_include_directive : require
// tiled.comp — C = A·B, row-major; one workgroup computes one kTileM x kTileN block of C through
// shared memory, one invocation kThreadM x kThreadN of it in registers.
// Define:     PATH_* (types, see precision.glsl), EPILOGUE (linear), SPLIT: a workgroup takes one
//             part of k only and leaves its sums in scratch0; add_parts.comp adds them up
// Specialize: kTileM, kTileN, kTileK, kThreadM, kThreadN (multiples of 4), kPad, kGroupRows,
//             kUnroll (divides kTileK), kStrips (divides kTileN / kThreadN), kVectorLoads; kThreads must be
//             kTileM·kTileN / (kThreadM·kThreadN) and divide both kTileM·kTileK/4 and kTileN·kTileK/4
// Push:       the common block
// Groups:     z: batch members, or with SPLIT kSplits parts of each
// Edges:      m, n and k are free; out-of-range loads give zero, stores are skipped.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "../linear/epilogue.glsl"

layout(constant_id = 8) const uint kThreads = 64;
layout(constant_id = 9) const uint kTileK = 16;
layout(constant_id = 10) const uint kThreadM = 4;
layout(constant_id = 11) const uint kThreadN = 4;
layout(constant_id = 12) const uint kPad = 1;  // vectors after each shared row, against bank conflicts
// Row tiles that run before the next column tile is begun: neighbours in time share operands.
layout(constant_id = 13) const uint kGroupRows = 8;
// Terms of a tile in a round of the loop over it, whatever the compiler thinks of their number.
layout(constant_id = 14) const uint kUnroll = 1;
// Invocations go row by row down one strip of the tile, then down the next, so that those of a
// subgroup lie on less of a row and on more rows.
layout(constant_id = 17) const uint kStrips = 1;
layout(local_size_x_id = 8) in;

#include "launch_order.glsl"
#if defined(SPLIT)
#include "parts.glsl"
#endif

// The sizes below count vectors of four.
const uint kTileM4 = kTileM / 4;
const uint kTileN4 = kTileN / 4;
const uint kTileK4 = kTileK / 4;
const uint kRowA = kTileM4 + kPad;
const uint kRowB = kTileN4 + kPad;
const uint kLoadsA = kTileM * kTileK4 / kThreads;
const uint kLoadsB = kTileN * kTileK4 / kThreads;
// An invocation's rows are kPartsM runs of four, spread over the tile so that a subgroup reads
// neighbouring words; its columns alike.
const uint kPartsM = kThreadM / 4;
const uint kPartsN = kThreadN / 4;
const uint kStepM4 = kTileM4 / kPartsM;
const uint kStepN4 = kTileN4 / kPartsN;
const uint kStripN4 = kStepN4 / kStrips;
const uint kThreadsOfStrip = kThreads / kStrips;

// Both tiles lie with k outermost: four rows of A, or four columns of B, to a vector.
shared COMPUTE4 tile_a[kTileK * kRowA];
shared COMPUTE4 tile_b[kTileK * kRowB];

struct Block {
  uint row;
  uint column;
  uint member;
  uint part;  // of k; 0 where it is not split
};

Block block_of_workgroup() {
  const uvec2 tile = tile_of_workgroup();
#if defined(SPLIT)
  const uint member = gl_WorkGroupID.z / kSplits;
  const uint part = gl_WorkGroupID.z % kSplits;
#else
  const uint member = gl_WorkGroupID.z;
  const uint part = 0;
#endif
  return Block(first_row(tile.x), tile.y * kTileN, member, part);
}

// Four elements of an array from `index`, of which the first `valid` exist; the others are zero.
COMPUTE4 load4(restrict StoredInput array, uint index, uint valid) {
  if (kVectorLoads != 0) {
    if (valid == 0) return COMPUTE4(0.0);
    return to_compute(COMPUTE4(Stored4Input(array).v[index / 4]));
  }
  COMPUTE4 x = COMPUTE4(0.0);
  if (valid > 0) x.x = to_compute(COMPUTE(array.v[index]));
  if (valid > 1) x.y = to_compute(COMPUTE(array.v[index + 1]));
  if (valid > 2) x.z = to_compute(COMPUTE(array.v[index + 2]));
  if (valid > 3) x.w = to_compute(COMPUTE(array.v[index + 3]));
  return x;
}

// How many of the four places from `first` are below `end`, when the line itself exists.
uint valid4(bool line_exists, uint first, uint end) {
  return line_exists && first < end ? min(4u, end - first) : 0u;
}

// Load `slot` of A: four elements along k of one row.
COMPUTE4 load_a(Block block, uint k0, uint slot) {
  const uint row = block.row + slot / kTileK4;
  const uint i = k0 + slot % kTileK4 * 4;
  return load4(push.a, a_index(block.member, row, i), valid4(row < push.row_end, i, push.k));
}

// Load `slot` of B: four columns of one k, or (nt) four elements along k of one column.
COMPUTE4 load_b(Block block, uint k0, uint slot) {
  if (kLayout == kLayoutNt) {
    const uint column = block.column + slot / kTileK4;
    const uint i = k0 + slot % kTileK4 * 4;
    return load4(push.b, b_index(block.member, i, column), valid4(column < push.n, i, push.k));
  }
  const uint i = k0 + slot / kTileN4;
  const uint column = block.column + slot % kTileN4 * 4;
  return load4(push.b, b_index(block.member, i, column), valid4(i < push.k, column, push.n));
}

void store_a(uint slot, COMPUTE4 x) {
  const uint row = slot / kTileK4;
  const uint i = slot % kTileK4 * 4;
  [[unroll]] for (uint e = 0; e < 4; ++e) tile_a[(i + e) * kRowA + row / 4][row % 4] = x[e];
}

void store_b(uint slot, COMPUTE4 x) {
  if (kLayout == kLayoutNt) {
    const uint column = slot / kTileK4;
    const uint i = slot % kTileK4 * 4;
    [[unroll]] for (uint e = 0; e < 4; ++e) tile_b[(i + e) * kRowB + column / 4][column % 4] = x[e];
    return;
  }
  tile_b[slot / kTileN4 * kRowB + slot % kTileN4] = x;
}

// What an invocation carries from global to shared memory: loaded before the products of the
// present tile are taken, stored after them, so that the loads have that long to arrive.
COMPUTE4 next_a[kLoadsA];
COMPUTE4 next_b[kLoadsB];
// sums[row][column part]: four neighbouring columns to a vector.
COMPUTE4 sums[kThreadM * kPartsN];

void load_tile(Block block, uint k0) {
  const uint id = gl_LocalInvocationIndex;
  [[unroll]] for (uint s = 0; s < kLoadsA; ++s) next_a[s] = load_a(block, k0, s * kThreads + id);
  [[unroll]] for (uint s = 0; s < kLoadsB; ++s) next_b[s] = load_b(block, k0, s * kThreads + id);
}

void store_tile() {
  const uint id = gl_LocalInvocationIndex;
  [[unroll]] for (uint s = 0; s < kLoadsA; ++s) store_a(s * kThreads + id, next_a[s]);
  [[unroll]] for (uint s = 0; s < kLoadsB; ++s) store_b(s * kThreads + id, next_b[s]);
}

// Takes the products of term `i` of the tile.
void add_term(uint i, uint thread_m, uint thread_n) {
  COMPUTE4 b[kPartsN];
  [[unroll]] for (uint q = 0; q < kPartsN; ++q) b[q] = tile_b[i * kRowB + thread_n + q * kStepN4];
  [[unroll]] for (uint p = 0; p < kPartsM; ++p) {
    const COMPUTE4 a = tile_a[i * kRowA + thread_m + p * kStepM4];
    [[unroll]] for (uint e = 0; e < 4; ++e) {
      [[unroll]] for (uint q = 0; q < kPartsN; ++q) {
        const uint s = (p * 4 + e) * kPartsN + q;
        sums[s] = fma(COMPUTE4(a[e]), b[q], sums[s]);
      }
    }
  }
}

// The terms of a round, from `i`.
void add_terms(uint i, uint thread_m, uint thread_n) {
  [[unroll]] for (uint u = 0; u < kUnroll; ++u) add_term(i + u, thread_m, thread_n);
}

void accumulate(uint thread_m, uint thread_n) {
  if (kUnroll == kTileK) {
    add_terms(0, thread_m, thread_n);
  } else {
    for (uint i = 0; i < kTileK; i += kUnroll) add_terms(i, thread_m, thread_n);
  }
}

void store4_outputs(uint member, uint row, uint column, COMPUTE4 x) {
  [[unroll]] for (uint e = 0; e < 4; ++e) {
    if (column + e < push.n) x[e] = finish(x[e], column + e);
  }
  const uint index = c_index(member, row, column);
  if (kVectorLoads != 0) {
    if (column < push.n) Stored4Output(push.c).v[index / 4] = STORED4(x);
    return;
  }
  [[unroll]] for (uint e = 0; e < 4; ++e) {
    if (column + e < push.n) push.c.v[index + e] = STORED(x[e]);
  }
}

#if defined(SPLIT)
void store4(Block block, uint row, uint column, COMPUTE4 x) {
  const uint index = part_index(block.part, block.member, row, column);
  [[unroll]] for (uint e = 0; e < 4; ++e) {
    if (column + e < push.n) PartOutput(push.scratch0).v[index + e] = float(x[e]);
  }
}
#else
void store4(Block block, uint row, uint column, COMPUTE4 x) {
  store4_outputs(block.member, row, column, x);
}
#endif

#include "part_of_k.glsl"

void store_sums(Block block, uint thread_m, uint thread_n) {
  [[unroll]] for (uint r = 0; r < kThreadM; ++r) {
    const uint row = block.row + (thread_m + r / 4 * kStepM4) * 4 + r % 4;
    if (row >= push.row_end) continue;
    [[unroll]] for (uint q = 0; q < kPartsN; ++q) {
      const uint column = block.column + (thread_n + q * kStepN4) * 4;
      store4(block, row, column, sums[r * kPartsN + q]);
    }
  }
}

void main() {
  const Block block = block_of_workgroup();
  const uint in_strip = gl_LocalInvocationIndex % kThreadsOfStrip;
  const uint thread_m = in_strip / kStripN4;
  const uint thread_n = gl_LocalInvocationIndex / kThreadsOfStrip * kStripN4 + in_strip % kStripN4;
  [[unroll]] for (uint s = 0; s < kThreadM * kPartsN; ++s) sums[s] = COMPUTE4(0.0);

  const uint end = end_of_k(block);
  load_tile(block, first_k(block));
  for (uint k0 = first_k(block); k0 < end; k0 += kTileK) {
    barrier();  // waits for those who still read the tile before this one
    store_tile();
    barrier();  // waits for all of this tile to be in shared memory
    if (k0 + kTileK < end) load_tile(block, k0 + kTileK);
    accumulate(thread_m, thread_n);
  }
  store_sums(block, thread_m, thread_n);
}
