// panels.glsl — where the packed operands of direct.comp lie. Include contract.glsl first.
//
// A panel holds a tile of kTileM rows (A), or of kLanes·kLaneColumns columns (B), for all of k, in
// the order in which direct.comp reads it. Its unit is a pair: elements 2i and 2i+1 along k, in
// the COMPUTE format, already rounded as the path demands. Rows, columns and k beyond the operand
// are zero.
//   A, in scratch0: [member][row tile of this dispatch][pair][row]
//   B, in scratch1: [member][column tile][pair][column / kLanes][column % kLanes]

layout(constant_id = 8) const uint kLanes = 8;  // invocations of a workgroup
layout(constant_id = 9) const uint kUnroll = 1;  // pairs per turn of the loop over k
layout(local_size_x_id = 8) in;

layout(buffer_reference, std430, buffer_reference_align = 4) buffer PairArray { COMPUTE2 v[]; };

const uint kLaneColumns = kTileN / kLanes;

uint pairs_of_k() { return (push.k + 2 * kUnroll - 1) / (2 * kUnroll) * kUnroll; }
uint row_tiles() { return (push.row_end - push.row_begin + kTileM - 1) / kTileM; }
uint column_tiles() { return (push.n + kTileN - 1) / kTileN; }

// First pair of a panel.
uint a_panel(uint member, uint row_tile) {
  return (member * row_tiles() + row_tile) * pairs_of_k() * kTileM;
}
uint b_panel(uint member, uint column_tile) {
  return (member * column_tiles() + column_tile) * pairs_of_k() * kTileN;
}
