// option_checks.h — what values of several commands' options must be. Each returns what is wrong,
// in words, or nothing.
#pragma once

#include <string>

namespace gpubench {

/// An unset variable of a script must not choose the default device in silence.
inline std::string check_not_empty(const std::string& text) {
  return text.empty() ? "is empty; leave the option out for the default" : "";
}

}  // namespace gpubench
