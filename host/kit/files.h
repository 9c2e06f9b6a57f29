// files.h — the texts that go into every kit: how to run it, in words and in Python.
#pragma once

#include <string>
#include <vector>

namespace gpubench {

struct KitText {
  std::string name;
  std::string text;  ///< Words between @ stand for what differs from kit to kit.
};
const std::vector<KitText>& kit_texts();

}  // namespace gpubench
