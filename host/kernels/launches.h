// launches.h — the launch functions of the catalogue, one for each shader, and what of each may be
// tuned. The product_* serve gemm and linear alike: the op of the problem names the module.
#pragma once

#include "kernels/kernel.h"

namespace gpubench {

Result<Launch> launch_product_naive(const Problem&, Precision, const DeviceTraits&,
                                    ParameterValues);
Result<Launch> launch_product_tiled(const Problem&, Precision, const DeviceTraits&,
                                    ParameterValues);
Result<Launch> launch_product_split(const Problem&, Precision, const DeviceTraits&,
                                    ParameterValues);
Result<Launch> launch_product_direct(const Problem&, Precision, const DeviceTraits&,
                                     ParameterValues);
Result<Launch> launch_product_coop(const Problem&, Precision, const DeviceTraits&, ParameterValues);
Result<Launch> launch_product_coop_split(const Problem&, Precision, const DeviceTraits&,
                                         ParameterValues);
Result<Launch> launch_product_coop2(const Problem&, Precision, const DeviceTraits&,
                                    ParameterValues);

Result<Launch> launch_softmax_naive(const Problem&, Precision, const DeviceTraits&,
                                    ParameterValues);
Result<Launch> launch_softmax_tiled(const Problem&, Precision, const DeviceTraits&,
                                    ParameterValues);
Result<Launch> launch_softmax_split(const Problem&, Precision, const DeviceTraits&,
                                    ParameterValues);
Result<Launch> launch_softmax_direct(const Problem&, Precision, const DeviceTraits&,
                                     ParameterValues);

std::span<const ParameterSpace> parameters_of_product_tiled();
std::span<const ParameterSpace> parameters_of_product_split();
std::span<const ParameterSpace> parameters_of_product_direct();
std::span<const ParameterSpace> parameters_of_product_coop();
std::span<const ParameterSpace> parameters_of_product_coop_split();
std::span<const ParameterSpace> parameters_of_product_coop2();
std::span<const ParameterSpace> parameters_of_softmax_tiled();
std::span<const ParameterSpace> parameters_of_softmax_split();

}  // namespace gpubench
