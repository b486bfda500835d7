#include "common/codec/dictionary.h"

// The files stand in the binary as they are. LIAISON_DICTIONARIES is their folder, set by CMakeLists.txt.
__asm__(
    ".pushsection .rodata\n"
    ".hidden liaison_dictionary_1\n.hidden liaison_dictionary_2\n.hidden liaison_dictionary_end\n"
    "liaison_dictionary_1:\n.incbin \"" LIAISON_DICTIONARIES
    "/dictionary-1.bin\"\n"
    "liaison_dictionary_2:\n.incbin \"" LIAISON_DICTIONARIES
    "/dictionary-2.bin\"\n"
    "liaison_dictionary_end:\n"
    ".popsection\n");

extern "C" {
extern const char liaison_dictionary_1[];
extern const char liaison_dictionary_2[];
extern const char liaison_dictionary_end[];
}

namespace liaison {

std::string_view Dictionary(unsigned id) {
  auto between = [](const char* from, const char* to) {
    return std::string_view(from, static_cast<size_t>(to - from));
  };
  switch (id) {
    case 1:
      return between(liaison_dictionary_1, liaison_dictionary_2);
    case 2:
      return between(liaison_dictionary_2, liaison_dictionary_end);
    default:
      return {};
  }
}

}  // namespace liaison
