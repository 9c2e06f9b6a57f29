// error_map_figure.h — where in a failed output its errors are, as a picture and in words.
#pragma once

#include <optional>
#include <string>

#include "history/run_files.h"
#include "pages/case_facts.h"
#include "pages/document.h"

namespace gpubench {

/// Nothing for a map without cells. `facts` are of the row that the map belongs to.
std::optional<PageFigure> error_map_figure(std::string id, const CaseFacts& facts,
                                           const ErrorMap& map);

}  // namespace gpubench
