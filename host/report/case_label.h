// case_label.h — what a case is called in a table: its shape and precision, and of the rest only
// what sets it apart from the other rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "record/row.h"

namespace gpubench {

/// "4096²" when all sizes are equal, else "64×10×37" (m×n×k; m×n for softmax); "8 of 64×10×37" for
/// a batch.
std::string shape_text(const Problem& problem);
/// "512², 1024² and 3 more": as many as a line has room for.
std::string shortened_list(const std::vector<std::string>& shapes);
/// "gemm 4096² fp16", "linear 64×10×37 fp32 tiled gelu bias": for a line of its own, where no title
/// says the rest.
std::string short_label(const Case& planned);
/// The same with the kernel that was picked.
std::string row_label(const Row& row);

/// The labels of some rows of one operation, and what they have in common.
struct CaseLabels {
  std::string common;               ///< "kernel tiled, fill normal": for a title; never empty.
  std::vector<std::string> labels;  ///< "4096² fp16", in the order of the rows.
};
/// What a label begins with.
enum class LabelHead : std::uint8_t { shape, precision, shape_and_precision };
CaseLabels case_labels(std::span<const Row* const> rows,
                       LabelHead head = LabelHead::shape_and_precision);

}  // namespace gpubench
