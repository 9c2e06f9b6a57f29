#include "run/tuning_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "record/durable_file.h"

namespace gpubench {
namespace {

// Hundreds of candidates of each kernel, of some problems.
constexpr std::size_t kRoomForEntries = std::size_t{1} << 20;

Result<FileLock> lock_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) {
    return Error{ErrorKind::io, fmt::format("{}: {}", folder.string(), error.message())};
  }
  return FileLock::take(path + ".lock");
}

}  // namespace

Result<TuningTable> read_tuning_file(const std::string& path) {
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) return TuningTable{};
  const auto text = read_file(path);
  if (!text) return text.error();
  auto table = parse_table(*text, path);
  if (table) return table;
  return Error{table.error().kind, table.error().message + "; delete the file, and tune again"};
}

Outcome check_tuning_file(const std::string& path) {
  const auto lock = lock_of(path);
  if (!lock) return lock.error();
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  return check_replaceable(path, (error ? 0 : bytes) + kRoomForEntries);
}

Result<std::vector<std::string>> keep_in_tuning_file(const std::string& path,
                                                     const TuningEntry& entry) {
  const auto lock = lock_of(path);
  if (!lock) return lock.error();
  auto table = read_tuning_file(path);
  if (!table) return table.error();
  auto stay = merge(*table, entry);
  if (auto written = replace_file(path, table_json(*table)); !written) return written.error();
  return stay;
}

}  // namespace gpubench
