#include "report/case_label.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

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
std::string layout_of(const Row& row) {
  const Problem& problem = row.planned.problem;
  return problem.op == Op::gemm && problem.layout == Layout::nt ? "nt" : "";
}
std::string activation_of(const Row& row) {
  const Activation activation = row.planned.problem.activation;
  return activation == Activation::none ? "" : std::string(to_string(activation));
}
std::string bias_of(const Row& row) {
  return row.planned.problem.bias ? "bias" : "";
}
std::string fill_of(const Row& row) {
  const Problem& problem = row.planned.problem;
  return problem.fill == Fill::file ? problem.fill_file : std::string(to_string(problem.fill));
}
std::string titled_fill(const Row& row) {
  return "fill " + fill_of(row);
}
std::string seed_of(const Row& row) {
  return fmt::format("s{}", row.planned.problem.seed);
}
std::string titled_seed(const Row& row) {
  return fmt::format("seed {}", row.planned.problem.seed);
}

constexpr std::array<Trait, 6> kTraits = {{{titled_kernel, kernel_of},
                                           {layout_of, layout_of},
                                           {activation_of, activation_of},
                                           {bias_of, bias_of},
                                           {titled_fill, fill_of},
                                           {titled_seed, seed_of}}};

std::string head_of(const Row& row, LabelHead head) {
  const std::string shape = shape_text(row.planned.problem);
  if (head == LabelHead::shape) return shape;
  return shape + ' ' + std::string(to_string(row.planned.precision));
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

std::string shape_text(const Problem& problem) {
  const auto& [m, n, k, batch] = problem.shape;
  const bool softmax = problem.op == Op::softmax;
  std::string text = m == n && (softmax || n == k) ? fmt::format("{}²", m)
                     : softmax                     ? fmt::format("{}×{}", m, n)
                                                   : fmt::format("{}×{}×{}", m, n, k);
  return batch == 1 ? text : fmt::format("{} of {}", batch, text);
}

std::string short_label(const Case& planned) {
  return fmt::format("{} {} {}", to_string(planned.problem.op), shape_text(planned.problem),
                     to_string(planned.precision));
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
