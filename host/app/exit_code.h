// exit_code.h — the exit codes of every command; scripts rely on them. Never a count.
#pragma once

#include "base/result.h"

namespace gpubench {

enum class ExitCode : int {
  good = 0,
  judged_bad = 1,     ///< Wrong result, less than declared, failed expectation.
  usage = 2,          ///< Command line, scenario or input file.
  inconclusive = 3,   ///< Nothing run or compared, or an output proves nothing.
  could_not_run = 4,  ///< No device, no driver, disk full.
  interrupted = 130,
  terminated = 143,
};

ExitCode exit_code_of(ErrorKind kind);

}  // namespace gpubench
