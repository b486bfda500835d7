// The bytes of one session: how the messages of sync/message.h travel on a live link. Unlike the grammar of
// message_codec.h, which is hashed, signed and stored, these bytes die with the session, so they leave out what the
// other side knows, and each packet shares a compressor's window with those before it.
//
//   packet  := form:u8 [raw:string] body     form 2: body is the message; 3: it continues this direction's zstd frame;
//                                            4: it begins one; 5, 6: it begins one with dictionary 1, 2
//                                            + 16: with a raw section, the message's bytes that do not compress
//   message := type:u8 flags:u8 fields…      types as in message_codec.h; what each leaves out: link_codec.cc
//
// Left out or cut to kCheckBytes on the way, and so in what Decode() returns:
//  - heads of chains and prefixes of feeds where the receiver has its own to compare (sync::SameHash);
//  - of an op that the receiver itself wrote, all but actor and seq (its hash and aggregate are on its disk), and of a
//    key item likewise; of one that comes with its bytes, the name, which the bytes give.
// Ops are told from those before them (op_squeeze.h), unless the other side speaks version 2 only.
// An encoder and its decoder must see the same messages in the same order: one pair for each stream.
#ifndef LIAISON_COMMON_CODEC_LINK_CODEC_H_
#define LIAISON_COMMON_CODEC_LINK_CODEC_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_squeeze.h"
#include "common/codec/stream_zip.h"
#include "common/sync/message.h"

namespace liaison {

inline constexpr uint32_t kSqueezeVersion = 3;  // the first that tells ops from those before them

// Actors by the order in which one direction has named them: after the first time one byte each.
class ActorTable {
 public:
  static constexpr size_t kMax = 64;  // those named later are spelt out each time

  // 0: not in the table; else its place from 1 on.
  size_t Find(const Actor& actor) const;
  void Add(const Actor& actor) {
    if (actors_.size() < kMax) actors_.push_back(actor);
  }
  const Actor* At(size_t place) const { return place == 0 || place > actors_.size() ? nullptr : &actors_[place - 1]; }

 private:
  std::vector<Actor> actors_;
};

// One side's end of one stream. Not thread-safe.
class LinkCodec {
 public:
  // What Encode() packs with; may change at any time and takes effect with a new frame at the next packed message.
  void set_zip(const StreamZip::Settings& settings) { wanted_ = settings; }
  const StreamZip::Settings& zip() const { return wanted_; }
  // The next packed message begins a new frame; until then this side holds no compressor. For links at rest.
  void LetGo() { zip_.Close(); }

  std::string Encode(const sync::Message& message);
  // kInvalidArgument, kUnimplemented: see DecodeMessage. After an error the stream cannot go on.
  absl::StatusOr<sync::Message> Decode(std::string_view packet);

 private:
  std::string EncodePlain(const sync::Message& message, std::string* raw);
  absl::StatusOr<sync::Message> DecodePlain(std::string_view bytes, std::string_view raw);
  void Know(const sync::Message& message);

  StreamZip zip_;
  StreamZip::Settings wanted_, packing_;
  StreamUnzip unzip_;
  ActorTable said_, heard_;
  OpSqueeze told_, learnt_;
  uint32_t version_ = sync::kProtocolVersion;  // of the older side
  std::string epoch_;                          // as the welcome said
  std::vector<sync::Cursor> hello_feeds_;      // as the hello said
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_LINK_CODEC_H_
