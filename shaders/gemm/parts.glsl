// parts.glsl — sums over parts of k, which one dispatch leaves and the next adds up. Include
// contract.glsl first; a kernel's own constants have other ids than these two.
//   scratch0: [part][member][row][column], FP32 on every path, which holds a COMPUTE exactly

layout(constant_id = 15) const uint kSplits = 2;
layout(constant_id = 16) const uint kTermsOfPart = 256;  // a multiple of the depth of a tile

layout(buffer_reference, std430, buffer_reference_align = 4)
    readonly restrict buffer PartInput { float v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4)
    writeonly restrict buffer PartOutput { float v[]; };

uint part_index(uint part, uint member, uint row, uint column) {
  return ((part * push.batch + member) * push.m + row) * push.n + column;
}
