#include "common/codec/dictionary.h"

// The file stands in the binary as it is. LIAISON_DICTIONARY is its path, set by CMakeLists.txt.
__asm__(
    ".pushsection .rodata\n"
    ".hidden liaison_dictionary\n.hidden liaison_dictionary_end\n"
    "liaison_dictionary:\n.incbin \"" LIAISON_DICTIONARY
    "\"\n"
    "liaison_dictionary_end:\n"
    ".popsection\n");

extern "C" {
extern const char liaison_dictionary[];
extern const char liaison_dictionary_end[];
}

namespace liaison {

std::string_view Dictionary() {
  return {liaison_dictionary, static_cast<size_t>(liaison_dictionary_end - liaison_dictionary)};
}

}  // namespace liaison
