#include "timing/batching.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench {
namespace {

TEST(Batching, SampleIsThousandTicks) {
  // 83.33 ns (12 MHz): 83.33 µs, above the floor of 50 µs.
  EXPECT_DOUBLE_EQ(shortest_sample({.tick_s = 83.33e-9}), 83.33e-6);
}

TEST(Batching, SampleIsHundredEmptySubmissions) {
  EXPECT_DOUBLE_EQ(shortest_sample({.tick_s = 1e-9, .empty_s = 5e-6}), 500e-6);
}

TEST(Batching, SampleHasAFloorAndACeiling) {
  EXPECT_DOUBLE_EQ(shortest_sample({.tick_s = 1e-9}), 50e-6);
  EXPECT_DOUBLE_EQ(shortest_sample({.tick_s = 1e-9, .empty_s = 1e-3}), 10e-3);
}

TEST(Batching, TinyKernelsAreBatchedUpToTheFloor) {
  // 50 µs / 3 µs = 16.7.
  EXPECT_EQ(launches_per_sample({.tick_s = 1e-9}, 3e-6), 17U);
}

TEST(Batching, LongKernelsAreNot) {
  EXPECT_EQ(launches_per_sample({.tick_s = 1e-9}, 50e-6), 1U);
  EXPECT_EQ(launches_per_sample({.tick_s = 1e-9}, 60), 1U);
}

TEST(Batching, BatchesAreBounded) {
  EXPECT_EQ(launches_per_sample({.tick_s = 1e-9}, 1e-12), 1024U);
}

TEST(Batching, TimeOfZeroGivesTheLargestBatch) {
  EXPECT_EQ(launches_per_sample({.tick_s = 1e-9}, 0), 1024U);
}

/// True when the bands cover the rows in order, none is empty and each begins at the granule.
bool tiles_rows(const std::vector<Band>& bands, const BandRequest& request) {
  std::uint32_t next = 0;
  for (const Band& band : bands) {
    if (band.begin != next || band.end <= band.begin || band.begin % request.granule != 0) {
      return false;
    }
    next = band.end;
  }
  return next == request.rows;
}

constexpr double kHeadlineFlop = 2.0 * 16384 * 16384 * 16384;  // 8.796e12

TEST(Bands, FastDeviceNeedsNone) {
  // 8.796 TFLOP at 100 TFLOP/s are 88 ms.
  const BandRequest request{.rows = 16384,
                            .granule = 128,
                            .flop = kHeadlineFlop,
                            .evidence = RateEvidence::same_problem,
                            .rate_flops = 100e12};

  EXPECT_EQ(row_bands(request), (std::vector<Band>{{0, 16384}}));
}

TEST(Bands, SlowDeviceGetsBandsOfAQuarterSecond) {
  // 8.796 TFLOP at 8 TFLOP/s are 1.0995 s. A band may hold 2 TFLOP = 29.1 of the 128 granules of
  // 128 rows, so 29; that makes ceil(128/29) = 5 bands of 25 or 26 granules, the largest 0.223 s.
  const BandRequest request{.rows = 16384,
                            .granule = 128,
                            .flop = kHeadlineFlop,
                            .evidence = RateEvidence::same_problem,
                            .rate_flops = 8e12};

  const std::vector<Band> bands = row_bands(request);

  EXPECT_TRUE(tiles_rows(bands, request));
  ASSERT_EQ(bands.size(), 5U);
  for (const Band& band : bands) {
    EXPECT_GE(band.end - band.begin, 25U * 128);
    EXPECT_LE(band.end - band.begin, 26U * 128);
  }
}

TEST(Bands, ProbedRateIsCappedAt200Gflop) {
  // 8,796 GFLOP / 16,384 rows = 0.5369 GFLOP a row: 372 rows fit into 200, 45 bands (44 would
  // need 372.4 rows each).
  const BandRequest request{
      .rows = 16384, .flop = kHeadlineFlop, .evidence = RateEvidence::probe, .rate_flops = 100e12};

  const std::vector<Band> bands = row_bands(request);

  EXPECT_TRUE(tiles_rows(bands, request));
  EXPECT_EQ(bands.size(), 45U);
}

TEST(Bands, WithoutARateABandHoldsOneGflop) {
  // 2·1024³ = 2.147 GFLOP in 1,024 rows: 476 rows are 0.998 GFLOP, 3 bands.
  const BandRequest request{.rows = 1024, .flop = 2.0 * 1024 * 1024 * 1024};

  const std::vector<Band> bands = row_bands(request);

  EXPECT_TRUE(tiles_rows(bands, request));
  EXPECT_EQ(bands.size(), 3U);
}

TEST(Bands, GranuleIsTheSmallestBand) {
  // One granule takes far over the limit and still is one band; the last one is ragged.
  const BandRequest request{.rows = 1000,
                            .granule = 64,
                            .flop = 1e12,
                            .evidence = RateEvidence::same_problem,
                            .rate_flops = 1e9};

  const std::vector<Band> bands = row_bands(request);

  EXPECT_TRUE(tiles_rows(bands, request));
  EXPECT_EQ(bands.size(), 16U);
  EXPECT_EQ(bands.back(), (Band{960, 1000}));
}

TEST(Bands, AwkwardSizesTileTheRows) {
  for (const std::uint32_t rows : {1U, 2U, 63U, 64U, 65U, 127U, 4099U}) {
    for (const std::uint32_t granule : {1U, 7U, 64U, 128U}) {
      for (const double flop : {0.0, 1.0, 1e9, 3e9, 1e13}) {
        const BandRequest request{.rows = rows, .granule = granule, .flop = flop};
        EXPECT_TRUE(tiles_rows(row_bands(request), request))
            << rows << ' ' << granule << ' ' << flop;
      }
    }
  }
}

TEST(Bands, RowsNearTheLimitOf32BitsDoNotWrap) {
  const BandRequest request{.rows = 4'294'967'295U, .granule = 1U << 31, .flop = 1e15};

  EXPECT_EQ(row_bands(request), (std::vector<Band>{{0, 1U << 31}, {1U << 31, 4'294'967'295U}}));
}

TEST(Bands, NoRowsNoBands) {
  EXPECT_TRUE(row_bands({}).empty());
}

}  // namespace
}  // namespace gpubench
