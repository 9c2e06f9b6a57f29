// script_json.h — JSON that may stand inside <script>: no text in it can end the element or begin
// a comment.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace gpubench {

/// `<`, `>` and `&` of texts become escapes of JSON, and so do U+2028 and U+2029, which end a line
/// of JavaScript. Bytes that are no UTF-8 become U+FFFD.
std::string script_json(const nlohmann::ordered_json& json);

}  // namespace gpubench
