#version 450
#extension GL_GOOGLE_include_directive : require
// operand_tiles.comp — C = A·B from the tiles that gemm/coop.comp fills for matrix units of bf16, taken out
// of shared memory one element at a time: no software device has such units. Launched as coop is.
// Define:     PATH_BF16
#include "../../shaders/common/precision.glsl"
#include "../../shaders/common/contract.glsl"
#include "../../shaders/gemm/operand_tiles.glsl"

float bf16_at(uvec4 vector, uint e) {
  const uint pair = vector[e / 2];
  return uintBitsToFloat(e % 2 == 0 ? pair << 16 : pair & 0xffff0000u);
}

float a_at(uint row, uint i) { return bf16_at(tile_a[row * kStrideA + i / 8], i % 8); }

float b_at(uint i, uint column) {
  if (kNt) return bf16_at(tile_b[column * kStrideB + i / 8], i % 8);
  return bf16_at(tile_b[i * kStrideB + column / 8], column % 8);
}

// Sums are kept in C, which is read and written here: llvmpipe takes long to compile arrays of an invocation.
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Sums { float v[]; };

void accumulate(Block block, uint k0) {
  for (uint place = gl_LocalInvocationIndex; place < kTileM * kTileN; place += kThreads) {
    const uint row = place / kTileN, column = place % kTileN;
    if (block.row + row >= push.row_end || block.column + column >= push.n) continue;
    const uint index = c_index(block.member, block.row + row, block.column + column);
    float sum = k0 == 0 ? 0.0 : Sums(push.c).v[index];
    for (uint i = 0; i < kTileK; ++i) sum = fma(a_at(row, i), b_at(i, column), sum);
    Sums(push.c).v[index] = sum;
  }
}

void main() {
  const Block block = block_of_workgroup();
  load_tile(block, 0);
  for (uint k0 = 0; k0 < push.k; k0 += kTileK) {
    barrier();  // waits for those who still read the tile before this one
    store_tile();
    barrier();  // waits for all of this tile to be in shared memory
    if (k0 + kTileK < push.k) load_tile(block, k0 + kTileK);
    accumulate(block, k0);
  }
}
