#include "arrays/csv_numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace gpubench {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// Takes the next field and what parts it from the one behind it.
std::string_view take_field(std::string_view& line) {
  const std::size_t end = std::min(line.find_first_of(",; \t"), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(end);
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const bool parted = !line.empty() && (line.front() == ',' || line.front() == ';');
  if (parted) {
    line.remove_prefix(1);
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  }
  return field;
}

/// The nearest float32; Inf and NaN only where they are spelled out.
std::optional<float> number_of(std::string_view field) {
  if (field.starts_with('+')) field.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc{} || end != field.data() + field.size() || field.empty()) {
    return std::nullopt;
  }
  if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) {
    return std::nullopt;
  }
  return static_cast<float>(value);
}

/// Of a column; what begins like a number and is none is a mistake instead.
bool is_name(std::string_view field) {
  return !field.empty() &&
         std::string_view("0123456789+-.").find(field.front()) == std::string_view::npos;
}

Error line_error(const std::string& path, std::size_t line, const std::string& what) {
  return {ErrorKind::input, path + ":" + std::to_string(line) + ": " + what};
}

/// For a message: nothing of a binary file reaches the terminal, and nothing endless.
std::string quoted(std::string_view field) {
  std::string text(field.substr(0, 30));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return '"' + text + (field.size() > 30 ? "…\"" : "\"");
}

class Parser {
 public:
  explicit Parser(const std::string& path) : path_(path) {}

  Outcome take(std::string_view line) {
    ++line_number_;
    line = trimmed(line);
    if (line.empty() || line.front() == '#') return Done{};
    const bool may_be_names = !seen_content_;
    seen_content_ = true;
    const bool trailing = line.back() == ',' || line.back() == ';';
    const std::size_t before = values_.size();
    while (!line.empty()) {
      const std::string_view field = take_field(line);
      const auto value = number_of(field);
      if (!value && may_be_names && values_.size() == before && is_name(field)) return Done{};
      if (!value) return wrong(field);
      values_.push_back(*value);
    }
    if (trailing) return wrong("");
    return check_columns(values_.size() - before);
  }

  Result<CsvNumbers> finish() && {
    if (values_.empty()) {
      return Error{ErrorKind::input, path_ + ": expected numbers, found none"};
    }
    CsvNumbers numbers{{lines_}, std::move(values_)};
    if (columns_ > 1) numbers.shape.push_back(columns_);
    return numbers;
  }

 private:
  [[nodiscard]] Error wrong(std::string_view field) const {
    return line_error(path_, line_number_, "expected a float32 number, found " + quoted(field));
  }

  Outcome check_columns(std::size_t found) {
    if (lines_ == 0) {
      columns_ = found;
      first_line_ = line_number_;
    }
    ++lines_;
    if (found == columns_) return Done{};
    return line_error(path_, line_number_,
                      "expected " + std::to_string(columns_) + " numbers as in line " +
                          std::to_string(first_line_) + ", found " + std::to_string(found));
  }

  std::string path_;
  std::vector<float> values_;
  std::size_t line_number_ = 0, first_line_ = 0;
  std::uint64_t lines_ = 0, columns_ = 0;
  bool seen_content_ = false;
};

}  // namespace

Result<CsvNumbers> parse_csv_numbers(std::string_view text, const std::string& path) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Parser parser(path);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const auto taken = parser.take(text.substr(0, end)); !taken) return taken.error();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(parser).finish();
}

}  // namespace gpubench
