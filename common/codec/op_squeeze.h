// Ops on a live link, told from the ops before them in the same direction. Most of an op's header can be foretold (the
// next number of the same log, the next op of the same action, the next count on an aggregate just written to), and
// what cannot compress (random ids, sealed values) goes into a section of its own: among text it would spoil the
// compressor's statistics. What comes out is the same bytes: an op that would not is carried as it stands.
//
//   op     := shape:varint …        0: bytes:string, as they stand
//   shape k: flags:varint …, in the text section; lower k: what the op is like, by its place in the table of those
//             before, the table's size + 1: a new one, spelt out
//   flags  := 1 begins an action: raw id:10, index:varint count:varint     otherwise the next op of the last action
//             2 another aggregate than foretold: place:varint in the table of aggregates, or 0 and the id
//             4 another count: n:varint [previous: raw 8] context:vector
//             8 another time: logical:zigzag (ms, to the last op's) counter:varint wall:zigzag (ms, to the logical's)
//            16 the rest of the header: actor seq:varint [parent] grants:vector quality:u8 user:string [was]
//            32 clear bytes as they stand: with 0xfe or 0xff in them
//   parts  := clear: string, in which 0xff stands for the action's id in hexadecimal digits and 0xfe for its bytes;
//             others: length:varint same:varint (bytes at the beginning that are the last such part's), the rest raw;
//             of one that is a hash: length:varint, raw 32
//
// Both sides hold the same tables if the ops come out in the order in which they went in. Bounded: kMaxShapes and
// kMaxAggregates entries. Not thread-safe.
#ifndef LIAISON_COMMON_CODEC_OP_SQUEEZE_H_
#define LIAISON_COMMON_CODEC_OP_SQUEEZE_H_

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/codec/op_frame.h"
#include "common/sync/message.h"

namespace liaison {

class OpSqueeze {
 public:
  static constexpr size_t kMaxShapes = 64, kMaxAggregates = 256;

  // `text` compresses, `raw` does not.
  void Write(std::string_view op, ByteWriter* text, ByteWriter* raw);
  // The bytes that Write() was given; what is wrong is in text->ok() and raw->ok(), and the stream cannot go on.
  std::string Read(ByteReader* text, ByteReader* raw);

  // The key of a visitor, by the op that sealed with it among the last kMaxSealed:
  //   key := place:varint (0: aggregate:string key-id:string, as they stand) algorithm:u8 size:varint, raw key
  static constexpr size_t kMaxSealed = 256;
  void Write(const sync::KeyItem& key, ByteWriter* text, ByteWriter* raw);
  sync::KeyItem ReadKey(ByteReader* text, ByteReader* raw);

 private:
  struct Shape {
    uint8_t hash_algorithm = 0;
    uint8_t type = 0;    // of the aggregate
    bool own = false;    // the aggregate's id is of the op's action
    bool alone = false;  // the context is empty; otherwise foretold: the last dot on the aggregate
    uint32_t kind = 0;
    uint32_t schema_version = 0;
    std::vector<OpPart> parts;  // kinds, algorithms and forms; of those that are not text the last one's bytes
    RecordId last_aggregate;    // of this shape
    bool IsOf(const OpFrame& frame) const;
  };
  struct Sealed {
    std::string aggregate, key_id;
  };

  size_t ShapeOf(const OpFrame& frame) const;  // its place from 1 on; the table's size + 1 if it is not there
  static Shape NewShape(const OpFrame& frame);
  void WriteShape(const Shape& shape, ByteWriter* text) const;
  Shape ReadShape(ByteReader* text) const;
  Op Foretold(const Shape& shape, bool begins_action, std::string_view action_id, uint32_t index) const;
  void Count(Op* op, const Shape& shape) const;
  void ReadHeader(uint64_t flags, const Shape& shape, Op* op, ByteReader* text, ByteReader* raw);
  void Learn(size_t place, const OpFrame& frame);
  const Dot* DotOn(const RecordId& aggregate) const;

  Op last_;
  std::vector<Shape> shapes_;
  std::deque<std::pair<RecordId, Dot>> aggregates_;  // newest first
  std::deque<Sealed> sealed_;                        // newest first
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_OP_SQUEEZE_H_
