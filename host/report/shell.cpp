#include "report/shell.h"

#include <fmt/format.h>

#include <string_view>

#include "report/width.h"

namespace gpubench {

std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

std::string shell_command(const std::string& command, const std::string& option,
                          const ConsoleStyle& style) {
  const std::string one_line = fmt::format("  {} {}", command, option);
  if (display_width(one_line) <= style.width) return one_line + '\n';
  return fmt::format("  {} \\\n    {}\n", command, option);
}

}  // namespace gpubench
