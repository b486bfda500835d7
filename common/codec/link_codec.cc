// What each message leaves out on a live link. A flag says that a field was left out, so that nothing is guessed.
//
//   hello    feeds: prefixes cut; an epoch equal to that of the feed before is left out
//   welcome  flag 1: the subscriptions are the hello's feeds in their order
//            heads at the hello's cursors come without epoch and prefix
//   range    actor first:varint flags&1 {head-before head-after} seal ops keys; `last` follows from the ops;
//            flag 2: more is to follow; flag 4: seal := key-id algorithm size:varint, raw signature; ops and keys as in
//            op_squeeze.h, behind their counts
//   ack      flag 1: the welcome's epoch; the head cut
//   batch    flag 1: the welcome's epoch; prefix before left out, prefix after cut; items as below, then keys;
//            flag 4: ops of items as in op_squeeze.h
//   cursor   flag 1: the welcome's epoch; prefix cut
//   the others as in message_codec.h; an actor is its place in ActorTable, or 0 and itself
//
//   item := head:u8 …    low 3 bits: its kind, 0: none of the short forms, then all its fields and its bytes
//     kOp     8: own of the receiver: actor zigzag(seq - seq of the last such item - 1)
//             16: op:string, whose decoding gives name and aggregate
//     kEnter  8: aggregate left out, as it is that of the next item; count:varint
//     kKey    8: own of the receiver: the op that wrote the visitor, as for kOp
#include "common/codec/link_codec.h"

#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/archive.h"
#include "common/codec/dictionary.h"
#include "common/codec/op_codec.h"

namespace liaison {

size_t ActorTable::Find(const Actor& actor) const {
  auto it = std::find(actors_.begin(), actors_.end(), actor);
  return it == actors_.end() ? 0 : it - actors_.begin() + 1;
}

// Streams that name actors by their place. Found by Archive through overloading.
class LinkWriter : public ByteWriter {
 public:
  LinkWriter(std::string* out, ActorTable* actors) : ByteWriter(out), actors_(actors) {}
  ActorTable* actors() { return actors_; }

 private:
  ActorTable* actors_;
};

class LinkReader : public ByteReader {
 public:
  LinkReader(std::string_view bytes, ActorTable* actors) : ByteReader(bytes), actors_(actors) {}
  ActorTable* actors() { return actors_; }

 private:
  ActorTable* actors_;
};

void EncodeActor(const Actor& actor, LinkWriter* out) {
  size_t place = out->actors()->Find(actor);
  out->Varint(place);
  if (place > 0) return;
  EncodeActor(actor, static_cast<ByteWriter*>(out));
  out->actors()->Add(actor);
}

Actor DecodeActor(LinkReader* in) {
  uint64_t place = in->Varint();
  if (place > 0) {
    if (const Actor* known = in->actors()->At(place)) return *known;
    in->Fail("an actor that was not named before");
    return {};
  }
  Actor actor = DecodeActor(static_cast<ByteReader*>(in));
  if (in->ok()) in->actors()->Add(actor);
  return actor;
}

namespace {

constexpr uint8_t kPlain = 2, kContinues = 3, kBegins = 4, kBeginsWithDictionary = 5, kRawSection = 16;  // + id - 1
constexpr size_t kWorthPacking = 48;  // a flushed block costs a few bytes of its own
constexpr uint8_t kFlag1 = 1, kFlag2 = 2, kSqueezed = 4;
constexpr uint8_t kShort = 8, kWithBytes = 16, kKindBits = 7;

void Cut(std::string* hash) {
  if (hash->size() > sync::kCheckBytes) hash->resize(sync::kCheckBytes);
}

class Writer {
 public:
  Writer(std::string* out, std::string* raw, ActorTable* actors) : out_(out, actors), raw_(raw), archive_(&out_) {}

  void Flags(uint8_t flags) { out_.U8(flags); }
  template <typename... T>
  void Fields(const T&... values) {
    archive_(values...);
  }
  template <typename T>
  void All(const T& message) {
    liaison::Fields(archive_, message);
  }
  void Items(const sync::FeedBatch& batch, OpSqueeze* squeeze);
  void Seal(const sync::Seal& seal) {
    archive_(seal.key_id, seal.algorithm);
    out_.Varint(seal.signature.size());
    raw_.Raw(seal.signature);
  }
  void Ops(const std::vector<std::string>& ops, OpSqueeze* squeeze) {
    out_.Varint(ops.size());
    for (const std::string& op : ops) squeeze->Write(op, &out_, &raw_);
  }
  void Keys(const std::vector<sync::KeyItem>& keys, OpSqueeze* squeeze) {
    out_.Varint(keys.size());
    for (const sync::KeyItem& key : keys) squeeze->Write(key, &out_, &raw_);
  }

 private:
  void Own(const OpName& name) {
    EncodeActor(name.actor, &out_);
    out_.Zigzag(static_cast<int64_t>(name.seq - last_seq_ - 1));
    last_seq_ = name.seq;
  }

  LinkWriter out_;
  ByteWriter raw_;
  Archive<LinkWriter> archive_;
  uint64_t last_seq_ = 0;
};

// Whether the bytes of an op say all that its item says.
bool Tells(const std::string& bytes, const sync::FeedItem& item) {
  if (bytes.empty()) return false;
  absl::StatusOr<Op> op = DecodeOp(bytes);
  return op.ok() && op->name() == item.name && ToBytes(op->aggregate) == item.aggregate;
}

bool IsPlainOp(const sync::FeedItem& item) {
  return item.kind == sync::ItemKind::kOp && item.count == 0 && item.key_id.empty() && item.key_hash.empty();
}

// `squeeze` is null for a reader of version 2.
void Writer::Items(const sync::FeedBatch& batch, OpSqueeze* squeeze) {
  out_.Varint(batch.items.size());
  for (size_t i = 0; i < batch.items.size(); ++i) {
    const sync::FeedItem& item = batch.items[i];
    auto kind = static_cast<uint8_t>(item.kind);
    const OpName none;
    if (IsPlainOp(item) && batch.ops[i].empty() && !batch.whole && item.name.seq > 0) {
      out_.U8(kind | kShort);
      Own(item.name);
    } else if (IsPlainOp(item) && Tells(batch.ops[i], item)) {
      out_.U8(kind | kWithBytes);
      if (squeeze != nullptr) {
        squeeze->Write(batch.ops[i], &out_, &raw_);
      } else {
        out_.String(batch.ops[i]);
      }
    } else if (item.kind == sync::ItemKind::kEnter && i + 1 < batch.items.size() && item.name == none &&
               batch.items[i + 1].kind == sync::ItemKind::kOp && item.key_id.empty() && item.key_hash.empty() &&
               batch.items[i + 1].aggregate == item.aggregate) {
      out_.U8(kind | kShort);
      out_.Varint(item.count);
    } else if (item.kind == sync::ItemKind::kKey && !batch.whole && item.by.seq > 0) {
      out_.U8(kind | kShort);
      Own(item.by);
    } else {
      out_.U8(0);
      archive_(item, batch.ops[i]);
    }
  }
}

class Reader {
 public:
  Reader(std::string_view bytes, std::string_view raw, ActorTable* actors)
      : in_(bytes, actors), raw_(raw), archive_(&in_) {}

  template <typename... T>
  void Fields(T&... values) {
    archive_(values...);
  }
  template <typename T>
  void All(T& message) {
    liaison::Fields(archive_, message);
  }
  void Items(sync::FeedBatch* batch, OpSqueeze* squeeze);
  void Seal(sync::Seal* seal) {
    archive_(seal->key_id, seal->algorithm);
    seal->signature = std::string(raw_.Raw(in_.Varint()));
  }
  void Ops(std::vector<std::string>* ops, OpSqueeze* squeeze) {
    for (uint64_t left = in_.Count(); left > 0 && ok(); --left) ops->push_back(Op(squeeze));
  }
  void Keys(std::vector<sync::KeyItem>* keys, OpSqueeze* squeeze) {
    for (uint64_t left = in_.Count(); left > 0 && ok(); --left) keys->push_back(squeeze->ReadKey(&in_, &raw_));
  }
  absl::Status Check(std::string_view what) const {
    absl::Status status = in_.Check(what);
    return status.ok() ? raw_.Check(what) : status;
  }

 private:
  bool ok() const { return in_.ok() && raw_.ok(); }

  // What a message's ops take together is bounded as if they stood in it.
  std::string Op(OpSqueeze* squeeze) {
    std::string op = squeeze->Read(&in_, &raw_);
    op_bytes_ += op.size();
    if (op_bytes_ > kMaxMessageBytes) in_.Fail("ops of more bytes than a message may have");
    return op;
  }

  OpName Own() {
    OpName name;
    name.actor = DecodeActor(&in_);
    name.seq = last_seq_ + 1 + static_cast<uint64_t>(in_.Zigzag());
    last_seq_ = name.seq;
    return name;
  }

  LinkReader in_;
  ByteReader raw_;
  Archive<LinkReader> archive_;
  uint64_t last_seq_ = 0;
  size_t op_bytes_ = 0;
};

// `squeeze` is null where ops come as they stand.
void Reader::Items(sync::FeedBatch* batch, OpSqueeze* squeeze) {
  for (uint64_t left = in_.Count(); left > 0 && ok(); --left) {
    sync::FeedItem& item = batch->items.emplace_back();
    std::string& bytes = batch->ops.emplace_back();
    uint8_t head = in_.U8();
    if (head == 0) {
      archive_(item, bytes);
      continue;
    }
    item.kind = static_cast<sync::ItemKind>(head & kKindBits);
    uint8_t form = head & ~kKindBits;
    if (item.kind == sync::ItemKind::kOp && form == kShort) {
      item.name = Own();
    } else if (item.kind == sync::ItemKind::kOp && form == kWithBytes) {
      bytes = squeeze != nullptr ? Op(squeeze) : std::string(in_.String());
      absl::StatusOr<liaison::Op> op = DecodeOp(bytes);
      if (!op.ok()) return in_.Fail("an item's op");
      item.name = op->name();
      item.aggregate = ToBytes(op->aggregate);
    } else if (item.kind == sync::ItemKind::kEnter && form == kShort && left > 1) {
      item.count = in_.Varint();
    } else if (item.kind == sync::ItemKind::kKey && form == kShort) {
      item.by = Own();
    } else {
      return in_.Fail("kind of item");
    }
  }
  // An aggregate enters with its first op; of an own one the reader's disk tells.
  for (size_t i = 0; i + 1 < batch->items.size(); ++i)
    if (batch->items[i].kind == sync::ItemKind::kEnter && batch->items[i].aggregate.empty())
      batch->items[i].aggregate = batch->items[i + 1].aggregate;
}

}  // namespace

void LinkCodec::Know(const sync::Message& message) {
  if (const auto* welcome = std::get_if<sync::Welcome>(&message)) {
    epoch_ = welcome->epoch;
    version_ = std::min(version_, welcome->version);
  }
  if (const auto* hello = std::get_if<sync::Hello>(&message)) {
    hello_feeds_ = hello->feeds;
    version_ = std::min(version_, hello->version);
  }
}

namespace {

sync::Hello Brief(const sync::Hello& hello) {
  sync::Hello brief = hello;
  for (size_t i = 0; i < hello.feeds.size(); ++i) {
    Cut(&brief.feeds[i].prefix);
    if (i > 0 && hello.feeds[i].epoch == hello.feeds[i - 1].epoch) brief.feeds[i].epoch.clear();
  }
  return brief;
}

sync::Welcome Brief(const sync::Welcome& welcome, const std::vector<sync::Cursor>& hello_feeds, uint8_t* flags) {
  sync::Welcome brief = welcome;
  auto same = [](const std::string& name, const sync::Cursor& feed) { return name == feed.interest; };
  if (std::equal(brief.subscriptions.begin(), brief.subscriptions.end(), hello_feeds.begin(), hello_feeds.end(),
                 same)) {
    *flags |= kFlag1;
    brief.subscriptions.clear();
  }
  for (sync::Cursor& head : brief.heads)
    for (const sync::Cursor& feed : hello_feeds)
      if (head.position > 0 && feed.interest == head.interest && feed.position == head.position &&
          sync::SameHash(feed.prefix, head.prefix) && feed.epoch == head.epoch) {
        head.epoch.clear();
        head.prefix.clear();
      }
  return brief;
}

void WriteRange(const sync::Range& range, OpSqueeze* squeeze, Writer* out) {
  out->Flags((range.with_heads ? kFlag1 : 0) | (range.more ? kFlag2 : 0) | (squeeze != nullptr ? kSqueezed : 0));
  out->Fields(range.actor, range.first);
  if (range.with_heads) out->Fields(range.head_before, range.head_after);
  if (squeeze == nullptr) return out->Fields(range.seal, range.ops, range.keys);
  out->Seal(range.seal);
  out->Ops(range.ops, squeeze);
  out->Keys(range.keys, squeeze);
}

void WriteBatch(const sync::FeedBatch& batch, const std::string& epoch, OpSqueeze* squeeze, Writer* out) {
  bool known_epoch = !epoch.empty() && batch.epoch == epoch;
  std::string after = batch.prefix_after;
  if (!batch.whole) Cut(&after);
  out->Flags((known_epoch ? kFlag1 : 0) | (batch.whole ? kFlag2 : 0) | (squeeze != nullptr ? kSqueezed : 0));
  if (!known_epoch) out->Fields(batch.epoch);
  if (batch.whole) out->Fields(batch.prefix_before);
  out->Fields(batch.interest, batch.first, after, batch.archived_position, batch.archive_id, batch.seal);
  out->Items(batch, squeeze);
  if (squeeze == nullptr) return out->Fields(batch.keys);
  out->Keys(batch.keys, squeeze);
}

}  // namespace

std::string LinkCodec::EncodePlain(const sync::Message& message, std::string* raw) {
  std::string bytes(1, static_cast<char>(message.index() + 1));
  Writer out(&bytes, raw, &said_);
  OpSqueeze* squeeze = version_ >= kSqueezeVersion ? &told_ : nullptr;
  auto known_epoch = [&](std::string* epoch) {
    if (epoch_.empty() || *epoch != epoch_) return uint8_t{0};
    epoch->clear();
    return kFlag1;
  };
  if (const auto* hello = std::get_if<sync::Hello>(&message)) {
    out.Flags(0);
    out.All(Brief(*hello));
  } else if (const auto* welcome = std::get_if<sync::Welcome>(&message)) {
    uint8_t flags = 0;
    sync::Welcome brief = Brief(*welcome, hello_feeds_, &flags);
    out.Flags(flags);
    out.All(brief);
  } else if (const auto* range = std::get_if<sync::Range>(&message)) {
    WriteRange(*range, squeeze, &out);
  } else if (const auto* ack = std::get_if<sync::Ack>(&message)) {
    sync::Ack brief = *ack;
    Cut(&brief.tip.head);
    out.Flags(known_epoch(&brief.epoch));
    out.All(brief);
  } else if (const auto* batch = std::get_if<sync::FeedBatch>(&message)) {
    WriteBatch(*batch, epoch_, squeeze, &out);
  } else if (const auto* taken = std::get_if<sync::FeedAck>(&message)) {
    sync::FeedAck brief = *taken;
    Cut(&brief.cursor.prefix);
    out.Flags(known_epoch(&brief.cursor.epoch));
    out.All(brief);
  } else {
    out.Flags(0);
    std::visit([&](const auto& body) { out.All(body); }, message);
  }
  return bytes;
}

std::string LinkCodec::Encode(const sync::Message& message) {
  std::string raw, plain = EncodePlain(message, &raw), packet;
  Know(message);
  uint8_t form = kPlain;
  if (plain.size() >= kWorthPacking) {
    bool begin = !zip_.open() || !(wanted_ == packing_);
    packing_ = wanted_;
    StreamZip::Settings zip = packing_;
    if (version_ < kSqueezeVersion && zip.dictionary > 1) zip.dictionary = 1;
    form = !begin ? kContinues : zip.dictionary > 0 ? kBeginsWithDictionary + zip.dictionary - 1 : kBegins;
    plain = zip_.Pack(plain, begin, zip);
  }
  ByteWriter out(&packet);
  out.U8(form | (raw.empty() ? 0 : kRawSection));
  if (!raw.empty()) out.String(raw);
  out.Raw(plain);
  return packet;
}

namespace {

// What a message of this type has, by its flags. Each fills in what the other side knows anyway.
absl::Status ReadHello(Reader* in, sync::Hello* hello) {
  in->All(*hello);
  for (size_t i = 1; i < hello->feeds.size(); ++i)
    if (hello->feeds[i].epoch.empty()) hello->feeds[i].epoch = hello->feeds[i - 1].epoch;
  return in->Check("hello");
}

absl::Status ReadRange(Reader* in, uint8_t flags, OpSqueeze* squeeze, sync::Range* range) {
  in->Fields(range->actor, range->first);
  range->with_heads = flags & kFlag1;
  range->more = flags & kFlag2;
  if (range->with_heads) in->Fields(range->head_before, range->head_after);
  if (flags & kSqueezed) {
    in->Seal(&range->seal);
    in->Ops(&range->ops, squeeze);
    in->Keys(&range->keys, squeeze);
  } else {
    in->Fields(range->seal, range->ops, range->keys);
  }
  range->last = range->first + range->ops.size() - 1;
  return in->Check("range");
}

absl::Status ReadBatch(Reader* in, uint8_t flags, const std::string& epoch, OpSqueeze* squeeze,
                       sync::FeedBatch* batch) {
  batch->whole = flags & kFlag2;
  batch->epoch = epoch;
  if (!(flags & kFlag1)) in->Fields(batch->epoch);
  if (batch->whole) in->Fields(batch->prefix_before);
  in->Fields(batch->interest, batch->first, batch->prefix_after, batch->archived_position, batch->archive_id,
             batch->seal);
  in->Items(batch, flags & kSqueezed ? squeeze : nullptr);
  if (flags & kSqueezed) {
    in->Keys(&batch->keys, squeeze);
  } else {
    in->Fields(batch->keys);
  }
  batch->last = batch->first + batch->items.size();
  return in->Check("batch");
}

template <size_t... I>
absl::StatusOr<sync::Message> ReadOther(uint8_t type, Reader* in, std::index_sequence<I...>) {
  absl::StatusOr<sync::Message> result =
      absl::UnimplementedError(Cat("message: type ", static_cast<int>(type), " is not known to this version"));
  auto read = [&](auto body) {
    in->All(body);
    absl::Status status = in->Check("message");
    result = status.ok() ? absl::StatusOr<sync::Message>(std::move(body)) : status;
  };
  ((type == I + 1 ? read(std::variant_alternative_t<I, sync::Message>()) : void()), ...);
  return result;
}

}  // namespace

absl::StatusOr<sync::Message> LinkCodec::DecodePlain(std::string_view bytes, std::string_view raw) {
  if (bytes.size() < 2) return absl::InvalidArgumentError("message: too short");
  auto type = static_cast<uint8_t>(bytes[0]), flags = static_cast<uint8_t>(bytes[1]);
  Reader in(bytes.substr(2), raw, &heard_);
  switch (type) {
    case 1: {
      sync::Hello hello;
      RETURN_IF_ERROR(ReadHello(&in, &hello));
      return hello;
    }
    case 2: {
      sync::Welcome welcome;
      in.All(welcome);
      RETURN_IF_ERROR(in.Check("welcome"));
      if (flags & kFlag1)
        for (const sync::Cursor& feed : hello_feeds_) welcome.subscriptions.push_back(feed.interest);
      for (sync::Cursor& head : welcome.heads)
        for (const sync::Cursor& feed : hello_feeds_)
          if (head.prefix.empty() && feed.interest == head.interest && feed.position == head.position) head = feed;
      return welcome;
    }
    case 3: {
      sync::Range range;
      RETURN_IF_ERROR(ReadRange(&in, flags, &learnt_, &range));
      return range;
    }
    case 4: {
      sync::Ack ack;
      in.All(ack);
      if (flags & kFlag1) ack.epoch = epoch_;
      RETURN_IF_ERROR(in.Check("ack"));
      return ack;
    }
    case 5: {
      sync::FeedBatch batch;
      RETURN_IF_ERROR(ReadBatch(&in, flags, epoch_, &learnt_, &batch));
      return batch;
    }
    case 8: {
      sync::FeedAck taken;
      in.All(taken);
      if (flags & kFlag1) taken.cursor.epoch = epoch_;
      RETURN_IF_ERROR(in.Check("cursor"));
      return taken;
    }
    default:
      return ReadOther(type, &in, std::make_index_sequence<std::variant_size_v<sync::Message>>());
  }
}

absl::StatusOr<sync::Message> LinkCodec::Decode(std::string_view packet) {
  if (packet.empty()) return absl::InvalidArgumentError("packet: empty");
  ByteReader in(packet);
  uint8_t form = in.U8();
  std::string_view raw;
  if (form & kRawSection) raw = in.String();
  RETURN_IF_ERROR(in.Check("packet"));
  form &= ~kRawSection;
  std::string unpacked;
  std::string_view plain = in.rest();
  unsigned dictionary = form >= kBeginsWithDictionary ? form - kBeginsWithDictionary + 1 : 0;
  if (form == kContinues || form == kBegins || !Dictionary(dictionary).empty()) {
    ASSIGN_OR_RETURN(unpacked, unzip_.Unpack(plain, form != kContinues, dictionary, kMaxMessageBytes));
    plain = unpacked;
  } else if (form != kPlain) {
    return absl::UnimplementedError("packet: unknown form");
  }
  ASSIGN_OR_RETURN(sync::Message message, DecodePlain(plain, raw));
  Know(message);
  return message;
}

}  // namespace liaison
