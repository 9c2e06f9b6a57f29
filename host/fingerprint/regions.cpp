#include "fingerprint/regions.h"

#include <algorithm>
#include <bit>

namespace gpubench {
namespace {

// In a launch more than two classes would take a round of probes each.
constexpr std::size_t kClassesUnderTest = 2;

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

bool rows_agree(const RandomProduct& product, std::size_t i, std::size_t other) {
  const std::size_t n = product.shape.n;
  for (std::size_t j = 0; j < n; ++j) {
    if (!same_bits(product.c[i * n + j], product.c[other * n + j])) return false;
  }
  return true;
}

bool columns_agree(const RandomProduct& product, std::size_t j, std::size_t other) {
  const auto [m, n, k] = product.shape;
  for (std::size_t i = 0; i < m; ++i) {
    if (!same_bits(product.c[i * n + j], product.c[i * n + other])) return false;
  }
  return true;
}

using Indices = std::vector<std::size_t>;

template <class Agree>
std::vector<Indices> classes_of(std::size_t count, std::size_t most, const Agree& agree) {
  std::vector<Indices> classes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto mine = std::ranges::find_if(
        classes, [&](const Indices& other) { return agree(other.front(), i); });
    if (mine != classes.end()) {
      mine->push_back(i);
    } else if (classes.size() < most) {
      classes.push_back({i});
    } else {
      classes.back().push_back(i);
    }
  }
  return classes;
}

Outcome multiply(Launcher& launcher, RandomProduct& product) {
  auto c = launcher.multiply(product.a, product.b);
  if (!c) return c.error();
  product.c = *std::move(c);
  return Done{};
}

}  // namespace

RandomProduct with_equal_rows(RandomProduct product) {
  const std::size_t k = product.shape.k;
  for (std::size_t i = k; i < product.a.size(); ++i) product.a[i] = product.a[i - k];
  return product;
}

RandomProduct with_equal_columns(RandomProduct product) {
  const std::size_t n = product.shape.n;
  for (std::size_t i = 0; i < product.b.size(); ++i) product.b[i] = product.b[i - i % n];
  return product;
}

std::vector<Region> regions_of(const Replicas& replicas, std::size_t most_classes) {
  const MatmulShape& shape = replicas.equal_rows.front().shape;
  const auto rows = classes_of(shape.m, most_classes, [&](std::size_t i, std::size_t other) {
    return std::ranges::all_of(replicas.equal_rows, [&](const RandomProduct& product) {
      return rows_agree(product, i, other);
    });
  });
  const auto columns = classes_of(shape.n, most_classes, [&](std::size_t j, std::size_t other) {
    return std::ranges::all_of(replicas.equal_columns, [&](const RandomProduct& product) {
      return columns_agree(product, j, other);
    });
  });
  std::vector<Region> regions;
  for (const Indices& some_rows : rows) {
    for (const Indices& some_columns : columns) regions.push_back({some_rows, some_columns});
  }
  return regions;
}

Result<std::vector<Region>> find_regions(Launcher& launcher, std::uint64_t seed) {
  const RandomProduct product = random_operands(launcher.shape(), launcher.storage(), seed);
  Replicas replicas = {{with_equal_rows(product)}, {with_equal_columns(product)}};
  if (auto rows = multiply(launcher, replicas.equal_rows.front()); !rows) return rows.error();
  if (auto columns = multiply(launcher, replicas.equal_columns.front()); !columns) {
    return columns.error();
  }
  return regions_of(replicas, kClassesUnderTest);
}

}  // namespace gpubench
