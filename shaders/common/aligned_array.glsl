// aligned_array.glsl — arrays of the contract where what is read or written begins on 16 bytes, as
// every buffer does. Drivers choose the widest accesses from what they are told, and an address
// that comes in push constants tells nothing. Include contract.glsl first.

layout(buffer_reference, std430, buffer_reference_align = 16)
    readonly restrict buffer AlignedInput { STORED v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16)
    writeonly restrict buffer AlignedOutput { STORED v[]; };
