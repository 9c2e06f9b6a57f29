#include "run/qualifying.h"

#include <algorithm>

namespace gpubench {
namespace {

// So long is an output of theirs at most in being checked, by what a core takes an element: to
// poison it, to bring it to the host, to hash it, and to compare it with the reference.
constexpr double kLongCheckSeconds = 0.2;
constexpr double kCheckSecondsPerElement = 1e-8;
constexpr std::uint32_t kLeastSide = 256;
constexpr double kMostShare = 0.6, kLeastShare = 0.2;
// What the whole shape takes at least: two are verified, and timed often enough to tell. One of
// them is verified again before it drops others, and once more before it wins.
constexpr double kFinalLaunches = 2 * (1 + kLeastSamples) + 2;
constexpr double kFinalChecks = 4;

std::uint32_t halved(std::uint32_t side) {
  if (side <= kLeastSide) return side;
  return std::max(kLeastSide, side / 2 / 64 * 64);
}

double check_seconds(const Problem& problem, const Shape& shape) {
  Problem checked = problem;
  checked.shape = shape;
  return static_cast<double>(checked.c_elements()) * kCheckSecondsPerElement;
}

bool was_timed(const TriedTuning& tried) {
  const Ending ending = tried.trial.ending;
  return ending == Ending::won || ending == Ending::slower || ending == Ending::undecided;
}

}  // namespace

Shape qualifying_shape(const Problem& problem, double launch_s) {
  Shape shape = problem.shape;
  while (launch_s > kLongLaunchSeconds || check_seconds(problem, shape) > kLongCheckSeconds) {
    const Shape before = shape;
    shape.m = halved(shape.m);
    if (problem.op != Op::softmax) {
      shape.n = halved(shape.n);
      shape.k = halved(shape.k);
    }
    if (shape == before) break;
    Problem smaller = problem;
    smaller.shape = shape;
    Problem larger = problem;
    larger.shape = before;
    launch_s *= flop(smaller) / flop(larger);
  }
  return shape;
}

double qualifying_seconds(const Problem& problem, double launch_s, double budget_s) {
  const double final_s =
      kFinalLaunches * launch_s + kFinalChecks * check_seconds(problem, problem.shape);
  return std::clamp(budget_s - final_s, kLeastShare * budget_s, kMostShare * budget_s);
}

std::vector<Tuning> finalists(const std::vector<TriedTuning>& probed,
                              const std::vector<Tuning>& candidates) {
  std::vector<const TriedTuning*> timed;
  for (const TriedTuning& one : probed) {
    if (was_timed(one) && !one.tuning.empty()) timed.push_back(&one);
  }
  std::ranges::sort(timed, {}, [](const TriedTuning* one) { return one->trial.median_s(); });
  std::vector<Tuning> chosen{{}};
  for (const TriedTuning* one : timed) chosen.push_back(one->tuning);
  for (const Tuning& candidate : candidates) {
    const bool had_turn =
        std::ranges::find(probed, candidate, &TriedTuning::tuning) != probed.end();
    if (!had_turn) chosen.push_back(candidate);
  }
  chosen.resize(std::min(chosen.size(), kFinalists));
  return chosen;
}

}  // namespace gpubench
