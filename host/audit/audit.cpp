// The arrays are cut into slices that depend on their shape alone; threads walk slices, and the
// facts of slices join in order. So no result depends on the number of threads.
#include "audit/audit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"

namespace gpubench {
namespace {

// Enough to keep many cores busy to the end, few enough that their facts stay small.
constexpr std::uint64_t kSlices = 64;
// Elements read at once: three arrays of them fit a core's L2 cache.
constexpr std::size_t kPiece = 8192;
// The typical size of the reference is taken from this many pieces, spread evenly.
constexpr std::uint64_t kSamples = 64;
constexpr std::size_t kSampleLength = 1024;
constexpr std::uint32_t kDefaultTopK = 5;

std::string shape_words(const std::vector<std::uint64_t>& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

/// (464, 1) and (464,) hold the same numbers in the same order.
std::vector<std::uint64_t> without_ones(std::vector<std::uint64_t> shape) {
  std::erase(shape, std::uint64_t{1});
  return shape;
}

Outcome check_shape(const AuditArray& array, const AuditArray& reference) {
  if (without_ones(array.shape) == without_ones(reference.shape)) return Done{};
  return Error{ErrorKind::input,
               fmt::format("{}: expected shape {} as in {}, found {}", array.name,
                           shape_words(reference.shape), reference.name, shape_words(array.shape))};
}

/// Rows and columns of what the last axis is the classes of; one column where there are none.
struct Rows {
  std::uint64_t rows = 0, columns = 1;
};
Rows rows_of(const AuditArray& reference) {
  const std::vector<std::uint64_t> shape = without_ones(reference.shape);
  if (shape.size() < 2) return {reference.size(), 1};
  return {reference.size() / shape.back(), shape.back()};
}

Outcome check(const AuditRequest& request) {
  const AuditArray& reference = request.reference;
  if (reference.size() == 0) {
    return Error{ErrorKind::input, fmt::format("{}: expected numbers, found an empty array {}",
                                               reference.name, shape_words(reference.shape))};
  }
  for (const AuditArray& output : request.outputs) {
    if (auto checked = check_shape(output, reference); !checked) return checked;
  }
  if (request.labels) {
    if (auto checked = check_shape(*request.labels, reference); !checked) return checked;
  }
  const std::uint64_t columns = rows_of(reference).columns;
  if (request.top_k && (columns < 2 || *request.top_k < 1 || *request.top_k > columns)) {
    return Error{ErrorKind::usage,
                 columns < 2 ? fmt::format("--top-k needs rows of classes; {} has shape {}",
                                           reference.name, shape_words(reference.shape))
                             : fmt::format("--top-k: expected 1 to {} classes, found {}", columns,
                                           *request.top_k)};
  }
  return Done{};
}

/// Root mean square of a sample of the reference, infinities aside.
Result<double> typical_size(const AuditArray& reference) {
  const std::uint64_t size = reference.size();
  const std::uint64_t length = std::min<std::uint64_t>(size, kSampleLength);
  const std::uint64_t samples =
      size <= kSamples * kSampleLength ? (size + length - 1) / length : kSamples;
  std::vector<double> values(static_cast<std::size_t>(length));
  double squares = 0;
  std::uint64_t count = 0;
  for (std::uint64_t sample = 0; sample < samples; ++sample) {
    // The last sample ends with the array.
    const std::uint64_t first = samples == 1 ? 0 : (size - length) / (samples - 1) * sample;
    if (auto read = reference.read(first, values); !read) return read.error();
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      squares += value * value;
      ++count;
    }
  }
  return count == 0 ? 0 : std::sqrt(squares / static_cast<double>(count));
}

/// What is counted of one output within a slice.
struct OutputCollectors {
  PairCollector pair;
  std::optional<FlipCollector> flips;
  std::optional<RankingCollector> ranking;
};

/// First element that stops the audit; none where index is past the end.
struct Objection {
  std::uint64_t index = std::numeric_limits<std::uint64_t>::max();
  double value = 0;
  [[nodiscard]] bool raised() const { return index != std::numeric_limits<std::uint64_t>::max(); }
};

struct Slice {
  std::uint64_t begin = 0, end = 0;
  std::vector<OutputCollectors> outputs;
  std::optional<PathCollector> paths;
  Objection nan_reference, label;
  std::optional<Error> failure;

  [[nodiscard]] bool stopped() const { return failure || nan_reference.raised() || label.raised(); }
};

/// Settled before the walk begins.
struct Plan {
  Rows rows;
  std::uint32_t top_k = 0;  ///< 0: no ranking.
  double typical = 0;
};

std::vector<Slice> make_slices(const AuditRequest& request, const Plan& plan) {
  const std::uint64_t unit = plan.top_k > 0 ? plan.rows.columns : kPairBlock;
  const std::uint64_t size = request.reference.size();
  const std::uint64_t units = (size + unit - 1) / unit;
  const std::uint64_t count = std::min(units, kSlices);
  std::vector<Slice> slices;
  for (std::uint64_t i = 0; i < count; ++i) {
    Slice slice;
    // Units are far fewer than 2^58, so that the product does not overflow.
    slice.begin = std::min(size, units * i / count * unit);
    slice.end = std::min(size, units * (i + 1) / count * unit);
    for (std::size_t output = 0; output < request.outputs.size(); ++output) {
      OutputCollectors collectors{PairCollector(plan.typical), {}, {}};
      if (request.decision) collectors.flips.emplace(*request.decision);
      if (plan.top_k > 0) {
        collectors.ranking.emplace(slice.begin / plan.rows.columns, plan.rows.columns, plan.top_k);
      }
      slice.outputs.push_back(std::move(collectors));
    }
    if (request.outputs.size() > 1) slice.paths.emplace(request.outputs.size() + 1);
    slices.push_back(std::move(slice));
  }
  return slices;
}

Objection first_where(std::uint64_t first, std::span<const double> values,
                      bool (*objectionable)(double)) {
  const auto found = std::find_if(values.begin(), values.end(), objectionable);
  if (found == values.end()) return {};
  return {first + static_cast<std::uint64_t>(found - values.begin()), *found};
}

/// Memory that a thread reuses from piece to piece.
class Pieces {
 public:
  explicit Pieces(const AuditRequest& request)
      : request_(request),
        values_(kPiece * (request.outputs.size() + 2)),
        spans_(request.outputs.size() + 1) {}

  Outcome read(std::uint64_t first, std::size_t count) {
    std::span<double> room(values_);
    spans_[0] = room.first(count);
    if (auto read = request_.reference.read(first, room.first(count)); !read) return read;
    for (std::size_t i = 0; i < request_.outputs.size(); ++i) {
      room = room.subspan(kPiece);
      spans_[i + 1] = room.first(count);
      if (auto read = request_.outputs[i].read(first, room.first(count)); !read) return read;
    }
    labels_ = {};
    if (!request_.labels) return Done{};
    room = room.subspan(kPiece);
    labels_ = room.first(count);
    return request_.labels->read(first, room.first(count));
  }

  [[nodiscard]] std::span<const double> reference() const { return spans_[0]; }
  [[nodiscard]] std::span<const double> output(std::size_t i) const { return spans_[i + 1]; }
  [[nodiscard]] std::span<const double> labels() const { return labels_; }
  [[nodiscard]] std::span<const std::span<const double>> all() const { return spans_; }

 private:
  const AuditRequest& request_;
  std::vector<double> values_;
  std::vector<std::span<const double>> spans_;
  std::span<const double> labels_;
};

void add_piece(Slice& slice, std::uint64_t first, const Pieces& pieces) {
  for (std::size_t i = 0; i < slice.outputs.size(); ++i) {
    OutputCollectors& output = slice.outputs[i];
    output.pair.add(first, pieces.reference(), pieces.output(i));
    if (output.flips) {
      output.flips->add(first, pieces.reference(), pieces.output(i), pieces.labels());
    }
    if (output.ranking) output.ranking->add(pieces.reference(), pieces.output(i));
  }
  if (slice.paths) slice.paths->add(pieces.all());
}

void walk(Slice& slice, const AuditRequest& request) {
  Pieces pieces(request);
  for (std::uint64_t first = slice.begin; first < slice.end && !slice.stopped();) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, slice.end - first));
    if (auto read = pieces.read(first, count); !read) {
      slice.failure = read.error();
      return;
    }
    slice.nan_reference =
        first_where(first, pieces.reference(), [](double value) { return std::isnan(value); });
    slice.label =
        first_where(first, pieces.labels(), [](double value) { return value != 0 && value != 1; });
    if (!slice.stopped()) add_piece(slice, first, pieces);
    first += count;
  }
}

/// The first slice that stopped says why.
Outcome check_walk(const std::vector<Slice>& slices, const AuditRequest& request) {
  for (const Slice& slice : slices) {
    if (slice.failure) return *slice.failure;
    if (slice.nan_reference.raised()) {
      return Error{ErrorKind::input,
                   fmt::format("{}: expected numbers in the reference, found NaN at element {}",
                               request.reference.name, slice.nan_reference.index)};
    }
    if (slice.label.raised()) {
      return Error{ErrorKind::input,
                   fmt::format("{}: expected labels 0 and 1, found {:g} at element {}",
                               request.labels->name, slice.label.value, slice.label.index)};
    }
  }
  return Done{};
}

void join(Slice& whole, const Slice& slice) {
  for (std::size_t i = 0; i < whole.outputs.size(); ++i) {
    OutputCollectors& to = whole.outputs[i];
    const OutputCollectors& from = slice.outputs[i];
    to.pair += from.pair;
    if (to.flips) *to.flips += *from.flips;
    if (to.ranking) *to.ranking += *from.ranking;
  }
  if (whole.paths) *whole.paths += *slice.paths;
}

Audit audit_of(const AuditRequest& request, const Slice& whole) {
  Audit audit;
  audit.reference_name = request.reference.name;
  audit.reference_type = request.reference.type;
  audit.shape = request.reference.shape;
  audit.declared = request.declared;
  if (request.labels) audit.labels_name = request.labels->name;
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    const OutputCollectors& collectors = whole.outputs[i];
    OutputAudit output;
    output.name = request.outputs[i].name;
    output.type = request.outputs[i].type;
    output.shape = request.outputs[i].shape;
    output.pair = collectors.pair.facts();
    if (collectors.flips) output.flips = collectors.flips->facts();
    if (collectors.ranking) output.ranking = collectors.ranking->facts();
    output.judgement = judge_pair(output.pair, request.declared);
    audit.outputs.push_back(std::move(output));
  }
  if (whole.paths) audit.paths = whole.paths->matrix();
  return audit;
}

}  // namespace

std::uint64_t AuditArray::size() const {
  std::uint64_t size = 1;
  for (const std::uint64_t extent : shape) size *= extent;
  return size;
}

Result<Audit> run_audit(const AuditRequest& request) {
  if (auto checked = check(request); !checked) return checked.error();
  const auto typical = typical_size(request.reference);
  if (!typical) return typical.error();
  Plan plan{rows_of(request.reference), 0, *typical};
  if (plan.rows.columns > 1) {
    const auto most =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(plan.rows.columns, kDefaultTopK));
    plan.top_k = request.top_k.value_or(most);
  }
  std::vector<Slice> slices = make_slices(request, plan);
  parallel_for(slices.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) walk(slices[i], request);
  });
  if (auto checked = check_walk(slices, request); !checked) return checked.error();
  for (std::size_t i = 1; i < slices.size(); ++i) join(slices.front(), slices[i]);
  return audit_of(request, slices.front());
}

}  // namespace gpubench
