// command_line_export.h — the options of `gpubench export`: how they are given and what they mean.
#pragma once

#include "app/commands.h"

namespace CLI {
class App;
}

namespace gpubench {

void add_export(CLI::App& app, ExportArguments& arguments);

}  // namespace gpubench
