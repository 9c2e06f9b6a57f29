// The header is a Python dictionary in text: {'descr': '<f4', 'fortran_order': False, 'shape':
// (3, 4), }. The parser takes the values that a plain array can have and nothing else.
#include "arrays/npy_layout.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

namespace gpubench {
namespace {

// NumPy writes headers of about 120 bytes; a longer one than this is damage or malice.
constexpr std::uint32_t kMaxHeaderBytes = 65536;
constexpr std::size_t kMaxDimensions = 32;
constexpr std::string_view kMagic = "\x93NUMPY";

Error input_error(const std::string& path, std::string_view what) {
  return {ErrorKind::input, path + ": " + std::string(what)};
}

struct Dictionary {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

class DictionaryParser {
 public:
  explicit DictionaryParser(std::string_view text) : rest_(text) {}

  std::optional<Dictionary> parse() {
    bool has_descr = false, has_order = false, has_shape = false;
    if (!take('{')) return std::nullopt;
    while (!take('}')) {
      const auto key = quoted();
      if (!key || !take(':')) return std::nullopt;
      if (*key == "descr" && !has_descr) {
        has_descr = parse_descr();
      } else if (*key == "fortran_order" && !has_order) {
        has_order = parse_order();
      } else if (*key == "shape" && !has_shape) {
        has_shape = parse_shape();
      } else {
        return std::nullopt;
      }
      if (!take(',') && next() != '}') return std::nullopt;
    }
    if (!has_descr || !has_order || !has_shape || next() != '\0') return std::nullopt;
    return std::move(result_);
  }

 private:
  /// The next character that is not blank, '\0' at the end.
  char next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t"), rest_.size()));
    return rest_.empty() ? '\0' : rest_.front();
  }

  bool take(char wanted) {
    if (next() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take_word(std::string_view word) {
    next();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::optional<std::string> quoted() {
    const char quote = next();
    if (quote != '\'' && quote != '"') return std::nullopt;
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool parse_descr() {
    if (next() == '[') {  // A record type: its text is kept for the message, up to the closing ].
      result_.descr = std::string(rest_.substr(0, rest_.find(']')));
      rest_.remove_prefix(std::min(result_.descr.size() + 1, rest_.size()));
      return true;
    }
    auto text = quoted();
    if (text) result_.descr = std::move(*text);
    return text.has_value();
  }

  bool parse_order() {
    result_.fortran_order = take_word("True");
    return result_.fortran_order || take_word("False");
  }

  bool parse_shape() {
    if (!take('(')) return false;
    while (!take(')')) {
      next();
      std::uint64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc{} || result_.shape.size() == kMaxDimensions) return false;
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      result_.shape.push_back(extent);
      if (!take(',') && next() != ')') return false;
    }
    return true;
  }

  std::string_view rest_;
  Dictionary result_;
};

struct RawHeader {
  std::string text;
  std::uint64_t data_offset = 0;
};

Result<RawHeader> read_raw_header(std::ifstream& file, const std::string& path) {
  std::array<char, 8> start{};
  if (!file.read(start.data(), start.size()) ||
      !std::equal(kMagic.begin(), kMagic.end(), start.begin())) {
    return input_error(path, "not a .npy file: expected it to begin with \\x93NUMPY");
  }
  const int version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3) {
    return input_error(path, "expected .npy format 1, 2 or 3, found " + std::to_string(version));
  }
  std::array<unsigned char, 4> length{};
  const std::streamsize length_bytes = version == 1 ? 2 : 4;
  file.read(reinterpret_cast<char*>(length.data()), length_bytes);
  const std::uint32_t bytes =
      length[0] | length[1] << 8 | length[2] << 16 | static_cast<std::uint32_t>(length[3]) << 24;
  if (!file || bytes > kMaxHeaderBytes) {
    return input_error(path, "the .npy header is cut short or too long");
  }
  RawHeader header{std::string(bytes, '\0'), start.size() + length_bytes + bytes};
  if (!file.read(header.text.data(), bytes)) {
    return input_error(path, "the .npy header is cut short");
  }
  return header;
}

/// "<f4" is a little-endian float of 4 bytes, "|b1" a bool; "=" never occurs in a file.
std::optional<NumberType> type_of(std::string_view descr) {
  if (descr.size() != 3) return std::nullopt;
  const ByteOrder order = descr[0] == '>' ? ByteOrder::big : ByteOrder::little;
  if (descr[0] != '<' && descr[0] != '>' && descr[0] != '|') return std::nullopt;
  const auto bytes = static_cast<std::uint32_t>(descr[2] - '0');
  const bool whole = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
  if (!whole || (descr[0] == '|' && bytes > 1)) return std::nullopt;
  if (descr[1] == 'f' && bytes > 1) return NumberType{NumberKind::floating, bytes, order};
  if (descr[1] == 'i') return NumberType{NumberKind::signed_integer, bytes, order};
  if (descr[1] == 'u') return NumberType{NumberKind::unsigned_integer, bytes, order};
  if (descr == "|b1") return NumberType{NumberKind::boolean, bytes, order};
  return std::nullopt;
}

Error no_numbers(const Dictionary& dictionary, const std::string& path) {
  const bool pickled = dictionary.descr.find('O') != std::string::npos;
  return input_error(path,
                     "expected numbers (float16, float32, float64, integers or bool), found '" +
                         dictionary.descr + "'" +
                         (pickled ? ", pickled objects, which are never loaded" : ""));
}

/// Bytes of data that the header claims, nothing if that overflows.
std::optional<std::uint64_t> claimed_bytes(const NpyLayout& layout) {
  std::uint64_t bytes = layout.type.bytes;
  for (const std::uint64_t extent : layout.shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) return std::nullopt;
  }
  return bytes;
}

Outcome check_length(const NpyLayout& layout, const std::string& path) {
  std::error_code error;
  const std::uint64_t file_bytes = std::filesystem::file_size(path, error);
  const auto claimed = claimed_bytes(layout);
  const std::uint64_t found = error ? 0 : file_bytes - layout.data_offset;
  if (claimed && *claimed == found) return Done{};
  return input_error(path, "shape " + shape_text(layout.shape) + " needs " +
                               (claimed ? std::to_string(*claimed) : "over 2^64") +
                               " bytes of data, found " + std::to_string(found));
}

Error cannot_open(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return input_error(path, "expected a .npy file, found a directory");
  }
  return input_error(path, std::string("cannot open: ") + std::strerror(errno));
}

}  // namespace

std::string to_string(const NumberType& type) {
  const std::string bits = std::to_string(type.bytes * 8);
  switch (type.kind) {
    case NumberKind::floating:
      return "float" + bits;
    case NumberKind::signed_integer:
      return "int" + bits;
    case NumberKind::unsigned_integer:
      return "uint" + bits;
    case NumberKind::boolean:
      return "bool";
  }
  return "?";
}

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

Result<NpyLayout> read_npy_layout(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored)) return cannot_open(path);
  const auto raw = read_raw_header(file, path);
  if (!raw) return raw.error();
  const auto dictionary = DictionaryParser(raw->text).parse();
  if (!dictionary) {
    return input_error(path, "expected a header with descr, fortran_order and shape, found " +
                                 raw->text.substr(0, 80));
  }
  const auto type = type_of(dictionary->descr);
  if (!type) return no_numbers(*dictionary, path);
  const AxisOrder order =
      dictionary->fortran_order ? AxisOrder::first_fastest : AxisOrder::last_fastest;
  NpyLayout layout{*type, dictionary->descr, order, dictionary->shape, raw->data_offset};
  if (const auto checked = check_length(layout, path); !checked) return checked.error();
  return layout;
}

}  // namespace gpubench
