// Every fill here works on runs: consecutive elements of one line of the tensor. A line of A, of
// the softmax input or of a transposed B runs along the inner dimension (k, or the row of a
// softmax); a line of a plain B holds one inner index for all columns.
#include "kernels/structured_fill.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "kernels/random.h"

namespace gpubench {
namespace {

Stream stream_of(const Part& part) {
  return {part.problem.seed, static_cast<std::uint32_t>(part.tensor)};
}
Stream noise_of(const Part& part) {
  return {part.problem.seed, kNoiseStream + static_cast<std::uint32_t>(part.tensor)};
}

bool line_is_inner(const Part& part) {
  return part.tensor == Tensor::a || is_b_transposed(part.problem);
}

std::uint64_t line_length(const Part& part) {
  if (part.problem.op == Op::softmax) return part.problem.shape.n;
  return line_is_inner(part) ? part.problem.shape.k : part.problem.shape.n;
}

struct Run {
  std::uint64_t line;
  std::uint64_t offset;  ///< Of the first element within its line.
  std::uint64_t index;   ///< Of the first element within the tensor.
  std::span<float> out;
};

/// Calls `use(Run)` for each part of a line.
template <class Use>
void for_each_run(const Part& part, Use use) {
  const std::uint64_t length = line_length(part);
  std::uint64_t index = part.first;
  for (std::span<float> rest = part.out; !rest.empty();) {
    const std::uint64_t offset = index % length;
    const std::size_t count = std::min<std::uint64_t>(rest.size(), length - offset);
    use(Run{index / length, offset, index, rest.first(count)});
    index += count;
    rest = rest.subspan(count);
  }
}

void scale(std::span<float> values, float factor) {
  for (float& value : values) value *= factor;
}

// --- Products that cancel: the inner dimension has a leading part, its mirror image, whose
// products are the negatives of the leading ones, and a tail of at most three elements.

enum class Section : std::uint8_t { leading, mirror, tail };

struct SectionRun {
  Section section;
  std::uint64_t inner;     ///< Inner index of the first element.
  std::uint64_t index;     ///< Of the first element within the tensor.
  std::uint64_t original;  ///< For the mirror: index of the element that the first one mirrors.
  std::span<float> out;
};

Section section_of(std::uint64_t inner, std::uint64_t half) {
  if (inner < half) return Section::leading;
  return inner < 2 * half ? Section::mirror : Section::tail;
}

std::uint64_t section_end(std::uint64_t inner, std::uint64_t half, std::uint64_t length) {
  if (inner < half) return half;
  return inner < 2 * half ? 2 * half : length;
}

template <class Use>
void for_each_section(const Part& part, std::uint64_t half, Use use) {
  const Shape& shape = part.problem.shape;
  for_each_run(part, [&](const Run& run) {
    if (!line_is_inner(part)) {
      const std::uint64_t inner = run.line % shape.k;
      use(SectionRun{section_of(inner, half), inner, run.index, run.index - half * shape.n,
                     run.out});
      return;
    }
    for (std::size_t done = 0; done < run.out.size();) {
      const std::uint64_t inner = run.offset + done;
      const std::uint64_t index = run.index + done;
      const std::size_t count =
          std::min<std::uint64_t>(run.out.size() - done, section_end(inner, half, shape.k) - inner);
      use(SectionRun{section_of(inner, half), inner, index, index - half,
                     run.out.subspan(done, count)});
      done += count;
    }
  });
}

void add_noise(Stream noise, std::uint64_t first, float amplitude, std::span<float> out) {
  std::array<float, 1024> values;
  while (!out.empty()) {
    const auto part = std::span(values).first(std::min(values.size(), out.size()));
    draw_normal(noise, first, part);
    for (std::size_t i = 0; i < part.size(); ++i) out[i] += amplitude * part[i];
    first += part.size();
    out = out.subspan(part.size());
  }
}

/// Leading part and mirror of either tensor; B's mirror is negated.
void fill_pair(const Part& part, const SectionRun& run) {
  const bool mirrored = run.section == Section::mirror;
  draw_normal(stream_of(part), mirrored ? run.original : run.index, run.out);
  if (mirrored && part.tensor == Tensor::b) scale(run.out, -1.0F);
}

// What is left of a result after cancellation, relative to one product.
constexpr float kCancelResidue = 0x1p-6F;
// Distance of results from the threshold ½: twice the fp16 spacing there.
constexpr float kThresholdSpread = 0x1p-10F;

/// Where products must lie for results near ½, and how far rows and columns move them.
struct ThresholdAim {
  float centre = 0.5F;
  float by_row = kThresholdSpread;
  float by_column = kThresholdSpread / 4;
};

/// Rows move further than columns, so that a single column lies on both sides; a single row leaves
/// it to the columns. Sigmoid takes 0 to ½ and has a slope of ¼ there.
ThresholdAim aim_of(const Problem& problem) {
  ThresholdAim aim;
  if (problem.shape.m == 1) aim = {aim.centre, 0, kThresholdSpread};
  if (problem.activation != Activation::sigmoid) return aim;
  return {0, 4 * aim.by_row, 4 * aim.by_column};
}

/// No smaller than what fp16 holds as a normal number, unless nothing is asked for.
float small_term(float spread, float value) {
  if (spread == 0) return 0;
  return std::copysign(std::max(std::abs(spread * value), kSmallestDrawn), value);
}

/// C = the centre + a small term of the column, by the last inner index, where A is 1, + one of the
/// row, by the last but one, where B is 1.
void fill_threshold_tail(const Part& part, const SectionRun& run) {
  const std::uint64_t k = part.problem.shape.k;
  const ThresholdAim aim = aim_of(part.problem);
  const bool is_a = part.tensor == Tensor::a;
  draw_uniform(stream_of(part), run.index, run.out);
  for (std::size_t i = 0; i < run.out.size(); ++i) {
    const std::uint64_t to_end = k - (line_is_inner(part) ? run.inner + i : run.inner);
    float& value = run.out[i];
    if (to_end == 1) {
      value = is_a ? 1.0F : aim.centre + small_term(aim.by_column, value);
    } else if (to_end == 2) {
      value = is_a ? small_term(aim.by_row, value) : 1.0F;
    } else if (!is_a) {
      value = 0.0F;
    }
  }
}

/// The first two elements of a row share nearly all of the weight.
void fill_softmax_threshold(const Part& part) {
  constexpr float kNegligible = -24.0F;  // e^-24 = 4e-11
  constexpr float kSpread = 0x1p-8F;     // g = ½ ± 2^-10
  for_each_run(part, [&](const Run& run) {
    draw_normal(stream_of(part), run.index, run.out);
    for (std::size_t i = 0; i < run.out.size(); ++i) {
      const std::uint64_t column = run.offset + i;
      float& value = run.out[i];
      value = column == 0 ? kSpread * value : column == 1 ? 0.0F : kNegligible + value;
    }
  });
}

// --- Integers.

// fp16 holds every integer up to 2048, so sums that stay within it are exact in any order and in
// any accumulator from fp16 up.
constexpr std::uint64_t kLargestExactSum = 2048;
constexpr std::uint32_t kLargestInteger = 7;

/// Largest limit with terms·limit² + limit (the bias) within the exact range; at least 1.
std::uint32_t integer_limit(std::uint64_t terms) {
  std::uint32_t limit = kLargestInteger;
  while (limit > 1 && terms * limit * limit + limit > kLargestExactSum) --limit;
  return limit;
}

/// Longer inner dimensions would leave the exact range even with ±1, so A is sparse there: the
/// inner indices fall into groups of this many, and one place of each group, chosen by the
/// generator for every row anew, holds ±1.
std::uint64_t group_size(std::uint64_t k) {
  return (k + kLargestExactSum - 2) / (kLargestExactSum - 1);
}

void fill_sparse_run(Stream stream, std::uint64_t k, const Run& run) {
  const std::uint64_t size = group_size(k);
  const std::uint64_t groups = (k + size - 1) / size;
  const std::uint64_t first_group = run.offset / size;
  const std::uint64_t last_group = (run.offset + run.out.size() - 1) / size;
  std::ranges::fill(run.out, 0.0F);
  std::array<std::uint32_t, 256> words;
  for (std::uint64_t group = first_group; group <= last_group; ++group) {
    const std::uint64_t word_index = (group - first_group) % words.size();
    if (word_index == 0) {
      const std::uint64_t wanted = std::min<std::uint64_t>(words.size(), last_group - group + 1);
      draw_words(stream, run.line * groups + group, std::span(words).first(wanted));
    }
    const std::uint32_t word = words[word_index];
    const std::uint64_t members = std::min(size, k - group * size);
    const std::uint64_t inner = group * size + ((word >> 8) * members >> 24);
    if (inner >= run.offset && inner < run.offset + run.out.size()) {
      run.out[inner - run.offset] = (word & 1U) != 0 ? -1.0F : 1.0F;
    }
  }
}

}  // namespace

void fill_int_exact(const Part& part) {
  const std::uint64_t k = part.problem.op == Op::softmax ? 1 : part.problem.shape.k;
  if (part.tensor == Tensor::a && group_size(k) > 1) {
    for_each_run(part, [&](const Run& run) { fill_sparse_run(stream_of(part), k, run); });
    return;
  }
  draw_integers(stream_of(part), part.first, integer_limit(k), part.out);
}

void fill_cancel(const Part& part) {
  if (part.tensor == Tensor::bias || part.problem.op == Op::softmax) {
    draw_normal(stream_of(part), part.first, part.out);
    scale(part.out, kCancelResidue);
    return;
  }
  for_each_section(part, part.problem.shape.k / 2, [&](const SectionRun& run) {
    const bool is_b = part.tensor == Tensor::b;
    if (run.section != Section::tail) {
      fill_pair(part, run);
    } else if (is_b) {
      std::ranges::fill(run.out, 0.0F);
    } else {
      draw_normal(stream_of(part), run.index, run.out);
    }
    if (is_b && run.section != Section::leading) {
      add_noise(noise_of(part), run.index, kCancelResidue, run.out);
    }
  });
}

void fill_near_threshold(const Part& part) {
  if (part.problem.op == Op::softmax) return fill_softmax_threshold(part);
  if (part.tensor == Tensor::bias) {
    std::ranges::fill(part.out, 0.0F);
    return;
  }
  const std::uint64_t k = part.problem.shape.k;
  for_each_section(part, k < 2 ? 0 : (k - 2) / 2, [&](const SectionRun& run) {
    if (run.section == Section::tail) {
      fill_threshold_tail(part, run);
    } else {
      fill_pair(part, run);
    }
  });
}

void fill_logits(const Part& part) {
  constexpr float kSpread = 4.0F;
  constexpr float kRowOffset = 96.0F;  // e^±96 leaves the range of fp32 if the maximum stays in.
  draw_normal(stream_of(part), part.first, part.out);
  scale(part.out, kSpread);
  if (part.problem.op != Op::softmax) return;
  for_each_run(part, [&](const Run& run) {
    const float offset = kRowOffset * (static_cast<float>(run.line % 3) - 1.0F);
    for (float& value : run.out) value += offset;
  });
}

void fill_subnormal(const Part& part) {
  if (part.tensor == Tensor::b) return draw_normal(stream_of(part), part.first, part.out);
  if (part.tensor == Tensor::bias) {
    return draw_half_subnormals(stream_of(part), part.first, part.out);
  }
  for_each_run(part, [&](const Run& run) {
    if (run.line % 4 == 3) {
      draw_float_subnormals(stream_of(part), run.index, run.out);
    } else {
      draw_half_subnormals(stream_of(part), run.index, run.out);
    }
  });
}

}  // namespace gpubench
