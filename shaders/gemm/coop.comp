#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#pragma use_vulkan_memory_model
// coop.comp — C = A·B, row-major, on matrix units; one workgroup computes one kTileM x kTileN block
// of C through shared memory, one subgroup kPartsM x kPartsN cooperative matrices of it.
// Define:     PATH_FP16, PATH_FP16_ACC32 or PATH_BF16 (see precision.glsl), EPILOGUE (linear), SPLIT: a
//             workgroup takes one part of k only and leaves its sums in scratch0; add_parts.comp adds them up
// Specialize: kTileM, kTileN, kTileK, kMatrixM, kMatrixN, kMatrixK (a shape that the device lists,
//             each a multiple of 8), kSubgroupSize, kSubgroupsM, kSubgroupsN, kPad, kGroupRows,
//             kRows8, kVectorLoads. A tile is kSubgroups? x kParts? x kMatrix?; kTileK a multiple
//             of kMatrixK
// Launch:     full subgroups of kSubgroupSize
// Push:       the common block
// Groups:     z: batch members, or with SPLIT kSplits parts of each
// Edges:      m, n and k are free; out-of-range loads give zero, stores are skipped.
#include "../common/operand.glsl"
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "../common/aligned_array.glsl"
#include "../linear/epilogue.glsl"
#include "operand_tiles.glsl"

layout(constant_id = 10) const uint kMatrixM = 16;
layout(constant_id = 11) const uint kMatrixN = 16;
layout(constant_id = 12) const uint kMatrixK = 16;
layout(constant_id = 13) const uint kSubgroupSize = 32;
layout(constant_id = 14) const uint kSubgroupsM = 2;
layout(constant_id = 17) const uint kSubgroupsN = 2;  // parts.glsl has 15 and 16

const uint kPartM = kTileM / kSubgroupsM;  // of one subgroup
const uint kPartN = kTileN / kSubgroupsN;
const uint kPartsM = kPartM / kMatrixM;
const uint kPartsN = kPartN / kMatrixN;

// Finished sums on their way to C, one cooperative matrix for each subgroup.
const uint kStageSize = kMatrixM * kMatrixN;
shared COMPUTE stage[kSubgroupsM * kSubgroupsN * kStageSize];

#define MATRIX_A coopmat<OPERAND, gl_ScopeSubgroup, kMatrixM, kMatrixK, gl_MatrixUseA>
#define MATRIX_B coopmat<OPERAND, gl_ScopeSubgroup, kMatrixK, kMatrixN, gl_MatrixUseB>
#define MATRIX_C coopmat<COMPUTE, gl_ScopeSubgroup, kMatrixM, kMatrixN, gl_MatrixUseAccumulator>
#define MATRIX_STORED \
  coopmat<STORED, gl_ScopeSubgroup, kMatrixM, kMatrixN, gl_MatrixUseAccumulator>

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

void store_one(COMPUTE sum, Block block, uint row, uint column) {
#if defined(SPLIT)
  PartOutput(push.scratch0).v[part_index(block.part, block.member, row, column)] = float(sum);
#else
  push.c.v[c_index(block.member, row, column)] = STORED(finish(sum, column));
#endif
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
    store_one(stage[first + e], block, r, c);
  }
  barrier();  // waits for those who still read it
}

#if defined(EPILOGUE)
// As finish() does, wherever the lanes have the elements: a matrix whose rows are all the bias has them in the
// same places.
MATRIX_C finished(MATRIX_C sum, uint column) {
  MATRIX_STORED bias = MATRIX_STORED(0.0);
  if (kHasBias != 0) {
    coopMatLoad(bias, AlignedInput(push.bias).v, column, 0, gl_CooperativeMatrixLayoutRowMajor);
  }
  const MATRIX_C biases = MATRIX_C(bias);
  for (uint e = 0; e < sum.length(); ++e) sum[e] = finish_with(sum[e], float(biases[e]));
  return sum;
}
#else
MATRIX_C finished(MATRIX_C sum, uint column) { return sum; }
#endif

// Straight from the matrix unit's registers. Sums of a part are FP32 in memory: FP16 sums would need a matrix
// that the device may not list.
#if defined(SPLIT) && defined(PATH_FP16)
bool can_store_whole(Block block) { return false; }
void store_whole(MATRIX_C sum, Block block, uint row, uint column) {}
#else
// The same answer for all subgroups, since barrier() counts on all of them. A subgroup's own barrier would
// do for the stage, but the race checks of the validation layers (1.4.363) do not know it, and lavapipe
// (Mesa 26.1.6) loses stores where subgroups of a workgroup pass different numbers of them.
bool can_store_whole(Block block) {
  return kRows8 != 0 && block.row + kTileM <= push.row_end && block.column + kTileN <= push.n;
}

void store_whole(MATRIX_C sum, Block block, uint row, uint column) {
#if defined(SPLIT)
  coopMatStore(sum, PartOutput(push.scratch0).v, part_index(block.part, block.member, row, column),
               push.n, gl_CooperativeMatrixLayoutRowMajor);
#else
  // Rows and tiles begin on eight elements.
  coopMatStore(MATRIX_STORED(finished(sum, column)), AlignedOutput(push.c).v,
               c_index(block.member, row, column), push.n, gl_CooperativeMatrixLayoutRowMajor);
#endif
}
#endif

void main() {
  const Block block = block_of_workgroup();
  const uint row = gl_SubgroupID / kSubgroupsN * kPartM;
  const uint column = gl_SubgroupID % kSubgroupsN * kPartN;
  [[unroll]] for (uint s = 0; s < kPartsM * kPartsN; ++s) sums[s] = MATRIX_C(0.0);

  const uint end = end_of_k(block);
  load_tile(block, first_k(block));
  for (uint k0 = first_k(block); k0 < end; k0 += kTileK) {
    barrier();  // waits for those who still read the tile before this one
    store_tile();
    barrier();  // waits for all of this tile to be in shared memory
    if (k0 + kTileK < end) load_tile(block, k0 + kTileK);
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
