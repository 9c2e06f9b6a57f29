#include "report/case_label.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "base/text.h"
#include "kernels/kernel.h"

namespace gpubench {
namespace {

/// A fact of a case beside shape and precision. Empty text: the row does not have it.
struct Trait {
  std::string (*in_title)(const Row&);
  std::string (*in_label)(const Row&);
};

std::string kernel_of(const Row& row) {
  if (!row.kernel.empty()) return row.kernel;
  return row.planned.kernel.name == "auto" ? "" : row.planned.kernel.name;
}
std::string titled_kernel(const Row& row) {
  const std::string kernel = kernel_of(row);
  return kernel.empty() ? "" : "kernel " + kernel;
}
std::string build_of(const Row& row) {
  const std::string& build = row.planned.kernel.build;
  return build == to_string(Build::as_is) ? "" : build;
}
std::string titled_build(const Row& row) {
  const std::string build = build_of(row);
  return build.empty() ? "" : build + " build";
}
std::string layout_of(const Problem& problem) {
  return problem.op == Op::gemm && problem.layout == Layout::nt ? "nt" : "";
}
std::string activation_of(const Problem& problem) {
  const Activation activation = problem.activation;
  return activation == Activation::none ? "" : std::string(to_string(activation));
}
std::string bias_of(const Problem& problem) {
  return problem.bias ? "bias" : "";
}
/// As in a case's id: the files' names without their folders.
std::string fill_of(const Problem& problem) {
  if (problem.fill != Fill::file) return std::string(to_string(problem.fill));
  const auto name_of = [](const std::string& file) {
    return std::filesystem::path(file).filename().string();
  };
  std::vector<std::string> names;
  if (!problem.fill_file.empty()) names.push_back(name_of(problem.fill_file));
  if (!problem.fill_file_b.empty()) names.push_back("b=" + name_of(problem.fill_file_b));
  return join(names, "+");
}
std::string titled_fill(const Problem& problem) {
  return "fill " + fill_of(problem);
}
std::string seed_of(const Problem& problem) {
  return fmt::format("s{}", problem.seed);
}
std::string titled_seed(const Problem& problem) {
  return fmt::format("seed {}", problem.seed);
}

std::string hold_of(const Case& planned) {
  return planned.hold_s > 0 ? fmt::format("held {}s", shortest(planned.hold_s)) : "";
}
std::string held(const Row& row) {
  return hold_of(row.planned);
}

template <std::string (*text_of)(const Problem&)>
std::string of_row(const Row& row) {
  return text_of(row.planned.problem);
}

constexpr std::array<Trait, 8> kTraits = {{{titled_kernel, kernel_of},
                                           {titled_build, build_of},
                                           {of_row<layout_of>, of_row<layout_of>},
                                           {of_row<activation_of>, of_row<activation_of>},
                                           {of_row<bias_of>, of_row<bias_of>},
                                           {of_row<titled_fill>, of_row<fill_of>},
                                           {held, held},
                                           {of_row<titled_seed>, of_row<seed_of>}}};

std::string head_of(const Row& row, LabelHead head) {
  const std::string shape = shape_text(row.planned.problem);
  const std::string precision(to_string(row.planned.precision));
  switch (head) {
    case LabelHead::shape:
      return shape;
    case LabelHead::precision:
      return precision;
    case LabelHead::shape_and_precision:
      return shape + ' ' + precision;
  }
  return shape;
}

/// All that sets a case apart but what nearly every case shares: a normal fill, the one seed.
std::string whole_label(const Case& planned, const std::string& kernel, const std::string& build) {
  const Problem& problem = planned.problem;
  const std::string fill = problem.fill == Fill::normal ? "" : fill_of(problem);
  std::string label = fmt::format("{} {} {}", to_string(problem.op), shape_text(problem),
                                  to_string(planned.precision));
  for (const std::string& word : {kernel, build, layout_of(problem), activation_of(problem),
                                  bias_of(problem), fill, hold_of(planned)}) {
    if (!word.empty()) label += ' ' + word;
  }
  return label;
}

/// A skipped case under `kernel: auto` has no kernel: it does not set the others apart.
bool differs(const Trait& trait, std::span<const Row* const> rows) {
  const bool kernel = trait.in_label == kernel_of;
  std::vector<std::string> texts;
  for (const Row* row : rows) {
    std::string text = trait.in_label(*row);
    if (!kernel || !text.empty()) texts.push_back(std::move(text));
  }
  return std::adjacent_find(texts.begin(), texts.end(), std::not_equal_to<>()) != texts.end();
}

/// The trait as any row has it.
std::string title_of(const Trait& trait, std::span<const Row* const> rows) {
  for (const Row* row : rows) {
    if (std::string text = trait.in_title(*row); !text.empty()) return text;
  }
  return "";
}

}  // namespace

std::string shortened_list(const std::vector<std::string>& shapes) {
  constexpr std::size_t kMostShapes = 4;
  if (shapes.size() <= kMostShapes) return join(shapes, ", ");
  return fmt::format("{} and {} more", join(std::span(shapes).first(kMostShapes), ", "),
                     shapes.size() - kMostShapes);
}

std::string shape_text(const Problem& problem) {
  const auto& [m, n, k, batch] = problem.shape;
  const bool softmax = problem.op == Op::softmax;
  std::string text = m == n && (softmax || n == k) ? fmt::format("{}²", m)
                     : softmax                     ? fmt::format("{}×{}", m, n)
                                                   : fmt::format("{}×{}×{}", m, n, k);
  return batch == 1 ? text : fmt::format("{} of {}", batch, text);
}

std::string short_label(const Case& planned) {
  Row row;
  row.planned = planned;
  return row_label(row);
}

std::string row_label(const Row& row) {
  return whole_label(row.planned, kernel_of(row), build_of(row));
}

CaseLabels case_labels(std::span<const Row* const> rows, LabelHead head) {
  CaseLabels result;
  for (const Row* row : rows) {
    result.labels.push_back(head_of(*row, head));
  }
  std::vector<std::string> common;
  for (const Trait& trait : kTraits) {
    if (!differs(trait, rows)) {
      if (std::string title = title_of(trait, rows); !title.empty()) common.push_back(title);
      continue;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (const std::string text = trait.in_label(*rows[i]); !text.empty()) {
        result.labels[i] += ' ' + text;
      }
    }
  }
  result.common = join(common, ", ");
  return result;
}

}  // namespace gpubench
