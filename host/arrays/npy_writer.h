// npy_writer.h — a NumPy .npy file, written in parts: float32 or float16, C order, format 1.0.
// Knows nothing of what the numbers mean.
#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace gpubench {

enum class NpyType : std::uint8_t { float32, float16 };

class NpyWriter {
 public:
  /// Replaces an existing file. `shape` says how many values must follow.
  static Result<NpyWriter> create(const std::string& path, NpyType type,
                                  std::span<const std::uint64_t> shape);

  /// The next values in C order, rounded to float16 where the file has that.
  Outcome write(std::span<const float> values);
  /// Fails where the disk did not take everything.
  Outcome finish();

 private:
  NpyWriter(std::string path, NpyType type) : path_(std::move(path)), type_(type) {}
  [[nodiscard]] Error failure() const;

  std::string path_;
  NpyType type_;
  std::ofstream file_;
};

}  // namespace gpubench
