// coop2_elements.glsl — matrices of coop2.comp from and to memory element by element: a function of
// ours is called for each, with its row and column, and knows what lies outside.

const bool kClampingCosts = false;  // each element is tested anyway

float16_t element_of_a(const in uint row, const in uint column, const in float16_t none,
                       const in uint first_row, const in uint k0, const in uint member) {
  const uint r = first_row + row;
  const uint i = k0 + column;
  return r < push.row_end && i < push.k ? push.a.v[a_index(member, r, i)] : none;
}

float16_t element_of_b(const in uint row, const in uint column, const in float16_t none,
                       const in uint k0, const in uint first_column,
                       const in uint member) {
  const uint i = k0 + row;
  const uint c = first_column + column;
  return i < push.k && c < push.n ? push.b.v[b_index(member, i, c)] : none;
}

// May be called more than once for an element: it reads nothing that it writes.
COMPUTE store_element(const in uint row, const in uint column, const in COMPUTE sum,
                      const in uint first_row, const in uint first_column,
                      const in uint member) {
  const uint r = first_row + row;
  const uint c = first_column + column;
  if (r < push.row_end && c < push.n) push.c.v[c_index(member, r, c)] = STORED(finish(sum, c));
  return sum;
}

MATRIX_A load_a(Block block, uint k0, bool whole) {
  MATRIX_A a = MATRIX_A(0.0);
  coopMatPerElementNV(a, a, element_of_a, block.row, k0, block.member);
  return a;
}

MATRIX_B load_b(Block block, uint k0, bool whole) {
  MATRIX_B b = MATRIX_B(0.0);
  coopMatPerElementNV(b, b, element_of_b, k0, block.column, block.member);
  return b;
}

void store(MATRIX_C sums, Block block, bool whole) {
  coopMatPerElementNV(sums, sums, store_element, block.row, block.column, block.member);
}
