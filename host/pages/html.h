// html.h — a document as one HTML page that needs no other file and no network.
#pragma once

#include <string>

#include "pages/document.h"

namespace gpubench {

std::string html_page(const PageDocument& document);

}  // namespace gpubench
