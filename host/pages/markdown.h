// markdown.h — a document as Markdown: the tables and texts of the page, without its figures.
#pragma once

#include <string>

#include "pages/document.h"

namespace gpubench {

std::string markdown_page(const PageDocument& document);

}  // namespace gpubench
