#include "history/word_list.h"

#include <algorithm>

namespace gpubench {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 14;

}  // namespace

std::uint32_t WordList::code(std::string_view word) {
  const auto found = codes_.find(word);
  if (found != codes_.end()) return found->second;
  if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < word.size()) {
    blocks_.emplace_back().reserve(std::max(kBlockBytes, word.size()));
  }
  std::string& block = blocks_.back();
  const std::size_t begin = block.size();
  block.append(word);
  const auto code = static_cast<std::uint32_t>(words_.size());
  words_.push_back(std::string_view(block).substr(begin));
  codes_.emplace(words_.back(), code);
  return code;
}

}  // namespace gpubench
