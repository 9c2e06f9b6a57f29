// panels.glsl — where the packed operands of direct.comp lie. Include contract.glsl first.
//
// A panel holds a tile of kTileM rows (A), or of kTileN columns (B), for all of k, in the order in
// which direct.comp reads it. Its unit is a run: so many elements of a row of A, or of a column of
// B, that follow each other along k, in the COMPUTE format, already rounded as the path demands.
// Rows, columns and k beyond the operand are zero.
//   A, in scratch0: [member][row tile of this dispatch][run][row]
//   B, in scratch1: [member][column tile][run][column / kLanes][column % kLanes]

layout(constant_id = 8) const uint kLanes = 8;   // invocations of a workgroup
layout(constant_id = 9) const uint kUnroll = 2;  // steps of k per turn of the loop over k
layout(constant_id = 10) const uint kRunA = 2;   // elements of a run of A: 2 or 4
layout(constant_id = 11) const uint kRunB = 2;   // the same of B
layout(local_size_x_id = 8) in;

layout(buffer_reference, std430, buffer_reference_align = 4)
    readonly restrict buffer PairInput { COMPUTE2 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4)
    writeonly restrict buffer PairOutput { COMPUTE2 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 8)
    readonly restrict buffer QuadInput { COMPUTE4 v[]; };
layout(buffer_reference, std430, buffer_reference_align = 8)
    writeonly restrict buffer QuadOutput { COMPUTE4 v[]; };

const uint kLaneColumns = kTileN / kLanes;

uint padded_k() { return (push.k + kUnroll - 1) / kUnroll * kUnroll; }
uint row_tiles() { return (push.row_end - push.row_begin + kTileM - 1) / kTileM; }
uint column_tiles() { return (push.n + kTileN - 1) / kTileN; }

// First run of a panel.
uint a_panel(uint member, uint row_tile) {
  return (member * row_tiles() + row_tile) * (padded_k() / kRunA) * kTileM;
}
uint b_panel(uint member, uint column_tile) {
  return (member * column_tiles() + column_tile) * (padded_k() / kRunB) * kTileN;
}

// A run of two is the first half of `run`.
void store_run(restrict PairOutput panels, uint elements, uint index, COMPUTE4 run) {
  if (elements == 4) {
    QuadOutput(panels).v[index] = run;
  } else {
    panels.v[index] = run.xy;
  }
}
