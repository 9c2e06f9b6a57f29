// errors.h — the one place where an error meets the user.
#pragma once

#include "app/exit_code.h"
#include "base/result.h"

namespace gpubench {

/// "gpubench: message" on stderr; returns the exit code for it.
ExitCode report_error(const Error& error);

}  // namespace gpubench
