#include "peers/peer_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "record/results_table.h"

namespace gpubench::peers {
namespace {

namespace fs = std::filesystem;

class PeerRun : public ::testing::Test {
 protected:
  void SetUp() override {
    results_ = fs::temp_directory_path() / ("gpubench-peer-run-" + std::to_string(getpid()));
  }
  void TearDown() override { fs::remove_all(results_); }

  PeerRequest request(std::string_view library, std::vector<std::uint32_t> sizes) const {
    PeerRequest asked;
    asked.library = *find_cpu_library(library);
    asked.sizes = std::move(sizes);
    asked.budget_s = 0.05;
    asked.results_dir = results_.string();
    return asked;
  }

  static ResultsTable table_of(const PeerSummary& summary) {
    auto table = ResultsTable::read(summary.folder + "/results.csv");
    EXPECT_TRUE(table) << table.error().message;
    return std::move(table).value();
  }

 private:
  fs::path results_;
};

TEST_F(PeerRun, EveryLibraryLeavesVerifiedRowsWithATime) {
  for (const std::string& name : cpu_library_names()) {
    SCOPED_TRACE(name);
    const auto summary = run_peer(request(name, {33, 64}));
    ASSERT_TRUE(summary) << summary.error().message;

    EXPECT_EQ(summary->good, 2);
    const ResultsTable table = table_of(*summary);
    ASSERT_EQ(table.size(), 2);
    EXPECT_EQ(table.text(0, "case_id"), "gemm/" + name + "/fp32/nn/33x33x33/normal/s42");
    for (std::size_t row = 0; row < 2; ++row) {
      EXPECT_EQ(table.text(row, "status"), "ok");
      EXPECT_EQ(table.text(row, "check_status"), "passed");
      EXPECT_EQ(table.text(row, "timer"), "host");
      EXPECT_GT(table.number(row, "throughput_flops").value_or(0), 0);
      EXPECT_NE(table.text(row, "kernel_params"), "");
    }
    const auto samples = read_samples(summary->folder + "/samples.csv", table);
    ASSERT_TRUE(samples) << samples.error().message;
    EXPECT_GE(samples->rows[0].size(), 3);
  }
}

void forget_the_last_term(const Shape& shape, const Inputs& inputs, float* c) {
  for (std::uint32_t i = 0; i < shape.m; ++i) {
    for (std::uint32_t j = 0; j < shape.n; ++j) {
      float sum = 0;
      for (std::uint32_t k = 0; k + 1 < shape.k; ++k) {
        sum += inputs.a[i * shape.k + k] * inputs.b[k * shape.n + j];
      }
      c[i * shape.n + j] = sum;
    }
  }
}

void do_nothing(const Shape& /*shape*/, const Inputs& /*inputs*/, float* /*c*/) {}

TEST_F(PeerRun, WrongResultIsNeverTimed) {
  for (const auto& wrong : {forget_the_last_term, do_nothing}) {
    PeerRequest asked = request("openblas", {33});
    asked.library.multiply = wrong;

    const auto summary = run_peer(asked);

    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->wrong, 1);
    const ResultsTable table = table_of(*summary);
    EXPECT_EQ(table.text(0, "status"), "failed");
    EXPECT_EQ(table.text(0, "time_median_s"), "");
    EXPECT_NE(table.text(0, "reason"), "");
  }
}

TEST_F(PeerRun, FolderThatCannotBeMadeIsAnError) {
  PeerRequest asked = request("openblas", {33});
  asked.results_dir = "/dev/null";

  const auto summary = run_peer(asked);

  ASSERT_FALSE(summary);
  EXPECT_THAT(summary.error().message, ::testing::HasSubstr("/dev/null"));
}

}  // namespace
}  // namespace gpubench::peers
