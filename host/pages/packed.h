// packed.h — numbers as base64 of their little-endian bytes, for typed arrays of a script.
#pragma once

#include <bit>
#include <cstddef>
#include <span>
#include <string>

namespace gpubench {

static_assert(std::endian::native == std::endian::little,
              "typed arrays are read as they are written");

std::string base64(std::span<const std::byte> bytes);

template <class T>
std::string packed(std::span<const T> values) {
  return base64(std::as_bytes(values));
}

}  // namespace gpubench
