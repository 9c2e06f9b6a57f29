// peak_matrix.h — the most multiply-adds that a device's matrix units do, by a probe that touches
// no memory.
#pragma once

#include "base/result.h"
#include "device/device.h"
#include "kernels/problem.h"

namespace gpubench {

/// FLOP/s of products of FP16 matrices with the sums of the path, fp16 or fp16_acc32; every sum is
/// checked. Fails with `unsupported` where the device or this build has no such matrices.
Result<double> measure_matrix_chains(Device& device, Precision precision);

}  // namespace gpubench
