// coop2_tensors.glsl — matrices of coop2.comp from and to memory by tensor layouts: the driver finds
// the addresses, and clamps what lies outside. The members of a batch are rows of one tensor, which
// ends for a workgroup where its own member does: all layouts count from where a buffer begins.

#include "../common/aligned_array.glsl"

const bool kClampingCosts = true;
const int kUnclamped = gl_CooperativeMatrixClampModeUndefinedNV;
const int kZeros = gl_CooperativeMatrixClampModeConstantNV;  // and stores nothing outside

// A driver that sees the low bits of a stride cleared may load whole vectors.
uint stride_of(uint length) { return kRows8 != 0 ? length & ~7u : length; }

tensorLayoutNV<2, kUnclamped> unclamped(uint rows, uint length) {
  tensorLayoutNV<2, kUnclamped> all = createTensorLayoutNV(2, kUnclamped);
  all = setTensorLayoutDimensionNV(all, rows, length);
  return setTensorLayoutStrideNV(all, stride_of(length), 1);
}

tensorLayoutNV<2, kZeros> clamped(uint rows, uint length) {
  tensorLayoutNV<2, kZeros> all = createTensorLayoutNV(2, kZeros);
  all = setTensorLayoutDimensionNV(all, rows, length);
  return setTensorLayoutStrideNV(all, stride_of(length), 1);
}

MATRIX_A load_a(Block block, uint k0, bool whole) {
  const uint first = block.member * push.m;
  MATRIX_A a;
  if (whole) {
    coopMatLoadTensorNV(a, AlignedInput(push.a).v, 0,
                        sliceTensorLayoutNV(unclamped(first + push.m, push.k), first + block.row,
                                            kTileM, k0, kTileK));
  } else {
    coopMatLoadTensorNV(a, AlignedInput(push.a).v, 0,
                        sliceTensorLayoutNV(clamped(first + push.row_end, push.k),
                                            first + block.row, kTileM, k0, kTileK));
  }
  return a;
}

// Rows of B are those of its array; nt: columns of the matrix.
MATRIX_B load_b(Block block, uint k0, bool whole) {
  const bool nt = kLayout == kLayoutNt;
  const uint length = nt ? push.k : push.n;
  const uint rows = nt ? push.n : push.k;
  const uint first = block.member * rows;
  MATRIX_B b;
  if (nt && whole) {
    coopMatLoadTensorNV(b, AlignedInput(push.b).v, 0,
                        sliceTensorLayoutNV(unclamped(first + rows, length), first + block.column,
                                            kTileN, k0, kTileK),
                        createTensorViewNV(2, false, 1, 0));
  } else if (nt) {
    coopMatLoadTensorNV(b, AlignedInput(push.b).v, 0,
                        sliceTensorLayoutNV(clamped(first + rows, length), first + block.column,
                                            kTileN, k0, kTileK),
                        createTensorViewNV(2, false, 1, 0));
  } else if (whole) {
    coopMatLoadTensorNV(b, AlignedInput(push.b).v, 0,
                        sliceTensorLayoutNV(unclamped(first + rows, length), first + k0, kTileK,
                                            block.column, kTileN));
  } else {
    coopMatLoadTensorNV(b, AlignedInput(push.b).v, 0,
                        sliceTensorLayoutNV(clamped(first + rows, length), first + k0, kTileK,
                                            block.column, kTileN));
  }
  return b;
}

#if defined(EPILOGUE)
// Past the last column there is no bias.
COMPUTE finished(const in uint row, const in uint column, const in COMPUTE sum,
                 const in uint first_column) {
  const uint c = first_column + column;
  return c < push.n ? finish(sum, c) : sum;
}
#endif

void store(MATRIX_C sums, Block block, bool whole) {
  const uint first = block.member * push.m;
#if defined(EPILOGUE)
  coopMatPerElementNV(sums, sums, finished, block.column);
#endif
  const MATRIX_STORED stored = MATRIX_STORED(sums);
  if (whole) {
    coopMatStoreTensorNV(stored, AlignedOutput(push.c).v, 0,
                         sliceTensorLayoutNV(unclamped(first + push.m, push.n), first + block.row,
                                             kTileM, block.column, kTileN));
  } else {
    coopMatStoreTensorNV(stored, AlignedOutput(push.c).v, 0,
                         sliceTensorLayoutNV(clamped(first + push.row_end, push.n),
                                             first + block.row, kTileM, block.column, kTileN));
  }
}
