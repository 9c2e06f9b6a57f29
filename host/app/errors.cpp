#include "app/errors.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/terminal.h"
#include "report/colour.h"

namespace gpubench {

ExitCode report_error(const Error& error) {
  const Colour colour = wants_colour(TerminalStream::err) ? Colour::always : Colour::never;
  std::fflush(stdout);
  fmt::print(stderr, "{} {}\n", paint("gpubench:", Tint::bad, colour), error.message);
  return exit_code_of(error.kind);
}

}  // namespace gpubench
