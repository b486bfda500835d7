// The part of strip.h for PDF.
#ifndef LIAISON_COMMON_ATTACHMENTS_STRIP_PDF_H_
#define LIAISON_COMMON_ATTACHMENTS_STRIP_PDF_H_

#include <string>
#include <string_view>

namespace liaison {

// Of the same size: what is taken out is overwritten, so that every offset in the file stays right. What cannot be read
// stays as it is.
std::string StripPdf(std::string_view bytes);

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_STRIP_PDF_H_
