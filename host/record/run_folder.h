// run_folder.h — the folder of one run: results.csv, the files beside it and run.json, each valid
// at every moment, whenever the process is killed. Knows how rows are kept, not how they come
// about.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "record/durable_file.h"
#include "record/row.h"
#include "record/run_document.h"
#include "record/side_files.h"

namespace gpubench {

/// How a session on a run ended; goes into run.json.
enum class RunEnd : std::uint8_t { finished, interrupted };

class RunFolder {
 public:
  /// Makes `results_dir` (not its parents) and in it the folder `facts.run_id`. Nothing is left
  /// behind on failure. A folder of that name is an `input` error: a run is never added to by
  /// another. `document` has one session: this process.
  static Result<RunFolder> create(const std::string& results_dir, RunDocument document);

  /// Goes on with an interrupted run. `document` is what would be run now; it must name the same
  /// scenario hash, tool and devices with the same settings, else the error says what differs.
  /// The run keeps its id and start. A half last row, and lines of other files without a row, are
  /// dropped.
  static Result<RunFolder> resume(const std::string& folder, RunDocument document);

  /// Facts to be written in every row of this run; lives as long as the folder.
  [[nodiscard]] const RunFacts& facts() const { return document_->facts; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  /// Whether an earlier session left a row for this case on this device.
  [[nodiscard]] bool is_finished(const std::string& case_id, const std::string& device_uuid) const;

  /// The lines of the files beside it, then the row, each on disk before this returns. On failure
  /// all files are as they were before, and the error says how many rows are safe.
  Outcome append(const Row& row);

  /// Writes the end into run.json; only `finished` makes the run complete.
  Outcome finish(RunEnd end, const std::string& ended_at);
  /// The same for a session that an error ended.
  Outcome abandon(const std::string& why, const std::string& ended_at);

 private:
  using CaseKey = std::pair<std::string, std::string>;  ///< case_id, device_uuid

  using SideFiles = std::vector<DurableFile>;  ///< In the order of kSideFiles.

  RunFolder(std::string path, RunDocument document, DurableFile results, SideFiles sides);
  static Result<RunFolder> fill_new_folder(const std::string& path, RunDocument document);
  Outcome keep_finished_rows();
  Outcome append_lines(const Row& row);
  Outcome cut_sides(std::span<const std::uint64_t> ends);
  Outcome close_session(std::string ended, const std::string& ended_at);
  [[nodiscard]] Outcome write_document() const;
  [[nodiscard]] Error with_safe_rows(const Error& error) const;

  std::string path_;
  std::unique_ptr<RunDocument> document_;  ///< On the heap: rows point to its facts.
  DurableFile results_;
  SideFiles sides_;
  std::set<CaseKey> finished_;
  std::size_t rows_ = 0;
};

}  // namespace gpubench
