// One list of fields per message, read by the encoder and the decoder alike, so that the two cannot drift apart.
//
// Archive of a ByteWriter writes, of a ByteReader reads: unsigned numbers and enums as varints (u8 and bool as one
// byte), signed ones as zigzag, strings with their length, vectors with their count, optionals behind a byte 0 or 1.
#ifndef LIAISON_COMMON_CODEC_ARCHIVE_H_
#define LIAISON_COMMON_CODEC_ARCHIVE_H_

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "common/base/bytes.h"
#include "common/sync/message.h"

namespace liaison {

template <typename Stream>
class Archive {
 public:
  static constexpr bool kReads = std::is_base_of_v<ByteReader, Stream>;

  explicit Archive(Stream* stream) : stream_(stream) {}

  template <typename... T>
  void operator()(T&... values) {
    (One(values), ...);
  }

 private:
  template <typename T>
  void One(T& value) {
    using V = std::remove_const_t<T>;
    if constexpr (std::is_same_v<V, bool> || std::is_same_v<V, uint8_t>) {
      Byte(value);
    } else if constexpr (std::is_enum_v<V>) {
      Enum(value);
    } else if constexpr (std::is_integral_v<V>) {
      Number(value);
    } else if constexpr (std::is_same_v<V, std::string>) {
      if constexpr (kReads) {
        value = std::string(stream_->String());
      } else {
        stream_->String(value);
      }
    } else {
      Fields(*this, value);
    }
  }

  void One(Actor& actor) {
    if constexpr (kReads) actor = DecodeActor(stream_);
  }
  void One(const Actor& actor) {
    if constexpr (!kReads) EncodeActor(actor, stream_);
  }

  template <typename T>
  void One(std::vector<T>& values) {
    if constexpr (kReads) {
      uint64_t count = stream_->Count();
      for (uint64_t i = 0; i < count && stream_->ok(); ++i) One(values.emplace_back());
    }
  }
  template <typename T>
  void One(const std::vector<T>& values) {
    if constexpr (!kReads) {
      stream_->Varint(values.size());
      for (const T& value : values) One(value);
    }
  }

  template <typename T>
  void One(std::optional<T>& value) {
    if constexpr (kReads) {
      bool present = false;
      One(present);
      if (present) One(value.emplace());
    }
  }
  template <typename T>
  void One(const std::optional<T>& value) {
    if constexpr (!kReads) {
      stream_->U8(value ? 1 : 0);
      if (value) One(*value);
    }
  }

  template <typename T>
  void Byte(T& value) {
    if constexpr (kReads) {
      uint8_t byte = stream_->U8();
      if (std::is_same_v<std::remove_const_t<T>, bool> && byte > 1) stream_->Fail("neither 0 nor 1");
      value = static_cast<std::remove_const_t<T>>(byte);
    } else {
      stream_->U8(static_cast<uint8_t>(value));
    }
  }
  template <typename T>
  void Enum(T& value) {
    if constexpr (kReads) {
      value = static_cast<T>(stream_->U8());
    } else {
      stream_->U8(static_cast<uint8_t>(value));
    }
  }
  template <typename T>
  void Number(T& value) {
    if constexpr (kReads) {
      if constexpr (std::is_signed_v<T>) {
        value = static_cast<T>(stream_->Zigzag());
      } else {
        uint64_t number = stream_->Varint();
        value = static_cast<T>(number);
        if (value != number) stream_->Fail("number too large");
      }
    } else if constexpr (std::is_signed_v<T>) {
      stream_->Zigzag(value);
    } else {
      stream_->Varint(value);
    }
  }

  Stream* stream_;  // not owned
};

// For each struct the list of its fields, in the order of the wire. M is the struct or a const of it. Stands in
// namespace liaison, so that it is found by its argument.
#define LIAISON_FIELDS(Struct, ...)                       \
  template <typename A, typename M>                       \
  requires std::is_same_v<std::remove_const_t<M>, Struct> \
  void Fields(A& archive, M& m) { archive(__VA_ARGS__); }

LIAISON_FIELDS(OpName, m.actor, m.seq, m.hash)
LIAISON_FIELDS(sync::Tip, m.actor, m.seq, m.head)
LIAISON_FIELDS(sync::Cursor, m.interest, m.epoch, m.position, m.prefix)
LIAISON_FIELDS(sync::Seal, m.key_id, m.algorithm, m.signature)
LIAISON_FIELDS(sync::FeedItem, m.kind, m.aggregate, m.name, m.count, m.key_id, m.key_hash)
LIAISON_FIELDS(sync::KeyItem, m.aggregate, m.algorithm, m.key_id, m.key)
LIAISON_FIELDS(sync::Hello, m.version, m.station, m.node, m.machine_id, m.dictionaries, m.budget, m.tip, m.points,
               m.feeds, m.feed_points, m.abandoned_count, m.abandoned_hash, m.abandoned_names, m.archive_id)
LIAISON_FIELDS(sync::FeedAnswer, m.verdict, m.cursor)
LIAISON_FIELDS(sync::EpochMark, m.epoch, m.archive_id)
LIAISON_FIELDS(sync::Welcome, m.version, m.epoch, m.lineage, m.verdict, m.have, m.want, m.fork_notice, m.feeds,
               m.subscriptions, m.wanted, m.hub_time_ms, m.heads, m.heads_seal, m.offer_abandoned, m.archive_contained)
LIAISON_FIELDS(sync::Range, m.actor, m.first, m.last, m.head_before, m.head_after, m.seal, m.ops, m.keys)
LIAISON_FIELDS(sync::OpVerdict, m.name, m.verdict, m.reason)
LIAISON_FIELDS(sync::Ack, m.epoch, m.tip, m.level, m.archive_id, m.verdicts, m.gap, m.seal)
LIAISON_FIELDS(sync::FeedBatch, m.interest, m.epoch, m.first, m.prefix_before, m.last, m.prefix_after,
               m.archived_position, m.archive_id, m.seal, m.items, m.ops, m.keys)
LIAISON_FIELDS(sync::Want, m.names, m.keys)
LIAISON_FIELDS(sync::Ops, m.ops, m.keys)
LIAISON_FIELDS(sync::FeedAck, m.cursor, m.whole)
LIAISON_FIELDS(sync::Goodbye, m.reason, m.retry)
LIAISON_FIELDS(sync::Offer, m.batch, m.set)
LIAISON_FIELDS(sync::FeedPoints, m.points)
LIAISON_FIELDS(sync::FeedAnswers, m.answers)

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_ARCHIVE_H_
