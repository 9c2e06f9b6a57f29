// C-ordered data are read with pread into a small buffer: resident memory stays small, and a file
// that shrinks meanwhile gives an error and no signal. Fortran order is mapped, since C order hops
// through all of it.
#include "arrays/array_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "arrays/csv_numbers.h"
#include "base/half.h"

namespace gpubench {
namespace {

// One pread: large enough to hide the call, small enough for the stack and the L1 cache's
// neighbour.
constexpr std::size_t kBufferBytes = 32768;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

template <class T>
T swapped(T value) {
  auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
  std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

template <class T>
void widen_as(const std::byte* from, ByteOrder order, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, from + i * sizeof(T), sizeof(T));
    out[i] = static_cast<double>(order == ByteOrder::big ? swapped(value) : value);
  }
}

void widen_halves(const std::byte* from, ByteOrder order, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    HalfBits bits = 0;
    std::memcpy(&bits, from + i * sizeof bits, sizeof bits);
    out[i] = float_from_half(order == ByteOrder::big ? swapped(bits) : bits);
  }
}

void widen_floats(const std::byte* from, const NumberType& type, std::span<double> out) {
  if (type.bytes == 2) return widen_halves(from, type.byte_order, out);
  if (type.bytes == 4) return widen_as<float>(from, type.byte_order, out);
  widen_as<double>(from, type.byte_order, out);
}

template <class I1, class I2, class I4, class I8>
void widen_integers(const std::byte* from, const NumberType& type, std::span<double> out) {
  if (type.bytes == 1) return widen_as<I1>(from, type.byte_order, out);
  if (type.bytes == 2) return widen_as<I2>(from, type.byte_order, out);
  if (type.bytes == 4) return widen_as<I4>(from, type.byte_order, out);
  widen_as<I8>(from, type.byte_order, out);
}

void widen(const std::byte* from, const NumberType& type, std::span<double> out) {
  if (type.kind == NumberKind::floating) return widen_floats(from, type, out);
  if (type.kind == NumberKind::signed_integer) {
    return widen_integers<std::int8_t, std::int16_t, std::int32_t, std::int64_t>(from, type, out);
  }
  widen_integers<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>(from, type, out);
}

class StreamedNpy : public NumberSource {
 public:
  StreamedNpy(std::string path, const NpyLayout& layout)
      : path_(std::move(path)),
        file_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)),
        type_(layout.type),
        data_offset_(layout.data_offset) {}

  Outcome read(std::uint64_t first, std::span<double> out) const override {
    alignas(64) std::array<std::byte, kBufferBytes> buffer;
    while (!out.empty()) {
      const std::size_t count = std::min<std::size_t>(out.size(), kBufferBytes / type_.bytes);
      const std::span<std::byte> bytes(buffer.data(), count * type_.bytes);
      if (auto outcome = read_bytes(data_offset_ + first * type_.bytes, bytes); !outcome) {
        return outcome;
      }
      widen(buffer.data(), type_, out.first(count));
      out = out.subspan(count);
      first += count;
    }
    return Done{};
  }

 private:
  Outcome read_bytes(std::uint64_t offset, std::span<std::byte> to) const {
    while (!to.empty()) {
      const ssize_t got = ::pread(file_.number(), to.data(), to.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Error{ErrorKind::io, path_ + ": cannot read: " + std::strerror(errno)};
      if (got == 0) return Error{ErrorKind::input, path_ + ": became shorter while it was read"};
      to = to.subspan(static_cast<std::size_t>(got));
      offset += static_cast<std::uint64_t>(got);
    }
    return Done{};
  }

  std::string path_;
  Descriptor file_;
  NumberType type_;
  std::uint64_t data_offset_;
};

class MappedFortranNpy : public NumberSource {
 public:
  /// Fails like mmap, leaving errno.
  static std::unique_ptr<NumberSource> map(const std::string& path, const NpyLayout& layout) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::uint64_t bytes = layout.data_offset + layout.type.bytes;
    for (const std::uint64_t extent : layout.shape) {
      bytes = layout.data_offset + (bytes - layout.data_offset) * extent;
    }
    void* data = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (data == MAP_FAILED) return nullptr;
    return std::unique_ptr<NumberSource>(new MappedFortranNpy(data, bytes, layout));
  }
  MappedFortranNpy(const MappedFortranNpy&) = delete;
  MappedFortranNpy& operator=(const MappedFortranNpy&) = delete;
  ~MappedFortranNpy() override { ::munmap(data_, bytes_); }

  Outcome read(std::uint64_t first, std::span<double> out) const override {
    std::vector<std::uint64_t> at = indices_of(first);
    for (double& value : out) {
      std::uint64_t place = 0;
      for (std::size_t axis = 0; axis < at.size(); ++axis) place += at[axis] * strides_[axis];
      const std::byte* from = static_cast<const std::byte*>(data_) + layout_.data_offset;
      widen(from + place * layout_.type.bytes, layout_.type, std::span(&value, 1));
      step(at);
    }
    return Done{};
  }

 private:
  MappedFortranNpy(void* data, std::uint64_t bytes, const NpyLayout& layout)
      : data_(data), bytes_(bytes), layout_(layout) {
    std::uint64_t stride = 1;
    for (const std::uint64_t extent : layout.shape) {
      strides_.push_back(stride);
      stride *= extent;
    }
  }

  /// Of the C-ordered flat index.
  [[nodiscard]] std::vector<std::uint64_t> indices_of(std::uint64_t flat) const {
    std::vector<std::uint64_t> at(layout_.shape.size());
    for (std::size_t axis = at.size(); axis-- > 0;) {
      at[axis] = flat % layout_.shape[axis];
      flat /= layout_.shape[axis];
    }
    return at;
  }

  void step(std::vector<std::uint64_t>& at) const {
    for (std::size_t axis = at.size(); axis-- > 0;) {
      if (++at[axis] < layout_.shape[axis]) return;
      at[axis] = 0;
    }
  }

  void* data_;
  std::uint64_t bytes_;
  NpyLayout layout_;
  std::vector<std::uint64_t> strides_;  ///< In elements.
};

class ParsedCsv : public NumberSource {
 public:
  explicit ParsedCsv(std::vector<float> values) : values_(std::move(values)) {}

  Outcome read(std::uint64_t first, std::span<double> out) const override {
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(first), out.size(), out.begin());
    return Done{};
  }

 private:
  std::vector<float> values_;
};

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (file.bad()) return Error{ErrorKind::io, path + ": cannot read: " + std::strerror(errno)};
  return std::move(text).str();
}

/// The first bytes of a regular file, or why there are none.
Result<std::string> first_bytes(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status)) {
    return Error{ErrorKind::input, path + ": expected a .npy or CSV file, found a directory"};
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return Error{ErrorKind::input, path + ": expected a regular file, it is read in parts"};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Error{ErrorKind::input, path + ": cannot open: " + std::strerror(errno)};
  }
  std::string bytes(6, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

bool has_one_axis(const std::vector<std::uint64_t>& shape) {
  return std::count_if(shape.begin(), shape.end(), [](std::uint64_t n) { return n != 1; }) <= 1;
}

}  // namespace

ArrayFile::ArrayFile(std::string path, NumberType type, std::vector<std::uint64_t> shape,
                     std::unique_ptr<NumberSource> source)
    : path_(std::move(path)), type_(type), shape_(std::move(shape)), source_(std::move(source)) {
  for (const std::uint64_t extent : shape_) size_ *= extent;
}

Result<ArrayFile> ArrayFile::open(const std::string& path) {
  const auto start = first_bytes(path);
  if (!start) return start.error();
  if (start->starts_with("PK\x03\x04")) {
    return Error{ErrorKind::input,
                 path + ": expected a .npy or CSV file, found an archive (.npz?): unpack it first"};
  }
  if (*start != "\x93NUMPY" && !path.ends_with(".npy")) {
    const auto text = read_text(path);
    if (!text) return text.error();
    auto numbers = parse_csv_numbers(*text, path);
    if (!numbers) return numbers.error();
    return ArrayFile(path, NumberType{}, std::move(numbers->shape),
                     std::make_unique<ParsedCsv>(std::move(numbers->values)));
  }
  const auto layout = read_npy_layout(path);
  if (!layout) return layout.error();
  std::unique_ptr<NumberSource> source;
  if (layout->order == AxisOrder::last_fastest || has_one_axis(layout->shape)) {
    source = std::make_unique<StreamedNpy>(path, *layout);
  } else {
    source = MappedFortranNpy::map(path, *layout);
  }
  if (!source) return Error{ErrorKind::io, path + ": cannot map: " + std::strerror(errno)};
  return ArrayFile(path, layout->type, layout->shape, std::move(source));
}

}  // namespace gpubench
