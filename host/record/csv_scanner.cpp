#include "record/csv_scanner.h"

#include <fmt/format.h>

#include <bit>

#include "record/csv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace gpubench {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSpecials = ",\"\r\n";
constexpr std::size_t kBlock = 64;

/// One bit for each byte of `bytes` that is special; at most kBlock of them.
std::uint64_t specials_of_any(std::string_view bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool special = kSpecials.find(bytes[i]) != std::string_view::npos;
    bits |= static_cast<std::uint64_t>(special) << i;
  }
  return bits;
}

#ifdef __SSE2__
std::uint64_t specials_of_16(const char* bytes) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  __m128i hits = _mm_setzero_si128();
  for (const char special : kSpecials) {
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(block, _mm_set1_epi8(special)));
  }
  return static_cast<std::uint64_t>(_mm_movemask_epi8(hits));
}

std::uint64_t specials_of(std::string_view bytes) {
  if (bytes.size() < kBlock) return specials_of_any(bytes);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kBlock; i += 16) bits |= specials_of_16(bytes.data() + i) << i;
  return bits;
}
#else
std::uint64_t specials_of(std::string_view bytes) {
  return specials_of_any(bytes);
}
#endif

std::string without_doubled_quotes(std::string_view text) {
  std::string value;
  value.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    value += text[i];
    if (text[i] == '"') ++i;
  }
  return value;
}

}  // namespace

std::string csv_value(const CsvField& field) {
  std::string storage;
  return std::string(csv_value(field, storage));
}

std::string_view csv_value(const CsvField& field, std::string& storage) {
  std::string_view value = field.text;
  if (field.has_doubled_quotes) value = storage = without_doubled_quotes(field.text);
  return is_neutralised(value) ? value.substr(1) : value;
}

CsvScanner::CsvScanner(std::string_view text, std::string_view file) : text_(text), file_(file) {
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  specials_ = specials_of(text_.substr(0, kBlock));
}

Result<CsvScanner::Found> CsvScanner::next(std::vector<CsvField>& fields) {
  fields.clear();
  record_begin_ = at_;
  record_line_ = line_;
  if (at_ == text_.size()) return Found::end;
  while (true) {
    take_plain_fields(fields);
    CsvField& field = fields.emplace_back();
    const bool is_quoted = at_ < text_.size() && text_[at_] == '"';
    const auto end = is_quoted ? quoted_field(field) : bare_field(field);
    if (!end) return end.error();
    if (*end == FieldEnd::newline) return Found::record;
    if (*end == FieldEnd::end_of_text) return Found::half_record;
  }
}

/// Most fields are bare, short and end in a comma: no other kind is worth a quick way.
void CsvScanner::take_plain_fields(std::vector<CsvField>& fields) {
  while (at_ < text_.size() && text_[at_] != '"') {
    const std::size_t begin = at_;
    const std::size_t end = next_special();
    at_ = begin;
    if (end == text_.size() || text_[end] != ',' || end - begin > kMaxCsvFieldBytes) return;
    fields.push_back({text_.substr(begin, end - begin), false});
    at_ = end + 1;
  }
}

std::size_t CsvScanner::next_special() {
  while (true) {
    const std::size_t skipped = at_ - block_;
    if (skipped < kBlock) {
      const std::uint64_t left = specials_ >> skipped;
      if (left != 0) return at_ + static_cast<std::size_t>(std::countr_zero(left));
      at_ = block_ + kBlock;
    }
    if (at_ >= text_.size()) return at_ = text_.size();
    block_ = at_;
    specials_ = specials_of(text_.substr(block_, kBlock));
  }
}

Result<CsvScanner::FieldEnd> CsvScanner::bare_field(CsvField& field) {
  const std::size_t begin = at_;
  at_ = next_special();
  field.text = text_.substr(begin, at_ - begin);
  const auto end = field_end("a quote inside a field that does not begin with one");
  return end ? checked(*end, field) : end;
}

Result<CsvScanner::FieldEnd> CsvScanner::quoted_field(CsvField& field) {
  const std::size_t begin = ++at_;
  while (true) {
    const std::size_t special = next_special();
    at_ = special;
    if (special == text_.size()) return FieldEnd::end_of_text;
    ++at_;
    if (text_[special] == '\n') ++line_;
    if (text_[special] != '"') continue;
    if (at_ == text_.size() || text_[at_] != '"') {
      field.text = text_.substr(begin, special - begin);
      const auto end = field_end("text after the closing quote of a field");
      return end ? checked(*end, field) : end;
    }
    ++at_;
    field.has_doubled_quotes = true;
  }
}

/// Consumes what ends a field; `otherwise` says what is wrong with anything else.
Result<CsvScanner::FieldEnd> CsvScanner::field_end(std::string_view otherwise) {
  if (at_ == text_.size()) return FieldEnd::end_of_text;
  const char c = text_[at_];
  if (c == ',') {
    ++at_;
    return FieldEnd::comma;
  }
  if (c == '\r' && at_ + 1 == text_.size()) {
    at_ = text_.size();
    return FieldEnd::end_of_text;
  }
  if (c == '\r' && text_[at_ + 1] == '\n') ++at_;
  if (text_[at_] == '\n') {
    ++at_;
    ++line_;
    return FieldEnd::newline;
  }
  return failure(c == '\r' ? "a carriage return that no line feed follows" : otherwise);
}

Result<CsvScanner::FieldEnd> CsvScanner::checked(FieldEnd end, const CsvField& field) const {
  if (field.text.size() <= kMaxCsvFieldBytes) return end;
  return Error{ErrorKind::input,
               fmt::format("{}:{}: a field of {} bytes; expected at most {}", file_, record_line_,
                           field.text.size(), kMaxCsvFieldBytes)};
}

Error CsvScanner::failure(std::string_view what) const {
  return {ErrorKind::input, fmt::format("{}:{}: {}", file_, line_, what)};
}

}  // namespace gpubench
