// Files are shared out to readers in chunks, which run side by side; then the chunks' rows are laid
// one after the other in the order of their runs, and each chunk's words get their common numbers.
#include "history/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "base/parallel.h"
#include "history/find_runs.h"
#include "history/table_reader.h"
#include "record/columns.h"

namespace gpubench {
namespace {

/// Enough chunks for the cores to share, large enough to find most words already known.
constexpr std::size_t kFilesInChunk = 64;

std::vector<std::string_view> names_of_all_columns() {
  std::vector<std::string_view> names;
  for (const Column& column : result_columns()) names.push_back(column.name);
  return names;
}

/// All files, or the error of the first that fails.
Result<std::vector<TableReader>> read_chunks(std::span<const RunFile> files,
                                             std::span<const std::string_view> columns) {
  const std::size_t count = (files.size() + kFilesInChunk - 1) / kFilesInChunk;
  std::vector<TableReader> readers;
  for (std::size_t i = 0; i < count; ++i) readers.emplace_back(columns);
  std::vector<Outcome> outcomes(count, Outcome(Done{}));
  parallel_for(count, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t chunk = begin; chunk < end; ++chunk) {
      const std::size_t first = chunk * kFilesInChunk;
      for (std::size_t i = first; i < std::min(first + kFilesInChunk, files.size()); ++i) {
        if (outcomes[chunk].ok()) outcomes[chunk] = readers[chunk].read(files[i]);
      }
    }
  });
  for (const Outcome& outcome : outcomes) {
    if (!outcome) return outcome.error();
  }
  return readers;
}

/// Where a run lies among the chunks.
struct Piece {
  const TableReader* reader;
  const HistoryRun* run;
  std::size_t chunk;
};

std::vector<Piece> pieces_by_run_id(std::span<const TableReader> readers) {
  std::vector<Piece> pieces;
  for (std::size_t chunk = 0; chunk < readers.size(); ++chunk) {
    for (const HistoryRun& run : readers[chunk].runs()) {
      pieces.push_back({&readers[chunk], &run, chunk});
    }
  }
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const Piece& a, const Piece& b) { return a.run->run_id < b.run->run_id; });
  return pieces;
}

Outcome check_run_ids(std::span<const Piece> pieces) {
  const auto twice = std::adjacent_find(
      pieces.begin(), pieces.end(),
      [](const Piece& a, const Piece& b) { return a.run->run_id == b.run->run_id; });
  if (twice == pieces.end()) return Done{};
  return Error{ErrorKind::input,
               fmt::format("{}: run_id \"{}\" is also that of {}; expected each run once",
                           twice[1].run->file, twice->run->run_id, twice->run->file)};
}

/// For each chunk, the common number of each of its words.
std::vector<std::vector<std::uint32_t>> common_codes(std::span<const TableReader> readers,
                                                     WordList& words) {
  std::vector<std::vector<std::uint32_t>> codes;
  for (const TableReader& reader : readers) {
    auto& of_chunk = codes.emplace_back();
    of_chunk.reserve(reader.words().size());
    for (std::uint32_t word = 0; word < reader.words().size(); ++word) {
      of_chunk.push_back(words.code(reader.words()[word]));
    }
  }
  return codes;
}

/// `part` of each piece, one after the other.
template <class T, class Part>
std::vector<T> laid_out(std::span<const Piece> pieces, std::size_t rows, const Part& part) {
  std::vector<T> all;
  all.reserve(rows);
  for (const Piece& piece : pieces) {
    const std::span<const T> values = part(piece);
    const auto own = values.subspan(piece.run->first_row, piece.run->rows);
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

}  // namespace

/// Puts a History together from what the readers found.
class HistoryBuilder {
 public:
  HistoryBuilder(std::span<const TableReader> readers, std::span<const Piece> pieces)
      : readers_(readers), pieces_(pieces) {}

  History build(std::span<const std::string_view> columns) {
    add_runs();
    const auto codes = common_codes(readers_, *history_.words_);
    for (std::size_t i = 0; i < columns.size(); ++i) add_column(i, codes);
    return std::move(history_);
  }

 private:
  void add_runs() {
    std::size_t row = 0;
    for (const Piece& piece : pieces_) {
      HistoryRun& run = history_.runs_.emplace_back(*piece.run);
      run.first_row = row;
      row += run.rows;
    }
    rows_ = row;
    history_.lines_ = laid_out<std::uint32_t>(
        pieces_, rows_, [](const Piece& piece) { return piece.reader->lines(); });
  }

  void add_column(std::size_t index, const std::vector<std::vector<std::uint32_t>>& codes) {
    const KeptColumn& shape = readers_.front().columns()[index];
    if (shape.is_number) {
      auto values = laid_out<double>(pieces_, rows_, [&](const Piece& piece) {
        return std::span<const double>(piece.reader->columns()[index].values);
      });
      history_.numbers_.emplace(shape.name, NumberColumn(std::move(values)));
      return;
    }
    auto words = laid_out<std::uint32_t>(pieces_, rows_, [&](const Piece& piece) {
      return std::span<const std::uint32_t>(piece.reader->columns()[index].codes);
    });
    std::size_t row = 0;
    for (const Piece& piece : pieces_) {
      for (std::size_t end = row + piece.run->rows; row < end; ++row) {
        words[row] = codes[piece.chunk][words[row]];
      }
    }
    history_.texts_.emplace(shape.name, TextColumn(*history_.words_, std::move(words)));
  }

  std::span<const TableReader> readers_;
  std::span<const Piece> pieces_;
  History history_;
  std::size_t rows_ = 0;
};

std::size_t History::run_of(std::size_t row) const {
  assert(row < size() && "no such row");
  const auto after = std::upper_bound(
      runs_.begin(), runs_.end(), row,
      [](std::size_t value, const HistoryRun& run) { return value < run.first_row; });
  return static_cast<std::size_t>(after - runs_.begin()) - 1;
}

const TextColumn& History::text(std::string_view column) const {
  const auto found = texts_.find(column);
  assert(found != texts_.end() && "a column of texts that was asked for");
  return found->second;
}

const NumberColumn& History::number(std::string_view column) const {
  const auto found = numbers_.find(column);
  assert(found != numbers_.end() && "a column of numbers that was asked for");
  return found->second;
}

Result<History> read_history(std::span<const std::string> paths,
                             std::span<const std::string_view> columns) {
  const auto files = find_runs(paths);
  if (!files) return files.error();
  const std::vector<std::string_view> all = names_of_all_columns();
  const std::span<const std::string_view> wanted = columns.empty() ? all : columns;
  const auto readers = read_chunks(*files, wanted);
  if (!readers) return readers.error();
  const std::vector<Piece> pieces = pieces_by_run_id(*readers);
  if (const auto unique = check_run_ids(pieces); !unique) return unique.error();
  return HistoryBuilder(*readers, pieces).build(wanted);
}

}  // namespace gpubench
