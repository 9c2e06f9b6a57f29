#include "fingerprint/softmax_fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

namespace gpubench {
namespace {

constexpr std::size_t kLeastRandomRows = 256;
constexpr std::size_t kMostRandomRows = 1U << 14;
constexpr std::size_t kMostLaunches = 64;
constexpr double kEqualTolerance = 0x1p-6;

using Answers = std::vector<std::vector<float>>;

std::string plain_name(const SoftmaxArithmetic& arithmetic) {
  return softmax_name(arithmetic, {arithmetic.sum});
}

/// Holds what came out against what is declared.
class Judge {
 public:
  Judge(const SoftmaxEvidence& evidence, Precision declared)
      : evidence_(evidence),
        declared_(declared_softmax_bits(declared)),
        candidates_(rank_softmaxes(evidence)) {}

  SoftmaxFingerprint judge() {
    said_.seen = evidence_.seen;
    for (const SoftmaxRow& row : evidence_.rows) said_.outputs += row.x.size();
    said_.distance = candidates_.front().distance;
    settle_sum();
    name_runner_up();
    std::string objection = trial_.objection;
    if (objection.empty()) objection = rival();
    conclude(objection);
    return said_;
  }

 private:
  /// The nearest, and those as near that differ in the sum alone.
  [[nodiscard]] std::vector<SoftmaxArithmetic> open_in_sum() const {
    const SoftmaxCandidate& nearest = candidates_.front();
    std::vector<SoftmaxArithmetic> open = {nearest.arithmetic};
    for (const SoftmaxCandidate& candidate : candidates_) {
      const SoftmaxArithmetic& other = candidate.arithmetic;
      const bool known = std::ranges::find(open, other.sum, &SoftmaxArithmetic::sum) != open.end();
      const bool alike = differs_in_sum_alone(other, nearest.arithmetic);
      if (!known && alike && is_as_near(candidate, nearest)) open.push_back(other);
    }
    return open;
  }

  /// Of the sums that explain everything the widest: nobody is accused of what cannot be seen.
  /// Where none does, the nearest.
  void settle_sum() {
    const auto bits = [](const SoftmaxTrial& trial) {
      return traits_of(trial.arithmetic.sum).significand_bits;
    };
    for (const SoftmaxArithmetic& arithmetic : open_in_sum()) {
      const SoftmaxTrial trial = try_softmax(arithmetic, evidence_);
      const bool explains = trial.objection.empty();
      const bool first = said_.open_sums.empty();
      if (explains) said_.open_sums.push_back(arithmetic.sum);
      const bool nearest = arithmetic == candidates_.front().arithmetic;
      if (explains ? first || bits(trial) > bits(trial_) : nearest) trial_ = trial;
    }
    if (said_.open_sums.empty()) said_.open_sums = {trial_.arithmetic.sum};
    said_.nearest = trial_.arithmetic;
    said_.largest_error = trial_.largest_error;
    said_.allowed_error = trial_.allowed_error;
  }

  void name_runner_up() {
    const SoftmaxBits found = bits_of(said_.nearest);
    const auto other = std::ranges::find_if(candidates_, [&](const SoftmaxCandidate& candidate) {
      return bits_of(candidate.arithmetic) != found && !is_as_near(candidate, candidates_.front());
    });
    if (other == candidates_.end()) return;
    said_.runner_up = other->arithmetic;
    said_.runner_up_distance = other->distance;
  }

  /// Whether bits are missing. Where sums cannot be told apart, they accuse nobody.
  [[nodiscard]] bool is_short(const SoftmaxArithmetic& arithmetic) const {
    SoftmaxBits bits = bits_of(arithmetic);
    if (said_.open_sums.size() > 1) bits.sum = declared_.sum;
    return has_fewer(bits, declared_);
  }

  /// Says which other formats, as near and as good an explanation, ask for another verdict.
  [[nodiscard]] std::string rival() const {
    for (const SoftmaxCandidate& candidate : candidates_) {
      if (!is_as_near(candidate, candidates_.front())) break;
      const SoftmaxArithmetic& other = candidate.arithmetic;
      const bool asks_otherwise = is_short(other) != is_short(said_.nearest);
      if (asks_otherwise && try_softmax(other, evidence_).objection.empty()) {
        return plain_name(other) + " fits as well";
      }
    }
    return "";
  }

  [[nodiscard]] PrecisionVerdict verdict() const {
    if (is_short(said_.nearest)) return PrecisionVerdict::downgraded;
    const bool equal = bits_of(said_.nearest) == declared_;
    return equal ? PrecisionVerdict::confirmed : PrecisionVerdict::better;
  }

  [[nodiscard]] std::string agreement() const {
    if (said_.largest_error == 0) {
      return fmt::format("all of {} random outputs to the bit", said_.outputs);
    }
    return fmt::format(
        "{} random outputs within {:.2g} of it, {:.0f} times nearer than {}; not to the bit, as "
        "exp is each device's own",
        said_.outputs, said_.largest_error, said_.runner_up_distance / said_.distance,
        plain_name(said_.runner_up));
  }

  void conclude(const std::string& objection) {
    const std::string nearest = softmax_name(said_.nearest, said_.open_sums);
    if (!objection.empty()) {
      said_.reason = fmt::format("no formats are sure; nearest is {}, then {}; {}", nearest,
                                 plain_name(said_.runner_up), objection);
      return;
    }
    said_.verdict = verdict();
    said_.name = nearest;
    said_.reason = nearest + ": " + agreement();
  }

  const SoftmaxEvidence& evidence_;
  SoftmaxBits declared_;
  std::vector<SoftmaxCandidate> candidates_;
  SoftmaxTrial trial_;  ///< Of what was settled on.
  SoftmaxFingerprint said_;
};

/// What is wrong with rows of equal numbers; "" when nothing is.
std::string fault_in_equal(const std::vector<SoftmaxRow>& rows, const SoftmaxAnswers& answers) {
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto terms = static_cast<double>(rows[i].x.size());
    const auto is_off = [&](float y) { return !(std::abs(y * terms - 1) <= kEqualTolerance); };
    wrong += std::ranges::any_of(answers.y[i], is_off);
  }
  if (wrong > 0) {
    return fmt::format(
        "{} of {} rows of 1, 2, 4, ... equal numbers are wrong, exact in any "
        "precision",
        wrong, rows.size());
  }
  if (answers.strays == 0) return "";
  return fmt::format("{} outputs that are 0 in any precision are not", answers.strays);
}

bool same_bits(const Answers& one, const Answers& other) {
  const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  return std::ranges::equal(one, other, [&](const auto& a, const auto& b) {
    return std::ranges::equal(a, b, {}, bits, bits);
  });
}

/// As many rows as make some thousands of outputs, and every row of the launch, in a few launches.
std::size_t random_rows_for(std::size_t rows) {
  return std::min({std::max(rows, kLeastRandomRows), kMostRandomRows, kMostLaunches * rows});
}

SoftmaxFingerprint early(PrecisionVerdict verdict, std::string reason) {
  SoftmaxFingerprint said;
  said.verdict = verdict;
  said.reason = std::move(reason);
  return said;
}

Result<SoftmaxFingerprint> examine(SoftmaxLauncher& launcher, Precision declared,
                                   std::uint64_t seed) {
  const SoftmaxUnderTest& under_test = launcher.under_test();
  const std::size_t columns = under_test.columns;
  const auto equal = equal_softmax_rows(random_rows_for(under_test.rows), columns, seed);
  const auto exact = launcher.run(equal);
  if (!exact) return exact.error();
  const std::string fault = fault_in_equal(equal, *exact);
  if (!fault.empty()) return early(PrecisionVerdict::wrong, fault);

  const auto rows =
      random_softmax_rows(random_rows_for(under_test.rows), columns, under_test.storage, seed);
  const auto first = launcher.run(rows);
  if (!first) return first.error();
  const auto second = launcher.run(rows);
  if (!second) return second.error();
  if (!same_bits(first->y, second->y)) {
    return early(PrecisionVerdict::nondeterministic,
                 "the same inputs gave other outputs the second time");
  }
  const SoftmaxProbes probes(columns, under_test.storage);
  const auto answers = launcher.run(probes.rows());
  if (!answers) return answers.error();
  const SoftmaxEvidence evidence = {under_test.storage, columns, probes.read(answers->y), rows,
                                    first->y};
  return Judge(evidence, declared).judge();
}

}  // namespace

SoftmaxFingerprintCost softmax_fingerprint_cost(std::size_t rows, std::size_t columns) {
  const auto launches_for = [&](std::size_t wanted) {
    return std::ceil(static_cast<double>(wanted) / static_cast<double>(rows));
  };
  const std::size_t random = random_rows_for(rows);
  const SoftmaxProbes probes(columns, NumberFormat::fp32);
  const auto places = static_cast<double>(std::min(columns, kMostSoftmaxPlaces));
  return {3 * launches_for(random) + launches_for(probes.rows().size()),
          ranking_steps(random, columns) + static_cast<double>(random) * places};
}

Result<SoftmaxFingerprint> take_softmax_fingerprint(const SoftmaxUnderTest& under_test,
                                                    Precision declared, std::uint64_t seed) {
  if (under_test.columns < kLeastSoftmaxColumns) {
    return Error{ErrorKind::input, fmt::format("rows of {}: a fingerprint needs at least {}",
                                               under_test.columns, kLeastSoftmaxColumns)};
  }
  SoftmaxLauncher launcher(under_test);
  auto said = examine(launcher, declared, seed);
  if (said) said->launches = launcher.launches();
  return said;
}

}  // namespace gpubench
