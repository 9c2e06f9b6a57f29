// The tester is tested: kernels with planted faults (tests/faults) go the whole way of a case, and
// each must come out failed, for the right reason and without a speed. The honest twin must pass.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include "gpu/open_test_device.h"
#include "plan/reasons.h"
#include "record/columns.h"
#include "record/side_files.h"
#include "run/case_runner.h"
#include "run/prepare.h"

namespace gpubench {
namespace {

namespace fs = std::filesystem;

Device& device() {
  static const std::unique_ptr<Device> opened = testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

Case gemm(Shape shape) {
  Case planned;
  planned.problem = {.op = Op::gemm, .shape = shape};
  planned.budget_s = 0.2;  // A few samples: what is tested is not how long they take.
  return planned;
}

Case with_fault(const std::string& name, Shape shape) {
  Case planned = gemm(shape);
  planned.kernel.name = "user";
  planned.kernel.glsl_file = std::string(GPUBENCH_FAULTS_DIR) + "/" + name + ".comp";
  planned.kernel.tile_m = 8;
  planned.kernel.tile_n = 16;
  return planned;
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Row run_whole(const Case& planned) {
  const auto code = load_user_code({planned});
  EXPECT_TRUE(code) << code.error().message;
  if (!code) return {};
  const KernelSources sources{*code, {}};
  RateBook rates(device(), sources);
  PeakBook peaks([](Ceiling ceiling) { return measure_peak(device(), ceiling); });
  Checker checker;
  const auto telemetry = open_telemetry(device().traits());
  CaseContext context{device(),
                      sources,
                      rates,
                      peaks,
                      checker,
                      Row{},
                      {},
                      *telemetry,
                      OverBudget::run,
                      steady_seconds,
                      [] { return false; },
                      [](std::string_view) {}};
  return run_case(planned, context);
}

std::string cell(const Row& row, std::string_view name) {
  for (const Column& column : result_columns()) {
    if (column.name == name) return column.value(row);
  }
  ADD_FAILURE() << "no column " << name;
  return {};
}

std::string code_of(const Row& row) {
  return row.reason ? row.reason->code : "none";
}
std::string text_of(const Row& row) {
  return row.reason ? row.reason->text : "";
}

void expect_no_speed(const Row& row) {
  EXPECT_FALSE(has_speed(row));
  for (const char* name :
       {"timer", "warmup_s", "samples", "discarded", "dispatches_per_sample", "time_min_s",
        "time_p05_s", "time_p25_s", "time_median_s", "time_p75_s", "time_p95_s", "time_max_s",
        "time_mean_s", "time_stddev_s", "host_median_s", "throughput_flops",
        "bandwidth_bytes_per_s", "fraction_of_peak"}) {
    EXPECT_EQ(cell(row, name), "") << name;
  }
  EXPECT_EQ(cell(row, "timing_status"), "not_run");
  EXPECT_EQ(sample_lines(row), "");
}

void expect_caught(const std::string& fault, Shape shape, const char* reason) {
  SCOPED_TRACE(fmt::format("{} {}x{}x{} batch {}", fault, shape.m, shape.n, shape.k, shape.batch));

  const Row row = run_whole(with_fault(fault, shape));

  EXPECT_EQ(row.status, RowStatus::failed);
  EXPECT_EQ(code_of(row), reason) << text_of(row);
  EXPECT_NE(text_of(row), "");
  EXPECT_EQ(cell(row, "check_status"), "failed");
  expect_no_speed(row);
}

// One, primes, the tile of 8 x 16 plus and minus one, k = 1, skinny both ways, a batch.
const std::vector<Shape> kAwkward{{1, 1, 1, 1},   {19, 37, 29, 2}, {9, 15, 17, 1}, {7, 17, 1, 3},
                                  {1, 67, 33, 1}, {131, 1, 16, 1}, {64, 64, 64, 1}};

TEST(Faults, HonestTwinPassesWithASpeed) {
  for (const Shape& shape : kAwkward) {
    const Row row = run_whole(with_fault("honest", shape));

    EXPECT_EQ(row.status, RowStatus::ok) << text_of(row);
    EXPECT_EQ(cell(row, "check_status"), "passed") << text_of(row);
    EXPECT_EQ(cell(row, "distinct_outputs"), "1");
    EXPECT_TRUE(has_speed(row));
    EXPECT_NE(cell(row, "time_median_s"), "");
    EXPECT_NE(cell(row, "throughput_flops"), "");
  }
}

TEST(Faults, LostTailOfKIsWrong) {
  for (const Shape& shape : kAwkward) expect_caught("k_tail", shape, reason::kWrongResult);
}

// Right where n equals k, or where there is but one row; wrong everywhere else.
TEST(Faults, SwappedStrideIsWrong) {
  for (const Shape& shape :
       {Shape{19, 37, 29, 2}, {9, 15, 17, 1}, {7, 17, 1, 3}, {131, 1, 16, 1}}) {
    expect_caught("swapped_stride", shape, reason::kWrongResult);
  }
}

TEST(Faults, OffByOneTileIsWrong) {
  for (const Shape& shape :
       {Shape{9, 1, 1, 1}, {19, 37, 29, 2}, {131, 1, 16, 1}, {64, 64, 64, 1}}) {
    expect_caught("off_by_one_tile", shape, reason::kWrongResult);
  }
}

// The fault is in the first row of each tile but the first: there is the error, and nowhere else.
TEST(Faults, TheMapOfErrorsShowsTheRowsThatAreOff) {
  const Row row = run_whole(with_fault("off_by_one_tile", {64, 64, 64, 1}));

  ASSERT_EQ(row.status, RowStatus::failed);
  ASSERT_EQ(row.error_map.size(), 64U * 64U);
  std::set<std::uint64_t> wrong_rows;
  for (const ErrorCell& cell : row.error_map) {
    if (cell.bound_ratio > 1) wrong_rows.insert(cell.row_begin);
  }
  EXPECT_THAT(wrong_rows, ::testing::ElementsAre(8, 16, 24, 32, 40, 48, 56));
  EXPECT_NE(error_lines(row), "");
}

TEST(Faults, Fp16SumsDeclaredFp32AreWrong) {
  for (const Shape& shape :
       {Shape{1, 1, 1021, 1}, {19, 37, 29, 2}, {7, 17, 1, 3}, {64, 64, 64, 1}}) {
    expect_caught("fp16_accumulate", shape, reason::kWrongResult);
  }
}

TEST(Faults, OneBitThatAlternatesIsNondeterministic) {
  for (const Shape& shape : kAwkward) {
    expect_caught("nondeterministic", shape, reason::kNondeterministic);
  }
}

TEST(Faults, RightOnceAndThenUnwrittenIsStale) {
  for (const Shape& shape : kAwkward) expect_caught("stale", shape, reason::kStaleOutput);
}

TEST(Faults, RightOnceAndThenWrongIsStale) {
  for (const Shape& shape : kAwkward) expect_caught("stale_value", shape, reason::kStaleOutput);
}

// Every output that is looked at is right; only the time says that most launches did nothing. The
// work is a hundred times what a submission costs, so that other programs cannot hide it.
TEST(Faults, LaunchesThatLeaveTheWorkOutAreStale) {
  for (const Shape& shape : {Shape{64, 64, 4096, 1}, {19, 37, 8192, 2}, {256, 256, 256, 1}}) {
    expect_caught("idle", shape, reason::kStaleOutput);
  }
}

TEST(Faults, UnwrittenColumnIsPoison) {
  for (const Shape& shape : kAwkward) expect_caught("poison", shape, reason::kPoisonLeft);
}

TEST(Faults, WriteBehindTheEndIsAGuard) {
  for (const Shape& shape : kAwkward) expect_caught("overrun", shape, reason::kGuardOverwritten);
}

// --- One element of 16 million.

constexpr Shape kLarge{4096, 4096, 13, 1};

/// What is allowed at the element that one_element.comp spoils, in billionths of its row's norm.
double allowed_billionths(const Case& planned) {
  const auto reference = compute_reference(planned.problem, Format::f32);
  EXPECT_TRUE(reference) << reference.error().message;
  const Tolerance tolerance = make_tolerance(tolerance_input(planned, *reference));
  const std::uint64_t row = kLarge.m / 2, column = kLarge.n / 2;
  const double allowed =
      tolerance.allowed(reference->scales.row[row], reference->scales.column[column],
                        double(reference->values.span()[row * kLarge.n + column]));
  return 1e9 * allowed / reference->scales.row[row];
}

Case one_element_off(double share_of_allowed) {
  Case planned = with_fault("one_element", kLarge);
  const double billionths = share_of_allowed * allowed_billionths(planned);
  planned.kernel.constants = {{8, static_cast<std::uint32_t>(billionths)}};
  return planned;
}

// The honest error of that element and the rounding of what is added to it are together below a
// third of what is allowed.
TEST(Faults, OneElementOf4096SquaredABitAboveTheToleranceIsWrong) {
  const Row row = run_whole(one_element_off(1.4));

  EXPECT_EQ(row.status, RowStatus::failed);
  EXPECT_EQ(code_of(row), reason::kWrongResult) << text_of(row);
  EXPECT_THAT(text_of(row), ::testing::HasSubstr("1 of 16777216 outputs"));
  EXPECT_THAT(text_of(row), ::testing::HasSubstr("row 2048, column 2048"));
  expect_no_speed(row);
}

TEST(Faults, OneElementOf4096SquaredWellBelowTheTolerancePasses) {
  const Row row = run_whole(one_element_off(0.5));

  EXPECT_EQ(row.status, RowStatus::ok) << text_of(row);
  EXPECT_EQ(cell(row, "check_status"), "passed") << text_of(row);
}

// --- Outputs that are right and prove nothing.

/// A .npy file of equal numbers that lives as long as this.
class ConstantFile {
 public:
  ConstantFile(const std::string& name, float value, std::uint32_t rows, std::uint32_t columns)
      : path_((fs::temp_directory_path() / fmt::format("gpubench-{}-{}.npy", ::getpid(), name))
                  .string()) {
    std::string header = fmt::format(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
    header.resize(117, ' ');  // 10 bytes of preamble, this and a newline make 128
    header += '\n';
    std::ofstream stream(path_, std::ios::binary);
    stream.write("\x93NUMPY\x01\x00\x76\x00", 10) << header;
    for (std::uint32_t i = 0; i < rows * columns; ++i) {
      stream.write(reinterpret_cast<const char*>(&value), sizeof value);
    }
  }
  ConstantFile(const ConstantFile&) = delete;
  ConstantFile& operator=(const ConstantFile&) = delete;
  ~ConstantFile() { fs::remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Case of_files(Case planned, const ConstantFile& a, const ConstantFile* b) {
  planned.problem.fill = Fill::file;
  planned.problem.fill_file = a.path();
  if (b != nullptr) planned.problem.fill_file_b = b->path();
  return planned;
}

void expect_mistrusted(const Case& planned, const char* reason) {
  const Row row = run_whole(planned);

  EXPECT_EQ(row.status, RowStatus::ok) << text_of(row);
  EXPECT_EQ(cell(row, "check_status"), "mistrusted");
  EXPECT_EQ(code_of(row), reason) << text_of(row);
}

TEST(Mistrusted, ProductOfZeros) {
  const ConstantFile zeros("zeros", 0, 12, 20);

  expect_mistrusted(of_files(gemm({12, 28, 20, 1}), zeros, nullptr), reason::kMostlyZero);
}

TEST(Mistrusted, ReluOfNegativeNumbersOnly) {
  const ConstantFile ones("ones", 1, 12, 20), minus("minus", -1, 28, 20);
  Case planned = of_files(gemm({12, 28, 20, 1}), ones, &minus);
  planned.problem.op = Op::linear;
  planned.problem.layout = Layout::nt;
  planned.problem.activation = Activation::relu;

  expect_mistrusted(planned, reason::kMostlyZero);
}

TEST(Mistrusted, ProductOfOnes) {
  const ConstantFile a("a", 1, 12, 20), b("b", 1, 20, 28);

  expect_mistrusted(of_files(gemm({12, 28, 20, 1}), a, &b), reason::kConstantOutput);
}

TEST(Mistrusted, SoftmaxOfConstantRows) {
  const ConstantFile rows("rows", 3, 12, 20);
  Case planned = of_files(gemm({12, 20, 0, 1}), rows, nullptr);
  planned.problem.op = Op::softmax;

  expect_mistrusted(planned, reason::kConstantOutput);
}

// 64 products between 2^12 and 2^20 with random signs: nearly all sums are beyond 65504.
TEST(Mistrusted, Fp16SumsThatOverflow) {
  if (!device().traits().shader_float16) GTEST_SKIP() << "the device has no fp16";
  Case planned = gemm({12, 28, 64, 1});
  planned.problem.fill = Fill::overflow;
  planned.precision = Precision::fp16;

  expect_mistrusted(planned, reason::kSaturatedOutput);
}

// The published fault in small: declared FP32, computed in FP16, and decisions change.
TEST(Faults, Fp16InDeclaredFp32ShowsInTheDecisions) {
  const auto classifier = [](Case planned) {
    planned.problem.op = Op::linear;
    planned.problem.layout = Layout::nt;
    planned.problem.fill = Fill::near_threshold;
    planned.decide = DecideSpec{.labels = "drawn"};
    return planned;
  };
  const Shape samples = {464, 1, 4, 1};

  const Row honest = run_whole(classifier(gemm(samples)));
  const Row faulty = run_whole(classifier(with_fault("fp16_accumulate", samples)));

  EXPECT_EQ(honest.status, RowStatus::ok) << text_of(honest);
  EXPECT_EQ(cell(honest, "flips_up"), "0");
  EXPECT_EQ(cell(honest, "flips_down"), "0");
  EXPECT_EQ(faulty.status, RowStatus::failed);
  ASSERT_TRUE(faulty.decisions.has_value());
  const FlipFacts& flips = faulty.decisions->flips;
  EXPECT_GT(flips.up, 10U);
  EXPECT_GT(flips.in(Lattice::fp16).explained, 5U);
  EXPECT_LE(flips.in(Lattice::fp16).explained, flips.in(Lattice::fp16).at_risk);
  EXPECT_LT(flips.in(Lattice::fp16).explained, flips.up + flips.down);  // FP16 inside as well
  EXPECT_LT(faulty.decisions->within_margin, flips.up / 10);  // FP32 explains next to none
  EXPECT_NE(flips.reference, flips.output);
  EXPECT_EQ(flips.reference, honest.decisions->flips.reference);
}

}  // namespace
}  // namespace gpubench
