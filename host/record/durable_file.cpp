#include "record/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace gpubench {
namespace {

Error system_failure(ErrorKind kind, const std::string& path, std::string_view doing, int code) {
  return {kind,
          fmt::format("{}: cannot {}: {}", path, doing, std::generic_category().message(code))};
}

Error write_failure(const std::string& path, std::string_view doing) {
  return system_failure(ErrorKind::io, path, doing, errno);
}

/// False with errno set when not every byte could be written.
bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    if (written == 0) {
      errno = ENOSPC;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Some file systems and devices cannot sync; there is nothing better to be had from them.
bool sync(int descriptor) {
  return ::fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP;
}

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

Outcome write_new_file(const std::string& path, std::string_view content, Sync when) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) return write_failure(path, "create");
  if (!write_all(file.get(), content)) return write_failure(path, "write");
  if (when == Sync::now && !sync(file.get())) return write_failure(path, "sync");
  return Done{};
}

/// Two processes that replace one file do not write into each other's.
std::string temporary_of(const std::string& path) {
  return fmt::format("{}.tmp.{}", path, ::getpid());
}

}  // namespace

DurableFile::DurableFile(std::string path, int descriptor, std::uint64_t bytes)
    : path_(std::move(path)), descriptor_(descriptor), bytes_(bytes) {}

DurableFile::DurableFile(DurableFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_(other.bytes_) {}

DurableFile& DurableFile::operator=(DurableFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

DurableFile::~DurableFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<DurableFile> DurableFile::create(const std::string& path) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC;
  const int descriptor = ::open(path.c_str(), flags, 0666);
  if (descriptor < 0) return write_failure(path, "create");
  return DurableFile(path, descriptor, 0);
}

Result<DurableFile> DurableFile::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) return write_failure(path, "open");
  struct stat facts {};
  DurableFile file(path, descriptor, 0);
  if (::fstat(descriptor, &facts) != 0) return write_failure(path, "open");
  file.bytes_ = static_cast<std::uint64_t>(facts.st_size);
  return file;
}

Outcome DurableFile::append(std::string_view bytes) {
  if (write_all(descriptor_, bytes) && sync(descriptor_)) {
    bytes_ += bytes.size();
    return Done{};
  }
  const Error failure = write_failure(path_, "write");
  if (const auto restored = truncate(bytes_); !restored) {
    return Error{failure.kind, failure.message + "; its last line may be cut off"};
  }
  return failure;
}

Outcome DurableFile::truncate(std::uint64_t bytes) {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0 || !sync(descriptor_)) {
    return write_failure(path_, "truncate");
  }
  bytes_ = bytes;
  return Done{};
}

Outcome DurableFile::lock() {
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return Done{};
  return Error{ErrorKind::input, path_ + ": another gpubench process is writing this run"};
}

Result<FileLock> FileLock::take(const std::string& path) {
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (lock.descriptor_ < 0) return write_failure(path, "create");
  while (::flock(lock.descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Outcome replace_file(const std::string& path, std::string_view content, Sync when) {
  const std::string temporary = temporary_of(path);
  auto written = write_new_file(temporary, content, when);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
    written = write_failure(path, "replace");
  }
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (when == Sync::later) return Done{};
  return sync_folder(std::filesystem::path(path).parent_path());
}

Outcome check_replaceable(const std::string& path, std::size_t bytes) {
  const std::string temporary = temporary_of(path);
  const auto written = write_new_file(temporary, std::string(bytes, ' '), Sync::later);
  ::unlink(temporary.c_str());
  return written;
}

bool file_holds(const std::string& path, std::string_view content) {
  std::error_code error;
  if (std::filesystem::file_size(path, error) != content.size() || error) return false;
  const auto held = read_file(path);
  return held && *held == content;
}

Outcome sync_folder(const std::string& path) {
  const std::string name = path.empty() ? "." : path;
  const Descriptor folder(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return write_failure(name, "open");
  if (!sync(folder.get())) return write_failure(name, "sync");
  return Done{};
}

Result<std::string> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_failure(ErrorKind::input, path, "open", errno);
  std::string content;
  std::array<char, 1 << 16> block{};
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(ErrorKind::input, path, "read", errno);
    if (got == 0) return content;
    content.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace gpubench
