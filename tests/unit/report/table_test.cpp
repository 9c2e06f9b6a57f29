#include "report/table.h"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

TEST(Table, ColumnsAlignWhateverTheCharacters) {
  Table table({{"case", Align::left}, {"time"}});
  table.add({{"16²"}, {"9"}});
  table.add({{"16x16"}, {"1234"}});

  EXPECT_EQ(table.render({}),
            "case   time\n"
            "16²       9\n"
            "16x16  1234\n");
}

TEST(Table, FirstColumnGivesWayWhenItIsTooWide) {
  Table table({{"case", Align::left}, {"time"}});
  table.add({{"abcdefghijklmnopqrst"}, {"1"}});

  // 20 + 2 + 4 columns; six must go.
  EXPECT_EQ(table.render({.width = 20}),
            "case            time\n"
            "abcdefg…opqrst     1\n");
}

TEST(Table, NoSpacesEndALine) {
  Table table({{"a", Align::left}, {"b", Align::left}});
  table.add({{"x"}, {""}});

  EXPECT_EQ(table.render({}), "a  b\nx\n");
}

TEST(Table, ColourDoesNotMoveColumns) {
  Table table({{"a", Align::left}, {"b"}});
  table.add({{"x", Tint::bad}, {"1"}});

  EXPECT_EQ(table.render({.colour = Colour::always}),
            "\x1b[1ma\x1b[0m  \x1b[1mb\x1b[0m\n"
            "\x1b[31mx\x1b[0m  1\n");
}

}  // namespace
}  // namespace gpubench
