// sha256.h — SHA-256 of a file, in parts, so that its size does not matter.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace gpubench {

struct FileDigest {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 hexadecimal digits, as sha256sum prints them.
};

/// Fails with `input` when the file cannot be read.
Result<FileDigest> digest_file(const std::string& path);

}  // namespace gpubench
