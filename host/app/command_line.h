// command_line.h — what was typed, as one of the commands. Knows CLI11; runs nothing by itself.
#pragma once

#include <span>
#include <string>

#include "app/exit_code.h"

namespace gpubench {

/// Parses the arguments (the program's name first) and runs the command they name.
ExitCode run_command_line(std::span<const char* const> arguments);

}  // namespace gpubench
