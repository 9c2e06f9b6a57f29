// shell.h — commands printed so that they can be pasted into a shell.
#pragma once

#include <string>

#include "report/table.h"

namespace gpubench {

/// As it must be typed: quoted where the shell would read more than letters into it.
std::string shell_word(const std::string& text);

/// An indented command with one option more, in two lines with a continuation if one is too long.
std::string shell_command(const std::string& command, const std::string& option,
                          const ConsoleStyle& style);

}  // namespace gpubench
