// Products go to OpenBLAS panel by panel, so that only a panel of B exists in fp64 at a time.
#include "reference/oracle.h"

#include <cblas.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/parallel.h"
#include "kernels/random.h"
#include "reference/activation.h"
#include "reference/softmax.h"

namespace gpubench {
namespace {

// 2048 x 1024 doubles are 16 MiB: large enough for dgemm to run at its full speed.
constexpr std::uint64_t kPanelInner = 2048;
constexpr std::uint64_t kPanelColumns = 1024;
constexpr std::size_t kGrainLines = 16;

struct Range {
  std::uint64_t begin;
  std::uint64_t end;
  [[nodiscard]] std::uint64_t size() const { return end - begin; }
};

template <class Use>
void for_each_range(std::uint64_t count, std::uint64_t step, Use use) {
  for (std::uint64_t begin = 0; begin < count; begin += step) {
    use(Range{begin, std::min(count, begin + step)});
  }
}

/// A block of a row-major fp32 matrix as contiguous doubles.
void widen(const float* matrix, std::uint64_t stride, Range lines, Range within, double* out) {
  parallel_for(lines.size(), kGrainLines, [&](std::size_t begin, std::size_t end) {
    for (std::size_t line = begin; line < end; ++line) {
      const float* source = matrix + (lines.begin + line) * stride + within.begin;
      std::copy_n(source, within.size(), out + line * within.size());
    }
  });
}

/// Rows of one batch member, whose A, B and results these are.
struct MemberRows {
  std::span<const std::uint64_t> rows;
  std::uint64_t batch;
  double* values;
};

class ProductOracle {
 public:
  ProductOracle(const Problem& problem, const Inputs& inputs)
      : problem_(problem),
        inputs_(inputs),
        transposed_(is_b_transposed(problem)),
        panel_(std::min<std::uint64_t>(kPanelInner, problem.shape.k) *
               std::min<std::uint64_t>(kPanelColumns, problem.shape.n)) {
    openblas_set_num_threads(static_cast<int>(hardware_threads()));
  }

  void compute(const MemberRows& member) {
    for_each_range(problem_.shape.k, kPanelInner, [&](Range inner) {
      gather_rows(member, inner);
      for_each_range(problem_.shape.n, kPanelColumns,
                     [&](Range columns) { add_panel(member, inner, columns); });
    });
  }

 private:
  void gather_rows(const MemberRows& member, Range inner) {
    a_.resize(member.rows.size() * inner.size());
    for (std::size_t i = 0; i < member.rows.size(); ++i) {
      const float* row = inputs_.a.data() + member.rows[i] * problem_.shape.k + inner.begin;
      std::copy_n(row, inner.size(), a_.data() + i * inner.size());
    }
  }

  void add_panel(const MemberRows& member, Range inner, Range columns) {
    const auto [m, n, k, batch] = problem_.shape;
    const float* b = inputs_.b.data() + member.batch * n * k;
    if (transposed_) {
      widen(b, k, columns, inner, panel_.data());
    } else {
      widen(b, n, inner, columns, panel_.data());
    }
    const auto width = static_cast<int>(columns.size());
    const auto depth = static_cast<int>(inner.size());
    cblas_dgemm(CblasRowMajor, CblasNoTrans, transposed_ ? CblasTrans : CblasNoTrans,
                static_cast<int>(member.rows.size()), width, depth, 1.0, a_.data(), depth,
                panel_.data(), transposed_ ? depth : width, inner.begin == 0 ? 0.0 : 1.0,
                member.values + columns.begin, static_cast<int>(n));
  }

  const Problem& problem_;
  const Inputs& inputs_;
  bool transposed_;
  std::vector<double> panel_;
  std::vector<double> a_;
};

void compute_products(const Problem& problem, const Inputs& inputs, OracleSample& sample) {
  ProductOracle oracle(problem, inputs);
  const std::span<const std::uint64_t> rows = sample.rows;
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::uint64_t batch = rows[begin] / problem.shape.m;
    std::size_t end = begin;
    while (end < rows.size() && rows[end] / problem.shape.m == batch) ++end;
    oracle.compute(
        {rows.subspan(begin, end - begin), batch, sample.values.data() + begin * problem.shape.n});
    begin = end;
  }
}

void finish_rows(const Problem& problem, const std::vector<float>& bias, OracleSample& sample) {
  const std::uint64_t columns = problem.shape.n;
  parallel_for(sample.rows.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin * columns; i < end * columns; ++i) {
      const double shift = bias.empty() ? 0.0 : bias[i % columns];
      sample.values[i] = activate(problem.activation, sample.values[i] + shift);
    }
  });
}

}  // namespace

std::vector<std::uint64_t> sample_rows(const Problem& problem, std::uint32_t most) {
  const std::uint64_t rows = std::uint64_t{problem.shape.batch} * problem.shape.m;
  std::vector<std::uint64_t> chosen;
  if (rows <= most) {
    for (std::uint64_t row = 0; row < rows; ++row) chosen.push_back(row);
    return chosen;
  }
  std::uint64_t width = 2;
  while ((rows + width - 1) / width > most) width *= 2;
  std::vector<std::uint32_t> words((rows + width - 1) / width);
  draw_words({problem.seed, kSampleStream}, 0, words);
  for (std::uint64_t stratum = 0; stratum < words.size(); ++stratum) {
    const std::uint64_t begin = stratum * width;
    chosen.push_back(begin + words[stratum] % std::min(width, rows - begin));
  }
  chosen.insert(chosen.end(), {0, problem.shape.m - std::uint64_t{1}, rows - 1});
  std::ranges::sort(chosen);
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

OracleSample compute_oracle(const Problem& problem, const Inputs& inputs,
                            std::vector<std::uint64_t> rows) {
  const std::uint64_t columns = problem.shape.n;
  OracleSample sample{std::move(rows), {}};
  sample.values.resize(sample.rows.size() * columns);
  if (problem.op != Op::softmax) {
    compute_products(problem, inputs, sample);
    finish_rows(problem, inputs.bias, sample);
    return sample;
  }
  for (std::size_t i = 0; i < sample.rows.size(); ++i) {
    softmax_fp64(inputs.a.span().subspan(sample.rows[i] * columns, columns),
                 std::span(sample.values).subspan(i * columns, columns));
  }
  return sample;
}

}  // namespace gpubench
