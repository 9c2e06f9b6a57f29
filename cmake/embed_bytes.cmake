# Writes the bytes of FILE as a C++ array, and a std::string_view NAME of them in namespace gpubench:
# cmake -DFILE=... -DNAME=... -DOUT=... -P embed_bytes.cmake
# Bytes and no string literal, because compilers need not take one above 64 KiB.
file(READ "${FILE}" hex HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
file(WRITE "${OUT}"
"// Made by embed_bytes.cmake.
#include <string_view>
namespace gpubench {
namespace {
constexpr char kBytes[] = {${bytes}};
}  // namespace
extern const std::string_view ${NAME};
const std::string_view ${NAME}(kBytes, sizeof kBytes);
}  // namespace gpubench
")
