#include "plan/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/kernel.h"
#include "plan/reasons.h"
#include "scenario/source_place.h"

namespace gpubench {
namespace {

Shape shape_of(const ShapeSpec& spec) {
  assert(spec.m <= INT32_MAX && spec.n <= INT32_MAX && spec.k <= INT32_MAX &&
         spec.batch <= INT32_MAX && "the reader bounds every dimension");
  return {static_cast<std::uint32_t>(spec.m), static_cast<std::uint32_t>(spec.n),
          static_cast<std::uint32_t>(spec.k), static_cast<std::uint32_t>(spec.batch)};
}

Layout layout_of(Op op, bool transpose_b) {
  return op == Op::linear || transpose_b ? Layout::nt : Layout::nn;
}

/// The words of one block as the catalogue's values.
struct Axes {
  Op op = Op::gemm;
  std::vector<Activation> activations;
  std::vector<Fill> fills;
  std::vector<Precision> precisions;
};

Error unknown_word(const CaseBlock& block, std::string_view axis, const std::string& word) {
  return error_at(block.place, fmt::format("{} {} is unknown", axis, in_quotes(word)));
}

Result<Axes> axes_of(const CaseBlock& block) {
  Axes axes;
  const auto op = parse_op(block.op);
  if (!op) return unknown_word(block, "op", block.op);
  axes.op = *op;
  for (const std::string& word : block.builds) {
    if (!parse_build(word)) return unknown_word(block, "build", word);
  }
  for (const std::string& word : block.activations) {
    const auto activation = parse_activation(word);
    if (!activation) return unknown_word(block, "activation", word);
    axes.activations.push_back(*activation);
  }
  for (const FillSpec& spec : block.fills) {
    const auto fill = parse_fill(spec.name);
    if (!fill) return unknown_word(block, "fill", spec.name);
    axes.fills.push_back(*fill);
  }
  for (const std::string& word : block.precisions) {
    const auto precision = parse_precision(word);
    if (!precision) return unknown_word(block, "precision", word);
    axes.precisions.push_back(*precision);
  }
  return axes;
}

/// Every problem with each of its fills and seeds.
void add_inputs(const CaseBlock& block, const Axes& axes, Problem problem,
                std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < axes.fills.size(); ++i) {
    problem.fill = axes.fills[i];
    problem.fill_file = block.fills[i].file;
    problem.fill_file_b = block.fills[i].file_b;
    for (const std::uint64_t seed : block.seeds) {
      problem.seed = seed;
      problems.push_back(problem);
    }
  }
}

std::vector<Problem> problems_of(const CaseBlock& block, const Axes& axes) {
  std::vector<Problem> problems;
  Problem problem;
  problem.op = axes.op;
  for (const ShapeSpec& shape : block.shapes) {
    problem.shape = shape_of(shape);
    for (const bool transpose_b : block.transpose_bs) {
      problem.layout = layout_of(axes.op, transpose_b);
      for (const bool bias : block.biases) {
        problem.bias = bias;
        for (const Activation activation : axes.activations) {
          problem.activation = activation;
          add_inputs(block, axes, problem, problems);
        }
      }
    }
  }
  return problems;
}

bool is_same(const Case& a, const Case& b) {
  return a.problem == b.problem && a.precision == b.precision && a.kernel == b.kernel &&
         a.decide == b.decide;
}

/// Exp and its kin are rounded differently by every implementation.
bool is_exactly_computable(const Problem& problem) {
  return problem.op != Op::softmax &&
         (problem.activation == Activation::none || problem.activation == Activation::relu);
}

/// Of a kernel of the catalogue that is asked for by name.
std::string what_kernel_lacks(const Case& planned) {
  const Kernel* kernel = find_kernel(planned.problem.op, planned.kernel.name);
  if (kernel == nullptr) return "";
  return without(*kernel, planned.precision,
                 parse_build(planned.kernel.build).value_or(Build::as_is));
}

std::optional<Reason> not_applicable(const Case& planned) {
  const Problem& problem = planned.problem;
  if (std::string lacking = what_kernel_lacks(planned); !lacking.empty()) {
    return Reason{reason::kNotApplicable, std::move(lacking)};
  }
  if (problem.fill != Fill::int_exact || is_exactly_computable(problem)) return std::nullopt;
  const std::string_view function =
      problem.op == Op::softmax ? to_string(problem.op) : to_string(problem.activation);
  return Reason{reason::kNotApplicable,
                fmt::format("int_exact asks for exact results, which {} has not", function)};
}

/// Collects cases and keeps their ids unique.
class PlanBuilder {
 public:
  void add(Case planned) {
    Namesakes& namesakes = by_id_[case_id(planned)];
    planned.id = unique_id(planned, namesakes);
    std::optional<Reason> dropped = not_applicable(planned);
    const auto same = std::ranges::find_if(
        namesakes.cases, [&](const Case& other) { return is_same(planned, other); });
    if (same == namesakes.cases.end()) {
      namesakes.cases.push_back(planned);
    } else {
      dropped = Reason{reason::kDuplicate, fmt::format("the same case as {}", same->id)};
    }
    if (dropped) {
      plan_.dropped.push_back({std::move(planned), *std::move(dropped)});
    } else {
      plan_.cases.push_back(std::move(planned));
    }
  }

  Plan take() { return std::move(plan_); }

 private:
  /// Cases that the scheme of ids does not tell apart: repeats, which are dropped, and such as use
  /// two files of one name in different folders.
  struct Namesakes {
    std::vector<Case> cases;  ///< Without repeats.
    int count = 0;
  };

  static std::string unique_id(const Case& planned, Namesakes& namesakes) {
    ++namesakes.count;
    const std::string id = case_id(planned);
    return namesakes.count == 1 ? id : fmt::format("{}~{}", id, namesakes.count);
  }

  Plan plan_;
  std::map<std::string, Namesakes> by_id_;
};

/// Every kernel with each of its builds.
std::vector<KernelChoiceSpec> kernels_of(const CaseBlock& block) {
  std::vector<KernelChoiceSpec> kernels;
  for (KernelChoiceSpec kernel : block.kernels) {
    for (const std::string& build : block.builds) {
      kernel.build = build;
      kernels.push_back(kernel);
    }
  }
  return kernels;
}

void add_block(const Scenario& scenario, const CaseBlock& block, const Axes& axes,
               PlanBuilder& builder) {
  const std::vector<KernelChoiceSpec> kernels = kernels_of(block);
  for (const Problem& problem : problems_of(block, axes)) {
    for (const Precision precision : axes.precisions) {
      for (const KernelChoiceSpec& kernel : kernels) {
        builder.add({{},
                     problem,
                     precision,
                     kernel,
                     block.budget_s.value_or(scenario.budget_s),
                     scenario.cache_rotate,
                     block.hold_s,
                     block.repeats,
                     block.probe,
                     block.decide});
      }
    }
  }
}

}  // namespace

Result<Plan> expand(const Scenario& scenario) {
  PlanBuilder builder;
  for (const CaseBlock& block : scenario.cases) {
    const auto axes = axes_of(block);
    if (!axes) return axes.error();
    add_block(scenario, block, *axes, builder);
  }
  return builder.take();
}

}  // namespace gpubench
