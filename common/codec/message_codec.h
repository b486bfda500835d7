// The bytes of the messages of sync/message.h, as they are signed, stored and put into files. How they travel on a live
// link: link_codec.h.
//
//   message := version:u8=1 type:u8 fields…        types 1 to 9 in the order of sync::Message
//
// The fields stand in the order of the structs; common/codec/README.md spells them out. Bytes behind the last known
// field are ignored, so that a later version can add fields at the end; a type that is not known is kUnimplemented.
#ifndef LIAISON_COMMON_CODEC_MESSAGE_CODEC_H_
#define LIAISON_COMMON_CODEC_MESSAGE_CODEC_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/sync/message.h"

namespace liaison {

std::string EncodeMessage(const sync::Message& message);
absl::StatusOr<sync::Message> DecodeMessage(std::string_view bytes);

inline constexpr size_t kMaxMessageBytes = 4 << 20;  // of what travels on a link (link_codec.h), decompressed

// The bytes that signatures cover; the label in front keeps one kind from passing for another.
//   range  := "liaison-range-1" actor first:varint last:varint head-before:32 head-after:32
//   feed   := "liaison-feed-1" interest:string epoch:string first:varint prefix-before:32 last:varint prefix-after:32
//   ack    := "liaison-ack-1", the ack without verdicts, gap and seal
//   heads  := "liaison-heads-1" hub-time:zigzag heads
std::string RangeSigningBytes(const sync::Range& range);  // REQUIRES: heads are set
std::string FeedSigningBytes(const sync::FeedBatch& batch);
std::string AckSigningBytes(const sync::Ack& ack);
std::string HeadsSigningBytes(const sync::Welcome& welcome);

// prefix_n = H(prefix_{n-1} | H(item)); prefix_0 = H("liaison-feed-1" | interest).
std::string FeedStart(std::string_view interest);
std::string FeedNext(std::string_view prefix, const sync::FeedItem& item);
std::string EncodeFeedItem(const sync::FeedItem& item);
absl::StatusOr<sync::FeedItem> DecodeFeedItem(std::string_view bytes);

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_MESSAGE_CODEC_H_
