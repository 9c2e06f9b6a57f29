#include "report/decisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/text.h"
#include "report/audit_words.h"
#include "report/case_label.h"
#include "report/grouped.h"
#include "report/verdict.h"
#include "report/width.h"

namespace gpubench {
namespace {

// Of each path; flips.csv has more.
constexpr std::size_t kShownFlips = 3;

const FlipFacts& flips_of(const Row& row) {
  return row.decisions->flips;
}

std::string count_text(std::uint64_t count) {
  return fmt::format("{}", count);
}

void add_confusion(std::vector<Cell>& cells, const FlipFacts& facts, const Confusion& confusion) {
  for (const std::uint64_t count : {confusion.true_negative, confusion.false_positive,
                                    confusion.false_negative, confusion.true_positive}) {
    cells.push_back({facts.labelled ? count_text(count) : "-"});
  }
}

std::vector<Cell> cpu_cells(const Row& row) {
  std::vector<Cell> cells = {{"cpu fp32"}, {"-"}, {"-"}, {"-"}, {"-"}};
  add_confusion(cells, flips_of(row), flips_of(row).reference);
  cells.push_back({"-"});
  return cells;
}

std::vector<Cell> cells_of(const Row& row, const std::string& label) {
  const FlipFacts& facts = flips_of(row);
  const bool failed = is_failure(row);
  std::vector<Cell> cells = {{label + (failed ? " FAILED" : ""), failed ? Tint::bad : Tint::plain},
                             {count_text(facts.up)},
                             {count_text(facts.down)},
                             {count_text(facts.in(Lattice::fp16).explained)},
                             {count_text(row.decisions->within_margin)}};
  add_confusion(cells, facts, facts.output);
  cells.push_back({facts.labelled ? fmt::format("{:.2g}", facts.mcnemar_p) : "-"});
  return cells;
}

std::string title_of(const std::vector<const Row*>& rows) {
  const Row& first = *rows.front();
  const DecisionSettings& settings = flips_of(first).settings;
  return fmt::format("Which decisions {} {} does each path turn around? {} {}: {}",
                     to_string(settings.rule), shortest(settings.threshold),
                     to_string(first.planned.problem.op), shape_text(first.planned.problem),
                     case_labels(rows, LabelHead::precision).common);
}

std::string interval_sentence(const FlipFacts& facts) {
  const WindowFacts& fp16 = facts.in(Lattice::fp16);
  if (!fp16.window) return "Rounding to FP16 turns no decision around.";
  return fmt::format("Rounding to FP16 turns {} {}; {} of the CPU lie there.",
                     to_string(*fp16.window),
                     fp16.window->direction == FlipDirection::up ? "up" : "down",
                     counted(fp16.at_risk, "output", "outputs"));
}

/// What the heads cannot say, and how many decisions there were.
std::string legend_of(const Row& row) {
  const FlipFacts& facts = flips_of(row);
  return fmt::format(
      "  {} decisions. {} FP16: flips which that explains. margin: flips no further from the "
      "threshold than honest arithmetic of the path may move an output.{}",
      facts.decided + facts.undecided, interval_sentence(facts),
      facts.labelled ? " p: McNemar's, of flips away from and towards the labels." : "");
}

std::string label_text(Label label) {
  if (label == Label::none) return "-";
  return label == Label::yes ? "1" : "0";
}

/// Shortest digits of an FP32 number.
std::string value_text(double value) {
  return fmt::format("{}", static_cast<float>(value));
}

std::vector<Cell> flip_cells(const DecisionFacts& facts, std::size_t listed,
                             const std::string& label) {
  const Flip& flip = facts.flips.flips[listed];
  const bool explained = flip.in_window[static_cast<std::size_t>(Lattice::fp16)];
  const bool in_margin = is_in_margin(facts, listed);
  return {{label},
          {count_text(flip.index)},
          {value_text(flip.reference)},
          {value_text(flip.output)},
          {label_text(flip.label)},
          {explained ? "yes" : "no"},
          {in_margin ? "yes" : "no", in_margin ? Tint::plain : Tint::bad}};
}

/// The first flips of every path; empty if none flipped any.
std::string flip_table(const std::vector<const Row*>& rows, const std::vector<std::string>& labels,
                       const ConsoleStyle& style) {
  Table table({{"flipped", Align::left},
               {"element"},
               {"cpu fp32"},
               {"output"},
               {"label"},
               {"FP16"},
               {"margin"}});
  std::uint64_t shown = 0, all = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const DecisionFacts& facts = *rows[i]->decisions;
    const std::size_t listed = std::min(facts.flips.flips.size(), kShownFlips);
    for (std::size_t j = 0; j < listed; ++j) table.add(flip_cells(facts, j, labels[i]));
    shown += listed;
    all += facts.flips.up + facts.flips.down;
  }
  if (all == 0) return "";
  const std::string rest =
      shown < all ? fmt::format("  and {} more, in flips.csv\n", all - shown) : "";
  return '\n' + table.render(style) + rest;
}

std::string decision_table(const std::vector<const Row*>& rows, const ConsoleStyle& style) {
  Table table({{"path", Align::left},
               {"up"},
               {"down"},
               {"FP16"},
               {"margin"},
               {"TN"},
               {"FP"},
               {"FN"},
               {"TP"},
               {"p"}});
  table.add(cpu_cells(*rows.front()));
  const std::vector<std::string> labels = case_labels(rows, LabelHead::precision).labels;
  for (std::size_t i = 0; i < rows.size(); ++i) table.add(cells_of(*rows[i], labels[i]));
  const WrapBox box{.width = style.width, .indent = 2};
  return wrap(printable(title_of(rows)), box) + '\n' + table.render(style) +
         wrap(legend_of(*rows.front()), box) + '\n' + flip_table(rows, labels, style);
}

}  // namespace

std::string decision_tables(std::span<const Row> rows, const ConsoleStyle& style) {
  std::vector<const Row*> deciding;
  for (const Row& row : rows) {
    if (row.decisions) deciding.push_back(&row);
  }
  const auto same = [](const Row& a, const Row& b) {
    return same_problem(a, b) && a.planned.decide == b.planned.decide;
  };
  std::string text;
  for (const std::vector<const Row*>& group : grouped(deciding, same)) {
    if (!text.empty()) text += '\n';
    text += decision_table(group, style);
  }
  return text;
}

}  // namespace gpubench
