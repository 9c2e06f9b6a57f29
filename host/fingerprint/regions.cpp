#include "fingerprint/regions.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "fingerprint/confirm.h"

namespace gpubench {
namespace {

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

/// Indices that agree with the first, and the others; the latter may be empty.
struct Classes {
  std::vector<std::size_t> first;
  std::vector<std::size_t> others;
};

template <class Agrees>
Classes classes_of(std::size_t count, const Agrees& agrees_with_first) {
  Classes classes;
  for (std::size_t i = 0; i < count; ++i) {
    (agrees_with_first(i) ? classes.first : classes.others).push_back(i);
  }
  return classes;
}

/// Every row of A is the first one.
Result<Classes> row_classes(Launcher& launcher, RandomProduct product) {
  const MatmulShape shape = product.shape;
  for (std::size_t i = shape.k; i < product.a.size(); ++i) product.a[i] = product.a[i - shape.k];
  const auto c = launcher.multiply(product.a, product.b);
  if (!c) return c.error();
  return classes_of(shape.m, [&](std::size_t i) {
    const auto row = c->begin() + static_cast<std::ptrdiff_t>(i * shape.n);
    return std::equal(c->begin(), c->begin() + static_cast<std::ptrdiff_t>(shape.n), row,
                      same_bits);
  });
}

/// Every column of B is the first one.
Result<Classes> column_classes(Launcher& launcher, RandomProduct product) {
  const MatmulShape shape = product.shape;
  for (std::size_t i = 0; i < product.b.size(); ++i) product.b[i] = product.b[i - i % shape.n];
  const auto c = launcher.multiply(product.a, product.b);
  if (!c) return c.error();
  return classes_of(shape.n, [&](std::size_t j) {
    for (std::size_t i = 0; i < shape.m; ++i) {
      if (!same_bits((*c)[i * shape.n], (*c)[i * shape.n + j])) return false;
    }
    return true;
  });
}

}  // namespace

Result<std::vector<Region>> find_regions(Launcher& launcher, std::uint64_t seed) {
  const RandomProduct product = random_operands(launcher.shape(), launcher.storage(), seed);
  const auto rows = row_classes(launcher, product);
  if (!rows) return rows.error();
  const auto columns = column_classes(launcher, product);
  if (!columns) return columns.error();
  std::vector<Region> regions;
  for (const auto* some_rows : {&rows->first, &rows->others}) {
    for (const auto* some_columns : {&columns->first, &columns->others}) {
      if (!some_rows->empty() && !some_columns->empty()) {
        regions.push_back({*some_rows, *some_columns});
      }
    }
  }
  return regions;
}

}  // namespace gpubench
