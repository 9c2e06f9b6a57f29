#include "tuning/search.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "timing/statistics.h"

namespace gpubench {
namespace {

constexpr std::array<std::string_view, 7> kEndings{"won",     "slower", "undecided", "wrong",
                                                   "refused", "lost",   "not_tried"};

// Part of the budget by which samples may exceed it that tell two candidates apart.
constexpr double kOverrun = 0.1;
// With so many samples each, the slower half is let go.
constexpr std::array<std::size_t, 3> kHalvings{2, 4, 7};

class Search {
 public:
  Search(std::size_t candidates, Arena& arena, const SearchOptions& options,
         const SearchHooks& hooks)
      : arena_(arena),
        options_(options),
        hooks_(hooks),
        begin_s_(hooks.now()),
        trials_(candidates),
        sample_s_(candidates, std::numeric_limits<double>::infinity()),
        is_confirmed_(candidates) {}

  std::vector<Trial> run() {
    for (std::size_t i = 0; i < trials_.size() && may_enter(i); ++i) {
      admit(i);
      report(i + 1);
    }
    do {
      drop_slow();
      while (may_go_on() && is_open()) {
        make_time();
        time_all();
        report(entered_);
      }
    } while (may_run() && !finish());
    return std::move(trials_);
  }

 private:
  [[nodiscard]] double spent_s() const { return hooks_.now() - begin_s_; }

  [[nodiscard]] bool own_runs() const { return !alive_.empty() && alive_.front() == 0; }

  [[nodiscard]] bool may_run() const { return !hooks_.should_stop() && arena_.closed().empty(); }

  /// One that enters must leave the time to tell those apart that are here already.
  [[nodiscard]] bool may_enter(std::size_t candidate) const {
    if (!may_run()) return false;
    if (candidate == 0) return true;
    double needed_s = entry_s_ + time_to_tell_s();
    if (own_runs() && !fastest_rival()) needed_s += sample_s_[0] * double{kLeastSamples};
    return spent_s() < options_.entry_share * options_.budget_s &&
           spent_s() + needed_s <= options_.budget_s;
  }

  /// Whether another round could change what wins.
  [[nodiscard]] bool is_open() const {
    return has_rivals() && (alive_.size() > 1 || !are_told_apart());
  }

  /// Alone for want of time, the first has beaten nobody.
  [[nodiscard]] bool has_rivals() const { return entered_ > 1 || trials_.size() == 1; }

  [[nodiscard]] bool are_told_apart() const {
    return std::ranges::all_of(alive_, [&](std::size_t candidate) {
      return trials_[candidate].samples_s.size() >= kLeastSamples;
    });
  }

  [[nodiscard]] bool may_go_on() const {
    return may_run() && fewest_samples() < options_.most_samples && has_time();
  }

  /// Those that came back have fewer than those that stayed.
  [[nodiscard]] std::size_t fewest_samples() const {
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const std::size_t candidate : alive_) {
      fewest = std::min(fewest, trials_[candidate].samples_s.size());
    }
    return fewest;
  }

  /// Compiling takes as long as it takes: what little is missing then is not worth losing it all.
  [[nodiscard]] bool has_time() const {
    if (spent_s() < options_.budget_s) return true;
    return !are_told_apart() && time_to_tell_s() <= kOverrun * options_.budget_s;
  }

  void admit(std::size_t candidate) {
    const double before_s = spent_s();
    entered_ = candidate + 1;
    if (const auto refusal = arena_.enter(candidate)) {
      trials_[candidate].ending = refusal->ending;
      trials_[candidate].why = refusal->why;
      return;
    }
    alive_.push_back(candidate);
    take_sample(candidate);
    if (candidate != 0) entry_s_ = spent_s() - before_s;
    drop_slow();
  }

  void take_sample(std::size_t candidate) {
    Trial& trial = trials_[candidate];
    const double before_s = spent_s();
    const auto seconds = arena_.time(candidate);
    sample_s_[candidate] = std::min(sample_s_[candidate], spent_s() - before_s);
    if (seconds) {
      trial.samples_s.push_back(*seconds);
      trial.ending = Ending::slower;
      return;
    }
    trial.ending = is_loss(seconds.error()) ? Ending::lost : Ending::refused;
    trial.why = seconds.error().message;
    std::erase(alive_, candidate);
  }

  /// What the samples take that a candidate lacks before it may win.
  [[nodiscard]] double lacking_s(std::size_t candidate) const {
    const std::size_t samples = trials_[candidate].samples_s.size();
    return sample_s_[candidate] *
           static_cast<double>(kLeastSamples - std::min(kLeastSamples, samples));
  }

  /// To tell the first from the fastest of the others.
  [[nodiscard]] double time_to_tell_s() const {
    const auto rival = fastest_rival();
    return (own_runs() ? lacking_s(0) : 0) + (rival ? lacking_s(*rival) : 0);
  }

  [[nodiscard]] std::optional<std::size_t> fastest_rival() const {
    std::optional<std::size_t> fastest;
    for (const std::size_t candidate : alive_) {
      if (candidate == 0) continue;
      if (!fastest || trials_[candidate].median_s() < trials_[*fastest].median_s()) {
        fastest = candidate;
      }
    }
    return fastest;
  }

  /// Rather few that are told apart than many that are not: the slowest go where time is too short
  /// for all.
  void make_time() {
    const auto rival = fastest_rival();
    double free_s = options_.budget_s - spent_s() - time_to_tell_s();
    for (const std::size_t candidate : ranked()) {
      if (candidate == 0 || candidate == rival) continue;
      free_s -= lacking_s(candidate);
      if (free_s < 0) std::erase(alive_, candidate);
    }
  }

  /// Those that are left, the fastest first.
  [[nodiscard]] std::vector<std::size_t> ranked() const {
    std::vector<std::size_t> ranking = alive_;
    std::ranges::sort(ranking, {}, [&](std::size_t i) { return trials_[i].median_s(); });
    return ranking;
  }

  /// One after the other, again and again: whatever the machine does besides, it does to all.
  void time_all() {
    for (const std::size_t candidate : std::vector(alive_)) {
      if (!may_run()) return;
      take_sample(candidate);
    }
    drop_slow();
    halve();
  }

  void drop_slow() {
    while (may_run() && std::ranges::any_of(alive_, [&](auto i) { return is_slow(i); })) {
      if (confirm(ranked().front())) drop_behind();
    }
  }

  /// The first candidate stays: it is what the others are measured against.
  [[nodiscard]] bool is_slow(std::size_t candidate) const {
    return candidate != 0 && trials_[candidate].median_s() > kDropRatio * best_s();
  }

  void drop_behind() {
    std::vector<std::size_t> slow = alive_;
    std::erase_if(slow, [&](std::size_t candidate) { return !is_slow(candidate); });
    for (const std::size_t candidate : slow) std::erase(alive_, candidate);
  }

  void halve() {
    const bool is_due = std::ranges::find(kHalvings, fewest_samples()) != kHalvings.end();
    if (!is_due || alive_.size() <= 2 || !may_run() || !confirm(ranked().front())) return;
    std::vector<std::size_t> ranking = ranked();
    ranking.resize((ranking.size() + 1) / 2);
    std::erase_if(alive_, [&](std::size_t candidate) {
      return candidate != 0 && std::ranges::find(ranking, candidate) == ranking.end();
    });
  }

  /// Verified again before the first of the others goes because of it, for one that is right now
  /// and then must not take honest ones along. False where it was not right again, and is out.
  bool confirm(std::size_t candidate) {
    if (is_confirmed_[candidate]) return true;
    is_confirmed_[candidate] = is_right_again(candidate);
    return is_confirmed_[candidate];
  }

  bool is_right_again(std::size_t candidate) {
    const auto refusal = arena_.enter(candidate);
    if (!refusal) return true;
    trials_[candidate].ending = refusal->ending;
    trials_[candidate].why = refusal->why;
    readmit();
    return false;
  }

  /// Those that one which proved wrong may have driven out.
  void readmit() {
    alive_.clear();
    for (std::size_t candidate = 0; candidate < entered_; ++candidate) {
      if (trials_[candidate].ending == Ending::slower) alive_.push_back(candidate);
    }
  }

  [[nodiscard]] double best_s() const {
    double best = std::numeric_limits<double>::infinity();
    for (const std::size_t candidate : alive_) {
      best = std::min(best, trials_[candidate].median_s());
    }
    return best;
  }

  /// False where the one that would have won is not right any more, and others are back.
  bool finish() {
    if (!has_rivals() || !are_told_apart()) {
      for (const std::size_t candidate : alive_) trials_[candidate].ending = Ending::undecided;
      return true;
    }
    if (alive_.empty()) return true;
    const std::size_t best = choose();
    if (!is_right_again(best)) return false;
    trials_[best].ending = Ending::won;
    return true;
  }

  [[nodiscard]] std::size_t choose() const {
    const auto median_s = [&](std::size_t candidate) { return trials_[candidate].median_s(); };
    const std::size_t fastest = *std::ranges::min_element(alive_, {}, median_s);
    return own_runs() && median_s(fastest) >= (1 - kLeastGain) * median_s(0) ? 0 : fastest;
  }

  void report(std::size_t tried) const {
    const double best = best_s();
    const bool any = best < std::numeric_limits<double>::infinity();
    hooks_.on_progress(
        {tried, trials_.size(), any ? best : 0, std::max(0.0, options_.budget_s - spent_s())});
  }

  Arena& arena_;
  const SearchOptions& options_;
  const SearchHooks& hooks_;
  double begin_s_;
  std::size_t entered_ = 0;
  double entry_s_ = 0;  ///< What the last one took that entered beside the first.
  std::vector<Trial> trials_;
  std::vector<double> sample_s_;    ///< What the shortest sample of each took from the budget.
  std::vector<bool> is_confirmed_;  ///< Was right a second time, after its first samples.
  std::vector<std::size_t> alive_;  ///< In order; those that are timed again.
};

}  // namespace

std::string_view to_string(Ending value) {
  return kEndings.at(static_cast<std::size_t>(value));
}

std::optional<Ending> parse_ending(std::string_view text) {
  const auto* found = std::ranges::find(kEndings, text);
  if (found == kEndings.end()) return std::nullopt;
  return static_cast<Ending>(found - kEndings.begin());
}

double Trial::median_s() const {
  return median(samples_s);
}

std::vector<Trial> search(std::size_t candidates, Arena& arena, const SearchOptions& options,
                          const SearchHooks& hooks) {
  return Search(candidates, arena, options, hooks).run();
}

std::optional<std::size_t> winner_of(const std::vector<Trial>& trials) {
  const auto won = std::ranges::find(trials, Ending::won, &Trial::ending);
  if (won == trials.end()) return std::nullopt;
  return static_cast<std::size_t>(won - trials.begin());
}

}  // namespace gpubench
