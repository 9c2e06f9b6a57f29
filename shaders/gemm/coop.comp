#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
// coop.comp — C = A·B, row-major, on matrix units; one workgroup computes one kTileM x kTileN block
// of C through shared memory, one subgroup kPartsM x kPartsN cooperative matrices of it.
// Define:     PATH_FP16 or PATH_FP16_ACC32 (see precision.glsl), EPILOGUE (linear)
// Specialize: kTileM, kTileN, kTileK, kMatrixM, kMatrixN, kMatrixK (a shape that the device lists,
//             each a multiple of 8), kSubgroupSize, kSubgroupsM, kSubgroupsN, kPad, kGroupRows,
//             kRows8, kVectorLoads. A tile is kSubgroups? x kParts? x kMatrix?; kTileK a multiple
//             of kMatrixK
// Launch:     full subgroups of kSubgroupSize
// Push:       the common block
// Edges:      m, n and k are free; out-of-range loads give zero, stores are skipped.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "../linear/epilogue.glsl"

layout(constant_id = 8) const uint kThreads = 128;  // kSubgroupSize·kSubgroupsM·kSubgroupsN
layout(constant_id = 9) const uint kTileK = 32;
layout(constant_id = 10) const uint kMatrixM = 16;
layout(constant_id = 11) const uint kMatrixN = 16;
layout(constant_id = 12) const uint kMatrixK = 16;
layout(constant_id = 13) const uint kSubgroupSize = 32;
layout(constant_id = 14) const uint kSubgroupsM = 2;
layout(constant_id = 15) const uint kSubgroupsN = 2;
layout(constant_id = 16) const uint kPad = 1;  // vectors after each shared row, against bank conflicts
// Row tiles that run before the next column tile is begun: neighbours in time share operands.
layout(constant_id = 17) const uint kGroupRows = 8;
// 1: rows of A, B and C begin on boundaries of eight elements, the vectors of this kernel.
layout(constant_id = 18) const uint kRows8 = 0;
layout(local_size_x_id = 8) in;

#include "launch_order.glsl"

// The same memory, eight FP16 elements at a time; only where kRows8 says that rows allow it.
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Stored8Array { uvec4 v[]; };

const uint kPartM = kTileM / kSubgroupsM;  // of one subgroup
const uint kPartN = kTileN / kSubgroupsN;
const uint kPartsM = kPartM / kMatrixM;
const uint kPartsN = kPartN / kMatrixN;

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

// Finished sums on their way to C, one cooperative matrix for each subgroup.
const uint kStageSize = kMatrixM * kMatrixN;
shared COMPUTE stage[kSubgroupsM * kSubgroupsN * kStageSize];

#define MATRIX_A coopmat<float16_t, gl_ScopeSubgroup, kMatrixM, kMatrixK, gl_MatrixUseA>
#define MATRIX_B coopmat<float16_t, gl_ScopeSubgroup, kMatrixK, kMatrixN, gl_MatrixUseB>
#define MATRIX_C coopmat<COMPUTE, gl_ScopeSubgroup, kMatrixM, kMatrixN, gl_MatrixUseAccumulator>
#define MATRIX_STORED \
  coopmat<float16_t, gl_ScopeSubgroup, kMatrixM, kMatrixN, gl_MatrixUseAccumulator>

struct Block {
  uint row;
  uint column;
  uint member;
};

Block block_of_workgroup() {
  const uvec2 tile = tile_of_workgroup();
  return Block(first_row(tile.x), tile.y * kTileN, gl_WorkGroupID.z);
}

// Eight elements of an array from `index`, of which the first `valid` exist; the others are zero.
uvec4 load8(StoredArray array, uint index, uint valid) {
  uvec4 x = uvec4(0);
  if (kRows8 != 0) {
    if (valid != 0) x = Stored8Array(array).v[index / 8];
    return x;
  }
  [[unroll]] for (uint e = 0; e < 8; e += 2) {
    f16vec2 pair = f16vec2(0.0);
    if (valid > e) pair.x = array.v[index + e];
    if (valid > e + 1) pair.y = array.v[index + e + 1];
    x[e / 2] = packFloat2x16(pair);
  }
  return x;
}

// How many of the eight places from `first` are below `end`, when the line itself exists.
uint valid8(bool line_exists, uint first, uint end) {
  return line_exists && first < end ? min(8u, end - first) : 0u;
}

uvec4 load_a(Block block, uint k0, uint slot) {
  const uint row = block.row + slot / kLengthA;
  const uint i = k0 + slot % kLengthA * 8;
  return load8(push.a, a_index(block.member, row, i), valid8(row < push.row_end, i, push.k));
}

uvec4 load_b(Block block, uint k0, uint slot) {
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
// present tile are taken, stored after them, so that the loads have that long to arrive.
uvec4 next_a[kLoadsA];
uvec4 next_b[kLoadsB];

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
    if (slot < kSlotsA) tile_a[slot / kLengthA * kStrideA + slot % kLengthA] = next_a[s];
  }
  [[unroll]] for (uint s = 0; s < kLoadsB; ++s) {
    const uint slot = s * kThreads + gl_LocalInvocationIndex;
    if (slot < kSlotsB) tile_b[slot / kLengthB * kStrideB + slot % kLengthB] = next_b[s];
  }
}

MATRIX_C sums[kPartsM * kPartsN];

MATRIX_B matrix_b(uint i, uint column) {
  MATRIX_B b;
  if (kNt) {
    coopMatLoad(b, tile_b, column * kStrideB + i / 8, kStrideB,
                gl_CooperativeMatrixLayoutColumnMajor);
  } else {
    coopMatLoad(b, tile_b, i * kStrideB + column / 8, kStrideB, gl_CooperativeMatrixLayoutRowMajor);
  }
  return b;
}

// `row` and `column` of this subgroup's part, within the tile.
void accumulate(uint row, uint column) {
  [[unroll]] for (uint i = 0; i < kTileK; i += kMatrixK) {
    MATRIX_A a[kPartsM];
    [[unroll]] for (uint p = 0; p < kPartsM; ++p) {
      coopMatLoad(a[p], tile_a, (row + p * kMatrixM) * kStrideA + i / 8, kStrideA,
                  gl_CooperativeMatrixLayoutRowMajor);
    }
    [[unroll]] for (uint q = 0; q < kPartsN; ++q) {
      const MATRIX_B b = matrix_b(i, column + q * kMatrixN);
      [[unroll]] for (uint p = 0; p < kPartsM; ++p) {
        sums[p * kPartsN + q] = coopMatMulAdd(a[p], b, sums[p * kPartsN + q]);
      }
    }
  }
}

// Straight from the matrix unit's registers.
void store_whole(MATRIX_C sum, Block block, uint row, uint column) {
  coopMatStore(MATRIX_STORED(sum), push.c.v, c_index(block.member, row, column), push.n,
               gl_CooperativeMatrixLayoutRowMajor);
}

// Element by element through shared memory, where rows and columns are known.
void store_staged(MATRIX_C sum, Block block, uint row, uint column) {
  const uint first = gl_SubgroupID * kStageSize;
  coopMatStore(sum, stage, first, kMatrixN, gl_CooperativeMatrixLayoutRowMajor);
  barrier();  // waits for all of the matrix to be in shared memory
  for (uint e = gl_SubgroupInvocationID; e < kStageSize; e += kSubgroupSize) {
    const uint r = row + e / kMatrixN;
    const uint c = column + e % kMatrixN;
    if (r >= push.row_end || c >= push.n) continue;
    push.c.v[c_index(block.member, r, c)] = STORED(finish(stage[first + e], c));
  }
  barrier();  // waits for those who still read it
}

// The same answer for all subgroups, since barrier() counts on all of them. A subgroup's own barrier would
// do for the stage, but the race checks of the validation layers (1.4.363) do not know it, and lavapipe
// (Mesa 26.1.6) loses stores where subgroups of a workgroup pass different numbers of them.
bool can_store_whole(Block block) {
#if defined(EPILOGUE)
  return false;
#else
  return kRows8 != 0 && block.row + kTileM <= push.row_end && block.column + kTileN <= push.n;
#endif
}

void main() {
  const Block block = block_of_workgroup();
  const uint row = gl_SubgroupID / kSubgroupsN * kPartM;
  const uint column = gl_SubgroupID % kSubgroupsN * kPartN;
  [[unroll]] for (uint s = 0; s < kPartsM * kPartsN; ++s) sums[s] = MATRIX_C(0.0);

  load_tile(block, 0);
  for (uint k0 = 0; k0 < push.k; k0 += kTileK) {
    barrier();  // waits for those who still read the tile before this one
    store_tile();
    barrier();  // waits for all of this tile to be in shared memory
    if (k0 + kTileK < push.k) load_tile(block, k0 + kTileK);
    accumulate(row, column);
  }

  const bool whole = can_store_whole(block);
  [[unroll]] for (uint p = 0; p < kPartsM; ++p) {
    [[unroll]] for (uint q = 0; q < kPartsN; ++q) {
      const uint r = block.row + row + p * kMatrixM;
      const uint c = block.column + column + q * kMatrixN;
      if (whole) {
        store_whole(sums[p * kPartsN + q], block, r, c);
      } else {
        store_staged(sums[p * kPartsN + q], block, r, c);
      }
    }
  }
}
