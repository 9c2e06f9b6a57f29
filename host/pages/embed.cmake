# Writes the bytes of FILE as a C++ array: cmake -DFILE=... -DNAME=... -DOUT=... -P embed.cmake
# Bytes and no string literal, because compilers need not take one above 64 KiB.
file(READ "${FILE}" hex HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
file(WRITE "${OUT}"
"// Made by embed.cmake.
#include <string_view>
namespace gpubench {
namespace {
constexpr char kBytes[] = {${bytes}};
}  // namespace
extern const std::string_view page_file_${NAME};
const std::string_view page_file_${NAME}(kBytes, sizeof kBytes);
}  // namespace gpubench
")
