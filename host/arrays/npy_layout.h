// npy_layout.h — what lies where in a NumPy .npy file: element type, order, shape, first byte.
// Reads the header alone and trusts nothing in it: a file whose length does not fit is refused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace gpubench {

enum class NumberKind : std::uint8_t { floating, signed_integer, unsigned_integer, boolean };
enum class ByteOrder : std::uint8_t { little, big };
enum class AxisOrder : std::uint8_t {
  last_fastest,   ///< C order, row-major.
  first_fastest,  ///< Fortran order, column-major.
};

struct NumberType {
  NumberKind kind = NumberKind::floating;
  std::uint32_t bytes = 4;
  ByteOrder byte_order = ByteOrder::little;
  bool operator==(const NumberType&) const = default;
};

/// "float32", "int64", "bool", as NumPy calls them.
std::string to_string(const NumberType& type);
/// "(3, 4)", "(3,)", "()", as NumPy prints it.
std::string shape_text(std::span<const std::uint64_t> shape);

struct NpyLayout {
  NumberType type;
  std::string descr;  ///< The type in the header's own words, such as "<f4".
  AxisOrder order = AxisOrder::last_fastest;
  std::vector<std::uint64_t> shape;
  std::uint64_t data_offset = 0;  ///< Bytes before the first element.
};

/// Formats 1, 2 and 3; float16 to float64, integers and bool. Anything else, and a file whose
/// length does not fit its header, is an error of kind `input` that names the file, what was
/// expected and what was found.
Result<NpyLayout> read_npy_layout(const std::string& path);

}  // namespace gpubench
