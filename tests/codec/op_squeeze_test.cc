#include "common/codec/op_squeeze.h"

#include <gtest/gtest.h>

#include <utility>

#include "common/base/ports.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

struct Stream {
  OpSqueeze told, heard;
  size_t text_bytes = 0, raw_bytes = 0;  // of the last op

  std::string Through(const std::string& op) {
    std::string text, raw;
    ByteWriter text_out(&text), raw_out(&raw);
    told.Write(op, &text_out, &raw_out);
    text_bytes = text.size();
    raw_bytes = raw.size();
    ByteReader text_in(text), raw_in(raw);
    std::string result = heard.Read(&text_in, &raw_in);
    EXPECT_TRUE(text_in.Finish("text").ok()) << text_in.Finish("text");
    EXPECT_TRUE(raw_in.Finish("raw").ok()) << raw_in.Finish("raw");
    return result;
  }
};

// A log of actions as stations make them, with everything that an op may have, and now and then what none should.
class Author {
 public:
  explicit Author(uint64_t seed) : random_(seed) {}

  std::vector<std::string> Action() {
    if (random_.U64() % 20 == 0) actor_ = {"HK-D00" + std::to_string(random_.U64() % 3), random_.U64()}, seq_ = 0;
    std::string id = random_.Bytes(kActionIdBytes);
    uint32_t count = 1 + random_.U64() % 5;
    std::vector<std::string> ops;
    for (uint32_t i = 0; i < count; ++i) ops.push_back(OneOp(id, i, count));
    return ops;
  }

 private:
  RecordId Aggregate(const std::string& id, uint32_t index) {
    switch (random_.U64() % 4) {
      case 0:
        return known_.empty() ? RecordId::Master(1, "HK-D001") : known_[random_.U64() % known_.size()];
      case 1:
        return RecordId::Random(24, id, static_cast<uint16_t>(random_.U64() % 3));
      default:
        return known_.emplace_back(RecordId::Random(18, id, static_cast<uint16_t>(index)));
    }
  }

  std::string Value(const std::string& id) {
    std::string value;
    for (uint64_t left = random_.U64() % 6; left > 0; --left) {
      constexpr const char* kTexts[] = {"水渠破损", "养老金没有到账", "HK-D057", "\xff", "\xfe\xff"};
      uint64_t which = random_.U64() % 60;
      value += which < 3 ? kTexts[2 + which] : which < 20 ? kTexts[which % 2] : which < 40 ? Hex(id) : id;
    }
    return value;
  }

  std::string OneOp(const std::string& id, uint32_t index, uint32_t count) {
    Op op;
    op.actor = actor_;
    op.seq = ++seq_;
    if (op.seq == 1 && random_.U64() % 2) op.parent = ParentLink{{"HK-D009", 7}, 12, Sha256("parent")};
    op.action_id = id;
    op.index = index;
    op.count = count;
    op.aggregate = Aggregate(id, index);
    op.kind = 1 + (random_.U64() % 10 == 0);
    op.n = 1;
    for (const auto& [aggregate, dot] : dots_)
      if (aggregate == op.aggregate && dot.actor == actor_) op.n = dot.n + 1, op.previous = dot.tag;
    if (random_.U64() % 15 == 0) op.n = 7, op.previous = random_.U64();
    for (const auto& [aggregate, dot] : dots_)
      if (aggregate == op.aggregate && random_.U64() % 3) op.context.Insert(dot);
    if (random_.U64() % 10 == 0) op.grants.Insert({{"HK-R001", 3}, 4, random_.U64()});
    op.logical_time = (clock_ += random_.U64() % 4 == 0 ? 123456 : 1);
    op.wall_ms = random_.U64() % 5 ? static_cast<int64_t>(clock_ >> 16) : static_cast<int64_t>(random_.U64());
    op.user = random_.U64() % 8 ? "联络员" : "王代表";
    if (random_.U64() % 20 == 0) op.was = OpName{actor_, 1, Sha256("was")};
    for (uint64_t left = random_.U64() % 3; left > 0; --left)
      op.writes.push_back(
          {RecordId::Random(17, id, 0), static_cast<uint32_t>(3 + left), left == 1 ? "元素" : "", Value(id)});
    bool sealed = random_.U64() % 3 == 0;
    if (sealed) op.sealed.push_back({RecordId(), 2, "", random_.Bytes(60)});
    if (random_.U64() % 8 == 0) op.blobs = {Sha256("photo")};
    std::string bytes = EncodeOp(&op);
    dots_.emplace_back(op.aggregate, op.dot());
    if (sealed && random_.U64() % 4 == 0) bytes = *WithoutSealedPart(bytes);
    if (random_.U64() % 40 == 0) bytes[random_.U64() % bytes.size()] ^= static_cast<char>(1 + random_.U64() % 255);
    if (random_.U64() % 60 == 0) bytes = "no op at all";
    return bytes;
  }

  SeededRandom random_;
  Actor actor_{"HK-D001", 1};
  uint64_t seq_ = 0, clock_ = uint64_t{1'700'000'000'000} << 16;
  std::vector<RecordId> known_;
  std::vector<std::pair<RecordId, Dot>> dots_;
};

TEST(OpSqueeze, EveryOpComesOutAsItWas) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Author author(seed);
    Stream stream;
    for (int action = 0; action < 120; ++action)
      for (const std::string& op : author.Action()) ASSERT_EQ(stream.Through(op), op) << "seed " << seed;
  }
}

Op Next(const Op& last, const std::string& action_id, uint32_t index) {
  Op op = last;
  op.seq = last.seq + 1;
  op.action_id = action_id;
  op.index = index;
  op.count = 2;
  op.aggregate = RecordId::Random(18, action_id, static_cast<uint16_t>(index));
  op.n = 1;
  op.previous = 0;
  op.context = {};
  op.logical_time = last.logical_time + 1;
  op.writes = {{RecordId(), 3, "", "水渠"}};
  return op;
}

TEST(OpSqueeze, WhatCanBeForetoldCostsTwoBytesBesideTheText) {
  Stream stream;
  SeededRandom random(3);
  Op op;
  op.actor = {"HK-D001", 7};
  op.logical_time = uint64_t{1'700'000'000'000} << 16;
  op.wall_ms = 1'700'000'000'000;
  op.user = "联络员";
  std::string id = random.Bytes(kActionIdBytes);
  for (uint32_t i = 0; i < 2; ++i) stream.Through(EncodeOp(&(op = Next(op, id, i))));
  // shape, flags, the text's length, its five bytes of structure and the text
  EXPECT_EQ(stream.text_bytes, 2 + 1 + 5 + std::string("水渠").size());
  EXPECT_EQ(stream.raw_bytes, 0u);

  // The next op on an aggregate, its author having seen the last: no tag and no vector.
  Op edit = op;
  edit.seq = op.seq + 1;
  edit.action_id = random.Bytes(kActionIdBytes);
  edit.index = 0;
  edit.count = 1;
  edit.n = 2;
  edit.previous = op.tag();
  edit.context = {op.dot()};
  edit.logical_time = op.logical_time + (1000 << 16);
  edit.wall_ms += 1000;
  stream.Through(EncodeOp(&edit));
  Op again = edit;
  again.seq = edit.seq + 1;
  again.action_id = random.Bytes(kActionIdBytes);
  again.n = 3;
  again.previous = edit.tag();
  again.context = {edit.dot()};
  again.logical_time = edit.logical_time + (1000 << 16);
  again.wall_ms += 1000;
  std::string bytes = EncodeOp(&again);
  EXPECT_EQ(stream.Through(bytes), bytes);
  EXPECT_LE(stream.text_bytes, 2 + 2 + 4 + 1 + 5 + std::string("水渠").size());
  EXPECT_EQ(stream.raw_bytes, kActionIdBytes);
}

TEST(OpSqueeze, AKeyIsToldByTheOpThatSealedWithIt) {
  OpSqueeze told, heard;
  SeededRandom random(5);
  Op op;
  op.actor = {"HK-D001", 7};
  op.seq = 1;
  op.action_id = random.Bytes(kActionIdBytes);
  op.aggregate = RecordId::Random(18, op.action_id, 0);
  op.n = 1;
  std::string key_id = random.Bytes(8);
  op.sealed = {{RecordId(), 2, "", "\x01" + key_id + random.Bytes(50)}};
  sync::KeyItem known{ToBytes(op.aggregate), 1, key_id, random.Bytes(32)};
  sync::KeyItem other{"elsewhere", 1, random.Bytes(8), ""};
  std::string text, raw;
  ByteWriter text_out(&text), raw_out(&raw);
  told.Write(EncodeOp(&op), &text_out, &raw_out);
  size_t before = text.size();
  told.Write(known, &text_out, &raw_out);
  EXPECT_EQ(text.size() - before, 3u);
  told.Write(other, &text_out, &raw_out);
  ByteReader text_in(text), raw_in(raw);
  heard.Read(&text_in, &raw_in);
  EXPECT_EQ(heard.ReadKey(&text_in, &raw_in), known);
  EXPECT_EQ(heard.ReadKey(&text_in, &raw_in), other);
  EXPECT_TRUE(text_in.Finish("text").ok() && raw_in.Finish("raw").ok());
}

// Cut and flipped at every byte: an error, or an op of the size that an op may have.
TEST(OpSqueeze, DamageIsAnErrorOrAnotherOp) {
  Author author(9);
  OpSqueeze told;
  std::string text, raw;
  ByteWriter text_out(&text), raw_out(&raw);
  std::vector<std::string> ops;
  for (int i = 0; i < 8; ++i)
    for (const std::string& op : author.Action()) ops.push_back(op), told.Write(op, &text_out, &raw_out);
  size_t refused = 0;
  auto read = [&](std::string_view damaged_text, std::string_view damaged_raw) {
    OpSqueeze heard;
    ByteReader text_in(damaged_text), raw_in(damaged_raw);
    for (size_t i = 0; i < ops.size() && text_in.ok() && raw_in.ok(); ++i)
      EXPECT_LE(heard.Read(&text_in, &raw_in).size(), 2 * kMaxOpBytes);
    refused += text_in.ok() && raw_in.ok() ? 0 : 1;
  };
  for (size_t cut = 0; cut < text.size(); ++cut) read(text.substr(0, cut), raw);
  EXPECT_EQ(refused, text.size());
  for (size_t cut = 0; cut < raw.size(); ++cut) read(text, raw.substr(0, cut));
  EXPECT_EQ(refused, text.size() + raw.size());
  for (size_t at = 0; at < text.size(); ++at) {
    std::string flipped = text;
    flipped[at] ^= 0x41;
    read(flipped, raw);
  }
}

}  // namespace
}  // namespace liaison
