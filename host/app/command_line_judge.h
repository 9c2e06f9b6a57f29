// command_line_judge.h — the options of `gpubench judge`: how they are given and what they mean.
#pragma once

#include "app/commands.h"

namespace CLI {
class App;
}

namespace gpubench {

void add_judge(CLI::App& app, JudgeArguments& arguments);

}  // namespace gpubench
