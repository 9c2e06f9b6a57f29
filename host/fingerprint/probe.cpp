#include "fingerprint/probe.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace gpubench {
ProbeSheet::Column ProbeSheet::column_of(const Probe& probe) {
  const bool all_ones = std::ranges::all_of(probe.terms, [](auto& term) { return term.b == 1; });
  Column column;
  if (all_ones) return column;
  for (const ProbeTerm& term : probe.terms) {
    column.emplace_back(term.k, std::bit_cast<std::uint32_t>(term.b));
  }
  return column;
}

bool ProbeSheet::place(const Probe& probe, std::size_t index) {
  const Column column = column_of(probe);
  const bool known = columns_.contains(column);
  const bool full = places_.size() == region_.rows.size() ||
                    (!known && columns_.size() == region_.columns.size());
  if (full) return false;
  if (!known) add_column(column);
  const std::size_t row = region_.rows[places_.size()];
  for (const ProbeTerm& term : probe.terms) a_[row * shape_.k + term.k] = term.a;
  places_.push_back({index, row, columns_.at(column)});
  return true;
}

void ProbeSheet::add_column(const Column& column) {
  const std::size_t j = region_.columns[columns_.size()];
  columns_[column] = j;
  for (std::size_t k = 0; column.empty() && k < shape_.k; ++k) b_[k * shape_.n + j] = 1;
  for (const auto& [k, bits] : column) b_[k * shape_.n + j] = std::bit_cast<float>(bits);
}

std::vector<std::size_t> ProbeSheet::fill_free_columns() {
  std::vector<std::size_t> filled;
  for (std::size_t i = columns_.size(); i < region_.columns.size(); ++i) {
    filled.push_back(region_.columns[i]);
    for (std::size_t k = 0; k < shape_.k; ++k) b_[k * shape_.n + filled.back()] = 1;
  }
  return filled;
}

bool can_store(NumberFormat storage, const Probe& probe) {
  const NumberRule rule = {storage};
  return std::ranges::all_of(probe.terms, [&](const ProbeTerm& term) {
    const auto holds = [&](float value) {
      return std::isnan(value) || rounded(rule, value) == value;
    };
    return holds(term.a) && holds(term.b);
  });
}

Result<std::vector<float>> Launcher::multiply(std::span<const float> a, std::span<const float> b) {
  ++launches_;
  auto c = under_test_.multiply(a, b);
  if (c && c->size() != shape().m * shape().n) {
    return Error{ErrorKind::internal, "the matmul under test gave an output of another shape"};
  }
  return c;
}

Result<std::vector<float>> Launcher::run(const Region& region, std::span<const Probe> probes) {
  std::vector<float> answers(probes.size());
  for (std::size_t next = 0; next < probes.size();) {
    ProbeSheet sheet(shape(), region);
    while (next < probes.size() && sheet.place(probes[next], next)) ++next;
    if (sheet.places().empty())
      return Error{ErrorKind::internal, "no room for probes in an empty region"};
    const auto c = multiply(sheet.a(), sheet.b());
    if (!c) return c.error();
    for (const auto& [probe, row, column] : sheet.places()) {
      answers[probe] = (*c)[row * shape().n + column];
    }
  }
  return answers;
}

float predicted(const MatmulArithmetic& arithmetic, const Probe& probe) {
  std::vector<ProbeTerm> terms = probe.terms;
  std::ranges::sort(terms, {}, &ProbeTerm::k);
  std::vector<float> a;
  std::vector<float> b;
  for (const ProbeTerm& term : terms) {
    a.push_back(term.a);
    b.push_back(term.b);
  }
  MatmulArithmetic direct = arithmetic;
  direct.order = {};
  return emulate_matmul(direct, {1, 1, terms.size()}, a, b).front();
}

bool same_answer(float a, float b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

}  // namespace gpubench
