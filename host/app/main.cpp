#include <signal.h>

#include "app/command_line.h"

int main(int argc, char** argv) {
  // A file-size limit is then an error of the write, which is reported, and not the end.
  signal(SIGXFSZ, SIG_IGN);
  return static_cast<int>(gpubench::run_command_line({argv, static_cast<std::size_t>(argc)}));
}
