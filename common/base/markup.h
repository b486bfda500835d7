// Text on its way into XML and HTML.
#ifndef LIAISON_COMMON_BASE_MARKUP_H_
#define LIAISON_COMMON_BASE_MARKUP_H_

#include <string>
#include <string_view>

namespace liaison::office {

// `text` with what no document may hold taken out: control characters but tab and line feed (CR LF and CR become LF),
// U+FFFE and U+FFFF. Malformed UTF-8 becomes U+FFFD, a byte at a time. All other characters stay, those beyond the
// basic plane (𬱖) too.
std::string CleanText(std::string_view text);

// CleanText() with & < > " ' as entities: safe as XML or HTML content and inside quoted attributes.
std::string Escape(std::string_view text);

// 1 to 99 as 一 to 九十九; anything else as digits.
std::string ChineseNumber(int n);

// "2026-03-25" as 2026年3月25日; any other text as it is.
std::string ChineseDate(std::string_view date);

}  // namespace liaison::office

#endif  // LIAISON_COMMON_BASE_MARKUP_H_
