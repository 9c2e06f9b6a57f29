#include "record/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>

#include "plan/reasons.h"
#include "record/columns.h"
#include "record/results_table.h"
#include "record/run_id.h"
#include "record/side_files.h"
#include "sample_rows.h"

namespace gpubench {
namespace {

using namespace record_tests;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr const char* kLater = "2026-11-21T11:00:00Z";

/// A results folder with one run in it.
class RunFolderTest : public testing::Test {
 protected:
  [[nodiscard]] std::string results_dir() const { return scratch_.path("results"); }
  [[nodiscard]] std::string run_dir() const { return results_dir() + '/' + run_facts().run_id; }
  [[nodiscard]] std::string file(const std::string& name) const { return run_dir() + '/' + name; }
  [[nodiscard]] nlohmann::json document() const {
    return nlohmann::json::parse(content_of(file("run.json")));
  }

  [[nodiscard]] bool has_temporary_files() const {
    return std::ranges::any_of(fs::directory_iterator(run_dir()), [](const auto& entry) {
      return entry.path().string().find(".tmp") != std::string::npos;
    });
  }

  RunFolder create() {
    auto folder = RunFolder::create(results_dir(), run_document());
    EXPECT_TRUE(folder.ok()) << (folder.ok() ? "" : folder.error().message);
    return std::move(*folder);
  }

  /// A run that was killed after `cases` rows.
  void leave_killed_run(std::initializer_list<const char*> cases) {
    RunFolder folder = create();
    for (const char* id : cases) {
      ASSERT_TRUE(folder.append(timed_row(folder.facts(), id)).ok());
    }
  }

  Result<RunFolder> resume(const std::function<void(RunDocument&)>& change = nullptr) {
    RunDocument document = run_document();
    document.facts.run_id = "20261121T110000Z-matmul-0001";
    document.facts.started_at = kLater;
    document.sessions[0].started_at = kLater;
    if (change) change(document);
    return RunFolder::resume(run_dir(), document);
  }

  void expect_no_resume(const std::function<void(RunDocument&)>& change, const char* message) {
    const auto folder = resume(change);
    ASSERT_FALSE(folder.ok());
    EXPECT_EQ(folder.error().kind, ErrorKind::input);
    EXPECT_THAT(folder.error().message, HasSubstr(message));
  }

  ScratchFolder scratch_;
};

/// Runs `body` in a child process; its result is the exit status (or minus the signal).
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_F(RunFolderTest, NewRunHasHeadersAndAnIncompleteDocument) {
  const RunFolder folder = create();

  EXPECT_EQ(folder.path(), run_dir());
  EXPECT_EQ(content_of(file("results.csv")), results_header());
  for (const SideFile& side : kSideFiles) EXPECT_EQ(content_of(file(side.name)), header_of(side));
  EXPECT_EQ(document()["complete"], false);
  EXPECT_EQ(document()["sessions"][0]["ended"], "running");
  EXPECT_EQ(document()["scenario"]["resolved"], "name: matmul\n");
  EXPECT_EQ(document()["devices"][0]["facts"]["name"], "Test device");
  EXPECT_FALSE(has_temporary_files());
}

TEST_F(RunFolderTest, RowAndSamplesAreInTheFilesWhenAppendReturns) {
  RunFolder folder = create();
  const Row row = timed_row(folder.facts());

  ASSERT_TRUE(folder.append(row).ok());

  EXPECT_EQ(content_of(file("results.csv")), results_header() + results_line(row));
  EXPECT_EQ(content_of(file("samples.csv")), header_of(kSamplesFile) + sample_lines(row));
  EXPECT_EQ(folder.rows(), 1U);
}

TEST_F(RunFolderTest, FlipsAreInTheirFileWhenAppendReturns) {
  RunFolder folder = create();
  const Row row = deciding_row(folder.facts());

  ASSERT_TRUE(folder.append(row).ok());

  EXPECT_EQ(content_of(file("flips.csv")), header_of(kFlipsFile) + flip_lines(row));
}

TEST_F(RunFolderTest, FinishMarksTheRunComplete) {
  RunFolder folder = create();

  ASSERT_TRUE(folder.finish(RunEnd::finished, kLater).ok());

  EXPECT_EQ(document()["complete"], true);
  EXPECT_EQ(document()["sessions"][0]["ended"], "finished");
  EXPECT_EQ(document()["sessions"][0]["ended_at"], kLater);
}

TEST_F(RunFolderTest, InterruptedAndFailedRunsStayIncomplete) {
  RunFolder folder = create();

  ASSERT_TRUE(folder.finish(RunEnd::interrupted, kLater).ok());
  EXPECT_EQ(document()["complete"], false);
  EXPECT_EQ(document()["sessions"][0]["ended"], "interrupted");

  ASSERT_TRUE(folder.abandon("disk full", kLater).ok());
  EXPECT_EQ(document()["complete"], false);
  EXPECT_EQ(document()["sessions"][0]["ended"], "failed: disk full");
}

TEST_F(RunFolderTest, FolderThatExistsIsAnErrorAndIsLeftAlone) {
  leave_killed_run({"gemm/a"});
  const std::string before = content_of(file("results.csv"));

  const auto second = RunFolder::create(results_dir(), run_document());

  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::input);
  EXPECT_THAT(second.error().message, HasSubstr("this run exists already"));
  EXPECT_EQ(content_of(file("results.csv")), before);
}

TEST_F(RunFolderTest, ResultsDirThatIsAFileIsAUsageError) {
  put(results_dir(), "not a folder");

  const auto folder = RunFolder::create(results_dir(), run_document());

  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().kind, ErrorKind::usage);
  EXPECT_THAT(folder.error().message, HasSubstr(results_dir() + ": not a folder"));
}

TEST_F(RunFolderTest, MissingParentIsAUsageErrorAndNothingIsMade) {
  const auto folder = RunFolder::create(scratch_.path("a/b"), run_document());

  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().kind, ErrorKind::usage);
  EXPECT_THAT(folder.error().message, HasSubstr("does not exist"));
  EXPECT_FALSE(fs::exists(scratch_.path("a")));
}

TEST_F(RunFolderTest, ReadOnlyFolderIsAnIoError) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write into read-only folders";
  fs::create_directory(results_dir());
  fs::permissions(results_dir(), fs::perms::owner_read | fs::perms::owner_exec);

  const auto folder = RunFolder::create(results_dir(), run_document());

  fs::permissions(results_dir(), fs::perms::owner_all);
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().kind, ErrorKind::io);
  EXPECT_THAT(folder.error().message, HasSubstr("Permission denied"));
}

TEST_F(RunFolderTest, FolderThatTakesNoFilesIsAnIoError) {
  // /proc refuses mkdir even to root.
  const auto folder = RunFolder::create("/proc", run_document());

  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().kind, ErrorKind::io);
  EXPECT_THAT(folder.error().message, HasSubstr("/proc/"));
}

/// Limits the size of files that this process writes: a write past it is cut short, and the next
/// one fails, as on a full disk.
void limit_file_size(std::uint64_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

TEST_F(RunFolderTest, FullDiskKeepsWholeRowsAndSaysHowMany) {
  const int status = in_child([&] {
    RunFolder folder = create();
    const Row row = timed_row(folder.facts());
    if (!folder.append(row).ok()) return 1;
    // Room for half of the second row.
    limit_file_size(results_header().size() + results_line(row).size() * 3 / 2);
    const auto second = folder.append(timed_row(folder.facts(), "gemm/b"));
    if (second.ok() || second.error().kind != ErrorKind::io) return 2;
    if (second.error().message.find("results.csv: cannot write") == std::string::npos) return 3;
    if (second.error().message.find("1 row of this run is safe") == std::string::npos) return 4;
    return folder.rows() == 1 ? 0 : 5;
  });

  EXPECT_EQ(status, 0);
  const RunFacts facts = run_facts();
  EXPECT_EQ(content_of(file("results.csv")), results_header() + results_line(timed_row(facts)));
  EXPECT_EQ(content_of(file("samples.csv")),
            header_of(kSamplesFile) + sample_lines(timed_row(facts)));
}

TEST_F(RunFolderTest, FullDiskLeavesNoFlipsWithoutARow) {
  const RunFacts facts = run_facts();
  const int status = in_child([&] {
    RunFolder folder = create();
    if (!folder.append(deciding_row(folder.facts())).ok()) return 1;
    limit_file_size(results_header().size() + results_line(deciding_row(facts)).size() * 3 / 2);
    return folder.append(deciding_row(folder.facts(), "linear/b")).ok() ? 2 : 0;
  });

  EXPECT_EQ(status, 0);
  EXPECT_EQ(content_of(file("flips.csv")), header_of(kFlipsFile) + flip_lines(deciding_row(facts)));
  EXPECT_EQ(content_of(file("samples.csv")),
            header_of(kSamplesFile) + sample_lines(deciding_row(facts)));
}

TEST_F(RunFolderTest, FullDiskAtTheStartLeavesNothingBehind) {
  const int status = in_child([&] {
    limit_file_size(10);
    const auto folder = RunFolder::create(results_dir(), run_document());
    return !folder.ok() && folder.error().kind == ErrorKind::io ? 0 : 1;
  });

  EXPECT_EQ(status, 0);
  EXPECT_FALSE(fs::exists(results_dir()));
}

TEST_F(RunFolderTest, DocumentSurvivesAFailedUpdate) {
  const int status = in_child([&] {
    RunFolder folder = create();
    limit_file_size(10);
    return folder.finish(RunEnd::finished, kLater).ok() ? 1 : 0;
  });

  EXPECT_EQ(status, 0);
  EXPECT_EQ(document()["complete"], false);
  EXPECT_FALSE(has_temporary_files());
}

TEST_F(RunFolderTest, KilledWriterLeavesValidFilesThatResume) {
  const int status = in_child([&] {
    RunFolder folder = create();
    if (!folder.append(timed_row(folder.facts(), "gemm/a")).ok()) return 1;
    if (!folder.append(skipped_row(folder.facts(), "gemm/b")).ok()) return 1;
    std::raise(SIGKILL);
    return 2;
  });

  ASSERT_EQ(status, -SIGKILL);
  const auto table = ResultsTable::read(file("results.csv"));
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->size(), 2U);
  EXPECT_FALSE(table->csv().half_line.has_value());
  EXPECT_TRUE(resume().ok());
}

TEST_F(RunFolderTest, ResumeKnowsWhatIsFinishedAndKeepsIdAndStart) {
  leave_killed_run({"gemm/a"});

  auto folder = resume();

  ASSERT_TRUE(folder.ok()) << folder.error().message;
  EXPECT_EQ(folder->facts().run_id, run_facts().run_id);
  EXPECT_EQ(folder->facts().started_at, run_facts().started_at);
  EXPECT_EQ(folder->rows(), 1U);
  EXPECT_TRUE(folder->is_finished("gemm/a", "uuid-0"));
  EXPECT_FALSE(folder->is_finished("gemm/a", "uuid-1"));
  EXPECT_FALSE(folder->is_finished("gemm/b", "uuid-0"));
  EXPECT_EQ(document()["sessions"][0]["ended"], "killed");
  EXPECT_EQ(document()["sessions"][1]["started_at"], kLater);
}

TEST_F(RunFolderTest, ResumeDropsHalfARowAndSamplesWithoutARow) {
  leave_killed_run({"gemm/a"});
  const RunFacts facts = run_facts();
  const Row lost = timed_row(facts, "gemm/b");
  put(file("samples.csv"), sample_lines(lost) + "2026", std::ios::app);
  put(file("results.csv"), results_line(lost).substr(0, 40), std::ios::app);

  auto folder = resume();

  ASSERT_TRUE(folder.ok()) << folder.error().message;
  ASSERT_TRUE(folder->append(timed_row(folder->facts(), "gemm/c")).ok());
  const Row first = timed_row(facts, "gemm/a");
  const Row last = timed_row(facts, "gemm/c");
  EXPECT_EQ(content_of(file("results.csv")),
            results_header() + results_line(first) + results_line(last));
  EXPECT_EQ(content_of(file("samples.csv")),
            header_of(kSamplesFile) + sample_lines(first) + sample_lines(last));
}

TEST_F(RunFolderTest, ResumeDropsFlipsWithoutARow) {
  {
    RunFolder folder = create();
    ASSERT_TRUE(folder.append(deciding_row(folder.facts())).ok());
    ASSERT_TRUE(folder.append(timed_row(folder.facts())).ok());
  }
  const std::string kept = content_of(file("flips.csv"));
  put(file("flips.csv"), flip_lines(deciding_row(run_facts(), "linear/b")) + "2026", std::ios::app);

  const auto folder = resume();

  ASSERT_TRUE(folder.ok()) << folder.error().message;
  EXPECT_EQ(content_of(file("flips.csv")), kept);
}

TEST_F(RunFolderTest, ResumeDropsTelemetryAndErrorsWithoutARow) {
  {
    RunFolder folder = create();
    ASSERT_TRUE(folder.append(throttled_row(folder.facts(), "gemm/a")).ok());
    ASSERT_TRUE(folder.append(wrong_row(folder.facts(), "gemm/b")).ok());
  }
  const RunFacts facts = run_facts();
  const std::string telemetry = content_of(file("telemetry.csv"));
  const std::string errors = content_of(file("errors.csv"));
  ASSERT_EQ(telemetry, header_of(kTelemetryFile) + telemetry_lines(throttled_row(facts, "gemm/a")));
  ASSERT_EQ(errors, header_of(kErrorsFile) + error_lines(wrong_row(facts, "gemm/b")));
  put(file("telemetry.csv"), telemetry_lines(throttled_row(facts, "gemm/c")) + "2026",
      std::ios::app);
  put(file("errors.csv"), error_lines(wrong_row(facts, "gemm/c")) + "2026", std::ios::app);

  const auto folder = resume();

  ASSERT_TRUE(folder.ok()) << folder.error().message;
  EXPECT_EQ(content_of(file("telemetry.csv")), telemetry);
  EXPECT_EQ(content_of(file("errors.csv")), errors);
}

TEST_F(RunFolderTest, ResumeRefusesMissingFlips) {
  {
    RunFolder folder = create();
    ASSERT_TRUE(folder.append(deciding_row(folder.facts())).ok());
  }
  put(file("flips.csv"), header_of(kFlipsFile));

  expect_no_resume(nullptr, "flips.csv: flip 0 of case linear/a is not there");
}

TEST_F(RunFolderTest, ResumeAtEveryByteOfALostRowGivesTheSameFile) {
  const RunFacts facts = run_facts();
  const std::string whole = results_header() + results_line(timed_row(facts));
  const std::string lost = results_line(timed_row(facts, "gemm/b"));
  leave_killed_run({"gemm/a"});

  for (std::size_t cut = 0; cut < lost.size(); cut += 7) {
    put(file("results.csv"), whole + lost.substr(0, cut));
    const auto folder = resume();
    ASSERT_TRUE(folder.ok()) << folder.error().message;
    ASSERT_EQ(content_of(file("results.csv")), whole) << "cut at " << cut;
  }
}

TEST_F(RunFolderTest, ResumeRefusesAnythingThatIsNotTheSameRun) {
  leave_killed_run({"gemm/a"});

  expect_no_resume([](RunDocument& d) { d.facts.scenario_hash = "11ee"; },
                   "the scenario's hash was 00ff, now 11ee");
  expect_no_resume([](RunDocument& d) { d.selection = "--case gemm/b"; },
                   "the selection of cases was all, now --case gemm/b");
  expect_no_resume([](RunDocument& d) { d.facts.tool_commit = "fff"; }, "the commit of gpubench");
  expect_no_resume([](RunDocument& d) { d.facts.tool_version = "9"; }, "the version of gpubench");
  expect_no_resume([](RunDocument& d) { d.devices[0].uuid = "uuid-9"; }, "the device was uuid-0");
  expect_no_resume([](RunDocument& d) { d.devices[0].env_id = "env-9"; },
                   "now uuid-0 (env_id env-9)");
}

TEST_F(RunFolderTest, ResumeRefusesACompleteRun) {
  {
    RunFolder folder = create();
    ASSERT_TRUE(folder.finish(RunEnd::finished, kLater).ok());
  }

  expect_no_resume(nullptr, "the run is complete");
}

TEST_F(RunFolderTest, ResumeRefusesDamagedFiles) {
  expect_no_resume(nullptr, "results.csv: cannot open: No such file");

  leave_killed_run({"gemm/a"});
  put(file("samples.csv"), header_of(kSamplesFile));
  expect_no_resume(nullptr, "sample 0 of 2 of case gemm/a is not there");

  put(file("run.json"), "{");
  expect_no_resume(nullptr, "run.json: not a run.json of gpubench");
  put(file("run.json"), "[1]");
  expect_no_resume(nullptr, "run.json: not a run.json of gpubench");
}

TEST_F(RunFolderTest, TwoProcessesCannotWriteOneRun) {
  const RunFolder first = create();

  expect_no_resume(nullptr, "another gpubench process is writing this run");
}

TEST_F(RunFolderTest, SamplesOfEachRowAreFoundThoughCaseIdsRepeat) {
  {
    RunFolder folder = create();
    Row row = timed_row(folder.facts(), "gemm/a");
    ASSERT_TRUE(folder.append(row).ok());
    ASSERT_TRUE(folder.append(skipped_row(folder.facts(), "gemm/b")).ok());
    row.device.uuid = "uuid-1";
    row.series->samples = {{7, 8}};
    ASSERT_TRUE(folder.append(row).ok());
  }

  const auto table = ResultsTable::read(file("results.csv"));
  const auto samples = read_samples(file("samples.csv"), *table);

  ASSERT_TRUE(samples.ok()) << samples.error().message;
  ASSERT_EQ(samples->rows.size(), 3U);
  EXPECT_EQ(samples->rows[0].size(), 2U);
  EXPECT_TRUE(samples->rows[1].empty());
  ASSERT_EQ(samples->rows[2].size(), 1U);
  EXPECT_EQ(samples->rows[2][0].gpu_s, 7);
}

TEST_F(RunFolderTest, ResumeDropsOnlyTheRowsThatAnInterruptionCutShort) {
  std::string kept_results;
  std::string kept_samples;
  {
    RunFolder folder = create();
    Row row = timed_row(folder.facts(), "gemm/a");
    ASSERT_TRUE(folder.append(row).ok());
    kept_results = content_of(file("results.csv"));
    kept_samples = content_of(file("samples.csv"));
    row = timed_row(folder.facts(), "gemm/b");
    row.series->stop_reason = StopReason::interrupted;
    ASSERT_TRUE(folder.append(row).ok());
    row = skipped_row(folder.facts(), "gemm/c");
    row.reason = Reason{reason::kInterrupted, "stopped on request"};
    ASSERT_TRUE(folder.append(row).ok());
    row = timed_row(folder.facts(), "gemm/d");
    row.precision_reason = "interrupted: stopped on request";
    ASSERT_TRUE(folder.append(row).ok());
  }

  const auto folder = resume();

  ASSERT_TRUE(folder.ok()) << folder.error().message;
  EXPECT_EQ(folder->rows(), 1U);
  EXPECT_TRUE(folder->is_finished("gemm/a", run_document().devices[0].uuid));
  EXPECT_FALSE(folder->is_finished("gemm/b", run_document().devices[0].uuid));
  EXPECT_EQ(content_of(file("results.csv")), kept_results);
  EXPECT_EQ(content_of(file("samples.csv")), kept_samples);
}

TEST(RunDocument, InvalidUtf8AndForeignJsonAreKeptReadable) {
  RunDocument document = run_document();
  document.sessions[0].command_line = {"bad\xFF"};
  document.devices[0].json = "not json";
  document.notes = {{"validation", "off"}};

  const auto back = parse_run_document(run_document_json(document), "run.json");

  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->sessions[0].command_line[0], "bad\xEF\xBF\xBD");
  EXPECT_EQ(back->devices[0].json, "\"not json\"");
  EXPECT_EQ(back->notes, document.notes);
}

TEST(RunId, SortsByTimeAndIsAPlainName) {
  // 1 795 257 005 s after the epoch: 20778 days reach 2026-11-21, then 10 h 30 min 5 s.
  const RunClock::time_point time{std::chrono::seconds(20778LL * 86400 + 37805)};

  EXPECT_EQ(utc_timestamp(time), "2026-11-21T10:30:05Z");
  EXPECT_EQ(make_run_id(time, "matmul", 0x3fa9), "20261121T103005Z-matmul-3fa9");
  EXPECT_EQ(make_run_id(time, "../a b/ü", 1), "20261121T103005Z----a-b----0001");
  EXPECT_EQ(make_run_id(time, "", 0), "20261121T103005Z-run-0000");
  EXPECT_LT(make_run_id(time, "z", 9), make_run_id(time + std::chrono::seconds(1), "a", 0));
}

}  // namespace
}  // namespace gpubench
