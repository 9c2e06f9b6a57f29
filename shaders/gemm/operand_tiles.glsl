// operand_tiles.glsl — tiles of A and B in shared memory, as matrix units read them: 16 bits an element, in
// the format that the path multiplies in. One workgroup fills them for the kTileM x kTileN block of C that it
// computes, kTileK terms at a time. Path bf16 rounds there what is stored in FP32.
// With SPLIT a workgroup takes one part of k only. Include precision.glsl and contract.glsl first. Tests read the tiles of bf16 back without matrix units
// (tests/gpu/operand_tiles.comp).

layout(constant_id = 8) const uint kThreads = 128;
layout(constant_id = 9) const uint kTileK = 32;  // a multiple of 8
layout(constant_id = 18) const uint kPad = 1;  // vectors after each shared row, against bank conflicts
// Row tiles that run before the next column tile is begun: neighbours in time share operands.
layout(constant_id = 19) const uint kGroupRows = 8;
// 1: rows of A, B and C begin on boundaries of eight elements, the vectors of this kernel.
layout(constant_id = 20) const uint kRows8 = 0;
layout(local_size_x_id = 8) in;

#include "launch_order.glsl"
#if defined(SPLIT)
#include "parts.glsl"
#endif

// STORED8: eight elements as memory has them. operands() makes of them what a tile holds.
#if defined(PATH_BF16)
#define STORED8 mat2x4

// A NaN must not lose all of its fraction: that would be an infinity.
uint bf16_bits(float x) {
  const uint bits = floatBitsToUint(to_compute(x));
  const bool is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return (is_nan ? bits | 0x400000u : bits) >> 16;
}

uint bf16_pair(vec2 x) { return bf16_bits(x.x) | bf16_bits(x.y) << 16; }

uvec4 operands(STORED8 x) {
  return uvec4(bf16_pair(x[0].xy), bf16_pair(x[0].zw), bf16_pair(x[1].xy), bf16_pair(x[1].zw));
}
#else
#define STORED8 uvec4
uvec4 operands(STORED8 x) { return x; }
#endif

// The same memory, eight elements at a time; only where kRows8 says that rows allow it.
layout(buffer_reference, std430, buffer_reference_align = 16)
    readonly restrict buffer Stored8Input { STORED8 v[]; };

// A lies in shared memory by rows of kTileK. B lies as in global memory, so that whole vectors
// are copied: by kTileK rows of kTileN (nn), or by kTileN rows of kTileK (nt). Lengths below count
// vectors of eight.
const bool kNt = kLayout == kLayoutNt;
const uint kLengthA = kTileK / 8;
const uint kLengthB = (kNt ? kTileK : kTileN) / 8;
const uint kStrideA = kLengthA + kPad;
const uint kStrideB = kLengthB + kPad;
const uint kLinesB = kNt ? kTileN : kTileK;
const uint kSlotsA = kTileM * kLengthA;
const uint kSlotsB = kLinesB * kLengthB;
const uint kLoadsA = (kSlotsA + kThreads - 1) / kThreads;
const uint kLoadsB = (kSlotsB + kThreads - 1) / kThreads;

shared uvec4 tile_a[kTileM * kStrideA];
shared uvec4 tile_b[kLinesB * kStrideB];

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

#include "part_of_k.glsl"

// Eight elements of an array from `index`, of which the first `valid` exist; the others are zero.
STORED8 load8(restrict StoredInput array, uint index, uint valid) {
  STORED8 x = STORED8(0);
  if (kRows8 != 0) {
    if (valid != 0) x = Stored8Input(array).v[index / 8];
    return x;
  }
#if defined(PATH_BF16)
  [[unroll]] for (uint e = 0; e < 8; ++e) {
    if (valid > e) x[e / 4][e % 4] = array.v[index + e];
  }
#else
  [[unroll]] for (uint e = 0; e < 8; e += 2) {
    f16vec2 pair = f16vec2(0.0);
    if (valid > e) pair.x = array.v[index + e];
    if (valid > e + 1) pair.y = array.v[index + e + 1];
    x[e / 2] = packFloat2x16(pair);
  }
#endif
  return x;
}

// How many of the eight places from `first` are below `end`, when the line itself exists.
uint valid8(bool line_exists, uint first, uint end) {
  return line_exists && first < end ? min(8u, end - first) : 0u;
}

STORED8 load_a(Block block, uint k0, uint slot) {
  const uint row = block.row + slot / kLengthA;
  const uint i = k0 + slot % kLengthA * 8;
  return load8(push.a, a_index(block.member, row, i), valid8(row < push.row_end, i, push.k));
}

STORED8 load_b(Block block, uint k0, uint slot) {
  if (kNt) {
    const uint column = block.column + slot / kLengthB;
    const uint i = k0 + slot % kLengthB * 8;
    return load8(push.b, b_index(block.member, i, column), valid8(column < push.n, i, push.k));
  }
  const uint i = k0 + slot / kLengthB;
  const uint column = block.column + slot % kLengthB * 8;
  return load8(push.b, b_index(block.member, i, column), valid8(i < push.k, column, push.n));
}

// What an invocation carries from global to shared memory: loaded before the products of the
// present tile are taken, made operands and stored after them, so that the loads have that long
// to arrive.
STORED8 next_a[kLoadsA];
STORED8 next_b[kLoadsB];

void load_tile(Block block, uint k0) {
  [[unroll]] for (uint s = 0; s < kLoadsA; ++s) {
    const uint slot = s * kThreads + gl_LocalInvocationIndex;
    if (slot < kSlotsA) next_a[s] = load_a(block, k0, slot);
  }
  [[unroll]] for (uint s = 0; s < kLoadsB; ++s) {
    const uint slot = s * kThreads + gl_LocalInvocationIndex;
    if (slot < kSlotsB) next_b[s] = load_b(block, k0, slot);
  }
}

void store_tile() {
  [[unroll]] for (uint s = 0; s < kLoadsA; ++s) {
    const uint slot = s * kThreads + gl_LocalInvocationIndex;
    if (slot < kSlotsA) tile_a[slot / kLengthA * kStrideA + slot % kLengthA] = operands(next_a[s]);
  }
  [[unroll]] for (uint s = 0; s < kLoadsB; ++s) {
    const uint slot = s * kThreads + gl_LocalInvocationIndex;
    if (slot < kSlotsB) tile_b[slot / kLengthB * kStrideB + slot % kLengthB] = operands(next_b[s]);
  }
}
