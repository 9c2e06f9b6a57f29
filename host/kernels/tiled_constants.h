// tiled_constants.h — the own constants of shaders/gemm/tiled.comp, which two kernels launch.
#pragma once

#include <cstdint>

namespace gpubench {

enum TiledConstant : std::uint32_t {
  kThreadsId = 8,
  kTileKId,
  kThreadMId,
  kThreadNId,
  kPadId,
  kGroupRowsId,
  kUnrolledId,
};

}  // namespace gpubench
