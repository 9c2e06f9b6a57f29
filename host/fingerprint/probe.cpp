#include "fingerprint/probe.h"

#include <algorithm>
#include <cmath>

namespace gpubench {
namespace {

using Column = std::vector<std::pair<std::size_t, float>>;

/// Where b is not 1; empty where any column of ones will do.
Column column_of(const Probe& probe) {
  const bool all_ones = std::ranges::all_of(probe.terms, [](auto& term) { return term.b == 1; });
  Column column;
  if (all_ones) return column;
  for (const ProbeTerm& term : probe.terms) column.emplace_back(term.k, term.b);
  return column;
}

/// One launch: rows of A and columns of B given out in the order of the probes.
class Sheet {
 public:
  Sheet(const MatmulShape& shape, const Region& region)
      : shape_(shape), region_(region), a_(shape.m * shape.k), b_(shape.k * shape.n) {}

  /// False when the launch is full.
  bool place(const Probe& probe, std::size_t index) {
    const Column column = column_of(probe);
    const bool known = columns_.contains(column);
    const bool full = places_.size() == region_.rows.size() ||
                      (!known && columns_.size() == region_.columns.size());
    if (full) return false;
    if (!known) add_column(column);
    const std::size_t row = region_.rows[places_.size()];
    for (const ProbeTerm& term : probe.terms) a_[row * shape_.k + term.k] = term.a;
    places_.push_back({index, row * shape_.n + columns_.at(column)});
    return true;
  }

  [[nodiscard]] bool empty() const { return places_.empty(); }
  [[nodiscard]] std::span<const float> a() const { return a_; }
  [[nodiscard]] std::span<const float> b() const { return b_; }
  void read(const std::vector<float>& c, std::vector<float>& answers) const {
    for (const Place& place : places_) answers[place.probe] = c[place.element];
  }

 private:
  struct Place {
    std::size_t probe;
    std::size_t element;
  };

  void add_column(const Column& column) {
    const std::size_t j = region_.columns[columns_.size()];
    columns_[column] = j;
    for (std::size_t k = 0; column.empty() && k < shape_.k; ++k) b_[k * shape_.n + j] = 1;
    for (const auto& [k, value] : column) b_[k * shape_.n + j] = value;
  }

  MatmulShape shape_;
  const Region& region_;
  std::vector<float> a_;
  std::vector<float> b_;
  std::map<Column, std::size_t> columns_;
  std::vector<Place> places_;
};

}  // namespace

bool Launcher::can_store(const Probe& probe) const {
  const NumberRule rule = {storage()};
  return std::ranges::all_of(probe.terms, [&](const ProbeTerm& term) {
    return rounded(rule, term.a) == term.a && rounded(rule, term.b) == term.b && term.k < shape().k;
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
    Sheet sheet(shape(), region);
    while (next < probes.size() && sheet.place(probes[next], next)) ++next;
    if (sheet.empty()) return Error{ErrorKind::internal, "no room for probes in an empty region"};
    const auto c = multiply(sheet.a(), sheet.b());
    if (!c) return c.error();
    sheet.read(*c, answers);
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
