// Text as people bring it: files in GB18030, full-width digits, dates in a dozen spellings, phone numbers in all
// groupings. How characters are folded: folding.h; readings of names: pinyin.h.
// Pure functions, thread-safe. Everything but DecodeText takes UTF-8; a byte that is not UTF-8 counts as one character
// and is passed through. Error messages are Chinese and fit behind a column's name: "接待日期：" + message.
#ifndef LIAISON_COMMON_BASE_TEXT_FORMS_H_
#define LIAISON_COMMON_BASE_TEXT_FORMS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/folding.h"
#include "common/base/utf8.h"

namespace liaison {

// ---- encodings

// The text of a file as UTF-8 without a byte order mark. UTF-8 and UTF-16 are known by their marks; without one, UTF-16
// is known by the noughts beside its separators and digits, what is valid UTF-8 is UTF-8, and the rest must be GB18030
// (which contains GBK and GB2312). Nothing is replaced or left out: kInvalidArgument names the first byte, from 1, that
// cannot be decoded. A NUL means that it is not text.
absl::StatusOr<std::string> DecodeText(std::string_view bytes);

// ---- personal data on screens and prints

std::string MaskName(std::string_view name);    // 王小明 -> 王**, 买买提·艾力 -> 买**, empty -> empty
std::string MaskPhone(std::string_view phone);  // 13812345678 -> 138****5678; the middle four before the last four

// ---- fields

// YYYY-MM-DD of a day that exists, from 1950 to 2100. Understands 2026-01-17, 2026/04/13, 2026.1.10, 2026\1\10,
// 2026、1、10, 2026 1 10, 2026年5月6日, 二〇二六年五月六日, 20260117, each in any width, with spaces between the parts and
// a time, a part of the day or a day of the week behind (which must be that day's), and the five digits of a
// spreadsheet's day number. A year of two digits, a missing year and day/month/year are refused: they could be another
// day.
absl::StatusOr<std::string> ParseDate(std::string_view text);

// The day of a number that stands in a cell: 20260117, or a spreadsheet's day number.
absl::StatusOr<std::string> DateFromNumber(double number, bool system_1904 = false);

// The day of a spreadsheet's day number (1900 system: 61 is 1900-03-01; 1904 system: 0 is 1904-01-01), fraction
// dropped.
absl::StatusOr<std::string> DateFromSerial(double serial, bool system_1904 = false);

// A positive whole number up to 999,999,999 in ASCII, full-width or Chinese digits (3, ３, 三, 十二, 两百零五), with or
// without 人, 名, 位, 个, 人次 behind.
absl::StatusOr<int> ParseCount(std::string_view text);

// 7 to 12 digits, folded, without spaces, dashes, brackets, a quote in front and the prefixes +86, 0086 and 86.
absl::StatusOr<std::string> NormalisePhone(std::string_view text);

// The digits of what may be a phone number or the end of one, in the same way; empty if anything else is in it.
std::string PhoneDigits(std::string_view text);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_TEXT_FORMS_H_
