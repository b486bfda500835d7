#include "common/codec/op_squeeze.h"

#include <algorithm>
#include <utility>

#include "common/causal/hybrid_clock.h"
#include "common/codec/op_codec.h"
#include "common/crypto/seal.h"

namespace liaison {
namespace {

constexpr uint64_t kBeginsLog = 1, kOther = 2, kCounted = 4, kTimed = 8, kRest = 16, kAsItStands = 32, kFlags = 63;
constexpr char kHexId = '\xff', kRawId = '\xfe';
constexpr size_t kSameAtMost = 64;  // bytes of a part that are kept for the next one

bool IsText(const OpPart& part) { return part.kind == kClearPart && part.algorithm == 0 && part.form == kBytesForm; }

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (size_t at = 0;;) {
    size_t found = text.find(from, at);
    result.append(text.substr(at, found - at));
    if (found == std::string_view::npos) return result;
    result.append(to);
    at = found + from.size();
  }
}

bool HasMarks(std::string_view text) {
  return text.find(kHexId) != std::string_view::npos || text.find(kRawId) != std::string_view::npos;
}

std::string Shortened(std::string_view text, std::string_view action_id) {
  return Replaced(Replaced(text, Hex(action_id), std::string_view(&kHexId, 1)), action_id,
                  std::string_view(&kRawId, 1));
}

// Empty and in->Fail() if it is longer than an op may be.
std::string Lengthened(std::string_view text, std::string_view action_id, ByteReader* in) {
  const std::string hex = Hex(action_id);
  std::string result;
  for (char c : text) {
    if (c == kHexId) {
      result += hex;
    } else if (c == kRawId) {
      result += action_id;
    } else {
      result += c;
    }
    if (result.size() <= kMaxOpBytes) continue;
    in->Fail("an op that is too large");
    return "";
  }
  return result;
}

// Of the first sealed value in a sealed part; empty if there is none.
std::string KeyIdIn(std::string_view body, std::string_view action_id) {
  ByteReader in(body);
  in.Varint();
  DecodeRecordId(action_id, &in);
  in.Varint();
  if (in.Varint() & 1) in.String();
  std::string_view value = in.String();
  return in.ok() && value.size() > kSealKeyIdSize ? std::string(value.substr(1, kSealKeyIdSize)) : "";
}

void WriteParent(const ParentLink& parent, ByteWriter* out) {
  EncodeActor(parent.actor, out);
  out->Varint(parent.seq);
  out->String(parent.head);
}

ParentLink ReadParent(ByteReader* in) {
  ParentLink parent;
  parent.actor = DecodeActor(in);
  parent.seq = in->Varint();
  parent.head = std::string(in->String());
  if (parent.head.size() != kHashBytes) in->Fail("a head of another size");
  return parent;
}

int64_t Ms(uint64_t logical) { return HybridClock::Milliseconds(logical); }
int64_t Difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t Sum(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }

bool SameRest(const Op& a, const Op& b) {
  return a.actor == b.actor && a.seq == b.seq && a.parent == b.parent && a.grants == b.grants &&
         a.clock_quality == b.clock_quality && a.user == b.user && a.was == b.was;
}

void WriteRest(const Op& op, ByteWriter* text) {
  EncodeActor(op.actor, text);
  text->Varint(op.seq);
  text->U8(op.parent ? 1 : 0);
  if (op.parent) WriteParent(*op.parent, text);
  op.grants.Encode(text);
  text->U8(op.clock_quality);
  text->String(op.user);
  text->U8(op.was ? 1 : 0);
  if (op.was) EncodeOpName(*op.was, text);
}

void ReadRest(Op* op, ByteReader* text) {
  op->actor = DecodeActor(text);
  op->seq = text->Varint();
  if (text->U8() != 0) op->parent = ReadParent(text);
  op->grants = VersionVector::Decode(text);
  op->clock_quality = text->U8();
  op->user = std::string(text->String());
  if (text->U8() != 0) op->was = DecodeOpName(text);
}

}  // namespace

// ---------------------------------------------------------------- the tables

bool OpSqueeze::Shape::IsOf(const OpFrame& frame) const {
  const Op& op = frame.header;
  return kind == op.kind && type == op.aggregate.type && schema_version == op.schema_version &&
         hash_algorithm == op.hash_algorithm && own == IsOfAction(op.aggregate, op.action_id) &&
         alone == op.context.empty() &&
         std::equal(parts.begin(), parts.end(), frame.parts.begin(), frame.parts.end(),
                    [](const OpPart& a, const OpPart& b) {
                      return a.kind == b.kind && a.algorithm == b.algorithm && a.form == b.form;
                    });
}

size_t OpSqueeze::ShapeOf(const OpFrame& frame) const {
  auto it = std::find_if(shapes_.begin(), shapes_.end(), [&](const Shape& shape) { return shape.IsOf(frame); });
  return it - shapes_.begin() + 1;
}

OpSqueeze::Shape OpSqueeze::NewShape(const OpFrame& frame) {
  const Op& op = frame.header;
  Shape shape{op.hash_algorithm,
              op.aggregate.type,
              IsOfAction(op.aggregate, op.action_id),
              op.context.empty(),
              op.kind,
              op.schema_version,
              {},
              {}};
  for (const OpPart& part : frame.parts) shape.parts.push_back({part.kind, part.algorithm, 0, part.form, ""});
  return shape;
}

void OpSqueeze::WriteShape(const Shape& shape, ByteWriter* text) const {
  text->U8(shape.hash_algorithm);
  text->U8(shape.type);
  text->U8((shape.own ? 1 : 0) | (shape.alone ? 2 : 0));
  text->Varint(shape.kind);
  text->Varint(shape.schema_version);
  text->Varint(shape.parts.size());
  for (const OpPart& part : shape.parts) {
    text->U8(part.kind);
    text->U8(part.algorithm);
    text->U8(part.form);
  }
}

OpSqueeze::Shape OpSqueeze::ReadShape(ByteReader* text) const {
  Shape shape;
  shape.hash_algorithm = text->U8();
  shape.type = text->U8();
  uint8_t flags = text->U8();
  shape.own = flags & 1;
  shape.alone = flags & 2;
  shape.kind = text->Varint32();
  shape.schema_version = text->Varint32();
  for (uint64_t left = text->Count(3); left > 0 && text->ok(); --left) {
    OpPart& part = shape.parts.emplace_back();
    part.kind = text->U8();
    part.algorithm = text->U8();
    part.form = text->U8();
    if (part.form > kHashForm) text->Fail("unknown form of part");
  }
  return shape;
}

const Dot* OpSqueeze::DotOn(const RecordId& aggregate) const {
  for (const auto& [id, dot] : aggregates_)
    if (id == aggregate) return &dot;
  return nullptr;
}

void OpSqueeze::Learn(size_t place, const OpFrame& frame) {
  if (place == shapes_.size() + 1 && shapes_.size() < kMaxShapes) shapes_.push_back(NewShape(frame));
  const Op& op = frame.header;
  if (place <= shapes_.size()) {
    Shape& shape = shapes_[place - 1];
    shape.last_aggregate = op.aggregate;
    for (size_t i = 0; i < frame.parts.size(); ++i)
      if (!IsText(frame.parts[i])) shape.parts[i].body = frame.parts[i].body.substr(0, kSameAtMost);
  }
  std::erase_if(aggregates_, [&](const auto& entry) { return entry.first == op.aggregate; });
  aggregates_.emplace_front(op.aggregate, op.dot());
  if (aggregates_.size() > kMaxAggregates) aggregates_.pop_back();
  for (const OpPart& part : frame.parts)
    if (part.kind == kSealedPart && part.form == kBytesForm)
      sealed_.push_front({ToBytes(op.aggregate), KeyIdIn(part.body, op.action_id)});
  if (sealed_.size() > kMaxSealed) sealed_.pop_back();
  last_ = op;
}

// ---------------------------------------------------------------- headers

// What an op of this shape is like if nothing is said of it, but for its counts.
Op OpSqueeze::Foretold(const Shape& shape, bool begins_action, std::string_view action_id, uint32_t index) const {
  Op op;
  op.hash_algorithm = shape.hash_algorithm;
  op.kind = shape.kind;
  op.schema_version = shape.schema_version;
  op.actor = last_.actor;
  op.seq = last_.seq + 1;
  op.grants = last_.grants;
  op.clock_quality = last_.clock_quality;
  op.user = last_.user;
  op.action_id = action_id;
  op.index = index;
  op.count = last_.count;
  op.logical_time = last_.logical_time + (begins_action ? 0 : 1);
  op.wall_ms = last_.wall_ms;
  op.aggregate =
      shape.own ? RecordId::Random(shape.type, action_id, static_cast<uint16_t>(index)) : shape.last_aggregate;
  return op;
}

// By the aggregate and actor that it has: the next of its kind there, seen or not by its author's screen.
void OpSqueeze::Count(Op* op, const Shape& shape) const {
  const Dot* dot = DotOn(op->aggregate);
  bool same_log = dot != nullptr && dot->actor == op->actor;
  op->n = same_log ? dot->n + 1 : 1;
  op->previous = same_log ? dot->tag : 0;
  op->context = {};
  if (!shape.alone && dot != nullptr) op->context.Insert(*dot);
}

void OpSqueeze::Write(std::string_view bytes, ByteWriter* text, ByteWriter* raw) {
  absl::StatusOr<OpFrame> frame = ReadFrame(bytes);
  if (!frame.ok() || bytes.size() > kMaxOpBytes || WriteFrame(*frame) != bytes) {
    text->Varint(0);
    text->String(bytes);
    return;
  }
  const Op& op = frame->header;
  const size_t place = ShapeOf(*frame);
  const Shape fresh = NewShape(*frame), &shape = place <= shapes_.size() ? shapes_[place - 1] : fresh;
  text->Varint(place);
  if (place > shapes_.size()) WriteShape(shape, text);

  bool begins = op.action_id != last_.action_id || op.index != last_.index + 1 || op.count != last_.count;
  Op foretold = Foretold(shape, begins, op.action_id, op.index);
  bool other = foretold.aggregate != op.aggregate, rest = !SameRest(foretold, op);
  foretold.aggregate = op.aggregate;
  foretold.actor = op.actor;
  Count(&foretold, shape);
  bool counted = foretold.n != op.n || foretold.previous != op.previous || foretold.context != op.context;
  bool timed = foretold.logical_time != op.logical_time || foretold.wall_ms != op.wall_ms;
  bool marks = std::any_of(frame->parts.begin(), frame->parts.end(),
                           [](const OpPart& part) { return IsText(part) && HasMarks(part.body); });
  text->Varint((begins ? kBeginsLog : 0) | (other ? kOther : 0) | (counted ? kCounted : 0) | (timed ? kTimed : 0) |
               (rest ? kRest : 0) | (marks ? kAsItStands : 0));
  if (begins) {
    raw->Raw(op.action_id);
    text->Varint(op.index);
    text->Varint(op.count);
  }
  if (rest) WriteRest(op, text);
  if (other) {
    auto it = std::find_if(aggregates_.begin(), aggregates_.end(),
                           [&](const auto& entry) { return entry.first == op.aggregate; });
    text->Varint(it == aggregates_.end() ? 0 : it - aggregates_.begin() + 1);
    if (it == aggregates_.end()) EncodeRecordId(op.aggregate, op.action_id, text);
  }
  if (counted) {
    text->Varint(op.n);
    if (op.n > 1) raw->Fixed64(op.previous);
    op.context.Encode(text);
  }
  if (timed) {
    text->Zigzag(Difference(Ms(op.logical_time), Ms(last_.logical_time)));
    text->Varint(op.logical_time & 0xffff);
    text->Zigzag(Difference(op.wall_ms, Ms(op.logical_time)));
  }
  for (size_t i = 0; i < frame->parts.size(); ++i) {
    const OpPart& part = frame->parts[i];
    if (IsText(part)) {
      text->String(marks ? part.body : Shortened(part.body, op.action_id));
      continue;
    }
    text->Varint(part.length);
    size_t same = 0;
    if (part.form == kBytesForm) {
      const std::string& before = shape.parts[i].body;
      same = std::mismatch(before.begin(), before.end(), part.body.begin(), part.body.end()).first - before.begin();
      text->Varint(same);
    }
    raw->Raw(std::string_view(part.body).substr(same));
  }
  Learn(place, *frame);
}

void OpSqueeze::ReadHeader(uint64_t flags, const Shape& shape, Op* op, ByteReader* text, ByteReader* raw) {
  std::string action_id = last_.action_id;
  uint32_t index = last_.index + 1, count = last_.count;
  if (flags & kBeginsLog) {
    action_id = std::string(raw->Raw(kActionIdBytes));
    index = text->Varint32();
    count = text->Varint32();
  }
  if (action_id.size() != kActionIdBytes) return text->Fail("an op of an action that did not begin");
  *op = Foretold(shape, flags & kBeginsLog, action_id, index);
  op->count = count;
  if (flags & kRest) ReadRest(op, text);
  if (flags & kOther) {
    uint64_t place = text->Varint();
    if (place > aggregates_.size()) return text->Fail("an aggregate that was not named before");
    op->aggregate = place > 0 ? aggregates_[place - 1].first : DecodeRecordId(action_id, text);
  }
  if (flags & kCounted) {
    op->n = text->Varint();
    if (op->n > 1) op->previous = raw->Fixed64();
    op->context = VersionVector::Decode(text);
  } else {
    Count(op, shape);
  }
  if (flags & kTimed) {
    int64_t ms = Sum(Ms(last_.logical_time), text->Zigzag());
    uint64_t counter = text->Varint();
    if (counter > 0xffff) text->Fail("a counter above 16 bits");
    op->logical_time = static_cast<uint64_t>(ms) << 16 | counter;
    op->wall_ms = Sum(Ms(op->logical_time), text->Zigzag());
  }
}

std::string OpSqueeze::Read(ByteReader* text, ByteReader* raw) {
  uint64_t place = text->Varint();
  if (place == 0) return std::string(text->String());
  if (place > shapes_.size() + 1) text->Fail("a shape that was not told before");
  if (!text->ok()) return "";
  const Shape shape = place <= shapes_.size() ? shapes_[place - 1] : ReadShape(text);
  uint64_t flags = text->Varint();
  if (flags > kFlags) text->Fail("unknown flags of an op");
  OpFrame frame;
  ReadHeader(flags, shape, &frame.header, text, raw);
  for (const OpPart& as : shape.parts) {
    if (!text->ok() || !raw->ok()) return "";
    OpPart& part = frame.parts.emplace_back(as);
    if (IsText(part)) {
      std::string_view body = text->String();
      part.body = flags & kAsItStands ? std::string(body) : Lengthened(body, frame.header.action_id, text);
      part.length = part.body.size();
      continue;
    }
    part.length = text->Varint();
    if (part.form == kHashForm) {
      part.body = std::string(raw->Raw(kHashBytes));
      continue;
    }
    uint64_t same = text->Varint();
    if (same > as.body.size() || same > part.length) {
      text->Fail("more that is the same than there was");
      return "";
    }
    part.body = as.body.substr(0, same).append(raw->Raw(part.length - same));
  }
  if (!text->ok() || !raw->ok()) return "";
  std::string bytes = WriteFrame(frame);
  absl::StatusOr<OpFrame> read = ReadFrame(bytes);  // its hash, and that it is one
  if (!read.ok()) {
    text->Fail("an op that is none");
    return "";
  }
  Learn(place, *read);
  return bytes;
}

// ---------------------------------------------------------------- keys

void OpSqueeze::Write(const sync::KeyItem& key, ByteWriter* text, ByteWriter* raw) {
  auto it = std::find_if(sealed_.begin(), sealed_.end(), [&](const Sealed& sealed) {
    return sealed.aggregate == key.aggregate && sealed.key_id == key.key_id;
  });
  text->Varint(it == sealed_.end() ? 0 : it - sealed_.begin() + 1);
  if (it == sealed_.end()) {
    text->String(key.aggregate);
    text->String(key.key_id);
  }
  text->U8(key.algorithm);
  text->Varint(key.key.size());
  raw->Raw(key.key);
}

sync::KeyItem OpSqueeze::ReadKey(ByteReader* text, ByteReader* raw) {
  sync::KeyItem key;
  uint64_t place = text->Varint();
  if (place > sealed_.size()) text->Fail("a visitor that was not named before");
  if (!text->ok()) return key;
  key.aggregate = place > 0 ? sealed_[place - 1].aggregate : std::string(text->String());
  key.key_id = place > 0 ? sealed_[place - 1].key_id : std::string(text->String());
  key.algorithm = text->U8();
  key.key = std::string(raw->Raw(text->Varint()));
  return key;
}

}  // namespace liaison
