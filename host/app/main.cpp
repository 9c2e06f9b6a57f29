#include <signal.h>

#include <cstdio>
#include <system_error>

#include "app/command_line.h"
#include "app/exit_code.h"

namespace {

/// Output that got lost must not look like success.
int cannot_write(const char* why) {
  std::fprintf(stderr, "gpubench: standard output: cannot write: %s\n", why);
  return static_cast<int>(gpubench::ExitCode::could_not_run);
}

}  // namespace

int main(int argc, char** argv) {
  // A file-size limit is then an error of the write, which is reported, and not the end.
  signal(SIGXFSZ, SIG_IGN);
  try {
    const auto code = gpubench::run_command_line({argv, static_cast<std::size_t>(argc)});
    if (std::fflush(stdout) != 0) return cannot_write("flushing it failed");
    return static_cast<int>(code);
  } catch (const std::system_error& error) {  // fmt throws it when a stream takes no more
    return cannot_write(error.what());
  }
}
