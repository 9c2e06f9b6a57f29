// comparison_markdown.h — two sets of runs side by side, for the comment of a pull request.
#pragma once

#include <string>
#include <string_view>

#include "compare/comparison.h"

namespace gpubench {

/// GitHub's Markdown: the verdict first, then what decided it, what changed beside the runs, and
/// folded away what stayed. Text of files or drivers cannot become markup.
std::string comparison_markdown(const SetComparison& comparison);

/// The text as it stands, whatever characters Markdown or HTML would read as markup.
std::string markdown_text(std::string_view text);

}  // namespace gpubench
