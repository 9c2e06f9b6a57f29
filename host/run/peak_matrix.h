// peak_matrix.h — the most multiply-adds that a device's matrix units do, by a probe that touches
// no memory.
#pragma once

#include "base/result.h"
#include "device/device.h"
#include "kernels/problem.h"

namespace gpubench {

/// FLOP/s of products of a subgroup's matrices with the operands and sums of the path: fp16,
/// fp16_acc32 or bf16; every sum is checked. Fails with `unsupported` where the device or this
/// build has no such matrices.
Result<double> measure_matrix_chains(Device& device, Precision precision);

/// The same of matrices that a workgroup shares. Sizes that the driver does not compile are left
/// out; fails with its error where that leaves none.
Result<double> measure_shared_matrix_chains(Device& device, Precision precision);

}  // namespace gpubench
