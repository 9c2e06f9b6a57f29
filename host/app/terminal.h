// terminal.h — what the output streams are: a terminal or not, how wide, with colours or not.
#pragma once

#include <cstddef>

namespace gpubench {

enum class TerminalStream : unsigned char { out, err };

bool is_terminal(TerminalStream stream);
/// Columns of the terminal; 80 when it is none.
std::size_t terminal_width(TerminalStream stream);
/// A terminal that is not TERM=dumb, unless NO_COLOR is set (to anything but nothing).
bool wants_colour(TerminalStream stream);

}  // namespace gpubench
