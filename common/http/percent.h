// Percent-encoding (RFC 3986) for values that travel in headers, which carry ASCII only.
#ifndef LIAISON_COMMON_HTTP_PERCENT_H_
#define LIAISON_COMMON_HTTP_PERCENT_H_

#include <string>
#include <string_view>

namespace liaison::http {

// Leaves letters, digits and - . _ ~ as they are; fit for the filename* of RFC 8187.
std::string PercentEncode(std::string_view bytes);

// Takes back what PercentEncode did; a % without two hex digits stands for itself.
std::string PercentDecode(std::string_view text);

}  // namespace liaison::http

#endif  // LIAISON_COMMON_HTTP_PERCENT_H_
