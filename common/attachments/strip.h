// What a photo or a scan tells beside its picture: where it was taken, when, with which device, by whom. It is taken
// out before a file is named by its hash, stored and sent on.
#ifndef LIAISON_COMMON_ATTACHMENTS_STRIP_H_
#define LIAISON_COMMON_ATTACHMENTS_STRIP_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liaison {

// The file without Exif, XMP, comments and what else is not needed to show it, and without what follows its end. The
// picture itself stays bit by bit, and so do its colours and which way up it is shown. Stripping twice is stripping
// once. A file whose structure cannot be followed comes back as it is, but only if it bears no sign of such data:
// kInvalidArgument (Chinese) else. Of another type than JPEG, PNG, WebP and PDF: as it is.
//
// Of a PDF: its information dictionary, its XMP, and Exif in the photos that it holds are overwritten in place. What an
// encrypted one holds stays, and what is packed into an object stream with a predictor or behind the first 64.
absl::StatusOr<std::string> StripMetadata(std::string_view bytes);

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_STRIP_H_
