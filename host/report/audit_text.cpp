#include "report/audit_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/text.h"
#include "report/audit_words.h"
#include "report/numbers.h"
#include "report/width.h"

namespace gpubench {
namespace {

// More lines than this tell a reader at a terminal nothing; --json has them all.
constexpr std::size_t kMaxLines = 8;
constexpr std::size_t kLabelWidth = 11;

std::string shape_words(const std::vector<std::uint64_t>& shape) {
  return shape.empty() ? "a single number" : fmt::format("{}", fmt::join(shape, "x"));
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t first_column,
                    const ConsoleStyle& style) {
  return wrap(printable(text),
              {.width = style.width, .first_column = first_column, .indent = indent}) +
         '\n';
}

/// "  Storage    FP16: …", wrapped under itself.
std::string labelled(std::string_view label, std::string_view text, const ConsoleStyle& style) {
  if (text.empty()) return "";
  const std::size_t indent = 2 + kLabelWidth;
  return "  " + pad_right(label, kLabelWidth) + wrapped(text, indent, indent, style);
}

Tint tint_of(AuditVerdict verdict) {
  if (verdict == AuditVerdict::confirmed) return Tint::good;
  const bool bad = verdict == AuditVerdict::downgraded || verdict == AuditVerdict::wrong;
  return bad ? Tint::bad : Tint::caution;
}

std::string head_line(const Audit& audit, const ConsoleStyle& style) {
  const std::string tail = fmt::format(" · {} · {} · declared {}", shape_words(audit.shape),
                                       audit.reference_type, display_name(audit.declared));
  const std::string lead = "Reference ";
  const std::size_t taken = display_width(lead) + display_width(tail);
  const std::size_t room = style.width - std::min(style.width, taken);
  return lead + clip_middle(printable(audit.reference_name), room) + tail + '\n';
}

std::string verdict_lines(const OutputAudit& output, const Audit& audit,
                          const ConsoleStyle& style) {
  const std::string words = verdict_words(output, audit.declared);
  const std::string name =
      clip_middle(printable(output.name), style.width - 2 - display_width(words));
  std::string text =
      name + "  " + paint(words, tint_of(output.judgement.verdict), style.colour) + '\n';
  text += labelled("storage", storage_sentence(output), style);
  text += labelled("internals", internals_sentence(output), style);
  return text + labelled("note", reason_sentence(output, audit.declared), style);
}

/// One cell for each output under its name.
struct Line {
  std::string label;
  std::function<std::string(const OutputAudit&)> cell;
};

std::string count_text(std::uint64_t count) {
  return fmt::format("{}", count);
}

std::string ulps_text(double ulps) {
  if (!std::isfinite(ulps)) return "-";
  return ulps < 1e5 ? fmt::format("{:.{}f}", ulps, ulps < 100 ? 2 : 0)
                    : fmt::format("{:.1e}", ulps);
}

/// Names of outputs as columns: as short as they can be told apart.
std::string column_name(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return clip_middle(printable(slash == std::string::npos ? path : path.substr(slash + 1)), 16);
}

std::string table_of(const std::string& head, const std::vector<Line>& lines, const Audit& audit,
                     std::size_t first, std::size_t count, const ConsoleStyle& style) {
  std::vector<TableColumn> columns = {{head, Align::left}};
  for (std::size_t i = first; i < first + count; ++i) {
    columns.push_back({column_name(audit.outputs[i].name)});
  }
  Table table(columns);
  for (const Line& line : lines) {
    std::vector<Cell> cells = {{line.label}};
    for (std::size_t i = first; i < first + count; ++i) {
      cells.push_back({line.cell(audit.outputs[i])});
    }
    table.add(cells);
  }
  return table.render(style);
}

/// As many outputs side by side as fit, then the next ones.
std::string side_by_side(const std::string& head, const std::vector<Line>& lines,
                         const Audit& audit, const ConsoleStyle& style) {
  constexpr std::size_t kLabelColumn = 24, kOutputColumn = 18;
  const std::size_t fit =
      std::max<std::size_t>(1, (style.width - std::min(style.width, kLabelColumn)) / kOutputColumn);
  std::string text;
  for (std::size_t first = 0; first < audit.outputs.size(); first += fit) {
    const std::size_t count = std::min(fit, audit.outputs.size() - first);
    text += (text.empty() ? "" : "\n") + table_of(head, lines, audit, first, count, style);
  }
  return text;
}

std::string survival_text(const LatticeFacts& facts) {
  if (facts.informative == 0) return "none can tell";
  const double share =
      static_cast<double>(facts.on_lattice) / static_cast<double>(facts.informative);
  return fmt::format("{} · {}", percent(share), chance_text(facts.chance_log2));
}

std::string round_trip_text(const Audit& audit, const ConsoleStyle& style) {
  std::vector<Line> lines;
  for (const Lattice lattice : {Lattice::fp16, Lattice::bf16, Lattice::tf32}) {
    lines.push_back({std::string(name_of(lattice)), [lattice](const OutputAudit& output) {
                       return survival_text(output.pair.on(lattice));
                     }});
  }
  lines.push_back({"error, fp16 ulps", [](const OutputAudit& output) {
                     return ulps_text(output.pair.on(Lattice::fp16).max_ulps) + " max";
                   }});
  return side_by_side("survive · by chance", lines, audit, style);
}

std::string drift_text(const Audit& audit, const ConsoleStyle& style) {
  const auto value = [](double PairFacts::*member) {
    return [member](const OutputAudit& output) { return error_text(output.pair.*member); };
  };
  const auto quantile = [](std::size_t i) {
    return [i](const OutputAudit& output) { return error_text(output.pair.abs_err_quantiles[i]); };
  };
  const std::vector<Line> lines = {
      {"relative (Frobenius)", value(&PairFacts::rel_fro_err)},
      {"1 - cosine", value(&PairFacts::one_minus_cosine)},
      {"largest", value(&PairFacts::max_abs_err)},
      {"  at element",
       [](const OutputAudit& output) { return count_text(output.pair.worst_index); }},
      {"99.9 % up to", quantile(3)},
      {"50 % up to", quantile(0)},
      {"root mean square", value(&PairFacts::rmse)},
      {"mean", value(&PairFacts::bias)},
      {"mean, outwards", value(&PairFacts::outward_bias)},
      {"largest, relative", value(&PairFacts::max_rel_err)},
      {"largest, fp32 ulps",
       [](const OutputAudit& output) { return ulps_text(output.pair.max_ulp_fp32); }},
      {"bit-equal values",
       [](const OutputAudit& output) { return count_text(output.pair.counts.identical); }},
  };
  return side_by_side("error", lines, audit, style);
}

/// Only the lines that say something.
std::string range_text(const Audit& audit, const ConsoleStyle& style) {
  struct Counter {
    const char* label;
    std::uint64_t PairSums::*member;
  };
  constexpr Counter kCounters[] = {
      {"NaN", &PairSums::nan},
      {"Inf for a number", &PairSums::overflowed},
      {"number for Inf", &PairSums::missed},
      {"clamped at 65504", &PairSums::clamped},
      {"0 for a number", &PairSums::underflowed},
      {"  as fp16 would", &PairSums::underflowed_fp16},
      {"fp16 subnormals", &PairSums::fp16_subnormal},
  };
  std::vector<Line> lines;
  for (const Counter& counter : kCounters) {
    const bool any = std::any_of(audit.outputs.begin(), audit.outputs.end(),
                                 [&](const auto& o) { return o.pair.counts.*counter.member > 0; });
    if (!any) continue;
    lines.push_back({counter.label, [member = counter.member](const OutputAudit& output) {
                       return count_text(output.pair.counts.*member);
                     }});
  }
  return lines.empty() ? "Range: nothing overflowed, vanished, or is NaN\n"
                       : side_by_side("range", lines, audit, style);
}

std::string confusion_table(const FlipFacts& facts, const ConsoleStyle& style) {
  Table table({{"", Align::left}, {"TN"}, {"FP"}, {"FN"}, {"TP"}, {"accuracy"}});
  const auto row = [&](const char* name, const Confusion& c) {
    const double right = static_cast<double>(c.true_positive + c.true_negative);
    table.add({{name},
               {count_text(c.true_negative)},
               {count_text(c.false_positive)},
               {count_text(c.false_negative)},
               {count_text(c.true_positive)},
               {fmt::format("{:.2f} %", 100 * right / static_cast<double>(facts.decided))}});
  };
  row("  reference", facts.reference);
  row("  output", facts.output);
  return table.render(style) +
         wrapped(
             fmt::format("  {} away from the label, {} towards it; McNemar's p = {:.2g}.",
                         counted(facts.broke, "flip", "flips"), facts.repaired, facts.mcnemar_p),
             2, 0, style);
}

std::string window_sentence(const FlipFacts& facts, Lattice lattice) {
  const WindowFacts& window = facts.in(lattice);
  const std::string name(display_name(lattice));
  if (!window.window) return fmt::format("  {}: rounding flips nothing here.", name);
  const std::uint64_t flips = facts.up + facts.down;
  const std::string explained = flips == 0 ? ""
                                           : fmt::format("; it explains {} of {}", window.explained,
                                                         counted(flips, "flip", "flips"));
  return fmt::format("  {}: rounding turns {} {}; {} in it{}.", name, to_string(*window.window),
                     window.window->direction == FlipDirection::up ? "up" : "down",
                     counted(window.at_risk, "reference lies", "references lie"), explained);
}

std::string_view label_words(Label label) {
  if (label == Label::none) return "";
  return label == Label::yes ? ", label 1" : ", label 0";
}

std::string flip_lines(const FlipFacts& facts, Lattice lattice, const ConsoleStyle& style) {
  std::string text;
  const std::size_t shown = std::min(facts.flips.size(), kMaxLines);
  for (std::size_t i = 0; i < shown; ++i) {
    const Flip& flip = facts.flips[i];
    const bool inside = flip.in_window[static_cast<std::size_t>(lattice)];
    text += clip_end(fmt::format("    element {}: {} → {}{}, {} the {} interval", flip.index,
                                 shortest(flip.reference), shortest(flip.output),
                                 label_words(flip.label), inside ? "in" : "NOT in",
                                 display_name(lattice)),
                     style.width) +
            '\n';
  }
  const std::uint64_t all = facts.up + facts.down;
  if (shown < all) text += fmt::format("    and {} more; --json lists them\n", all - shown);
  return text;
}

std::string flips_text(const OutputAudit& output, const ConsoleStyle& style) {
  if (!output.flips) return "";
  const FlipFacts& facts = *output.flips;
  const std::string head =
      fmt::format("Decisions {} {}: {} of {} flipped, {} up, {} down",
                  to_string(facts.settings.rule), shortest(facts.settings.threshold),
                  facts.up + facts.down, facts.decided, facts.up, facts.down);
  std::string text =
      clip_middle(printable(output.name), style.width) + '\n' + wrapped("  " + head, 4, 0, style);
  if (facts.undecided > 0) {
    text += fmt::format("  {}\n", counted(facts.undecided, "output is NaN", "outputs are NaN"));
  }
  if (facts.labelled) text += confusion_table(facts, style);
  const Lattice lattice = output.judgement.storage.value_or(Lattice::fp16);
  text += wrapped(window_sentence(facts, lattice), 4, 0, style);
  return text + flip_lines(facts, lattice, style);
}

std::string disagreement_lines(const RankingFacts& facts, Lattice lattice,
                               const ConsoleStyle& style) {
  std::string text;
  const std::size_t shown = std::min(facts.disagreements.size(), kMaxLines);
  for (std::size_t i = 0; i < shown; ++i) {
    const Disagreement& found = facts.disagreements[i];
    const bool excused = found.excused[static_cast<std::size_t>(lattice)];
    text +=
        clip_end(fmt::format("    row {}: class {} → {}, margin {}, {} {} rounding", found.row,
                             found.reference_class, found.output_class, error_text(found.margin),
                             excused ? "within" : "BEYOND", display_name(lattice)),
                 style.width) +
        '\n';
  }
  if (shown < facts.disagreeing()) {
    text += fmt::format("    and {} more; --json lists them\n", facts.disagreeing() - shown);
  }
  return text;
}

std::string ranking_text(const OutputAudit& output, const ConsoleStyle& style) {
  if (!output.ranking) return "";
  const RankingFacts& facts = *output.ranking;
  const Lattice lattice = output.judgement.storage.value_or(Lattice::fp16);
  std::string text = clip_middle(printable(output.name), style.width) + '\n';
  const auto line = [&](const std::string& words) { text += wrapped("  " + words, 4, 0, style); };
  line(
      fmt::format("Rows: argmax agrees in {} of {}; top {} as a set in {}, in order in {}; mean "
                  "overlap {}",
                  facts.same_first, facts.rows - facts.unranked, facts.top_k, facts.same_set,
                  facts.same_order, percent(facts.mean_overlap)));
  if (facts.disagreeing() > 0) {
    line(fmt::format("{} of {} within {} rounding; largest margin {}",
                     facts.excused[static_cast<std::size_t>(lattice)],
                     counted(facts.disagreeing(), "disagreement is", "disagreements are"),
                     display_name(lattice), error_text(facts.largest_disputed_margin)));
  }
  if (facts.output_ties > facts.reference_ties) {
    line(fmt::format("The two largest are equal in {} of the output, {} of the reference",
                     counted(facts.output_ties, "row", "rows"), facts.reference_ties));
  }
  if (facts.unranked > 0) line(counted(facts.unranked, "row has a NaN", "rows have a NaN"));
  if (facts.distributions) {
    line(
        fmt::format("Probabilities: sums off 1 by up to {}, total variation up to {}, mean "
                    "divergence {}",
                    error_text(facts.max_sum_error), error_text(facts.max_total_variation),
                    error_text(facts.mean_divergence)));
  }
  return text + disagreement_lines(facts, lattice, style);
}

std::string path_name(const Audit& audit, std::size_t path) {
  return path == 0 ? audit.reference_name : audit.outputs[path - 1].name;
}

std::string path_table(const Audit& audit, std::size_t first, std::size_t count,
                       const ConsoleStyle& style) {
  const PathMatrix& matrix = *audit.paths;
  std::vector<TableColumn> columns = {{"largest difference", Align::left}};
  for (std::size_t b = first; b < first + count; ++b) columns.push_back({fmt::format("{}", b)});
  Table table(columns);
  for (std::size_t a = 0; a < matrix.paths; ++a) {
    std::vector<Cell> cells = {{fmt::format("{} {}", a, column_name(path_name(audit, a)))}};
    for (std::size_t b = first; b < first + count; ++b) {
      cells.push_back({a == b ? "" : error_text(matrix.at(a, b).max_abs)});
    }
    table.add(cells);
  }
  return table.render(style);
}

std::string groups_line(const Audit& audit, const ConsoleStyle& style) {
  const std::vector<std::size_t>& groups = audit.paths->groups;
  std::string text = "Alike within 1e-5:";
  const std::size_t count = 1 + *std::max_element(groups.begin(), groups.end());
  for (std::size_t group = 0; group < count; ++group) {
    text += group == 0 ? "" : " |";
    for (std::size_t path = 0; path < groups.size(); ++path) {
      if (groups[path] == group) text += fmt::format(" {}", path);
    }
  }
  return wrapped(text, 4, 0, style);
}

std::string paths_text(const Audit& audit, const ConsoleStyle& style) {
  if (!audit.paths) return "";
  constexpr std::size_t kNameColumn = 20, kValueColumn = 9;
  const std::size_t fit =
      std::max<std::size_t>(1, (style.width - std::min(style.width, kNameColumn)) / kValueColumn);
  std::string text;
  for (std::size_t first = 0; first < audit.paths->paths; first += fit) {
    text += path_table(audit, first, std::min(fit, audit.paths->paths - first), style);
  }
  return text + groups_line(audit, style);
}

}  // namespace

std::string audit_text(const Audit& audit, const ConsoleStyle& style) {
  std::vector<std::string> parts = {head_line(audit, style)};
  for (const OutputAudit& output : audit.outputs) {
    parts.push_back(verdict_lines(output, audit, style));
  }
  parts.push_back(round_trip_text(audit, style));
  parts.push_back(drift_text(audit, style));
  parts.push_back(range_text(audit, style));
  for (const OutputAudit& output : audit.outputs) parts.push_back(flips_text(output, style));
  for (const OutputAudit& output : audit.outputs) parts.push_back(ranking_text(output, style));
  parts.push_back(paths_text(audit, style));
  std::erase(parts, std::string());
  return join(parts, "\n");
}

}  // namespace gpubench
