# Writes the words of the SPIR-V file SPIRV as a C++ array named MODULE to the file OUT.
file(READ "${SPIRV}" hex HEX)
# SPIR-V is little-endian: four bytes, the lowest first, to a word.
string(REGEX REPLACE "(..)(..)(..)(..)" "0x\\4\\3\\2\\1," words "${hex}")
file(WRITE "${OUT}" "#include <cstdint>
#include <span>

namespace gpubench::words {
extern const std::span<const std::uint32_t> ${MODULE};
constexpr std::uint32_t kWords[] = {${words}};
const std::span<const std::uint32_t> ${MODULE}{kWords};
}  // namespace gpubench::words
")
