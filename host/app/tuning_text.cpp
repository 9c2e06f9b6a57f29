#include "app/tuning_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "report/audit_words.h"
#include "report/width.h"

namespace gpubench {
namespace {

template <class Visit>
void for_each_tried(const TuningEntry& entry, const Visit& visit) {
  for (const TunedKernel& kernel : entry.kernels) {
    for (const TriedTuning& tried : kernel.probed) visit(kernel, tried);
    for (const TriedTuning& tried : kernel.tried) visit(kernel, tried);
  }
}

std::string time_of(const TriedTuning& tried) {
  return tried.trial.samples_s.empty() ? "–" : format_seconds(tried.trial.median_s());
}

std::string tiles_of(const TriedTuning& best) {
  return best.tuning.empty() ? "its own" : to_string(best.tuning);
}

std::string undecided_text(const TunedKernel& kernel) {
  std::vector<const Trial*> undecided;
  for (const TriedTuning& tried : kernel.tried) {
    if (tried.trial.ending == Ending::undecided) undecided.push_back(&tried.trial);
  }
  const std::string whose = undecided.size() == 1
                                ? "one candidate"
                                : fmt::format("each of {} candidates", undecided.size());
  return fmt::format(
      "the budget was too short: {} of {}, where {} are needed; try a longer --budget",
      counted(undecided.front()->samples_s.size(), "sample", "samples"), whose, kLeastSamples);
}

/// Why a kernel has no fastest tuning.
std::string why_none(const TunedKernel& kernel) {
  if (kernel.is_undecided()) return undecided_text(kernel);
  const Trial& own = kernel.tried.front().trial;
  if (kernel.is_left_out()) {
    return fmt::format("not searched: {}; --kernel {} searches it", own.why, kernel.kernel);
  }
  return own.why.empty() ? std::string(to_string(own.ending)) : own.why;
}

/// The kernel's own choice, at the shape that was asked for if it was timed there.
const TriedTuning& own_of(const TunedKernel& kernel) {
  const bool only_looked_at = kernel.tried.front().trial.samples_s.empty() &&
                              !kernel.probed.empty() && kernel.probe_shape == kernel.shape;
  return only_looked_at ? kernel.probed.front() : kernel.tried.front();
}

std::vector<Cell> cells_of(const TunedKernel& kernel) {
  const TriedTuning& own = own_of(kernel);
  const TriedTuning* best = kernel.best();
  if (best == nullptr) return {{kernel.kernel}, {time_of(own)}, {"–"}, {"–"}};
  const bool own_timed = !own.trial.samples_s.empty();
  const double gain = own_timed ? own.trial.median_s() / best->trial.median_s() : 1;
  return {{kernel.kernel},
          {time_of(own)},
          {time_of(*best)},
          {fmt::format("{:.2f}", gain), gain > 1 ? Tint::good : Tint::plain}};
}

/// What the table has no room for: the tiles that won, or why none did.
std::string note_text(const TunedKernel& kernel, const ConsoleStyle& style) {
  const TriedTuning* best = kernel.best();
  if (best != nullptr && best->tuning.empty()) return "";
  const std::string what = best == nullptr ? why_none(kernel) : tiles_of(*best);
  const std::string line =
      wrap(fmt::format("{}: {}", kernel.kernel, printable(what)), {style.width, 2, 4});
  return "  " + paint(line, best == nullptr ? Tint::caution : Tint::plain, style.colour) + '\n';
}

std::string endings_text(const TuningEntry& entry) {
  std::string text;
  for (const Ending ending : {Ending::won, Ending::slower, Ending::undecided, Ending::wrong,
                              Ending::refused, Ending::lost, Ending::not_tried}) {
    const std::size_t count = count_of(entry, ending);
    if (count == 0) continue;
    std::string word(to_string(ending));
    std::ranges::replace(word, '_', ' ');
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, word);
  }
  return text;
}

std::string wrong_text(const TuningEntry& entry, const ConsoleStyle& style) {
  std::string text;
  for_each_tried(entry, [&](const TunedKernel& kernel, const TriedTuning& tried) {
    if (tried.trial.ending != Ending::wrong) return;
    const std::string line = fmt::format("wrong output, so it cannot win: {} {}: {}", kernel.kernel,
                                         tiles_of(tried), printable(tried.trial.why));
    text += "  " + paint(wrap(line, {style.width, 2, 4}), Tint::bad, style.colour) + '\n';
  });
  return text;
}

std::string absent_text(std::span<const AbsentKernel> absent, const ConsoleStyle& style) {
  std::string text = "  no kernel runs it on this device\n";
  for (const AbsentKernel& one : absent) {
    const std::string line = fmt::format("{}: {}", one.kernel, printable(one.why));
    text += "  " + paint(wrap(line, {style.width, 2, 4}), Tint::caution, style.colour) + '\n';
  }
  return text;
}

}  // namespace

std::size_t count_of(const TuningEntry& entry, Ending ending) {
  std::size_t count = 0;
  for_each_tried(entry, [&](const TunedKernel&, const TriedTuning& tried) {
    if (tried.trial.ending == ending) ++count;
  });
  return count;
}

std::size_t winners_of(const TuningEntry& entry) {
  const auto won = [](const TunedKernel& kernel) { return kernel.best() != nullptr; };
  return static_cast<std::size_t>(std::ranges::count_if(entry.kernels, won));
}

std::string target_text(const TuneTarget& target, const Shape& shape) {
  std::string extents = fmt::format("{}×{}", shape.m, shape.n);
  if (target.problem.op != Op::softmax) extents += fmt::format("×{}", shape.k);
  if (shape.batch > 1) extents += fmt::format(" batch {}", shape.batch);
  std::string words;
  if (target.problem.op == Op::gemm && target.problem.layout != Layout::nn) words = "nt ";
  if (target.problem.activation != Activation::none) {
    words = fmt::format("{} ", to_string(target.problem.activation));
  }
  return fmt::format("{} {} {}{}", to_string(target.problem.op), to_string(target.precision), words,
                     extents);
}

std::string entry_text(const TuneTarget& target, const TuningEntry& entry,
                       std::span<const AbsentKernel> absent, const ConsoleStyle& style) {
  Table table({{"kernel", Align::left}, {"own"}, {"tuned"}, {"gain"}});
  std::string notes;
  for (const TunedKernel& kernel : entry.kernels) {
    table.add(cells_of(kernel));
    notes += note_text(kernel, style);
  }
  std::string text = target_text(target, target.problem.shape) + '\n';
  if (table.empty()) return text + absent_text(absent, style) + '\n';
  return text + table.render(style) + notes + "  " + endings_text(entry) + '\n' +
         wrong_text(entry, style) + '\n';
}

}  // namespace gpubench
