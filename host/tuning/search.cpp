#include "tuning/search.h"

#include <algorithm>
#include <array>
#include <limits>

#include "timing/statistics.h"

namespace gpubench {
namespace {

constexpr std::array<std::string_view, 6> kEndings{"won",     "slower", "wrong",
                                                   "refused", "lost",   "not_tried"};

// With so many samples each, the slower half is let go.
constexpr std::array<std::size_t, 3> kHalvings{2, 4, 7};

Ending ending_of(const Error& error) {
  const bool gone = error.kind == ErrorKind::device_lost || error.kind == ErrorKind::timeout;
  return gone ? Ending::lost : Ending::refused;
}

class Search {
 public:
  Search(std::size_t candidates, Arena& arena, const SearchOptions& options,
         const SearchHooks& hooks)
      : arena_(arena),
        options_(options),
        hooks_(hooks),
        begin_s_(hooks.now()),
        trials_(candidates) {}

  std::vector<Trial> run() {
    for (std::size_t i = 0; i < trials_.size() && may_enter(i); ++i) {
      admit(i);
      report(i + 1);
    }
    while (may_go_on() && alive_.size() > 1) {
      time_all();
      report(entered_);
    }
    crown();
    return std::move(trials_);
  }

 private:
  [[nodiscard]] double spent_s() const { return hooks_.now() - begin_s_; }

  [[nodiscard]] bool may_run() const { return !hooks_.should_stop() && arena_.closed().empty(); }

  [[nodiscard]] bool may_enter(std::size_t candidate) const {
    return may_run() && (candidate == 0 || spent_s() < options_.entry_share * options_.budget_s);
  }

  [[nodiscard]] bool may_go_on() const {
    const bool sampled =
        trials_[alive_.empty() ? 0 : alive_.front()].samples_s.size() >= options_.most_samples;
    return may_run() && !sampled && spent_s() < options_.budget_s;
  }

  void admit(std::size_t candidate) {
    entered_ = candidate + 1;
    if (const auto refusal = arena_.enter(candidate)) {
      trials_[candidate].ending = refusal->ending;
      trials_[candidate].why = refusal->why;
      return;
    }
    alive_.push_back(candidate);
    take_sample(candidate);
    drop_slow();
  }

  void take_sample(std::size_t candidate) {
    Trial& trial = trials_[candidate];
    const auto seconds = arena_.time(candidate);
    if (seconds) {
      trial.samples_s.push_back(*seconds);
      trial.ending = Ending::slower;
      return;
    }
    trial.ending = ending_of(seconds.error());
    trial.why = seconds.error().message;
    std::erase(alive_, candidate);
  }

  /// One after the other, again and again: whatever the machine does besides, it does to all.
  void time_all() {
    for (const std::size_t candidate : std::vector(alive_)) {
      if (!may_run()) return;
      take_sample(candidate);
    }
    drop_slow();
    if (!alive_.empty()) halve(trials_[alive_.back()].samples_s.size());
  }

  /// The first candidate stays: it is what the others are measured against.
  void drop_slow() {
    const double limit_s = kDropRatio * best_s();
    std::erase_if(alive_, [&](std::size_t candidate) {
      return candidate != 0 && trials_[candidate].median_s() > limit_s;
    });
  }

  void halve(std::size_t samples) {
    if (std::ranges::find(kHalvings, samples) == kHalvings.end() || alive_.size() <= 2) return;
    std::vector<std::size_t> ranking = alive_;
    std::ranges::sort(ranking, {}, [&](std::size_t i) { return trials_[i].median_s(); });
    ranking.resize((ranking.size() + 1) / 2);
    std::erase_if(alive_, [&](std::size_t candidate) {
      return candidate != 0 && std::ranges::find(ranking, candidate) == ranking.end();
    });
  }

  [[nodiscard]] double best_s() const {
    double best = std::numeric_limits<double>::infinity();
    for (const std::size_t candidate : alive_) {
      best = std::min(best, trials_[candidate].median_s());
    }
    return best;
  }

  /// What wins is verified once more: a candidate that is right now and then must not win.
  void crown() {
    while (!alive_.empty() && may_run()) {
      const std::size_t best = choose();
      const auto refusal = arena_.enter(best);
      if (!refusal) {
        trials_[best].ending = Ending::won;
        return;
      }
      trials_[best].ending = refusal->ending;
      trials_[best].why = refusal->why;
      std::erase(alive_, best);
    }
  }

  [[nodiscard]] std::size_t choose() const {
    const auto median_s = [&](std::size_t candidate) { return trials_[candidate].median_s(); };
    const std::size_t fastest = *std::ranges::min_element(alive_, {}, median_s);
    const bool own_runs = alive_.front() == 0;
    return own_runs && median_s(fastest) >= (1 - kLeastGain) * median_s(0) ? 0 : fastest;
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
  std::vector<Trial> trials_;
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
