// npy.h — reads the float arrays that a fill may name from NumPy's .npy files, whole or in part.
// Knows nothing of problems, nor of how a .npy file is laid out: arrays/ does, and checks header,
// shape and length before any data are used.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernels/problem.h"

namespace gpubench {

struct NpyHeader {
  Format format = Format::f32;
  std::vector<std::uint64_t> shape;
  std::uint64_t data_offset = 0;  ///< Bytes before the first element.
};

/// Accepts little-endian float32 and float16 in C order. Anything else, and a file whose length
/// does not fit its header, is an error of kind `input` that names the file, what was expected and
/// what was found.
Result<NpyHeader> read_npy_header(const std::string& path);

/// Elements [first, first + out.size()) of a file that must have exactly this shape; NaN or Inf
/// among them is an error, too.
Outcome read_npy(const std::string& path, std::span<const std::uint64_t> shape, std::uint64_t first,
                 std::span<float> out);

}  // namespace gpubench
