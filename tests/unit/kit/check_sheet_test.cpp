#include "kit/check_sheet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

#include "kit/plan.h"

namespace gpubench {
namespace {

Region first_rows_and_columns(std::size_t rows, std::size_t columns) {
  Region region = {std::vector<std::size_t>(rows), std::vector<std::size_t>(columns)};
  std::iota(region.rows.begin(), region.rows.end(), 0U);
  std::iota(region.columns.begin(), region.columns.end(), 0U);
  return region;
}

constexpr MatmulShape kShape = {.m = 40, .n = 48, .k = 20};

TEST(CheckSheet, AnswersAreThoseOfTheProbesAlone) {
  std::vector<Probe> probes = special_probes({0, 1, 2});
  for (Probe& probe : place_probes(NumberFormat::fp32, kShape.k, {{3, 7}, {3, 19}})) {
    probes.push_back(std::move(probe));
  }
  const Region all = first_rows_and_columns(kShape.m, kShape.n);
  const CheckSheet sheet(kShape, all, probes);
  const RandomProduct product = sheet.operands();
  const auto c = emulate_matmul({}, kShape, product.a, product.b);
  const auto expected = predicted_in_order({}, kShape.k, probes);

  const auto places = sheet.places_in(all);

  ASSERT_EQ(places.size(), probes.size());
  for (const auto& [probe, row, column] : places) {
    EXPECT_TRUE(same_answer(c[row * kShape.n + column], expected[probe])) << probes[probe].name;
  }
}

TEST(CheckSheet, SmallPartOfTheOutputAnswersMostSpecials) {
  const Region all = first_rows_and_columns(kShape.m, kShape.n);
  const CheckSheet sheet(kShape, all, special_probes({0, 1, 2}));
  EXPECT_EQ(sheet.places_in(first_rows_and_columns(12, 12)).size(), sheet.probes().size());
  EXPECT_TRUE(sheet.places_in({{}, {0}}).empty());
}

TEST(CheckSheet, WhatHasNoRoomIsLeft) {
  const MatmulShape small = {.m = 8, .n = 8, .k = 20};
  const auto probes = place_probes(NumberFormat::fp32, small.k, {{0, 1, 2, 3, 4, 5}, {}});
  const CheckSheet sheet(small, first_rows_and_columns(8, 8), probes);
  EXPECT_EQ(sheet.probes().size(), 4U);
}

TEST(KitPlan, AsksEveryPlaceOfKWhereThereAreRowsForThem) {
  const KitPlan plan({.shape = kShape});
  const Region all = first_rows_and_columns(kShape.m, kShape.n);
  std::size_t asked = 0;
  for (const AskedSheet& each : plan.place_sheets()) asked += each.sheet.places_in(all).size();
  EXPECT_EQ(asked, 2 * kShape.k + 1);
}

TEST(KitPlan, AsksTheFirstAndLastPlaceInTheSmallestKit) {
  const KitPlan plan({.shape = {.m = 8, .n = 8, .k = 4096}});
  std::vector<std::string> names;
  for (const AskedSheet& each : plan.place_sheets()) {
    for (const Probe& probe : each.sheet.probes()) names.push_back(probe.name);
  }
  for (const char* name :
       {"4/3 · 1 at k = 0", "4/3 · 1 at k = 4095", "1 · 4/3 at k = 4095", "ones at every k"}) {
    EXPECT_EQ(std::ranges::count(names, name), 1) << name;
  }
}

}  // namespace
}  // namespace gpubench
