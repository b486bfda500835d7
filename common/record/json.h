// Records and requests as protobuf JSON: what the services speak, and what a data folder's settings are written in.
// Pure, thread-safe.
#ifndef LIAISON_COMMON_RECORD_JSON_H_
#define LIAISON_COMMON_RECORD_JSON_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace liaison {

// protobuf JSON with defaults filled in, enums by name. Never fails on messages of ours.
std::string ToJson(const google::protobuf::Message& message);
std::string ToCompactJson(const google::protobuf::Message& message);  // the same without defaults
// Nothing of ours is nested deeper, and what is takes the library a time that grows with a power of its depth.
inline constexpr int kMostJsonDepth = 32;
// A request: as much as the HTTP server takes.
inline constexpr size_t kMostJsonBytes = 32 << 20;

// Whether `json` is nested no deeper than kMostJsonDepth. Linear; the text need not be JSON.
bool IsShallowJson(std::string_view json);
// kInvalidArgument with a Chinese message that names what could not be read. Anything deeper than kMostJsonDepth is
// refused before it is parsed. Line ends of word processors (U+000B and the like, PlainLines of folding.h) become plain
// ones; days, times and codes (stations, deputies, categories) are folded: ２０２６年３月５日 is 2026-03-05,
// ＨＫ－Ｄ０５７ is HK-D057; a text of nothing but spaces and invisible marks is empty.
absl::Status FromJson(std::string_view json, google::protobuf::Message* message);

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_JSON_H_
