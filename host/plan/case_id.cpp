// The scheme is in docs/scenario-format.md; results of different releases are compared by it, so a
// change here breaks comparisons.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/text.h"
#include "kernels/kernel.h"
#include "plan/expand.h"

namespace gpubench {
namespace {

/// A file's name with anything that a shell or a path might read as more than a letter replaced.
std::string file_word(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  std::replace_if(name.begin(), name.end(), std::not_fn(is_plain), '_');
  return name;
}

/// Nothing for the default, so that ids from before there were builds stay.
std::string build_word(const KernelChoiceSpec& kernel) {
  return kernel.build == to_string(Build::as_is) ? "" : "+" + kernel.build;
}

std::string kernel_word(const KernelChoiceSpec& kernel) {
  const std::string& file = kernel.glsl_file.empty() ? kernel.spirv_file : kernel.glsl_file;
  if (file.empty()) return kernel.name + build_word(kernel);
  std::string word = "user=" + file_word(file);
  if (kernel.tile_m != 1 || kernel.tile_n != 1) {
    word += fmt::format("+tile={}x{}", kernel.tile_m, kernel.tile_n);
  }
  for (const auto& [id, value] : kernel.constants) word += fmt::format("+c{}={}", id, value);
  return word + build_word(kernel);
}

std::string shape_word(const Problem& problem) {
  const Shape& shape = problem.shape;
  std::string word = fmt::format("{}x{}", shape.m, shape.n);
  if (problem.op != Op::softmax) word += fmt::format("x{}", shape.k);
  if (shape.batch > 1) word += fmt::format("x{}b", shape.batch);
  if (problem.bias) word += "+bias";
  if (problem.activation != Activation::none) {
    word += fmt::format("+{}", to_string(problem.activation));
  }
  return word;
}

std::string fill_word(const Problem& problem) {
  if (problem.fill != Fill::file) return std::string(to_string(problem.fill));
  std::string word = "file";
  if (!problem.fill_file.empty()) word += "+a=" + file_word(problem.fill_file);
  if (!problem.fill_file_b.empty()) word += "+b=" + file_word(problem.fill_file_b);
  return word;
}

/// Whether `text` is `pattern`, in which '*' is any run of characters.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Error no_such_case(const Plan& plan, std::string_view pattern) {
  std::vector<std::string_view> ids;
  for (const Case& planned : plan.cases) ids.push_back(planned.id);
  const auto nearest = nearest_name(pattern, ids);
  return {ErrorKind::usage,
          fmt::format("no case is called \"{}\"; {}", pattern,
                      nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                              : std::string("`list cases` shows them all, and '*' stands for any "
                                            "text"))};
}

}  // namespace

std::string case_id(const Case& planned) {
  const Problem& problem = planned.problem;
  std::string id = fmt::format("{}/{}/{}/", to_string(problem.op), kernel_word(planned.kernel),
                               to_string(planned.precision));
  if (problem.op != Op::softmax) id += fmt::format("{}/", to_string(problem.layout));
  id += fmt::format("{}/{}/s{}", shape_word(problem), fill_word(problem), problem.seed);
  if (planned.cache_rotate) id += "/rotate";
  return planned.hold_s > 0 ? id + fmt::format("/hold{}s", shortest(planned.hold_s)) : id;
}

Result<Plan> select_cases(const Plan& plan, std::string_view pattern) {
  Plan selected;
  for (const Case& planned : plan.cases) {
    if (matches(pattern, planned.id)) selected.cases.push_back(planned);
  }
  for (const DroppedCase& dropped : plan.dropped) {
    if (matches(pattern, dropped.planned.id)) selected.dropped.push_back(dropped);
  }
  if (selected.cases.empty() && selected.dropped.empty()) return no_such_case(plan, pattern);
  return selected;
}

}  // namespace gpubench
