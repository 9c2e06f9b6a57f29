#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_NV_cooperative_matrix2 : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
// coop2.comp — C = A·B, row-major, on matrix units; one workgroup computes one kTileM x kTileN block
// of C as one cooperative matrix, from global memory and back: what lies in between is the driver's.
// Define:     PATH_FP16 or PATH_FP16_ACC32 (see precision.glsl), EPILOGUE (linear), and who moves the
//             matrices: TENSORS (layouts, which the driver addresses by) or ELEMENTS (a function of
//             ours, called for each element)
// Specialize: kThreads, kScope (a workgroup or a subgroup, of kThreads invocations), kTileM, kTileN,
//             kTileK (multiples of what the device lists for that scope), kUnroll, kGroupRows,
//             kRows8
// Launch:     a full subgroup where that is the scope
// Push:       the common block
// Edges:      m, n and k are free; out-of-range loads give zero, stores are skipped.
#include "../common/precision.glsl"
#include "../common/contract.glsl"
#include "../linear/epilogue.glsl"

layout(constant_id = 8) const uint kThreads = 32;
layout(constant_id = 9) const uint kTileK = 16;
layout(constant_id = 10) const uint kScope = gl_ScopeSubgroup;
layout(constant_id = 11) const uint kUnroll = 1;  // steps of kTileK in a round of the loop
layout(constant_id = 12) const uint kGroupRows = 8;
// 1: rows of A, B and C begin on boundaries of eight elements, and layouts say so.
layout(constant_id = 13) const uint kRows8 = 0;
layout(local_size_x_id = 8) in;

#include "launch_order.glsl"

#define MATRIX_A coopmat<float16_t, kScope, kTileM, kTileK, gl_MatrixUseA>
#define MATRIX_B coopmat<float16_t, kScope, kTileK, kTileN, gl_MatrixUseB>
#define MATRIX_C coopmat<COMPUTE, kScope, kTileM, kTileN, gl_MatrixUseAccumulator>
#define MATRIX_STORED coopmat<float16_t, kScope, kTileM, kTileN, gl_MatrixUseAccumulator>

struct Block {
  uint row;
  uint column;
  uint member;
};

#if defined(TENSORS)
#include "coop2_tensors.glsl"
#else
#include "coop2_elements.glsl"
#endif

MATRIX_C sums;

void accumulate(Block block, uint k0, bool whole) {
  sums = coopMatMulAdd(load_a(block, k0, whole), load_b(block, k0, whole), sums);
}

void main() {
  const uvec2 tile = tile_of_workgroup();
  const Block block = Block(first_row(tile.x), tile.y * kTileN, gl_WorkGroupID.z);
  const bool whole = kClampingCosts && block.row + kTileM <= push.row_end &&
                     block.column + kTileN <= push.n;
  const uint whole_k = whole ? push.k - push.k % kTileK : 0;
  const uint rounds_k = whole_k - whole_k % (kTileK * kUnroll);

  sums = MATRIX_C(0.0);
  uint k0 = 0;
  for (; k0 < rounds_k; k0 += kTileK * kUnroll) {
    [[unroll]] for (uint u = 0; u < kUnroll; ++u) accumulate(block, k0 + u * kTileK, true);
  }
  for (; k0 < whole_k; k0 += kTileK) accumulate(block, k0, true);
  for (; k0 < push.k; k0 += kTileK) accumulate(block, k0, false);
  store(sums, block, whole);
}
