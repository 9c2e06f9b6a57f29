#include "pages/sha256.h"

#include <gtest/gtest.h>

#include "unit/history/written_runs.h"

namespace gpubench {
namespace {

// The examples of FIPS 180-2, appendix B.1 and B.3: "abc", and "a" a million times.
TEST(Sha256, IsThatOfTheStandard) {
  const WrittenRuns files;

  const auto abc = digest_file(files.write("abc", "abc"));
  const auto million = digest_file(files.write("million", std::string(1000000, 'a')));

  ASSERT_TRUE(abc.ok() && million.ok());
  EXPECT_EQ(abc->sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(million->sha256, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(million->bytes, 1000000U);
}

TEST(Sha256, AFileThatIsNotThereIsNamed) {
  const auto digest = digest_file("/nowhere/results.csv");

  ASSERT_FALSE(digest.ok());
  EXPECT_EQ(digest.error().message, "/nowhere/results.csv: cannot be read");
}

}  // namespace
}  // namespace gpubench
