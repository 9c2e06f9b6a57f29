#include "kit/check_sheet.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>

namespace gpubench {
namespace {

constexpr std::size_t kNoRoom = std::numeric_limits<std::size_t>::max();

/// The first row, or column, of each kind among some of them.
std::map<std::size_t, std::size_t> first_of_each(const std::vector<std::size_t>& numbers,
                                                 const std::vector<std::size_t>& among) {
  std::map<std::size_t, std::size_t> first;
  for (const std::size_t i : among) first.try_emplace(numbers[i], i);
  return first;
}

}  // namespace

CheckSheet::Side::Side(std::vector<std::size_t> order, std::size_t depth)
    : order_(std::move(order)), depth_(depth) {}

// Every other row is of ones: most probes need one, and it is there in a part of few rows.
std::size_t CheckSheet::Side::number_of(const Kind& kind) {
  const auto found = std::ranges::find(kinds_, kind);
  const auto number = static_cast<std::size_t>(found - kinds_.begin());
  if (found != kinds_.end()) return number;
  if (kinds_.size() > order_.size() / 2) return kNoRoom;
  kinds_.push_back(kind);
  return number;
}

std::vector<std::size_t> CheckSheet::Side::numbers() const {
  std::vector<std::size_t> numbers(order_.size());
  const std::size_t others = kinds_.size() - 1;
  for (std::size_t i = 1; others > 0 && i < order_.size(); i += 2) {
    numbers[order_[i]] = 1 + i / 2 % others;
  }
  return numbers;
}

std::vector<float> CheckSheet::Side::values(std::size_t number) const {
  const Kind& kind = kinds_[number];
  std::vector<float> values(depth_, kind.empty() ? 1.0F : 0.0F);
  for (const auto& [k, bits] : kind) values[k] = std::bit_cast<float>(bits);
  return values;
}

CheckSheet::CheckSheet(const MatmulShape& shape, const Region& order, std::span<const Probe> probes)
    : shape_(shape), rows_(order.rows, shape.k), columns_(order.columns, shape.k) {
  for (const Probe& probe : probes) {
    if (!take(probe)) break;
  }
}

// What one side leaves out, the other may have as ones: their product is 0.
bool CheckSheet::take(const Probe& probe) {
  Kind a;
  Kind b;
  for (const ProbeTerm& term : probe.terms) {
    a.emplace_back(term.k, std::bit_cast<std::uint32_t>(term.a));
    b.emplace_back(term.k, std::bit_cast<std::uint32_t>(term.b));
  }
  const auto is_one = [](const auto& each) { return std::bit_cast<float>(each.second) == 1; };
  const bool everywhere = probe.terms.size() == shape_.k;
  const bool ones_in_b = std::ranges::all_of(b, is_one);
  const bool ones_in_a = std::ranges::all_of(a, is_one) && (everywhere || !ones_in_b);
  if (ones_in_a) a.clear();
  if (ones_in_b) b.clear();
  const std::size_t row = rows_.number_of(a);
  const std::size_t column = columns_.number_of(b);
  if (row == kNoRoom || column == kNoRoom) return false;
  probes_.push_back(probe);
  meetings_.push_back({row, column});
  return true;
}

RandomProduct CheckSheet::operands() const {
  RandomProduct made = {shape_, {}, std::vector<float>(shape_.k * shape_.n), {}};
  for (const std::size_t number : rows_.numbers()) {
    const std::vector<float> values = rows_.values(number);
    made.a.insert(made.a.end(), values.begin(), values.end());
  }
  const std::vector<std::size_t> numbers = columns_.numbers();
  for (std::size_t j = 0; j < shape_.n; ++j) {
    const std::vector<float> values = columns_.values(numbers[j]);
    for (std::size_t p = 0; p < shape_.k; ++p) made.b[p * shape_.n + j] = values[p];
  }
  return made;
}

std::vector<ProbeSheet::Place> CheckSheet::places_in(const Region& region) const {
  const auto rows = first_of_each(rows_.numbers(), region.rows);
  const auto columns = first_of_each(columns_.numbers(), region.columns);
  std::vector<ProbeSheet::Place> places;
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    const auto row = rows.find(meetings_[i].row_kind);
    const auto column = columns.find(meetings_[i].column_kind);
    if (row == rows.end() || column == columns.end()) continue;
    places.push_back({i, row->second, column->second});
  }
  return places;
}

}  // namespace gpubench
