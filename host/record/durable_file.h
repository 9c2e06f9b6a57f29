// durable_file.h — files whose content is on disk when a call returns: append, replace, read.
// Knows nothing of what is in them. Errors name the file and the system's reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gpubench {

/// An append-only file. A failed append leaves the file as it was before.
class DurableFile {
 public:
  /// Fails if the file exists.
  static Result<DurableFile> create(const std::string& path);
  /// Opens an existing file.
  static Result<DurableFile> open(const std::string& path);

  DurableFile(DurableFile&& other) noexcept;
  DurableFile& operator=(DurableFile&& other) noexcept;
  ~DurableFile();

  /// Writes and syncs all of `bytes`, or nothing.
  Outcome append(std::string_view bytes);
  /// Drops everything after the first `bytes`.
  Outcome truncate(std::uint64_t bytes);
  /// Takes the lock that keeps other processes out until this object is gone. Fails at once with
  /// `input` when another process holds it; file systems without locks are let through.
  Outcome lock();

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  DurableFile(std::string path, int descriptor, std::uint64_t bytes);

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
};

/// Whether a call waits until the content is on disk.
enum class Sync : std::uint8_t { now, later };

/// Keeps out every other that takes the lock of this name, until this object is gone.
class FileLock {
 public:
  /// Waits for it. The file stays: one that is removed could be locked twice. File systems without
  /// locks are let through.
  static Result<FileLock> take(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

/// Replaces the whole file: a reader sees the old content or the new, never a part.
Outcome replace_file(const std::string& path, std::string_view content, Sync when = Sync::now);

/// Fails where replacing the file by so many bytes would fail now; leaves it as it is.
Outcome check_replaceable(const std::string& path, std::size_t bytes);

/// Whether the file's content is these bytes, so that writing them would change nothing. False
/// where it cannot be read.
bool file_holds(const std::string& path, std::string_view content);

/// Makes the names in a folder durable after files were created in it.
Outcome sync_folder(const std::string& path);

/// Fails with `input` when the file is not there, is not a regular file or cannot be read.
Result<std::string> read_file(const std::string& path);

}  // namespace gpubench
