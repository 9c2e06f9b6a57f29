// plan.h — the products of a probe kit: which matrices somebody else is to multiply. The list is
// fixed, because a kit cannot adapt to answers, and follows from shape, storage and seed alone.
// Knows nothing of files, nor of what answers mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fingerprint/infer.h"
#include "fingerprint/regions.h"
#include "kit/check_sheet.h"

namespace gpubench {

/// Raised whenever the same settings make other products.
constexpr std::uint32_t kKitVersion = 3;

struct KitSettings {
  MatmulShape shape;
  NumberFormat storage = NumberFormat::fp32;  ///< fp32, or fp16: every input is a number of it.
  std::uint64_t seed = 42;
};

/// Below 8 by 8 there is no room for probes, below 16 terms none for an order; and a kit must not
/// fill a disk unasked.
Outcome check_kit_settings(const KitSettings& settings);

/// A pair of masks in each output: the column's at k = pivots[column] and the row's at
/// k = masked[row].
struct MaskSheet {
  MaskSpan span;
  std::vector<std::size_t> terms;  ///< The k that hold small terms, if no mask; ascending.
  std::vector<std::size_t> masked;
  std::vector<std::size_t> pivots;
  /// Whether both masks are in A and in B, so that an output counts only where the pair of its row
  /// is that of its column.
  bool paired = false;
};

/// A probe that is asked, and which anchors it has.
struct AskedProbe {
  GroupedProbe probe;
  std::size_t anchors = 0;  ///< Index into KitPlan::anchors; anchors.size() for the far probes.
};

/// Where an asked probe's answer is found.
struct AskedPlace {
  std::size_t asked = 0;
  std::size_t product = 0;
  std::size_t row = 0;
  std::size_t column = 0;
};

/// A sheet and the product that it became.
struct AskedSheet {
  std::size_t product = 0;
  CheckSheet sheet;
};

class KitPlan {
 public:
  /// The settings must have passed check_kit_settings.
  explicit KitPlan(const KitSettings& settings);
  KitPlan(const KitPlan&) = delete;  // The makers refer to it.
  KitPlan& operator=(const KitPlan&) = delete;

  [[nodiscard]] const KitSettings& settings() const { return settings_; }
  /// 32 hex digits of version and settings: what the kit's own product spells.
  [[nodiscard]] const std::string& id() const { return id_; }

  /// Products in the order of the files; operands are made when asked for.
  [[nodiscard]] std::size_t size() const { return makers_.size(); }
  [[nodiscard]] RandomProduct operands(std::size_t product) const;

  // Which product is what.
  static constexpr std::size_t kStamp = 0;
  static constexpr std::size_t kIntegers = 1;
  [[nodiscard]] const std::vector<std::size_t>& random() const { return random_; }
  [[nodiscard]] std::size_t repeat() const { return size() - 1; }  ///< Of the first random one.
  /// The first random one with rows of zeros; the product after it is the same again.
  [[nodiscard]] std::size_t cleared() const { return cleared_; }
  [[nodiscard]] const std::vector<std::size_t>& equal_rows() const { return equal_rows_; }
  [[nodiscard]] const std::vector<std::size_t>& equal_columns() const { return equal_columns_; }

  /// Sheets of one kind share span and terms; better kinds come first.
  struct MaskKind {
    std::vector<std::size_t> products;
    std::vector<MaskSheet> sheets;  ///< Of each product.
  };
  [[nodiscard]] const std::vector<MaskKind>& masks() const { return masks_; }

  [[nodiscard]] const std::vector<Anchors>& anchors() const { return anchors_; }
  [[nodiscard]] const std::vector<AskedProbe>& asked() const { return asked_; }
  [[nodiscard]] const std::vector<AskedPlace>& places() const { return places_; }
  /// Infinities and NaN; they are in no other product.
  [[nodiscard]] const std::vector<AskedSheet>& special_sheets() const { return special_sheets_; }
  /// One number at many k, and ones at every k.
  [[nodiscard]] const std::vector<AskedSheet>& place_sheets() const { return place_sheets_; }

  /// What output (row, column) of the stamp must be: digits of the id and a mark, exact in any
  /// precision.
  [[nodiscard]] std::vector<int> stamp_digits() const;

 private:
  using Maker = std::function<RandomProduct()>;
  void add_masks();
  void add_equal_masks(const MaskSheet& sheet);
  void add_equal_pairs(MaskSheet sheet);
  void add_mask_kind(const MaskSpan& span, const std::vector<std::size_t>& terms, bool paired,
                     std::size_t least_sheets);
  void add_probes();
  void add_probe_sheets(const Region& region);
  [[nodiscard]] std::vector<AskedSheet> add_check_sheets(const std::vector<Probe>& probes);

  KitSettings settings_;
  std::string id_;
  std::vector<Maker> makers_;
  std::vector<std::size_t> random_;
  std::size_t cleared_ = 0;
  std::vector<std::size_t> equal_rows_;
  std::vector<std::size_t> equal_columns_;
  std::vector<MaskKind> masks_;
  std::vector<Anchors> anchors_;
  std::vector<AskedProbe> asked_;
  std::vector<AskedPlace> places_;
  std::vector<AskedSheet> special_sheets_;
  std::vector<AskedSheet> place_sheets_;
};

/// The stamp that a product of the kit's shape carries: version and id, or nothing where it cannot
/// be read.
struct KitStamp {
  std::uint32_t version = 0;
  std::string id;
};
std::optional<KitStamp> read_stamp(std::span<const float> c, const MatmulShape& shape);

}  // namespace gpubench
