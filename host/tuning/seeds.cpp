// Starting points, not results: each is checked and timed before it may win, and nobody has timed
// one of ours on a GPU yet. A source's shape is given in the parameters of our kernel that comes
// nearest: the sums of an invocation and the threads that share a tile are the same, rounded to
// what the kernel has.

#include "tuning/seeds.h"

#include <array>

namespace gpubench {
namespace {

// PCI vendors; Mesa's software devices have a number of Khronos instead.
constexpr std::uint32_t kNvidia = 0x10DE, kAmd = 0x1002, kIntel = 0x8086, kQualcomm = 0x5143,
                        kArm = 0x13B5, kApple = 0x106B, kMesa = 0x10005;

constexpr std::array kSeeds{
    // SGEMM_CUDA's tile for an A100, then IREE's SIMT table: 4 x 4 sums in FP32, 8 x 8 in FP16,
    // 32 x 8 threads, 32 deep.
    Seed{kNvidia, "tiled",
         "tile_m=64 tile_n=128 tile_k=16 thread_m=8 thread_n=8 pad=1 group_rows=16"},
    Seed{kNvidia, "tiled",
         "tile_m=32 tile_n=128 tile_k=32 thread_m=4 thread_n=4 pad=1 group_rows=8"},
    Seed{kNvidia, "tiled",
         "tile_m=64 tile_n=256 tile_k=32 thread_m=8 thread_n=8 pad=1 group_rows=8"},
    // vk_cooperative_matrix_perf: eight subgroups, four wide and two high, on tiles of 128 and 256;
    // 32 deep with sums in FP16, 16 with sums in FP32.
    Seed{kNvidia, "coop",
         "subgroups_m=2 subgroups_n=4 part_m=64 part_n=64 tile_k=32 pad=1 group_rows=8"},
    Seed{kNvidia, "coop",
         "subgroups_m=2 subgroups_n=4 part_m=64 part_n=64 tile_k=16 pad=1 group_rows=8"},
    Seed{kNvidia, "coop",
         "subgroups_m=2 subgroups_n=4 part_m=64 part_n=32 tile_k=32 pad=1 group_rows=8"},
    // ggml's tiles for VK_NV_cooperative_matrix2, a loop over k that is unrolled in part among
    // them.
    Seed{kNvidia, "coop2",
         "threads=256 tile_m=128 tile_n=256 tile_k=64 unroll=4 group_rows=8 tensors=1"},
    Seed{kNvidia, "coop2",
         "threads=256 tile_m=256 tile_n=128 tile_k=64 unroll=1 group_rows=8 tensors=1"},
    Seed{kNvidia, "coop2",
         "threads=256 tile_m=128 tile_n=256 tile_k=32 unroll=8 group_rows=16 tensors=1"},
    Seed{kNvidia, "coop2",
         "threads=128 tile_m=128 tile_n=128 tile_k=64 unroll=1 group_rows=8 tensors=1"},

    // IREE: 8 x 4 sums in FP32, 16 deep; 8 x 8 in FP16, 32 deep.
    Seed{kAmd, "tiled", "tile_m=64 tile_n=128 tile_k=16 thread_m=8 thread_n=4 pad=1 group_rows=8"},
    Seed{kAmd, "tiled", "tile_m=64 tile_n=256 tile_k=32 thread_m=8 thread_n=8 pad=1 group_rows=8"},
    // IREE: eight matrices to each of four subgroups. Then ggml's 128 x 128, where a subgroup has
    // as many rows as lanes.
    Seed{kAmd, "coop",
         "subgroups_m=2 subgroups_n=2 part_m=64 part_n=32 tile_k=32 pad=1 group_rows=8"},
    Seed{kAmd, "coop",
         "subgroups_m=4 subgroups_n=2 part_m=32 part_n=64 tile_k=32 pad=1 group_rows=16"},

    // ggml: 128 x 128 in parts of 32 x 32 where there are matrix units; rows of shared memory that
    // are not moved apart.
    Seed{kIntel, "tiled", "tile_m=64 tile_n=64 tile_k=16 thread_m=8 thread_n=4 pad=0 group_rows=8"},
    Seed{kIntel, "coop",
         "subgroups_m=4 subgroups_n=4 part_m=32 part_n=32 tile_k=32 pad=0 group_rows=8"},
    Seed{kIntel, "coop",
         "subgroups_m=4 subgroups_n=4 part_m=32 part_n=32 tile_k=32 pad=1 group_rows=8"},

    // IREE has no shared memory for these three, nor for llvmpipe. Adreno: 16 x 4 sums in FP32,
    // 16 x 8 in FP16.
    Seed{kQualcomm, "direct", "tile_m=16 lane_columns=4 unroll=4 feed=0"},
    Seed{kQualcomm, "direct", "tile_m=16 lane_columns=8 unroll=8 feed=0"},
    // Mali: 6 x 4, for which 4 x 4 stands, and 2 x 8.
    Seed{kArm, "direct", "tile_m=4 lane_columns=4 unroll=4 feed=0"},
    Seed{kArm, "direct", "tile_m=2 lane_columns=8 unroll=8 feed=0"},
    // Apple: 4 x 4 and 4 x 8.
    Seed{kApple, "direct", "tile_m=4 lane_columns=4 unroll=4 feed=0"},
    Seed{kApple, "direct", "tile_m=4 lane_columns=8 unroll=8 feed=0"},

    // IREE on llvmpipe: 8 x 8. What we measured there is the kernel's own choice already.
    Seed{kMesa, "direct", "tile_m=8 lane_columns=8 unroll=4 feed=1"},

    // The shape that SGEMM_CUDA's search on an A6000 and ggml's largest tile have in common: 128
    // threads with 128 sums each.
    Seed{kAnyVendor, "tiled",
         "tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=16 pad=1 group_rows=8"},
    Seed{kAnyVendor, "tiled",
         "tile_m=128 tile_n=128 tile_k=8 thread_m=8 thread_n=16 pad=1 group_rows=8"},
    Seed{kAnyVendor, "tiled",
         "tile_m=256 tile_n=128 tile_k=16 thread_m=16 thread_n=8 pad=1 group_rows=8"},
    // The first of them as both have it: 64 x 64 sums to a subgroup of 32, and straight code.
    Seed{kAnyVendor, "tiled",
         "tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=16 pad=1 group_rows=8 strips=2"},
    Seed{kAnyVendor, "tiled",
         "tile_m=128 tile_n=128 tile_k=16 thread_m=8 thread_n=16 pad=1 group_rows=8 unroll=16 "
         "strips=2"},
    // Twice the sums, where FP16 sums lie two to a register; refused elsewhere.
    Seed{kAnyVendor, "tiled",
         "tile_m=256 tile_n=128 tile_k=16 thread_m=16 thread_n=16 pad=1 group_rows=8"},
    Seed{kAnyVendor, "tiled",
         "tile_m=128 tile_n=128 tile_k=16 thread_m=16 thread_n=16 pad=1 group_rows=8"},
    // Square blocks of 64 to a subgroup.
    Seed{kAnyVendor, "coop",
         "subgroups_m=2 subgroups_n=2 part_m=64 part_n=64 tile_k=16 pad=1 group_rows=8"},
};

}  // namespace

std::span<const Seed> all_seeds() {
  return kSeeds;
}

std::vector<Tuning> seeds_for(const Kernel& kernel, std::uint32_t vendor_id) {
  std::vector<Tuning> seeds;
  if (kernel.op == Op::softmax) return seeds;  // its kernels have names in common with products
  for (const std::uint32_t vendor : {vendor_id, kAnyVendor}) {
    for (const Seed& seed : kSeeds) {
      const bool wanted = seed.vendor_id == vendor && seed.kernel == kernel.name;
      if (wanted) seeds.push_back(*parse_tuning(seed.tuning));
    }
  }
  return seeds;
}

}  // namespace gpubench
