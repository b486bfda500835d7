// Text as people bring it: files in GB18030, full-width digits, dates in six spellings, names with rare characters.
// Pure functions, thread-safe. Everything but DecodeText takes UTF-8; a byte that is not UTF-8 counts as one character
// and is passed through. Error messages are Chinese and fit behind a column's name: "接待日期：" + message.
#ifndef LIAISON_COMMON_SERVICE_TEXT_FORMS_H_
#define LIAISON_COMMON_SERVICE_TEXT_FORMS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liaison {

// ---- encodings

bool IsUtf8(std::string_view bytes);

// The text of a file as UTF-8 without a byte order mark. UTF-8 and UTF-16 are known by their marks; without one, what
// is valid UTF-8 is UTF-8, and the rest must be GB18030 (which contains GBK and GB2312). Nothing is replaced or left
// out: kInvalidArgument names the first byte, from 1, that cannot be decoded. A NUL means that it is not text.
absl::StatusOr<std::string> DecodeText(std::string_view bytes);

// ---- characters (code points)

size_t CountChars(std::string_view text);
std::string Truncate(std::string_view text, size_t chars);  // the first `chars` characters

// Removes white space at both ends: ASCII, ideographic, no-break and zero-width.
std::string Trim(std::string_view text);
std::string RemoveSpaces(std::string_view text);  // the same characters, everywhere

// Full-width digits, letters and punctuation to half-width, every white space but line ends to a plain space. For keys
// and comparisons; what a person wrote is stored as written.
std::string FoldWidth(std::string_view text);

// FoldWidth, without spaces, ASCII letters in upper case, and one form of the dot in names (买买提·艾力): equal keys
// are one name. Bytes that are no UTF-8 stand as U+FFFD.
std::string NameKey(std::string_view text);

// The name of a column as people write it above a table, as a key: 接待日期（年月日）： -> 接待日期. NameKey without
// what stands in brackets, colons at the end and asterisks.
std::string ColumnKey(std::string_view text);

// ---- search

enum class Reading {
  kText,
  kName,  // surnames have readings of their own: 曾 z, 单 s, 仇 q
};

// One lower-case letter per Chinese character: 水渠 -> sq. ASCII letters (in lower case) and digits stay, after width
// folding; all else falls out, also a character that ICU has no reading for. kText remembers each character's letter;
// kName reads the whole run through ICU every time, which takes some 50 us a name.
std::string PinyinInitials(std::string_view text, Reading reading = Reading::kText);

// ---- personal data on screens and prints

std::string MaskName(std::string_view name);    // 王小明 -> 王**, 买买提·艾力 -> 买**, empty -> empty
std::string MaskPhone(std::string_view phone);  // 13812345678 -> 138****5678; the middle four before the last four

// ---- fields

// YYYY-MM-DD of a day that exists, from 1950 to 2100. Understands 2026-01-17, 2026/04/13, 2026.1.10, 2026年5月6日,
// 20260117, each with full-width digits, spaces between the parts or a time of day behind (which is dropped), and the
// five digits of a spreadsheet's day number.
absl::StatusOr<std::string> ParseDate(std::string_view text);

// The day of a spreadsheet's day number (1900 system: 61 is 1900-03-01; 1904 system: 0 is 1904-01-01), fraction
// dropped.
absl::StatusOr<std::string> DateFromSerial(double serial, bool system_1904 = false);

// A positive whole number up to 999,999,999 in ASCII, full-width or Chinese digits (3, ３, 三, 十二, 两百零五), with or
// without 人, 名, 位, 个, 人次 behind.
absl::StatusOr<int> ParseCount(std::string_view text);

// 7 to 12 digits after width folding, without spaces, dashes, brackets and the prefix +86.
absl::StatusOr<std::string> NormalisePhone(std::string_view text);

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_TEXT_FORMS_H_
