#include "run/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "arrays/array_file.h"
#include "kernels/random.h"

namespace gpubench {
namespace {

constexpr std::size_t kPiece = 4096;

std::vector<std::uint8_t> drawn_labels(std::uint64_t seed, std::span<const float> expected) {
  std::vector<std::uint8_t> labels(expected.size());
  std::array<float, kPiece> chances{};
  for (std::size_t begin = 0; begin < labels.size(); begin += kPiece) {
    const std::size_t count = std::min(kPiece, labels.size() - begin);
    draw_uniform01({seed, kLabelStream}, begin, std::span(chances).first(count));
    for (std::size_t i = 0; i < count; ++i) labels[begin + i] = chances[i] < expected[begin + i];
  }
  return labels;
}

Error unfit(const std::string& file, const std::string& what) {
  return {ErrorKind::input, fmt::format("{}: {}", file, what)};
}

/// `decided`: outputs of the case.
Result<std::vector<std::uint8_t>> labels_in(const std::string& file, std::uint64_t decided) {
  const auto array = ArrayFile::open(file);
  if (!array) return array.error();
  if (array->size() != decided) {
    return unfit(file, fmt::format("expected {} labels, one for each output, found {}", decided,
                                   array->size()));
  }
  std::vector<std::uint8_t> labels(decided);
  std::array<double, kPiece> values{};
  for (std::size_t begin = 0; begin < labels.size(); begin += kPiece) {
    const std::size_t count = std::min(kPiece, labels.size() - begin);
    if (auto read = array->read(begin, std::span(values).first(count)); !read) return read.error();
    for (std::size_t i = 0; i < count; ++i) {
      if (values[i] != 0 && values[i] != 1) {
        return unfit(file, fmt::format("expected labels 0 and 1, found {:g} at element {}",
                                       values[i], begin + i));
      }
      labels[begin + i] = values[i] != 0;
    }
  }
  return labels;
}

}  // namespace

Result<std::vector<std::uint8_t>> make_labels(const DecideSpec& decide, const Problem& problem,
                                              std::span<const float> expected) {
  if (decide.labels == "drawn") return drawn_labels(problem.seed, expected);
  if (decide.labels == "file") return labels_in(decide.labels_file, problem.c_elements());
  return std::vector<std::uint8_t>{};
}

Outcome check_labels(const Case& planned) {
  if (!planned.decide || planned.decide->labels != "file") return Done{};
  const auto labels = labels_in(planned.decide->labels_file, planned.problem.c_elements());
  return labels ? Outcome(Done{}) : Outcome(labels.error());
}

}  // namespace gpubench
