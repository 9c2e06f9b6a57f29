#include "report/colour.h"

namespace gpubench {
namespace {

/// Select Graphic Rendition parameters (ECMA-48).
std::string_view code_of(Tint tint) {
  switch (tint) {
    case Tint::plain:
      return "0";
    case Tint::strong:
      return "1";
    case Tint::good:
      return "32";
    case Tint::caution:
      return "33";
    case Tint::bad:
      return "31";
  }
  return "0";
}

}  // namespace

std::string paint(std::string_view text, Tint tint, Colour colour) {
  if (colour == Colour::never || tint == Tint::plain || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code_of(tint)) + 'm' + std::string(text) + "\x1b[0m";
}

}  // namespace gpubench
