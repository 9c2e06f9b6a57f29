#include "kit/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "fingerprint/fingerprint.h"
#include "kernels/random.h"

namespace gpubench {
namespace {

constexpr std::size_t kLeastSide = 8;
constexpr std::size_t kLeastDepth = 16;
constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30;

constexpr double kLeastProducts = 16;

// Enough outputs that a wrong guess in the last bit shows, several thousand at least.
constexpr std::size_t kRandomProducts = 2;
constexpr std::size_t kEnoughOutputs = 8192;
constexpr std::size_t kMostRandomProducts = 64;

// Below this a product costs next to nothing, and its tails are a large part of it.
constexpr std::size_t kSmallProduct = 128 * 128 * 128;

// As many as bf16 counts exactly, with room to spare.
constexpr std::size_t kFewTerms = 192;
constexpr std::size_t kDenseTerms = 64;
constexpr std::size_t kManyTerms = 1024;  // Of fp16's masks, whose range is short.
constexpr std::size_t kMostMaskSheets = 16;

// Streams of this room; host/kernels/random.h and host/fingerprint have the others.
constexpr std::uint32_t kStreamRows = 80;
constexpr std::uint32_t kStreamColumns = 96;
constexpr std::uint32_t kStreamPairs = 112;

// Octal: numbers to 7 are exact even in fp8 e5m2.
constexpr std::array<int, 4> kMark = {7, 3, 1, 6};
constexpr std::size_t kVersionDigits = 2;
constexpr std::size_t kIdBits = 128;
constexpr std::size_t kIdDigits = (kIdBits + 2) / 3;
constexpr std::size_t kStampDigits = kMark.size() + kVersionDigits + kIdDigits;
static_assert(kStampDigits <= kLeastSide * kLeastSide);

/// 0 to count - 1, shuffled.
std::vector<std::size_t> shuffled(std::size_t count, Stream stream) {
  std::vector<std::uint32_t> words(count);
  draw_words(stream, 0, words);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return words[i]; });
  return order;
}

std::vector<std::size_t> all_terms(std::size_t k) {
  std::vector<std::size_t> terms(k);
  std::iota(terms.begin(), terms.end(), 0U);
  return terms;
}

std::vector<std::size_t> few_terms(std::size_t k) {
  if (k <= kFewTerms) return all_terms(k);
  std::set<std::size_t> terms;
  for (std::size_t i = 0; i < kDenseTerms; ++i) terms.insert(i);
  const std::size_t spread = kFewTerms - kDenseTerms;
  for (std::size_t i = 0; i < spread; ++i) terms.insert(i * k / spread);
  terms.insert(k - 1);
  return {terms.begin(), terms.end()};
}

/// The k that columns mask: 0 in every other one, for chunks and lanes show in how it meets the
/// others; then small ones and a few far away.
std::vector<std::size_t> pivots_among(const std::vector<std::size_t>& terms) {
  std::vector<std::size_t> pivots;
  const std::size_t small = std::min<std::size_t>(32, terms.size());
  for (std::size_t i = 1; i < small; ++i) pivots.push_back(terms[i]);
  for (std::size_t i = 1; i < 8; ++i) pivots.push_back(terms[i * terms.size() / 8]);
  return pivots;
}

float two_to(int exponent) {
  return std::ldexp(1.0F, exponent);
}

RandomProduct mask_operands(const MatmulShape& shape, const MaskSheet& sheet) {
  RandomProduct made = {
      shape, std::vector<float>(shape.m * shape.k), std::vector<float>(shape.k * shape.n), {}};
  const MaskSpan& span = sheet.span;
  for (const std::size_t p : sheet.terms) {
    for (std::size_t i = 0; i < shape.m; ++i) made.a[i * shape.k + p] = two_to(span.unit_a);
  }
  std::ranges::fill(made.b, two_to(span.unit_b));  // Rows mask k that are no terms, too.
  for (std::size_t i = 0; i < shape.m; ++i) {
    float* row = &made.a[i * shape.k];
    if (sheet.paired) row[sheet.pivots[i % shape.n]] = two_to(span.mask_a);
    row[sheet.masked[i]] = -two_to(span.mask_a);
  }
  for (std::size_t j = 0; j < shape.n; ++j) {
    made.b[sheet.pivots[j] * shape.n + j] = two_to(span.mask_b);
    if (sheet.paired) made.b[sheet.masked[j % shape.m] * shape.n + j] = two_to(span.mask_b);
  }
  return made;
}

/// The rounds of one kind go through all k, each time in other rows.
MaskSheet mask_sheet(const MatmulShape& shape, const MaskSpan& span,
                     const std::vector<std::size_t>& terms, std::size_t round) {
  MaskSheet sheet = {span, terms, {}, {}, false};
  const auto id = static_cast<std::uint32_t>(round);
  const std::size_t others = shape.k - 1;  // All but 0, which columns mask.
  sheet.masked.resize(shape.m);
  const std::vector<std::size_t> rows = shuffled(shape.m, {round, kStreamRows + id});
  for (std::size_t i = 0; i < shape.m; ++i) {
    sheet.masked[rows[i]] = 1 + (round * shape.m + i) % others;
  }
  const std::vector<std::size_t> pivots = pivots_among(terms);
  sheet.pivots.resize(shape.n);
  const std::vector<std::size_t> columns = shuffled(shape.n, {round, kStreamColumns + id});
  for (std::size_t j = 0; j < shape.n; ++j) {
    sheet.pivots[columns[j]] =
        j % 2 == 0 ? 0 : pivots[(round * (shape.n / 2) + j / 2) % pivots.size()];
  }
  return sheet;
}

/// Pairs on the diagonal: of each four, three of 0 with what follows, and one of others.
MaskSheet paired_sheet(const MatmulShape& shape, const MaskSpan& span,
                       const std::vector<std::size_t>& terms, std::size_t round) {
  MaskSheet sheet = {span, terms, {}, {}, true};
  const std::size_t others = shape.k - 1;
  const std::size_t pairs = std::min(shape.m, shape.n);
  const std::vector<std::size_t> pivots = pivots_among(terms);
  const std::vector<std::size_t> order = shuffled(others, {0, kStreamPairs});
  sheet.masked.assign(shape.m, terms[1]);
  sheet.pivots.assign(shape.n, 0);
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::size_t number = round * pairs + i;
    const bool with_zero = number % 4 != 3;
    sheet.masked[i] = 1 + order[(with_zero ? number - number / 4 : number) % others];
    const std::size_t pivot = with_zero ? 0 : pivots[number / 4 % pivots.size()];
    if (pivot != sheet.masked[i]) sheet.pivots[i] = pivot;
  }
  return sheet;
}

std::vector<Anchors> anchor_choices(std::size_t k) {
  std::vector<Anchors> choices;
  for (std::size_t step = 1; step <= 64 && 2 * step < k; step *= 2) {
    choices.push_back({0, step, 2 * step});
  }
  choices.push_back({0, k / 2, k / 4});
  return choices;
}

std::string id_of(const KitSettings& settings) {
  return content_hash(fmt::format("gpubench kit {} {}x{}x{} {} {}", kKitVersion, settings.shape.m,
                                  settings.shape.n, settings.shape.k,
                                  traits_of(settings.storage).name, settings.seed));
}

std::vector<std::size_t> places_along(std::size_t k, std::size_t most) {
  if (k <= most) return all_terms(k);
  const std::vector<std::size_t> some = some_places(k);
  std::set<std::size_t> places(some.begin(), some.end());
  const std::size_t spread = most - std::min(most, some.size());
  for (std::size_t i = 0; i < spread; ++i) places.insert(i * k / spread);
  return {places.begin(), places.end()};
}

RandomProduct stamp_operands(const MatmulShape& shape, const std::vector<int>& digits) {
  RandomProduct made = {
      shape, std::vector<float>(shape.m * shape.k), std::vector<float>(shape.k * shape.n), {}};
  for (std::size_t i = 0; i < shape.m; ++i) made.a[i * shape.k + i % shape.k] = 1;
  for (std::size_t i = 0; i < made.b.size(); ++i) {
    made.b[i] = static_cast<float>(digits[i % digits.size()]);
  }
  return made;
}

}  // namespace

Outcome check_kit_settings(const KitSettings& settings) {
  const auto [m, n, k] = settings.shape;
  if (m < kLeastSide || n < kLeastSide || k < kLeastDepth) {
    return Error{ErrorKind::usage,
                 fmt::format("shape {}x{}x{}: a kit needs m and n of at least {} and k of at least "
                             "{}",
                             m, n, k, kLeastSide, kLeastDepth)};
  }
  // The plan of a shape that is far too large would itself take too long to make.
  const auto most = static_cast<double>(kMostBytes);
  const double inputs = 4.0 * (static_cast<double>(m * k) + static_cast<double>(k * n));
  const double each = std::max(inputs, 4.0 * static_cast<double>(m * n));
  if (each * kLeastProducts > most || each * static_cast<double>(KitPlan(settings).size()) > most) {
    return Error{ErrorKind::usage,
                 fmt::format("shape {}x{}x{}: the kit's inputs or outputs would take more than {}; "
                             "a smaller m and n tell as much",
                             m, n, k, format_bytes(kMostBytes))};
  }
  return Done{};
}

KitPlan::KitPlan(const KitSettings& settings) : settings_(settings), id_(id_of(settings)) {
  const MatmulShape shape = settings.shape;
  const auto add = [&](Maker maker) {
    makers_.push_back(std::move(maker));
    return makers_.size() - 1;
  };
  add([this] { return stamp_operands(settings_.shape, stamp_digits()); });
  add([this] { return integer_operands(settings_.shape, settings_.seed); });
  const auto random = [this](std::size_t i) {
    return random_operands(settings_.shape, settings_.storage, settings_.seed + i);
  };
  const std::size_t wanted =
      std::clamp(kEnoughOutputs / (shape.m * shape.n) + 1, kRandomProducts, kMostRandomProducts);
  for (std::size_t i = 0; i < wanted; ++i) {
    random_.push_back(add([random, i] { return random(i); }));
  }
  equal_rows_.push_back(add([random] { return with_equal_rows(random(0)); }));
  equal_columns_.push_back(add([random] { return with_equal_columns(random(0)); }));
  const auto cleared = [this, random] { return with_cleared_rows(random(0), settings_.seed); };
  cleared_ = add(cleared);
  add(cleared);
  add_masks();
  add_probes();
  special_sheets_ = add_check_sheets(special_probes({0, 1, 2}));
  // What a sheet of half of the rows and columns holds.
  const Places places = {places_along(shape.k, shape.m / 2), places_along(shape.k, shape.n / 2)};
  place_sheets_ = add_check_sheets(place_probes(settings.storage, shape.k, places));
  add([random] { return random(0); });
}

RandomProduct KitPlan::operands(std::size_t product) const {
  return makers_[product]();
}

std::vector<int> KitPlan::stamp_digits() const {
  std::vector<int> digits(kMark.begin(), kMark.end());
  digits.push_back(static_cast<int>(kKitVersion / 8 % 8));
  digits.push_back(static_cast<int>(kKitVersion % 8));
  std::vector<int> octal(kIdDigits);
  for (std::size_t bit = 0; bit < kIdBits; ++bit) {
    const char c = id_[bit / 4];
    const int four = c <= '9' ? c - '0' : c - 'a' + 10;
    octal[bit / 3] |= (four >> bit % 4 & 1) << bit % 3;
  }
  digits.insert(digits.end(), octal.begin(), octal.end());
  return digits;
}

void KitPlan::add_masks() {
  const std::size_t k = settings_.shape.k;
  // Wherever operands have fp32's exponents, by count of all terms, or of few where outputs are
  // short; operands of fp16 with sums of fp32, whose small terms are subnormal; sums of fp16; and
  // operands, outputs and sums of fp16, fp16 and fp32.
  add_mask_kind({100, 100, 0, 0}, all_terms(k), false, 4);
  if (k > kFewTerms) add_mask_kind({100, 100, 0, 0}, few_terms(k), false, 2);
  add_mask_kind({15, 15, -20, -20}, k <= kManyTerms ? all_terms(k) : few_terms(k), false, 2);
  add_mask_kind({15, 15, -7, -7}, few_terms(k), false, 2);
  add_mask_kind({15, 15, -7, -7}, k <= kManyTerms ? all_terms(k) : few_terms(k), true, 2);
  // Masks of few terms in equal rows and in equal columns: which are summed in one order, whatever
  // the output rounds away.
  const auto short_kind = std::ranges::find_if(masks_, [](const MaskKind& kind) {
    return !kind.sheets.front().paired && kind.sheets.front().terms.size() <= kFewTerms + 1;
  });
  add_equal_masks(short_kind->sheets.front());
  add_equal_pairs(masks_.back().sheets.front());
}

void KitPlan::add_equal_masks(const MaskSheet& sheet) {
  // Next to 0, where lanes show, and far from it, where chunks do.
  for (const std::size_t masked : {sheet.terms[2], sheet.terms[sheet.terms.size() * 3 / 4]}) {
    MaskSheet rows = sheet;
    std::ranges::fill(rows.masked, masked);
    makers_.emplace_back([this, rows] { return mask_operands(settings_.shape, rows); });
    equal_rows_.push_back(makers_.size() - 1);
  }
  MaskSheet columns = sheet;
  std::ranges::fill(columns.pivots, 0U);
  makers_.emplace_back([this, columns] { return mask_operands(settings_.shape, columns); });
  equal_columns_.push_back(makers_.size() - 1);
}

/// One pair in all rows and columns, for operands and outputs of fp16.
void KitPlan::add_equal_pairs(MaskSheet sheet) {
  std::ranges::fill(sheet.pivots, 0U);
  for (const std::size_t masked : {sheet.terms[2], sheet.terms[sheet.terms.size() * 3 / 4]}) {
    std::ranges::fill(sheet.masked, masked);
    makers_.emplace_back([this, sheet] { return mask_operands(settings_.shape, sheet); });
    equal_rows_.push_back(makers_.size() - 1);
    equal_columns_.push_back(makers_.size() - 1);
  }
}

void KitPlan::add_mask_kind(const MaskSpan& span, const std::vector<std::size_t>& terms,
                            bool paired, std::size_t least_sheets) {
  const Probe hardest = {"", {{0, two_to(span.mask_a), two_to(span.unit_b)}}};
  if (!can_store(settings_.storage, hardest)) return;
  const MatmulShape& shape = settings_.shape;
  const std::size_t in_one = paired ? std::min(shape.m, shape.n) : shape.m;
  const std::size_t rounds =
      std::clamp(2 * ((shape.k + in_one - 1) / in_one), least_sheets, kMostMaskSheets);
  MaskKind kind;
  for (std::size_t round = 0; round < rounds; ++round) {
    MaskSheet sheet =
        paired ? paired_sheet(shape, span, terms, round) : mask_sheet(shape, span, terms, round);
    makers_.emplace_back([this, sheet] { return mask_operands(settings_.shape, sheet); });
    kind.products.push_back(makers_.size() - 1);
    kind.sheets.push_back(std::move(sheet));
  }
  masks_.push_back(std::move(kind));
}

void KitPlan::add_probes() {
  const std::size_t k = settings_.shape.k;
  anchors_ = anchor_choices(k);
  for (std::size_t i = 0; i < anchors_.size(); ++i) {
    for (GroupedProbe& probe : storable_probes(settings_.storage, anchors_[i])) {
      asked_.push_back({std::move(probe), i});
    }
  }
  for (Probe& probe : far_probes(0, k - 1)) {
    asked_.push_back({{ProbeGroup::accumulator, std::move(probe)}, anchors_.size()});
  }
  const auto [m, n, depth] = settings_.shape;
  const Region order = {shuffled(m, {settings_.seed, kStreamRows}),
                        shuffled(n, {settings_.seed, kStreamColumns})};
  // Once in each half, and in more parts where matrices are small.
  const std::size_t replicas = m * n * depth <= kSmallProduct ? 8 : 2;
  for (std::size_t replica = 0; replica < replicas; ++replica) {
    Region moved = order;
    for (std::size_t& row : moved.rows) row = (row + replica * m / replicas) % m;
    for (std::size_t& column : moved.columns) column = (column + replica * n / replicas) % n;
    add_probe_sheets(moved);
  }
}

void KitPlan::add_probe_sheets(const Region& region) {
  for (std::size_t next = 0; next < asked_.size();) {
    ProbeSheet sheet(settings_.shape, region);
    const std::size_t first = next;
    while (next < asked_.size() && sheet.place(asked_[next].probe.probe, next)) ++next;
    const std::size_t product = makers_.size();
    const std::vector<std::size_t> free = sheet.fill_free_columns();
    for (const auto& [asked, row, column] : sheet.places()) {
      places_.push_back({asked, product, row, column});
      const auto& terms = asked_[asked].probe.probe.terms;
      if (!std::ranges::all_of(terms, [](const ProbeTerm& term) { return term.b == 1; })) continue;
      for (const std::size_t more : free) places_.push_back({asked, product, row, more});
    }
    makers_.emplace_back([this, region, first, next] {
      ProbeSheet again(settings_.shape, region);
      for (std::size_t i = first; i < next; ++i) again.place(asked_[i].probe.probe, i);
      again.fill_free_columns();
      return RandomProduct{settings_.shape,
                           {again.a().begin(), again.a().end()},
                           {again.b().begin(), again.b().end()},
                           {}};
    });
  }
}

std::vector<AskedSheet> KitPlan::add_check_sheets(const std::vector<Probe>& probes) {
  const auto [m, n, k] = settings_.shape;
  const Region order = {shuffled(m, {settings_.seed, kStreamRows}),
                        shuffled(n, {settings_.seed, kStreamColumns})};
  std::vector<AskedSheet> sheets;
  for (std::size_t next = 0; next < probes.size();) {
    CheckSheet sheet(settings_.shape, order, std::span(probes).subspan(next));
    next += sheet.probes().size();
    makers_.emplace_back([sheet] { return sheet.operands(); });
    sheets.push_back({makers_.size() - 1, std::move(sheet)});
  }
  return sheets;
}

std::optional<KitStamp> read_stamp(std::span<const float> c, const MatmulShape& shape) {
  // Votes for each value of each digit; a few outputs may be wrong.
  std::vector<std::array<std::size_t, 8>> votes(kStampDigits);
  for (std::size_t i = 0; i < c.size(); ++i) {
    const std::size_t in_b = i / shape.n % shape.k * shape.n + i % shape.n;
    if (c[i] >= 0 && c[i] <= 7 && c[i] == std::trunc(c[i])) {
      ++votes[in_b % kStampDigits][static_cast<std::size_t>(c[i])];
    }
  }
  std::vector<int> digits;
  for (const auto& each : votes) {
    const auto most = std::ranges::max_element(each);
    if (2 * *most * kStampDigits < c.size()) return std::nullopt;
    digits.push_back(static_cast<int>(most - each.begin()));
  }
  if (!std::equal(kMark.begin(), kMark.end(), digits.begin())) return std::nullopt;
  KitStamp stamp;
  const std::size_t version_at = kMark.size();
  stamp.version = static_cast<std::uint32_t>(8 * digits[version_at] + digits[version_at + 1]);
  const std::span octal = std::span(digits).subspan(version_at + kVersionDigits);
  for (std::size_t bit = 0; bit < kIdBits; bit += 4) {
    int four = 0;
    for (std::size_t i = 0; i < 4; ++i) four |= (octal[(bit + i) / 3] >> (bit + i) % 3 & 1) << i;
    stamp.id += "0123456789abcdef"[four];
  }
  return stamp;
}

}  // namespace gpubench
