#include "app/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace gpubench {
namespace {

constexpr std::size_t kDefaultWidth = 80;

int descriptor(TerminalStream stream) {
  return stream == TerminalStream::out ? STDOUT_FILENO : STDERR_FILENO;
}

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

bool is_terminal(TerminalStream stream) {
  return ::isatty(descriptor(stream)) == 1;
}

std::size_t terminal_width(TerminalStream stream) {
  winsize size{};
  if (::ioctl(descriptor(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

bool wants_colour(TerminalStream stream) {
  return variable("NO_COLOR").empty() && variable("TERM") != "dumb" && is_terminal(stream);
}

}  // namespace gpubench
