#include "kernels/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace gpubench {
namespace {

Error bad(std::string text) {
  return {ErrorKind::input, std::move(text)};
}

Result<Parameter> parse_parameter(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    return bad(fmt::format("\"{}\": expected NAME=NUMBER", word));
  }
  Parameter parameter{std::string(word.substr(0, equals)), 0};
  const std::string_view digits = word.substr(equals + 1);
  const char* end = digits.data() + digits.size();
  const auto [read, error] = std::from_chars(digits.data(), end, parameter.value);
  if (error != std::errc() || read != end) {
    return bad(fmt::format("\"{}\": expected a number from 0 to 4294967295", word));
  }
  return parameter;
}

Outcome check_value(const ParameterSpace& space, std::uint32_t value) {
  if (std::ranges::find(space.values, value) != space.values.end()) return Done{};
  return bad(
      fmt::format("{}={}: expected one of {}", space.name, value, fmt::join(space.values, ", ")));
}

Result<std::uint32_t> value_in(const Tuning& tuning, const ParameterSpace& space) {
  const auto given = std::ranges::find(tuning, space.name, &Parameter::name);
  if (given == tuning.end()) {
    if (space.unnamed) return *space.unnamed;
    return bad(fmt::format("{} is missing", space.name));
  }
  if (auto fits = check_value(space, given->value); !fits) return fits.error();
  return given->value;
}

Outcome check_names(const Tuning& tuning, std::span<const ParameterSpace> spaces) {
  for (const Parameter& parameter : tuning) {
    if (std::ranges::find(spaces, parameter.name, &ParameterSpace::name) == spaces.end()) {
      return bad(fmt::format("{} is no parameter of this kernel", parameter.name));
    }
    if (std::ranges::count(tuning, parameter.name, &Parameter::name) > 1) {
      return bad("a parameter is there twice");
    }
  }
  return Done{};
}

}  // namespace

std::string to_string(const Tuning& tuning) {
  std::string text;
  for (const Parameter& parameter : tuning) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", parameter.name, parameter.value);
  }
  return text;
}

Result<Tuning> parse_tuning(std::string_view text) {
  Tuning tuning;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const auto parameter = parse_parameter(text.substr(0, space));
    if (!parameter) return parameter.error();
    tuning.push_back(*parameter);
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return tuning;
}

Result<std::vector<std::uint32_t>> values_of(const Tuning& tuning,
                                             std::span<const ParameterSpace> spaces) {
  std::vector<std::uint32_t> values;
  for (const ParameterSpace& space : spaces) {
    const auto value = value_in(tuning, space);
    if (!value) return value.error();
    values.push_back(*value);
  }
  if (auto known = check_names(tuning, spaces); !known) return known.error();
  return values;
}

Tuning tuning_of(std::span<const ParameterSpace> spaces, std::span<const std::uint32_t> values) {
  Tuning tuning;
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    tuning.push_back({std::string(spaces[i].name), values[i]});
  }
  return tuning;
}

std::uint64_t combinations(std::span<const ParameterSpace> spaces) {
  std::uint64_t count = 1;
  for (const ParameterSpace& space : spaces) count *= space.values.size();
  return count;
}

Tuning combination(std::span<const ParameterSpace> spaces, std::uint64_t index) {
  std::vector<std::uint32_t> values(spaces.size());
  for (std::size_t i = spaces.size(); i-- > 0;) {
    values[i] = spaces[i].values[index % spaces[i].values.size()];
    index /= spaces[i].values.size();
  }
  return tuning_of(spaces, values);
}

}  // namespace gpubench
