// Honest kernels never fail: every kernel of the catalogue, on every precision path and every fill
// that is made by a generator, at awkward shapes, over twenty seeds. Only the check is run, on the
// very path of a real case; no time is taken.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "gpu/open_test_device.h"
#include "kernels/kernel.h"
#include "run/checker.h"
#include "run/execution.h"
#include "run/prepare.h"

namespace gpubench {
namespace {

constexpr std::uint64_t kSeeds = 20;

constexpr std::array kPrecisions{
    Precision::fp32,         Precision::fp16, Precision::fp16_acc32, Precision::fp32_via_fp16,
    Precision::fp32_relaxed, Precision::tf32, Precision::bf16};

constexpr std::array kFills{Fill::normal,         Fill::uniform, Fill::uniform01, Fill::int_exact,
                            Fill::exp_spread,     Fill::cancel,  Fill::logits,    Fill::subnormal,
                            Fill::near_threshold, Fill::overflow};

constexpr std::array kActivations{Activation::none, Activation::relu, Activation::gelu,
                                  Activation::silu, Activation::sigmoid};

// 1, primes, tiles of 8, 16, 32 and 64 plus and minus one, k = 1, skinny both ways, batches, and a
// few whose rows are whole vectors.
constexpr std::array kProductShapes{
    Shape{1, 1, 1, 1},    Shape{7, 13, 11, 1},  Shape{65, 63, 33, 1},   Shape{17, 129, 1, 1},
    Shape{3, 5, 2, 3},    Shape{1, 67, 257, 1}, Shape{131, 1, 64, 1},   Shape{33, 31, 65, 2},
    Shape{2, 3, 2049, 1}, Shape{64, 64, 64, 1}, Shape{127, 12, 100, 1}, Shape{9, 15, 31, 5},
    Shape{1, 1, 1021, 2}, Shape{16, 68, 20, 3},
};

constexpr std::array kSoftmaxShapes{
    Shape{1, 1, 0, 1},   Shape{1, 7, 0, 1},    Shape{5, 1, 0, 1},    Shape{3, 255, 0, 1},
    Shape{3, 257, 0, 2}, Shape{2, 1023, 0, 1}, Shape{1, 4099, 0, 1}, Shape{33, 31, 0, 1},
    Shape{67, 64, 0, 3}, Shape{2, 2, 0, 5},    Shape{13, 128, 0, 1},
};

Device& device() {
  static const std::unique_ptr<Device> opened = testing::open_test_device();
  if (opened == nullptr) std::abort();  // already reported by open_test_device
  return *opened;
}

std::string label(const Case& planned) {
  const Problem& p = planned.problem;
  return fmt::format("{} {} {} {}x{}x{} batch {} {} {} {}{} seed {}", to_string(p.op),
                     planned.kernel.name, to_string(planned.precision), p.shape.m, p.shape.n,
                     p.shape.k, p.shape.batch, to_string(p.fill), to_string(p.layout),
                     to_string(p.activation), p.bias ? " bias" : "", p.seed);
}

/// Checks cases and keeps what a reader of the test's output wants to know.
class Tally {
 public:
  void check(const Case& planned) {
    const auto kernel =
        prepare_kernel(planned.kernel, planned.problem, planned.precision, device().traits(), {});
    if (!kernel && kernel.error().kind == ErrorKind::unsupported) return;
    ASSERT_TRUE(kernel) << kernel.error().message;
    const auto ready = checker_.prepare(planned);
    ASSERT_TRUE(ready) << ready.error().message;
    const auto execution = Execution::create(device(), planned.problem, planned.precision, *kernel,
                                             InputData::from_fill, 1);
    ASSERT_TRUE(execution) << execution.error().message;
    ASSERT_TRUE((*execution)->poison_output());
    ASSERT_TRUE((*execution)->launch(1));
    expect_right(planned, **execution);
  }

  void print() const {
    fmt::print("{} combinations, {} seeds\n", combinations_, seeds_.size());
    for (const auto& [finding, count] : mistrusted_) fmt::print("  {} {}\n", count, finding);
    for (const auto& [precision, worst] : worst_) {
      fmt::print("  {:13} used {:.2f} of the limit of an element: {}\n", to_string(precision),
                 worst.first, worst.second);
    }
  }

  [[nodiscard]] std::size_t seeds() const { return seeds_.size(); }

 private:
  void expect_right(const Case& planned, Execution& execution) {
    const auto guard = execution.overwritten_guard();
    ASSERT_TRUE(guard) << guard.error().message;
    EXPECT_EQ(*guard, "") << label(planned);
    const auto output = execution.output();
    ASSERT_TRUE(output) << output.error().message;

    const Judgement judgement = checker_.judge(*output, nullptr);

    const Check& check = judgement.check;
    EXPECT_NE(check.status, CheckStatus::failed) << label(planned) << "\n  " << check.text;
    EXPECT_NE(check.status, CheckStatus::not_run) << label(planned);
    EXPECT_NE(check.finding, CheckFinding::reference_doubtful)
        << label(planned) << "\n  " << check.text;
    count(planned, judgement);
  }

  void count(const Case& planned, const Judgement& judgement) {
    ++combinations_;
    seeds_.insert(planned.problem.seed);
    if (judgement.check.status == CheckStatus::mistrusted) {
      ++mistrusted_[std::string(to_string(judgement.check.finding))];
    }
    auto& worst = worst_[planned.precision];
    const double used = judgement.facts.metrics.bound_ratio;
    if (used > worst.first) worst = {used, label(planned)};
  }

  Checker checker_;
  std::size_t combinations_ = 0;
  std::set<std::uint64_t> seeds_;
  std::map<std::string, std::size_t> mistrusted_;
  std::map<Precision, std::pair<double, std::string>> worst_;
};

/// All kernels on all paths of one problem, which they share a reference of.
void check_all_paths(const Problem& problem, Tally& tally) {
  for (const Precision precision : kPrecisions) {
    for (const std::string_view kernel : kernel_names(problem.op)) {
      Case planned;
      planned.problem = problem;
      planned.precision = precision;
      planned.kernel.name = kernel;
      tally.check(planned);
    }
  }
}

/// The i-th problem of a fill: shapes, seeds and the rest in turn, each fill from another start, so
/// that over all fills everything meets everything.
template <class Shapes>
Problem problem_of(Op op, Fill fill, const Shapes& shapes, std::size_t i) {
  const auto turn = static_cast<std::size_t>(fill);
  Problem problem{.op = op, .shape = shapes[(i + 3 * turn) % shapes.size()], .fill = fill};
  problem.seed = 1 + (i + 7 * turn) % kSeeds;
  if (op == Op::gemm && i % 2 == 1) problem.layout = Layout::nt;
  if (op == Op::linear) {
    const std::size_t activation = (i + turn) % kActivations.size();
    problem.layout = Layout::nt;
    problem.activation = kActivations[activation];
    // Not every pair: each is one more pipeline for a driver to compile.
    problem.bias = activation % 2 == 0;
  }
  return problem;
}

template <class Shapes>
void check_op(Op op, const Shapes& shapes, std::size_t problems_of_a_fill) {
  Tally tally;
  for (const Fill fill : kFills) {
    for (std::size_t i = 0; i < problems_of_a_fill; ++i) {
      check_all_paths(problem_of(op, fill, shapes, i), tally);
    }
  }
  tally.print();
  EXPECT_EQ(tally.seeds(), kSeeds);
}

TEST(Honest, GemmNeverFails) {
  check_op(Op::gemm, kProductShapes, 20);
}

TEST(Honest, LinearNeverFails) {
  check_op(Op::linear, kProductShapes, 10);
}

TEST(Honest, SoftmaxNeverFails) {
  check_op(Op::softmax, kSoftmaxShapes, 20);
}

}  // namespace
}  // namespace gpubench
