// kernel_bench.h — every kernel of the catalogue as benchmarks with the device's own time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gpubench::bench {

/// Registers "gemm/tiled/fp16/512" and so on: operation, kernel, path, size.
void register_kernels(std::span<const std::uint32_t> sizes);

/// How the kernels' benchmarks went so far.
struct KernelOutcomes {
  std::size_t timed = 0;
  std::size_t wrong = 0;   ///< The output was wrong: not timed.
  std::size_t unable = 0;  ///< The device lacks what the kernel needs: not timed.
  std::size_t broken = 0;  ///< Anything else went wrong.
};
KernelOutcomes kernel_outcomes();

/// Lets go of the kernel that ran last; the device must outlive it.
void release_kernels();

}  // namespace gpubench::bench
