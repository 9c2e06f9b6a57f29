#include "arrays/npy_writer.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "arrays/npy_layout.h"
#include "base/half.h"

namespace gpubench {
namespace {

// Data begin at a multiple of this, as NumPy has it.
constexpr std::size_t kAlignment = 64;

std::string header_of(NpyType type, std::span<const std::uint64_t> shape) {
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                 type == NpyType::float16 ? "<f2" : "<f4", shape_text(shape));
  std::string head("\x93NUMPY\x01\x00", 8);
  const std::size_t used = head.size() + 2 + text.size() + 1;
  text.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  text += '\n';
  head += static_cast<char>(text.size() & 0xFFU);
  head += static_cast<char>(text.size() >> 8);
  return head + text;
}

}  // namespace

Error NpyWriter::failure() const {
  return {ErrorKind::io, fmt::format("{}: {}", path_, std::generic_category().message(errno))};
}

Result<NpyWriter> NpyWriter::create(const std::string& path, NpyType type,
                                    std::span<const std::uint64_t> shape) {
  NpyWriter writer(path, type);
  writer.file_.open(path, std::ios::binary | std::ios::trunc);
  writer.file_ << header_of(type, shape);
  if (!writer.file_) return writer.failure();
  return writer;
}

Outcome NpyWriter::write(std::span<const float> values) {
  if (type_ == NpyType::float32) {
    file_.write(reinterpret_cast<const char*>(values.data()),
                static_cast<std::streamsize>(values.size_bytes()));
  } else {
    std::vector<HalfBits> halves(values.size());
    halves_from_floats(values, halves);
    file_.write(reinterpret_cast<const char*>(halves.data()),
                static_cast<std::streamsize>(halves.size() * sizeof(HalfBits)));
  }
  if (!file_) return failure();
  return Done{};
}

Outcome NpyWriter::finish() {
  file_.close();
  if (!file_) return failure();
  return Done{};
}

}  // namespace gpubench
