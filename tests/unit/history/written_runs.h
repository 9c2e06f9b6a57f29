// written_runs.h — runs on disk for tests, row by row, as gpubench of any schema would leave them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "record/columns.h"
#include "record/csv.h"

namespace gpubench {

/// Column to value; a column that is not named is empty.
using WrittenRow = std::map<std::string, std::string>;

/// A folder of its own for each test, removed at its end.
class WrittenRuns {
 public:
  WrittenRuns() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string(test->test_suite_name()) + "." + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  WrittenRuns(const WrittenRuns&) = delete;
  WrittenRuns& operator=(const WrittenRuns&) = delete;
  ~WrittenRuns() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name = "") const {
    return name.empty() ? folder_.string() : (folder_ / name).string();
  }

  /// Returns the path.
  std::string write(const std::string& name, const std::string& content) const {
    const std::filesystem::path file = folder_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file.string();
  }

  /// The folder `run_id` with a results.csv; run_id and schema_version are filled in.
  std::string add_run(const std::string& run_id, const std::vector<WrittenRow>& rows,
                      int schema_version = kSchemaVersion) const {
    write(run_id + "/results.csv", table(run_id, rows, schema_version));
    return path(run_id);
  }

  static std::string table(const std::string& run_id, const std::vector<WrittenRow>& rows,
                           int schema_version = kSchemaVersion) {
    const auto columns = result_columns().first(result_column_count(schema_version));
    std::vector<std::string> fields;
    for (const Column& column : columns) fields.emplace_back(column.name);
    std::string text = csv_line(fields);
    for (WrittenRow row : rows) {
      row.try_emplace("schema_version", std::to_string(schema_version));
      row.try_emplace("run_id", run_id);
      fields.clear();
      for (const Column& column : columns) fields.push_back(row[std::string(column.name)]);
      text += csv_line(fields);
    }
    return text;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace gpubench
