#include "report/width.h"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

TEST(Width, SignsOfTheTablesFillOneColumn) {
  EXPECT_EQ(display_width("4096²"), 5U);
  EXPECT_EQ(display_width("µs"), 2U);
  EXPECT_EQ(display_width("64×10×37"), 8U);
  EXPECT_EQ(display_width("…"), 1U);
}

TEST(Width, WideAndCombiningCharacters) {
  EXPECT_EQ(display_width("显卡"), 4U);
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);  // e and a combining acute accent
}

TEST(Width, BrokenUtf8CountsByteByByte) {
  EXPECT_EQ(display_width("a\xff\xc3"), 3U);
  EXPECT_EQ(printable("a\xff\xc3z"), "a??z");
}

TEST(Width, EscapeSequencesAreDefused) {
  EXPECT_EQ(printable("a\x1b[2J\n"), "a?[2J?");
}

TEST(Width, ClipKeepsBothEnds) {
  EXPECT_EQ(clip_middle("abcdefghij", 7), "abc…hij");
  EXPECT_EQ(clip_middle("abcdefghij", 6), "abc…ij");
  EXPECT_EQ(clip_middle("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(clip_middle("abcdefghij", 1), "…");
  EXPECT_EQ(clip_middle("abcdefghij", 0), "");
}

TEST(Width, ClipNeverSplitsACharacter) {
  EXPECT_EQ(clip_end("²²²²", 3), "²²…");
  EXPECT_EQ(clip_end("显卡显卡", 4), "显…");  // A second one would need five columns.
}

TEST(Width, PaddingCountsColumns) {
  EXPECT_EQ(pad_left("µs", 4), "  µs");
  EXPECT_EQ(pad_right("µs", 4), "µs  ");
  EXPECT_EQ(pad_right("toolong", 4), "toolong");
}

TEST(Width, WrapBreaksAtSpacesAndIndents) {
  EXPECT_EQ(wrap("one two three", {.width = 8, .first_column = 0, .indent = 2}),
            "one two\n  three");
  EXPECT_EQ(wrap("one two", {.width = 8, .first_column = 4, .indent = 1}), "one\n two");
}

TEST(Width, WrapLeavesNoSpaceAtTheEndOfALine) {
  EXPECT_EQ(wrap("run  case", {.width = 6, .first_column = 2, .indent = 2}), "run\n  case");
  EXPECT_EQ(wrap("run  case", {.width = 20, .first_column = 0, .indent = 0}), "run  case");
}

TEST(Width, WrapKeepsLongWordsWhole) {
  EXPECT_EQ(wrap("a 123456789 b", {.width = 5, .first_column = 0, .indent = 0}), "a\n123456789\nb");
}

}  // namespace
}  // namespace gpubench
