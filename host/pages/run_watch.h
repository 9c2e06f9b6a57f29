// run_watch.h — tells when the files that a page is made from have changed. Looks at their names,
// sizes and times, not into them.
#pragma once

#include <string>
#include <vector>

namespace gpubench {

class RunWatch {
 public:
  /// `paths` as read_history takes them; `files` beside them, empty names left out.
  RunWatch(std::vector<std::string> paths, std::vector<std::string> files);

  /// Whether anything is different from the last time (or from when this was made).
  bool has_changed();

 private:
  [[nodiscard]] std::string look() const;

  std::vector<std::string> paths_, files_;
  std::string seen_;
};

}  // namespace gpubench
