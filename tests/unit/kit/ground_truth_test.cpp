// Does a kit, which cannot ask again, say what the fingerprint says?
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "unit/kit/known_path_kit.h"

namespace gpubench {
namespace {

// And docs/validating.md has the very line that fingerprint_table prints.
TEST(KitGroundTruth, KnownPathsAreNamedAsTheFingerprintNamesThem) {
  std::ifstream file(GPUBENCH_DOCS_DIR "/validating.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const KnownPath& path : known_paths()) {
    const auto said = take_fingerprint(path.under_test, path.declared, 1);
    const auto kit_said = identify_through_kit(path, 1);
    ASSERT_TRUE(said.ok() && kit_said.ok()) << path.name;

    const std::string cell = kit_cell(path, *said, kit_said->fingerprint);
    EXPECT_EQ(cell, "the same") << path.name << ": " << kit_said->fingerprint.reason;
    const std::string line = table_line(path, *said) + " " + cell + " |";
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
}

TEST(KitGroundTruth, Fp32IsConfirmedWhateverTheSeed) {
  for (std::size_t seed = 0; seed < 30; ++seed) {
    const MatmulShape shape = {.m = 33, .n = 31, .k = 17 + seed % 7};
    const KnownPath path = {.under_test = emulated_path(some_fp32(seed), shape)};
    const auto said = identify_through_kit(path, seed);
    ASSERT_TRUE(said.ok());
    EXPECT_EQ(said->fingerprint.verdict, PrecisionVerdict::confirmed)
        << seed << ": " << said->fingerprint.reason;
  }
}

}  // namespace
}  // namespace gpubench
