// Whether bytes are text. Every program asks before it takes an argument or standard input for words: bytes of another
// encoding (GBK, of an old terminal) must be refused, never stored with some of them missing.
#ifndef LIAISON_COMMON_BASE_UTF8_H_
#define LIAISON_COMMON_BASE_UTF8_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace liaison {

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
