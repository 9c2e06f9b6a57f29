// files.h — the files of templates/ and Chart.js, as they were when gpubench was built.
#pragma once

#include <string_view>

namespace gpubench {

/// The content of "page.html", "page.css", "chart.js", … . The file must be one that CMakeLists.txt
/// names.
std::string_view page_file(std::string_view name);

}  // namespace gpubench
