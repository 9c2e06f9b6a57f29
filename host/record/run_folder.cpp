// Order makes the files agree without a journal: samples and the like are on disk before their row,
// so a row implies them, and whatever a killed process left after the last whole row can be
// dropped.
#include "record/run_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "plan/reasons.h"
#include "record/columns.h"
#include "record/results_table.h"
#include "record/words.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResults = "results.csv";
constexpr const char* kDocument = "run.json";

std::string inside(const std::string& folder, const char* name) {
  return folder + '/' + name;
}

/// Removes what was made so far unless the whole came about.
class Undo {
 public:
  ~Undo() {
    // Never recursive: a folder that holds anything else stays.
    std::error_code ignored;
    for (auto path = paths_.rbegin(); path != paths_.rend(); ++path) fs::remove(*path, ignored);
  }
  void on_failure_remove(std::string path) { paths_.push_back(std::move(path)); }
  void dismiss() { paths_.clear(); }

 private:
  std::vector<std::string> paths_;
};

enum class MadeNow { no, yes };

Result<MadeNow> make_results_dir(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return MadeNow::yes;
  const int code = errno;
  std::error_code ignored;
  if (code == EEXIST && fs::is_directory(path, ignored)) return MadeNow::no;
  if (code == EEXIST || code == ENOTDIR) {
    return Error{ErrorKind::usage, path + ": not a folder; results need one to go into"};
  }
  if (code == ENOENT) {
    return Error{ErrorKind::usage, path + ": the folder that it would be in does not exist"};
  }
  return Error{ErrorKind::io, fmt::format("{}: cannot create the results folder: {}", path,
                                          std::generic_category().message(code))};
}

Outcome make_run_dir(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return Done{};
  const int code = errno;
  if (code == EEXIST) {
    return Error{ErrorKind::input,
                 path + ": this run exists already; --resume goes on with an interrupted one"};
  }
  return Error{ErrorKind::io, fmt::format("{}: cannot create the run's folder: {}", path,
                                          std::generic_category().message(code))};
}

Result<DurableFile> create_with_header(const std::string& path, const std::string& header) {
  auto file = DurableFile::create(path);
  if (!file) return file;
  if (auto written = file->append(header); !written) return written.error();
  return file;
}

Error mismatch(const std::string& folder, std::string_view what, std::string_view before,
               std::string_view now) {
  return {ErrorKind::input,
          fmt::format("{}: cannot resume: {} was {}, now {}; start a new run", folder, what,
                      before.empty() ? "unknown" : before, now.empty() ? "unknown" : now)};
}

std::string device_list(const std::vector<DeviceDocument>& devices) {
  std::vector<std::string> names;
  for (const DeviceDocument& device : devices) {
    names.push_back(fmt::format("{} (env_id {})", device.uuid, device.env_id));
  }
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Rows of two builds, scenarios or device settings in one file could not be compared.
Outcome check_same_run(const std::string& folder, const RunDocument& before,
                       const RunDocument& now) {
  if (before.complete) {
    return Error{ErrorKind::input, folder + ": cannot resume: the run is complete"};
  }
  const RunFacts& old = before.facts;
  const RunFacts& fresh = now.facts;
  if (old.scenario_hash != fresh.scenario_hash) {
    return mismatch(folder, "the scenario's hash", old.scenario_hash, fresh.scenario_hash);
  }
  if (before.selection != now.selection) {
    return mismatch(folder, "the selection of cases",
                    before.selection.empty() ? "all" : before.selection,
                    now.selection.empty() ? "all" : now.selection);
  }
  if (old.tool_version != fresh.tool_version) {
    return mismatch(folder, "the version of gpubench", old.tool_version, fresh.tool_version);
  }
  if (old.tool_commit != fresh.tool_commit) {
    return mismatch(folder, "the commit of gpubench", old.tool_commit, fresh.tool_commit);
  }
  const std::string devices_before = device_list(before.devices);
  const std::string devices_now = device_list(now.devices);
  if (devices_before != devices_now) {
    return mismatch(folder, "the device", devices_before, devices_now);
  }
  return Done{};
}

/// Rows up to the last that was not cut short by the user. A case that was may have a rough time or
/// none, and is run again.
std::size_t rows_to_keep(const ResultsTable& table) {
  std::size_t rows = table.size();
  const auto was_cut_short = [&](std::size_t row) {
    return table.text(row, "stop_reason") == to_string(StopReason::interrupted) ||
           table.text(row, "reason").starts_with(reason::kInterrupted) ||
           table.text(row, "precision_reason").starts_with(reason::kInterrupted);
  };
  while (rows > 0 && was_cut_short(rows - 1)) --rows;
  return rows;
}

/// Of a file whose lines name their row: bytes up to the first line of a row that is not kept.
Result<std::uint64_t> bytes_of_rows(const std::string& path, const SideFile& side,
                                    const ResultsTable& results, std::size_t rows) {
  const auto table = read_side_file(path, side);
  if (!table) return table.error();
  std::set<std::pair<std::string, std::string>> kept;
  for (std::size_t row = 0; row < rows; ++row) {
    kept.emplace(results.text(row, "case_id"), results.text(row, "device_uuid"));
  }
  const std::size_t case_id = *table->column("case_id");
  const std::size_t device = *table->column("device_uuid");
  std::size_t lines = 0;
  while (lines < table->records.size()) {
    const auto& fields = table->records[lines].fields;
    if (!kept.contains({fields[case_id], fields[device]})) break;
    ++lines;
  }
  return table->ends[lines];
}

/// Bytes of the file's header and of the lines that belong to the first `rows` rows.
Result<std::uint64_t> kept_bytes(const SideFile& side, const std::string& path,
                                 const ResultsTable& results, std::size_t rows) {
  if (side.lines == kSamplesFile.lines) {
    const auto samples = read_samples(path, results);
    if (!samples) return samples.error();
    return samples->ends[rows];
  }
  if (side.lines == kFlipsFile.lines) {
    const auto ends = read_flip_ends(path, results);
    if (!ends) return ends.error();
    return (*ends)[rows];
  }
  return bytes_of_rows(path, side, results, rows);
}

/// The document of a resumed run: what is true now, under the old identity.
RunDocument continued(RunDocument before, RunDocument now) {
  now.facts.run_id = before.facts.run_id;
  now.facts.started_at = before.facts.started_at;
  for (RunSession& session : before.sessions) {
    if (session.ended == "running") session.ended = "killed";
  }
  now.sessions.insert(now.sessions.begin(), before.sessions.begin(), before.sessions.end());
  return now;
}

}  // namespace

RunFolder::RunFolder(std::string path, RunDocument document, DurableFile results, SideFiles sides)
    : path_(std::move(path)),
      document_(std::make_unique<RunDocument>(std::move(document))),
      results_(std::move(results)),
      sides_(std::move(sides)) {}

Result<RunFolder> RunFolder::create(const std::string& results_dir, RunDocument document) {
  const std::string path = results_dir + '/' + document.facts.run_id;
  Undo undo;
  const auto parent = make_results_dir(results_dir);
  if (!parent) return parent.error();
  if (*parent == MadeNow::yes) undo.on_failure_remove(results_dir);
  if (const auto made = make_run_dir(path); !made) return made.error();
  undo.on_failure_remove(path);
  for (const char* name : {kResults, kDocument}) undo.on_failure_remove(inside(path, name));
  for (const SideFile& side : kSideFiles) undo.on_failure_remove(inside(path, side.name));
  auto folder = fill_new_folder(path, std::move(document));
  if (!folder) return folder;
  if (const auto synced = sync_folder(results_dir); !synced) return synced.error();
  undo.dismiss();
  return folder;
}

Result<RunFolder> RunFolder::fill_new_folder(const std::string& path, RunDocument document) {
  auto results = create_with_header(inside(path, kResults), results_header());
  if (!results) return results.error();
  if (const auto locked = results->lock(); !locked) return locked.error();
  SideFiles sides;
  for (const SideFile& side : kSideFiles) {
    auto file = create_with_header(inside(path, side.name), header_of(side));
    if (!file) return file.error();
    sides.push_back(std::move(*file));
  }
  RunFolder folder(path, std::move(document), std::move(*results), std::move(sides));
  if (const auto written = folder.write_document(); !written) return written.error();
  return folder;
}

Result<RunFolder> RunFolder::resume(const std::string& path, RunDocument document) {
  auto results = DurableFile::open(inside(path, kResults));
  if (!results) return Error{ErrorKind::input, results.error().message};
  if (const auto locked = results->lock(); !locked) return locked.error();
  SideFiles sides;
  for (const SideFile& side : kSideFiles) {
    auto file = DurableFile::open(inside(path, side.name));
    if (!file) return Error{ErrorKind::input, file.error().message};
    sides.push_back(std::move(*file));
  }

  const auto text = read_file(inside(path, kDocument));
  if (!text) return text.error();
  auto before = parse_run_document(*text, inside(path, kDocument));
  if (!before) return before.error();
  if (const auto same = check_same_run(path, *before, document); !same) return same.error();

  RunFolder folder(path, continued(std::move(*before), std::move(document)), std::move(*results),
                   std::move(sides));
  if (const auto kept = folder.keep_finished_rows(); !kept) return kept.error();
  if (const auto written = folder.write_document(); !written) return written.error();
  return folder;
}

Outcome RunFolder::keep_finished_rows() {
  const auto table = ResultsTable::read(results_.path());
  if (!table) return table.error();
  rows_ = rows_to_keep(*table);
  std::vector<std::uint64_t> ends;
  for (std::size_t i = 0; i < kSideFiles.size(); ++i) {
    const auto end = kept_bytes(kSideFiles.at(i), sides_[i].path(), *table, rows_);
    if (!end) return end.error();
    ends.push_back(*end);
  }
  for (std::size_t row = 0; row < rows_; ++row) {
    finished_.emplace(table->text(row, "case_id"), table->text(row, "device_uuid"));
  }
  if (auto cut = results_.truncate(table->csv().ends[rows_]); !cut) return cut;
  return cut_sides(ends);
}

Outcome RunFolder::cut_sides(std::span<const std::uint64_t> ends) {
  Outcome all = Done{};
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    if (auto cut = sides_[i].truncate(ends[i]); !cut && all.ok()) all = cut;
  }
  return all;
}

bool RunFolder::is_finished(const std::string& case_id, const std::string& device_uuid) const {
  return finished_.contains({case_id, device_uuid});
}

Outcome RunFolder::append(const Row& row) {
  std::vector<std::uint64_t> before;
  for (const DurableFile& side : sides_) before.push_back(side.bytes());
  if (const auto written = append_lines(row); !written) {
    const auto cut = cut_sides(before);
    return with_safe_rows(cut.ok() ? written.error() : cut.error());
  }
  ++rows_;
  return Done{};
}

Outcome RunFolder::append_lines(const Row& row) {
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    const std::string lines = kSideFiles.at(i).lines(row);
    if (lines.empty()) continue;
    if (auto written = sides_[i].append(lines); !written) return written;
  }
  return results_.append(results_line(row));
}

Outcome RunFolder::finish(RunEnd end, const std::string& ended_at) {
  document_->complete = end == RunEnd::finished;
  return close_session(end == RunEnd::finished ? "finished" : "interrupted", ended_at);
}

Outcome RunFolder::abandon(const std::string& why, const std::string& ended_at) {
  return close_session("failed: " + why, ended_at);
}

Outcome RunFolder::close_session(std::string ended, const std::string& ended_at) {
  RunSession& session = document_->sessions.back();
  session.ended = std::move(ended);
  session.ended_at = ended_at;
  return write_document();
}

Outcome RunFolder::write_document() const {
  return replace_file(inside(path_, kDocument), run_document_json(*document_));
}

Error RunFolder::with_safe_rows(const Error& error) const {
  return {error.kind, fmt::format("{}; {} row{} of this run {} safe", error.message, rows_,
                                  rows_ == 1 ? "" : "s", rows_ == 1 ? "is" : "are")};
}

}  // namespace gpubench
