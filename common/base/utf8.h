// UTF-8, character by character, through ICU: the only place that takes characters apart. Bytes that are not UTF-8 are
// treated in one way everywhere: each counts as one character, and is passed through as it is. Pure functions,
// thread-safe.
//
// And whether bytes are text at all. Every program asks before it takes an argument or standard input for words: bytes
// of another encoding (GBK, of an old terminal) must be refused, never stored with some of them missing.
#ifndef LIAISON_COMMON_BASE_UTF8_H_
#define LIAISON_COMMON_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace liaison {

struct Char {
  char32_t code;           // the byte plus kBrokenChar for a byte that is not UTF-8
  std::string_view bytes;  // in the text walked over
};
inline constexpr char32_t kBrokenChar = 0x110000;

// Takes the first character off *rest, which must not be empty.
Char NextChar(std::string_view* rest);

size_t CountChars(std::string_view text);                       // code points
std::string Truncate(std::string_view text, size_t chars);      // the first `chars` characters
std::string_view CutBytes(std::string_view text, size_t most);  // the longest beginning of whole characters
// Places in a column of a document, where everything but ASCII is as wide as a Chinese character: 2, ASCII 1.
inline int PlacesOnPaper(char32_t code) { return code < 0x80 ? 1 : 2; }

bool IsAscii(std::string_view text);

// Appends the UTF-8 form of `code`, which must be at most U+10FFFF and no surrogate.
void AppendChar(char32_t code, std::string* out);

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF, nothing cut off.
bool IsUtf8(std::string_view bytes);

// kInvalidArgument, in Chinese and English, when one of the arguments of a command line is not UTF-8. It says which by
// its place, since its bytes cannot be shown. `args` are without the program's name.
absl::Status CheckArguments(const std::vector<std::string>& args);
absl::Status CheckArguments(int argc, const char* const* argv);  // with the program's name, as main() gets them

// The same for all of a standard input.
absl::Status CheckInput(std::string_view input);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_UTF8_H_
