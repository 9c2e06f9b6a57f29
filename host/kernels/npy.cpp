#include "kernels/npy.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "arrays/npy_layout.h"
#include "base/half.h"

namespace gpubench {
namespace {

Error input_error(const std::string& path, std::string_view what) {
  return {ErrorKind::input, path + ": " + std::string(what)};
}

}  // namespace

Result<NpyHeader> read_npy_header(const std::string& path) {
  auto layout = read_npy_layout(path);
  if (!layout) return layout.error();
  if (layout->order == AxisOrder::first_fastest) {
    return input_error(path, "expected C order (row-major), found Fortran order");
  }
  if (layout->descr != "<f4" && layout->descr != "<f2") {
    return input_error(
        path, "expected float32 or float16 ('<f4' or '<f2'), found '" + layout->descr + "'");
  }
  const Format format = layout->descr == "<f4" ? Format::f32 : Format::f16;
  return NpyHeader{format, std::move(layout->shape), layout->data_offset};
}

Outcome read_npy(const std::string& path, std::span<const std::uint64_t> shape, std::uint64_t first,
                 std::span<float> out) {
  const auto header = read_npy_header(path);
  if (!header) return header.error();
  if (!std::ranges::equal(header->shape, shape)) {
    return input_error(
        path, "expected shape " + shape_text(shape) + ", found " + shape_text(header->shape));
  }
  std::ifstream file(path, std::ios::binary);
  file.seekg(
      static_cast<std::streamoff>(header->data_offset + first * format_bytes_of(header->format)));
  const auto count = static_cast<std::streamsize>(out.size());
  if (header->format == Format::f32) {
    file.read(reinterpret_cast<char*>(out.data()), count * 4);
  } else {
    std::vector<HalfBits> halves(out.size());
    file.read(reinterpret_cast<char*>(halves.data()), count * 2);
    floats_from_halves(halves, out);
  }
  if (!file) return input_error(path, "reading failed before the end of the data");
  // No error bound holds for sums with NaN or Inf, so an honest kernel could not be told from a bad
  // one.
  const auto bad = std::ranges::find_if(out, [](float value) { return !std::isfinite(value); });
  if (bad != out.end()) {
    return input_error(path, "expected finite numbers, found " + std::to_string(*bad) +
                                 " at index " + std::to_string(first + (bad - out.begin())));
  }
  return Done{};
}

}  // namespace gpubench
