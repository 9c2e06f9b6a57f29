// array_file.h — an array in a .npy or CSV file, read in parts, in C order, as doubles.
// .npy data are streamed: memory does not grow with the file. CSV is parsed as a whole. Knows
// nothing of what the numbers mean.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "arrays/npy_layout.h"
#include "base/result.h"

namespace gpubench {

/// Where the numbers of an ArrayFile come from.
class NumberSource {
 public:
  virtual ~NumberSource() = default;
  virtual Outcome read(std::uint64_t first, std::span<double> out) const = 0;
};

class ArrayFile {
 public:
  /// A file that begins as .npy, or is called so, is read as that; everything else as CSV.
  static Result<ArrayFile> open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const NumberType& type() const { return type_; }
  [[nodiscard]] const std::vector<std::uint64_t>& shape() const { return shape_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Elements [first, first + out.size()) in C order, whatever the order in the file; every type
  /// but the 64-bit integers fits a double exactly. Threads may read at the same time.
  Outcome read(std::uint64_t first, std::span<double> out) const {
    return source_->read(first, out);
  }

 private:
  ArrayFile(std::string path, NumberType type, std::vector<std::uint64_t> shape,
            std::unique_ptr<NumberSource> source);

  std::string path_;
  NumberType type_;
  std::vector<std::uint64_t> shape_;
  std::uint64_t size_ = 1;
  std::unique_ptr<NumberSource> source_;
};

}  // namespace gpubench
