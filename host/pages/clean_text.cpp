#include "pages/clean_text.h"

#include "report/width.h"

namespace gpubench {

std::string clean_text(std::string_view text) {
  constexpr std::string_view kKept = "\n\t";
  std::string clean;
  for (std::size_t end = text.find_first_of(kKept); end != std::string_view::npos;
       end = text.find_first_of(kKept)) {
    std::string_view part = text.substr(0, end);
    if (text[end] == '\n' && part.ends_with('\r')) part.remove_suffix(1);
    clean.append(printable(part)).append(1, text[end]);
    text.remove_prefix(end + 1);
  }
  return clean + printable(text);
}

}  // namespace gpubench
