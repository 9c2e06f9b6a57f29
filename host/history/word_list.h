// word_list.h — texts by number, each kept once: columns of many rows repeat few words.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gpubench {

class WordList {
 public:
  WordList() { code(""); }  ///< The empty text is number 0.
  // Views of one list's texts would dangle in a copy.
  WordList(const WordList&) = delete;
  WordList& operator=(const WordList&) = delete;
  WordList(WordList&&) = default;
  WordList& operator=(WordList&&) = default;
  ~WordList() = default;

  /// The number of `word`, which is added if it is new.
  std::uint32_t code(std::string_view word);
  [[nodiscard]] std::string_view operator[](std::uint32_t code) const { return words_[code]; }
  [[nodiscard]] std::size_t size() const { return words_.size(); }

 private:
  std::deque<std::string> blocks_;  ///< Filled up to their capacity, so that no text ever moves.
  std::vector<std::string_view> words_;
  std::unordered_map<std::string_view, std::uint32_t> codes_;
};

}  // namespace gpubench
