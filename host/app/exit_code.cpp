#include "app/exit_code.h"

namespace gpubench {

ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::input:
      return ExitCode::usage;
    case ErrorKind::interrupted:
      return ExitCode::interrupted;
    case ErrorKind::no_device:
    case ErrorKind::unsupported:
    case ErrorKind::out_of_memory:
    case ErrorKind::timeout:
    case ErrorKind::device_lost:
    case ErrorKind::io:
    case ErrorKind::internal:
      return ExitCode::could_not_run;
  }
  return ExitCode::could_not_run;
}

}  // namespace gpubench
