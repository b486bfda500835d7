// One form for texts that people take for the same: the only place where characters are folded. Keys and look-ups use
// it; what a person typed is stored and shown as typed. Pure functions, thread-safe. Texts are UTF-8; a byte that is
// not counts as one character and is passed through.
//
// Folded are: width (１Ａ（ as 1A( ), compatibility forms (Ⅳ, ①, ㎏, vertical and small punctuation, mathematical
// digits), the radicals ⻔ and ⼈ as 门 and 人 and the compatibility ideographs, every hyphen and dash as -, slashes as
// /, every dot in names as ·, and every space as a plain one. Left out are characters that show nothing: bidirectional
// marks, soft hyphens, variation selectors, zero-width spaces and joiners, control characters. Case stays.
#ifndef LIAISON_COMMON_BASE_FOLDING_H_
#define LIAISON_COMMON_BASE_FOLDING_H_

#include <functional>
#include <string>
#include <string_view>

#include "common/base/utf8.h"

namespace liaison {

// Shows as a gap; line ends too.
bool IsSpaceChar(char32_t code);
// Shows nothing at all. Variation selectors are such: they choose a glyph, and keys do without them.
bool IsInvisible(char32_t code);

// Calls `emit` for every character of the folded text; broken bytes come as kBrokenChar plus the byte.
void ForEachFolded(std::string_view text, const std::function<void(char32_t)>& emit);

// The folded text; line ends stay, other white space is a plain space. Fold(Fold(x)) == Fold(x).
std::string Fold(std::string_view text);

// Fold without any space, ASCII letters in upper case: equal keys are one name. Bytes that are no UTF-8 stand as
// U+FFFD.
std::string NameKey(std::string_view text);

// The name of a column as people write it above a table, as a key: 接待日期（年月日）： -> 接待日期. NameKey without
// what stands in brackets, colons at the end and asterisks.
std::string ColumnKey(std::string_view text);

// A paper number as it is printed: 恒民意[２０２６]Ｄ057‐0001号 -> 恒民意〔2026〕D057-0001号.
std::string NumberText(std::string_view text);

// Without white space and invisible marks at both ends. A variation selector stays with its character.
std::string Trim(std::string_view text);
// Without white space and invisible marks anywhere, variation selectors aside.
std::string RemoveSpaces(std::string_view text);

// The line ends of word processors (U+000B, U+000C, CR) as \n, their hyphen U+001E as -, without their optional hyphen
// U+001F. For every text that comes in, before its characters are checked.
std::string PlainLines(std::string_view text);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_FOLDING_H_
