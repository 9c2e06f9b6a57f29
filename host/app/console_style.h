// console_style.h — how texts on stdout are laid out here and now.
#pragma once

#include <algorithm>

#include "app/terminal.h"
#include "report/table.h"

namespace gpubench {

inline ConsoleStyle console_style() {
  // Beyond this, lines grow harder to read, not easier.
  constexpr std::size_t kWidest = 120;
  return {std::min(terminal_width(TerminalStream::out), kWidest),
          wants_colour(TerminalStream::out) ? Colour::always : Colour::never};
}

}  // namespace gpubench
