#include "common/codec/op_codec.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <iterator>
#include <set>
#include <tuple>

#include "common/base/ports.h"
#include "common/crypto/hash.h"
#include "common/record/view.h"
#include "liaison/v1/records.pb.h"
#include "tests/golden/samples.h"

namespace liaison {
namespace {

std::string Encoded(Op op) { return EncodeOp(&op); }

// Everything but the hash, as text that differs wherever a field does.
std::string FieldsOf(const Op& op) {
  std::string text;
  ByteWriter out(&text);
  auto vector = [&](const VersionVector& v) { v.Encode(&out); };
  auto writes = [&](const std::vector<Write>& list) {
    out.Varint(list.size());
    for (const Write& w : list) {
      out.String(ToBytes(w.child));
      out.Varint(w.tag);
      out.String(w.element);
      out.String(w.value);
    }
  };
  out.U8(op.hash_algorithm);
  EncodeActor(op.actor, &out);
  out.Varint(op.seq);
  out.U8(op.parent.has_value());
  if (op.parent) EncodeOpName({op.parent->actor, op.parent->seq, op.parent->head}, &out);
  out.String(op.action_id);
  out.Varint(op.index);
  out.Varint(op.count);
  out.String(ToBytes(op.aggregate));
  out.Varint(op.kind);
  out.Varint(op.schema_version);
  out.Varint(op.n);
  out.Varint(op.previous);
  vector(op.context);
  vector(op.grants);
  out.Varint(op.logical_time);
  out.Zigzag(op.wall_ms);
  out.U8(op.clock_quality);
  out.String(op.user);
  out.U8(op.was.has_value());
  if (op.was) EncodeOpName(*op.was, &out);
  writes(op.writes);
  writes(op.sealed);
  for (const std::string& blob : op.blobs) out.String(blob);
  return text;
}

// Writes in the order in which decoding gives them: children in the order of their first appearance.
std::vector<Write> Grouped(const std::vector<Write>& writes) {
  std::vector<Write> grouped;
  std::set<RecordId> done;
  for (const Write& first : writes)
    if (done.insert(first.child).second)
      for (const Write& write : writes)
        if (write.child == first.child) grouped.push_back(write);
  return grouped;
}

struct RandomOps {
  explicit RandomOps(uint64_t seed) : random(seed) {}
  uint64_t Below(uint64_t n) { return random.U64() % n; }
  uint64_t Number() { return random.U64() >> Below(64); }
  std::string Bytes(size_t most) { return random.Bytes(Below(most + 1)); }
  Actor SomeActor() { return {Below(2) ? "HK-D057" : Bytes(30), random.U64()}; }
  RecordId SomeId(const std::string& action_id, bool root) {
    if (root && Below(3) == 0) return {};
    uint8_t type = static_cast<uint8_t>(1 + Below(255));
    switch (Below(3)) {
      case 0:
        return RecordId::Random(type, action_id, static_cast<uint16_t>(random.U64()));
      case 1:
        return RecordId::Random(type, random.Bytes(kActionIdBytes), static_cast<uint16_t>(Below(3)));
      default:
        return RecordId::Master(type, "DB-" + std::to_string(Below(100)));
    }
  }
  VersionVector SomeVector() {
    VersionVector vector;
    for (uint64_t i = Below(4); i > 0; --i) vector.Insert({SomeActor(), 1 + Number(), random.U64()});
    return vector;
  }
  std::vector<Write> SomeWrites(const std::string& action_id) {
    std::vector<Write> writes;
    std::set<std::tuple<RecordId, uint32_t, std::string>> seen;
    std::vector<RecordId> children = {SomeId(action_id, true), SomeId(action_id, true)};
    for (uint64_t i = Below(6); i > 0; --i) {
      Write write{children[Below(2)], static_cast<uint32_t>(Number()), Below(3) ? "" : random.Bytes(1 + Below(5)),
                  Bytes(50)};
      if (seen.emplace(write.child, write.tag, write.element).second) writes.push_back(write);
    }
    return Grouped(writes);
  }
  Op Make() {
    Op op;
    op.actor = SomeActor();
    op.seq = Below(3) ? 1 + Number() / 2 : 1;
    if (op.seq == 1 && Below(2)) op.parent = ParentLink{SomeActor(), Number(), random.Bytes(kHashBytes)};
    op.action_id = random.Bytes(kActionIdBytes);
    op.count = 1 + static_cast<uint32_t>(Number() >> 33);
    op.index = static_cast<uint32_t>(Below(op.count));
    op.aggregate = SomeId(op.action_id, false);
    op.kind = static_cast<uint32_t>(Number());
    op.schema_version = static_cast<uint32_t>(Number());
    op.n = Below(2) ? 1 : 2 + Number() / 2;
    if (op.n > 1) op.previous = random.U64();
    op.context = SomeVector();
    op.grants = SomeVector();
    op.logical_time = Number();
    op.wall_ms = static_cast<int64_t>(random.U64());
    op.clock_quality = static_cast<uint8_t>(Below(256));
    op.user = Bytes(20);
    if (Below(3) == 0) op.was = OpName{SomeActor(), Number(), random.Bytes(kHashBytes)};
    op.writes = SomeWrites(op.action_id);
    op.sealed = SomeWrites(op.action_id);
    for (uint64_t i = Below(3); i > 0; --i) op.blobs.push_back(random.Bytes(kHashBytes));
    return op;
  }
  SeededRandom random;
};

TEST(OpCodec, RandomOpsComeBackAsTheyWere) {
  RandomOps random(1);
  for (int i = 0; i < 5000; ++i) {
    Op op = random.Make();
    std::string bytes = EncodeOp(&op);
    absl::StatusOr<Op> read = DecodeOp(bytes);
    ASSERT_TRUE(read.ok()) << i << ": " << read.status();
    ASSERT_EQ(FieldsOf(*read), FieldsOf(op)) << i;
    ASSERT_EQ(read->hash, op.hash);
    ASSERT_EQ(Encoded(*read), bytes);
  }
}

TEST(OpCodec, EveryTruncationIsRefused) {
  for (const Op& op : {sample::FirstOp(), sample::LaterOp()}) {
    std::string bytes = Encoded(op);
    for (size_t n = 0; n < bytes.size(); ++n) {
      absl::StatusOr<Op> read = DecodeOp(std::string(bytes, 0, n));  // a copy: reads beyond it are seen by ASan
      ASSERT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << n;
    }
    EXPECT_FALSE(DecodeOp(bytes + '\0').ok());
  }
}

TEST(OpCodec, EveryFlippedBitFailsOrGivesAnotherHash) {
  for (Op op : {sample::FirstOp(), sample::LaterOp()}) {
    std::string bytes = EncodeOp(&op);
    size_t read_otherwise = 0;
    for (size_t i = 0; i < bytes.size() * 8; ++i) {
      std::string flipped = bytes;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
      absl::StatusOr<Op> read = DecodeOp(flipped);
      if (!read.ok()) continue;
      ++read_otherwise;
      ASSERT_NE(read->hash, op.hash) << "bit " << i;
    }
    EXPECT_GT(read_otherwise, bytes.size());  // the loop did reach ops that decode
  }
}

TEST(OpCodec, RandomBytesNeverCrash) {
  RandomOps random(2);
  std::string bytes = Encoded(sample::FirstOp());
  for (int i = 0; i < 20000; ++i) {
    std::string other = bytes;
    for (uint64_t n = 1 + random.Below(4); n > 0; --n)
      other[random.Below(other.size())] = static_cast<char>(random.Below(256));
    if (random.Below(4) == 0) other.insert(random.Below(other.size()), random.Bytes(8));
    (void)DecodeOp(other);
    (void)WithoutSealedPart(other);
  }
}

// For each field a change of it alone: all encodings and all hashes are different, and each comes back as it was.
TEST(OpCodec, EveryFieldIsInTheBytesAndUnderTheHash) {
  [[maybe_unused]] const auto& [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19,
                                f20, f21, f22, f23] = sample::FirstOp();
  const Actor other{"HK-D099", 99};
  const std::vector<std::function<void(Op*)>> changes = {
      [](Op*) {},
      [&](Op* op) { op->actor.station = "HK-D058"; },
      [&](Op* op) { op->actor.random++; },
      [&](Op* op) { op->parent.reset(); },
      [&](Op* op) { op->parent->actor = other; },
      [&](Op* op) { op->parent->seq++; },
      [&](Op* op) { op->parent->head = sample::Hash("x"); },
      [&](Op* op) { op->seq++, op->parent.reset(); },
      [&](Op* op) { op->action_id[0] = 0, op->aggregate = sample::Matter(), op->writes[3].child = sample::Progress(); },
      [&](Op* op) { op->index++; },
      [&](Op* op) { op->count++; },
      [&](Op* op) { op->aggregate.type++; },
      [&](Op* op) { op->aggregate.name[11]++; },
      [&](Op* op) { op->kind++; },
      [&](Op* op) { op->schema_version++; },
      [&](Op* op) { op->n = 2, op->previous = 5; },
      [&](Op* op) { op->n = 2, op->previous = 6; },
      [&](Op* op) { op->n = 3, op->previous = 6; },
      [&](Op* op) {
        op->context.Insert({other, 1, 1});
      },
      [&](Op* op) { op->context = {}; },
      [&](Op* op) {
        op->grants.Insert({other, 1, 1});
      },
      [&](Op* op) { op->grants = {}; },
      [&](Op* op) { op->logical_time++; },
      [&](Op* op) { op->wall_ms++; },
      [&](Op* op) { op->clock_quality++; },
      [&](Op* op) { op->user += "x"; },
      [&](Op* op) { op->was.reset(); },
      [&](Op* op) { op->was->actor = other; },
      [&](Op* op) { op->was->seq++; },
      [&](Op* op) { op->was->hash = sample::Hash("x"); },
      [&](Op* op) { op->writes[0].tag += 8; },
      [&](Op* op) { op->writes[2].element += "x"; },
      [&](Op* op) { op->writes[2].element.clear(); },
      [&](Op* op) { op->writes[1].value += "x"; },
      [&](Op* op) { op->writes[3].child.name[11]++; },
      [&](Op* op) { op->writes[4].child.type++; },
      [&](Op* op) { std::swap(op->writes[0], op->writes[1]); },
      [&](Op* op) { op->writes.clear(); },
      [&](Op* op) { op->sealed[0].tag += 8; },
      [&](Op* op) { op->sealed[0].value += "x"; },
      [&](Op* op) { op->sealed.clear(); },
      [&](Op* op) { op->blobs.pop_back(); },
      [&](Op* op) { op->blobs[0] = sample::Hash("x"); },
  };
  std::set<std::string> encodings, hashes;
  for (size_t i = 0; i < changes.size(); ++i) {
    Op op = sample::FirstOp();
    changes[i](&op);
    EXPECT_TRUE(encodings.insert(EncodeOp(&op)).second) << "change " << i << " is not in the bytes";
    EXPECT_TRUE(hashes.insert(op.hash).second) << "change " << i << " is not under the hash";
    absl::StatusOr<Op> read = DecodeOp(Encoded(op));
    ASSERT_TRUE(read.ok()) << i << ": " << read.status();
    EXPECT_EQ(FieldsOf(*read), FieldsOf(op)) << i;
  }
}

TEST(OpCodec, ErasedPartVerifiesToTheSameHash) {
  Op op = sample::FirstOp();
  std::string bytes = EncodeOp(&op);
  absl::StatusOr<std::string> erased = WithoutSealedPart(bytes);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->find(op.sealed[0].value), std::string::npos);
  absl::StatusOr<Op> read = DecodeOp(*erased);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->hash, op.hash);
  EXPECT_EQ(read->writes, op.writes);
  EXPECT_EQ(read->blobs, op.blobs);
  EXPECT_TRUE(read->sealed.empty());
  EXPECT_EQ(*WithoutSealedPart(*erased), *erased);
  std::string plain = Encoded(sample::LaterOp());
  EXPECT_EQ(*WithoutSealedPart(plain), plain);  // nothing sealed: nothing changes
}

// ---------------------------------------------------------------- ops that no encoder of ours makes

struct RawPart {
  uint8_t kind, algorithm;
  std::string bytes;
};

// The bytes of `op` with its parts replaced by these.
std::string WithParts(Op op, const std::vector<RawPart>& parts) {
  op.writes.clear();
  op.sealed.clear();
  op.blobs.clear();
  std::string bytes = EncodeOp(&op);
  bytes.pop_back();  // the count of parts, 0
  ByteWriter out(&bytes);
  out.Varint(parts.size());
  for (const RawPart& part : parts) {
    out.U8(part.kind);
    out.U8(part.algorithm);
    out.Varint(part.bytes.size());
  }
  for (const RawPart& part : parts) {
    out.U8(0);
    out.Raw(part.bytes);
  }
  return bytes;
}

// groups of {child, writes…}, as the grammar has them.
std::string Writes(const std::vector<std::vector<Write>>& groups) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Varint(groups.size());
  for (const auto& group : groups) {
    EncodeRecordId(group[0].child, sample::LaterOp().action_id, &out);
    out.Varint(group.size());
    for (const Write& write : group) {
      out.Varint(uint64_t{write.tag} << 1 | (write.element.empty() ? 0 : 1));
      if (!write.element.empty()) out.String(write.element);
      out.String(write.value);
    }
  }
  return bytes;
}

TEST(OpCodec, UnknownPartsAndAlgorithmsAreKeptAndNotRead) {
  const Write title{{}, 34, "", "title"};
  std::string bytes = WithParts(sample::LaterOp(), {{1, 0, Writes({{title}})}, {2, 9, "packed"}, {77, 0, "of later"}});
  absl::StatusOr<Op> read = DecodeOp(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->writes, std::vector<Write>{title});
  EXPECT_TRUE(read->sealed.empty());
  absl::StatusOr<std::string> erased = WithoutSealedPart(bytes);
  ASSERT_TRUE(erased.ok());
  EXPECT_NE(erased->find("of later"), std::string::npos);
  EXPECT_EQ(erased->find("packed"), std::string::npos);
  EXPECT_EQ(DecodeOp(*erased)->hash, read->hash);
}

TEST(OpCodec, UnknownKindAndSchemaDecode) {
  Op op = sample::LaterOp();
  op.kind = 0xffffffff;
  op.schema_version = 1000;
  absl::StatusOr<Op> read = DecodeOp(EncodeOp(&op));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->kind, 0xffffffff);
  EXPECT_EQ(read->schema_version, 1000u);
}

TEST(OpCodec, UnknownFormatIsUnimplemented) {
  std::string bytes = Encoded(sample::LaterOp());
  bytes[0] = 2;
  EXPECT_EQ(DecodeOp(bytes).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_FALSE(WithoutSealedPart(bytes).ok());
}

TEST(OpCodec, PartsOutOfOrderOrTwiceAreRefused) {
  const std::string writes = Writes({{{{}, 34, "", "x"}}});
  EXPECT_TRUE(DecodeOp(WithParts(sample::LaterOp(), {{1, 0, writes}, {2, 0, writes}})).ok());
  EXPECT_FALSE(DecodeOp(WithParts(sample::LaterOp(), {{2, 0, writes}, {1, 0, writes}})).ok());
  EXPECT_FALSE(DecodeOp(WithParts(sample::LaterOp(), {{1, 0, writes}, {1, 0, writes}})).ok());
  EXPECT_FALSE(DecodeOp(WithParts(sample::LaterOp(), {{1, 0, writes + "x"}})).ok());
}

// Two values of one field under one dot: replicas could show either.
TEST(OpCodec, FieldWrittenTwiceIsRefused) {
  const Write a{{}, 34, "", "a"}, b{{}, 34, "", "b"}, element{{}, 34, "e", "b"}, child{sample::Progress(), 34, "", "b"};
  for (uint8_t part : {1, 2}) {
    EXPECT_TRUE(DecodeOp(WithParts(sample::LaterOp(), {{part, 0, Writes({{a, element}, {child}})}})).ok());
    EXPECT_FALSE(DecodeOp(WithParts(sample::LaterOp(), {{part, 0, Writes({{a, b}})}})).ok());
    EXPECT_FALSE(DecodeOp(WithParts(sample::LaterOp(), {{part, 0, Writes({{a}, {b}})}})).ok());
    EXPECT_FALSE(DecodeOp(WithParts(sample::LaterOp(), {{part, 0, Writes({{element, element}})}})).ok());
  }
}

// The header of LaterOp up to its kind, then a kind of 2^32 + 1, which must not be taken for kind 1.
TEST(OpCodec, NumbersAbove32BitsAreRefused) {
  Op op = sample::LaterOp();
  std::string bytes = EncodeOp(&op), prefix;
  ByteWriter out(&prefix);
  out.U8(1);
  out.U8(1);
  out.U8(0);
  EncodeActor(op.actor, &out);
  out.Varint(op.seq);
  out.Raw(op.action_id);
  std::string head = prefix;
  out.Varint(op.index);
  out.Varint(op.count);
  EncodeRecordId(op.aggregate, op.action_id, &out);
  ASSERT_TRUE(bytes.starts_with(prefix));
  ASSERT_EQ(bytes[prefix.size()], 1);
  std::string large;
  ByteWriter(&large).Varint((uint64_t{1} << 32) + 1);
  EXPECT_FALSE(DecodeOp(prefix + large + bytes.substr(prefix.size() + 1)).ok());
  EXPECT_FALSE(DecodeOp(head + bytes.substr(head.size(), 1) + large + bytes.substr(head.size() + 2)).ok());
}

TEST(OpCodec, RulesOfTheHeader) {
  auto refused = [](const std::function<void(Op*)>& change) {
    Op op = sample::LaterOp();
    change(&op);
    return DecodeOp(EncodeOp(&op)).status().code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_FALSE(refused([](Op*) {}));
  EXPECT_TRUE(refused([](Op* op) { op->seq = 0; }));
  EXPECT_TRUE(refused([](Op* op) { op->n = 0; }));
  EXPECT_TRUE(refused([](Op* op) { op->index = op->count; }));
  EXPECT_TRUE(refused([](Op* op) { op->aggregate = {}; }));
  EXPECT_TRUE(refused([](Op* op) { op->hash_algorithm = 2; }));
  EXPECT_TRUE(refused([](Op* op) { op->parent = ParentLink{sample::Older(), 1, sample::Hash("")}; }));
  EXPECT_TRUE(refused([](Op* op) { op->user = std::string(kMaxOpBytes, 'x'); }));
}

TEST(OpCodec, ChainDependsOnParentAndOrder) {
  const ParentLink parent{sample::Older(), 7, sample::Hash("head")};
  std::set<std::string> heads = {ChainStart(std::nullopt), ChainStart(parent),
                                 ChainStart(ParentLink{sample::Older(), 8, parent.head}),
                                 ChainStart(ParentLink{sample::Hub(), 7, parent.head}),
                                 ChainStart(ParentLink{sample::Older(), 7, sample::Hash("other")})};
  EXPECT_EQ(heads.size(), 5u);
  std::string a = sample::Hash("a"), b = sample::Hash("b"), start = ChainStart(parent);
  EXPECT_NE(ChainNext(ChainNext(start, a), b), ChainNext(ChainNext(start, b), a));
}

// ---------------------------------------------------------------- sizes

// A visit as it is registered: the ops of the visitor, of its entry in the session, and of the matter.
class TypicalVisits {
 public:
  std::array<Op, 3> Next() {
    const std::string action = random_.Bytes(kActionIdBytes);
    const std::string title = kTitles[i_ % std::size(kTitles)];
    const RecordId visitor = RecordId::Random(18, action, 0), entry = RecordId::Random(17, action, 1);
    std::array<Op, 3> ops;
    for (uint32_t k = 0; k < 3; ++k) Head(action, k, &ops[k]);
    ops[0].aggregate = visitor;
    v1::Visitor v;
    v.set_sealed(random_.Bytes(37 + 48));
    v.set_station_id("HK-D057");
    WritesOf(v, {}, &ops[0].writes, &ops[0].sealed);
    ops[1].aggregate = session_;
    ops[1].n = i_ + 2;
    ops[1].previous = session_dot_.tag;
    ops[1].context = {session_dot_};
    WritesOf(EntryOf(title, visitor), entry, &ops[1].writes, &ops[1].sealed);
    ops[2].aggregate = RecordId::Random(24, action, 2);
    WritesOf(MatterOf(title, entry), {}, &ops[2].writes, &ops[2].sealed);
    ++i_;
    return ops;
  }

  void Written(const Op& of_session) { session_dot_ = of_session.dot(); }

 private:
  static constexpr const char* kTitles[] = {"村口路灯不亮", "水渠淤堵影响灌溉", "村卫生室药品不全", "通村公路坑洼",
                                            "自来水水压低"};

  void Head(const std::string& action, uint32_t index, Op* op) const {
    op->actor = actor_;
    op->seq = 3 * i_ + index + 2;
    op->action_id = action;
    op->index = index;
    op->count = 3;
    op->n = 1;
    op->grants = {{hub_, 3, 0x1122334455667788}};
    op->wall_ms = 1'790'000'000'000 + static_cast<int64_t>(i_ * 60'000);
    op->logical_time = static_cast<uint64_t>(op->wall_ms) << 16 | index;
    op->clock_quality = kClockTrusted;
    op->user = "d057-li";
  }

  v1::VisitEntry EntryOf(const std::string& title, const RecordId& visitor) const {
    v1::VisitEntry e;
    e.set_number("HK-D057-2026-" + std::to_string(1000 + i_));
    e.set_headcount(1);
    e.set_time("09:30");
    e.set_is_constituent(true);
    e.set_original_words(title + ",已经有一个多月了,晚上老人孩子走路很不方便,希望村里和镇里尽快帮助解决。");
    e.set_notice_given(true);
    e.set_visitor_id(ToBytes(visitor));
    e.set_seq(static_cast<uint32_t>(i_ + 1));
    return e;
  }

  v1::Matter MatterOf(const std::string& title, const RecordId& entry) const {
    v1::Matter m;
    m.set_number("HK-D057-Y2026-" + std::to_string(1000 + i_));
    m.set_station_id("HK-D057");
    m.set_date("2026-11-20");
    m.set_title(title);
    m.set_content(title + ",已一个多月,影响群众出行,请有关部门核实办理。");
    m.set_category("03");
    m.set_nature(v1::NATURE_OPINION);
    m.set_disposition(v1::DISPOSITION_SUBMIT);
    m.mutable_status()->set_to(v1::SUBMITTED);
    m.mutable_status()->set_date("2026-11-20");
    v1::Source* source = m.add_sources();
    source->set_entry(ToText(entry));
    source->set_station_id("HK-D057");
    source->set_session_id(ToBytes(session_));
    return m;
  }

  SeededRandom random_{11};
  const Actor actor_{"HK-D057", random_.U64()}, hub_{"HUB", random_.U64()};
  const RecordId session_ = RecordId::Random(16, random_.Bytes(kActionIdBytes), 0);
  Dot session_dot_{actor_, 1, random_.U64()};
  uint64_t i_ = 0;
};

// Printed, and held below a bound with some room.
TEST(OpCodec, SizesOfATypicalVisit) {
  TypicalVisits visits;
  size_t raw[3] = {}, packed[3] = {};
  std::string all;
  constexpr uint64_t kVisits = 1000;
  for (uint64_t i = 0; i < kVisits; ++i) {
    std::array<Op, 3> ops = visits.Next();
    for (int k = 0; k < 3; ++k) {
      std::string bytes = EncodeOp(&ops[k]), out(ZSTD_compressBound(bytes.size()), '\0');
      raw[k] += bytes.size();
      packed[k] += ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
      all += bytes;
    }
    visits.Written(ops[1]);
  }
  std::string out(ZSTD_compressBound(all.size()), '\0');
  size_t together = ZSTD_compress(out.data(), out.size(), all.data(), all.size(), 3);
  std::printf(
      "a visit, bytes (mean of %d): visitor op %zu (zstd -3 alone %zu), entry op %zu (%zu), matter op %zu (%zu); ",
      static_cast<int>(kVisits), raw[0] / kVisits, packed[0] / kVisits, raw[1] / kVisits, packed[1] / kVisits,
      raw[2] / kVisits, packed[2] / kVisits);
  std::printf("together %zu; all visits in one zstd -3: %zu a visit\n", all.size() / kVisits, together / kVisits);
  EXPECT_LE(all.size() / kVisits, 1200u);
  EXPECT_LE(together / kVisits, 420u);
}

}  // namespace
}  // namespace liaison
