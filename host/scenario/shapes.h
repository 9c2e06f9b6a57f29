// shapes.h — `size:` and `shape:` of a case block as one list of shapes, with every limit on sizes.
#pragma once

#include <cstdint>
#include <vector>

#include "scenario/fields.h"
#include "scenario/scenario.h"
#include "scenario/vocabulary.h"

namespace gpubench {

/// a·b, or the largest number when that does not fit.
std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b);

/// Reads whichever of the two keys is there; both or none is an issue. Lists inside a shape make
/// their product, m slowest. Shapes that are too many or too large are an issue at their place.
std::vector<ShapeSpec> read_shapes(MapReader& block, const YamlNode& node, const OpWords& op,
                                   Issues& issues);

}  // namespace gpubench
