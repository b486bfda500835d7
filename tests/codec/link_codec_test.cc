#include "common/codec/link_codec.h"

#include <gtest/gtest.h>

#include <utility>

#include "common/base/ports.h"
#include "common/codec/dictionary.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "tests/golden/samples.h"

namespace liaison {
namespace {

struct Pair {
  LinkCodec station, hub;
  template <typename T>
  T Up(const T& message) {
    return Through(message, &station, &hub);
  }
  template <typename T>
  T Down(const T& message) {
    return Through(message, &hub, &station);
  }
  template <typename T>
  T Through(const T& message, LinkCodec* from, LinkCodec* to) {
    std::string packet = from->Encode(message);
    bytes = packet.size();
    absl::StatusOr<sync::Message> read = to->Decode(packet);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? std::get<T>(*read) : T();
  }
  size_t bytes = 0;  // of the last packet
};

std::string CutOf(const std::string& hash) { return hash.substr(0, sync::kCheckBytes); }

TEST(LinkCodec, AHelloLosesNothingButTheEndsOfPrefixes) {
  Pair pair;
  sync::Hello hello = sample::Hello(), want = hello;
  hello.feeds[1].epoch = want.feeds[1].epoch = hello.feeds[0].epoch;
  for (sync::Cursor& feed : want.feeds) feed.prefix = CutOf(feed.prefix);
  EXPECT_EQ(pair.Up(hello), want);
}

TEST(LinkCodec, AWelcomeComesOutWhole) {
  Pair pair;
  pair.Up(sample::Hello());
  EXPECT_EQ(pair.Down(sample::Welcome()), sample::Welcome());
  sync::Welcome same = sample::Welcome();  // heads at the hello's cursors, subscriptions as the hello's feeds
  same.subscriptions = {sample::Hello().feeds[0].interest, sample::Hello().feeds[1].interest};
  same.heads = sample::Hello().feeds;
  Pair other;
  other.Up(sample::Hello());
  EXPECT_EQ(other.Down(same), same);
  EXPECT_LT(other.bytes, pair.bytes);
}

TEST(LinkCodec, AHeadThatOnlyLooksLikeTheCursorComesWhole) {
  Pair pair;
  sync::Hello hello = sample::Hello();
  pair.Up(hello);
  sync::Welcome welcome = sample::Welcome();
  welcome.heads = {hello.feeds[0], hello.feeds[1]};
  welcome.heads[0].prefix = Sha256("another");
  welcome.heads[1].epoch = std::string(16, 'e');
  EXPECT_EQ(pair.Down(welcome), welcome);
}

TEST(LinkCodec, ALiveRangeHasNoHeadsUnlessAsked) {
  Pair pair;
  sync::Range range = sample::Range(), want = range;
  want.head_before.clear();
  want.head_after.clear();
  EXPECT_EQ(pair.Up(range), want);
  range.with_heads = range.more = true;
  EXPECT_EQ(pair.Up(range), range);
}

// Ops, keys and the signature go beside the compressor.
TEST(LinkCodec, WhatDoesNotCompressGoesBesideIt) {
  Pair pair;
  SeededRandom random(4);
  sync::Range range = sample::Range();
  range.head_before.clear();
  range.head_after.clear();
  Op op = sample::FirstOp();
  op.sealed = {{RecordId(), 2, "", random.Bytes(400)}};
  range.ops = {EncodeOp(&op), "no op"};
  range.last = range.first + 1;
  EXPECT_EQ(pair.Up(range), range);
  range.ops.clear();
  for (int i = 0; i < 200; ++i) {
    op.seq = 2 + i;
    op.parent.reset();
    op.action_id = random.Bytes(kActionIdBytes);
    op.aggregate = RecordId::Random(18, op.action_id, 0);
    op.sealed[0].value = random.Bytes(400);
    range.ops.push_back(EncodeOp(&op));
  }
  range.last = range.first + range.ops.size() - 1;
  EXPECT_EQ(pair.Up(range), range);
  // Of each op: its id and sealed value as they are, and hardly anything else.
  EXPECT_LT(pair.bytes, 200 * (kActionIdBytes + 400 + 8));
}

// A hub is the first to be renewed, so a station may be one version behind.
TEST(LinkCodec, ToASideOfVersionTwoOpsGoAsTheyStand) {
  Pair pair;
  sync::Hello hello = sample::Hello();
  hello.version = 2;
  pair.Up(hello);
  Op op = sample::FirstOp();
  sync::Range range = sample::Range();
  range.ops = {EncodeOp(&op)};
  range.last = range.first;
  range.head_before.clear();
  range.head_after.clear();
  EXPECT_EQ(pair.Up(range), range);
  std::string packet = pair.station.Encode(range);
  EXPECT_LE(packet[0], 5);  // none of the forms that version 3 added
  sync::FeedBatch batch = sample::FeedBatch();
  batch.whole = true;
  EXPECT_EQ(pair.Down(batch), batch);
  EXPECT_LE(pair.hub.Encode(batch)[0], 5);
}

TEST(LinkCodec, AnAckKnowsTheEpochOfTheWelcome) {
  Pair pair;
  sync::Ack ack = sample::Ack(), want = ack;
  want.tip.head = CutOf(ack.tip.head);
  EXPECT_EQ(pair.Down(ack), want);
  pair.Down(sample::Welcome());
  ack.epoch = want.epoch = sample::Welcome().epoch;
  EXPECT_EQ(pair.Down(ack), want);
  ack.epoch = want.epoch = std::string(16, 'o');
  EXPECT_EQ(pair.Down(ack), want);
}

TEST(LinkCodec, ACursorIsCutAndKnowsTheEpoch) {
  Pair pair;
  sync::FeedAck taken{sample::Cursor(7), true}, want = taken;
  want.cursor.prefix = CutOf(taken.cursor.prefix);
  EXPECT_EQ(pair.Up(taken), want);
}

TEST(LinkCodec, OtherMessagesComeOutAsTheyAre) {
  Pair pair;
  sync::Want names{{sample::Name("one"), sample::Name("two")}};
  EXPECT_EQ(pair.Up(names), names);
  sync::Ops ops{{"op bytes", ""}};
  EXPECT_EQ(pair.Down(ops), ops);
  sync::Goodbye bye{"站点已停用", false};
  EXPECT_EQ(pair.Down(bye), bye);
}

// A batch with one item of each kind: an op with its bytes, one of the reader's own, keys of both sorts.
sync::FeedBatch MixedBatch() {
  sync::FeedBatch batch = sample::FeedBatch();
  Op op = sample::FirstOp();
  std::string bytes = EncodeOp(&op);
  std::string aggregate = ToBytes(op.aggregate);
  batch.items.clear();
  batch.ops.clear();
  auto add = [&](sync::FeedItem item, std::string with) {
    batch.items.push_back(std::move(item));
    batch.ops.push_back(std::move(with));
  };
  add({.kind = sync::ItemKind::kEnter, .aggregate = aggregate, .count = 2}, "");
  add({.kind = sync::ItemKind::kOp, .aggregate = aggregate, .name = op.name()}, bytes);
  add({.kind = sync::ItemKind::kOp, .aggregate = aggregate, .name = sample::Name("own")}, "");
  add(sample::Item(sync::ItemKind::kKey), "");
  sync::FeedItem own = sample::Item(sync::ItemKind::kKey);
  own.by = {sample::Station(), 17, ""};
  add(own, "");
  add(sample::Item(sync::ItemKind::kLeave), "");
  add(sample::Item(sync::ItemKind::kGone), "");
  add(sample::Item(sync::ItemKind::kOp), "no op");  // bytes that do not tell their name
  add({.kind = sync::ItemKind::kEnter, .aggregate = aggregate, .count = 1}, "");
  batch.last = batch.first + batch.items.size();
  return batch;
}

TEST(LinkCodec, ABatchLeavesOutWhatTheReaderHas) {
  Pair pair;
  pair.Down(sample::Welcome());
  sync::FeedBatch batch = MixedBatch(), want = batch;
  want.prefix_before.clear();
  want.prefix_after = CutOf(batch.prefix_after);
  want.items[2].name.hash.clear();
  want.items[2].aggregate.clear();
  want.items[4] = {.kind = sync::ItemKind::kKey, .by = batch.items[4].by};
  EXPECT_EQ(pair.Down(batch), want);
  batch.epoch = want.epoch = std::string(16, 'o');
  EXPECT_EQ(pair.Down(batch), want);
}

TEST(LinkCodec, AWholeBatchLeavesOutNothing) {
  Pair pair;
  sync::FeedBatch batch = MixedBatch(), want = batch;
  batch.whole = want.whole = true;
  want.items[4].by = {};
  EXPECT_EQ(pair.Down(batch), want);
}

TEST(LinkCodec, AnAggregateOfAnOwnOpEntersWithoutItsName) {
  Pair pair;
  sync::FeedBatch batch = sample::FeedBatch();
  batch.items = {{.kind = sync::ItemKind::kEnter, .aggregate = "a", .count = 1},
                 {.kind = sync::ItemKind::kOp, .aggregate = "a", .name = sample::Name("own")}};
  batch.ops = {"", ""};
  sync::FeedBatch read = pair.Down(batch);
  ASSERT_EQ(read.items.size(), 2u);
  EXPECT_EQ(read.items[0].aggregate, "");
  EXPECT_EQ(read.items[0].count, 1u);
  EXPECT_EQ(read.items[1].name, (OpName{sample::Older(), sample::Name("own").seq, ""}));
}

TEST(LinkCodec, OwnItemsInARowCostAByteOrTwo) {
  Pair pair;
  sync::FeedBatch batch = sample::FeedBatch();
  batch.items.clear();
  batch.ops.assign(1000, "");
  for (uint64_t i = 0; i < 1000; ++i)
    batch.items.push_back({.aggregate = std::string(13, 'a'), .name = {sample::Station(), i + 1, Sha256("x")}});
  batch.last = batch.first + 1000;
  EXPECT_EQ(pair.Down(batch).items.size(), 1000u);
  EXPECT_LT(pair.bytes, 400u);
}

TEST(LinkCodec, AnActorIsSpeltOutOncePerDirection) {
  Pair pair;
  auto ack = [](uint64_t random) {
    sync::Ack m;
    m.tip = {{"HK-D057", random}, 3, Sha256("head")};
    return m;
  };
  for (uint64_t i = 0; i < ActorTable::kMax + 20; ++i) EXPECT_EQ(pair.Down(ack(i)).tip.actor.random, i);
  pair.Down(ack(0));
  size_t known = pair.bytes;
  pair.Down(ack(ActorTable::kMax + 10));  // beyond the table: still right, only longer
  EXPECT_GE(pair.bytes, known + 16);
  EXPECT_EQ(pair.Down(ack(ActorTable::kMax - 1)).tip.actor.random, ActorTable::kMax - 1);
}

TEST(LinkCodec, PacketsShareTheirWindow) {
  Pair pair;
  SeededRandom random(3);
  sync::Ops ops{{random.Bytes(2000)}};
  pair.Down(ops);
  EXPECT_GE(pair.bytes, 2000u);
  EXPECT_EQ(pair.Down(ops), ops);
  EXPECT_LT(pair.bytes, 60u);
  pair.hub.set_zip({.level = 12});  // another level: a new frame, nothing is remembered
  EXPECT_EQ(pair.Down(ops), ops);
  EXPECT_GE(pair.bytes, 2000u);
  pair.hub.LetGo();
  EXPECT_EQ(pair.Down(ops), ops);
  EXPECT_GE(pair.bytes, 2000u);
  EXPECT_EQ(pair.Down(ops), ops);
  EXPECT_LT(pair.bytes, 60u);
  pair.hub.set_zip({.level = 12, .dictionary = kDictionary});
  EXPECT_EQ(pair.Down(ops), ops);
}

// Both sides of a link must have the same: another dictionary is another number.
TEST(LinkCodec, TheDictionariesAreFrozen) {
  EXPECT_EQ(Hex(Sha256(Dictionary(2))), "894385af2e7bcf21e2d9e2db0490174f938046e900d947e64606914ec78dd037");
  EXPECT_EQ(Hex(Sha256(Dictionary(1))), "a0a20f0d3f923af5cc89312dcf9e36bc9cce790fdb319487f9ba5973d569e4aa");
}

TEST(LinkCodec, TheDictionaryHelpsTheFirstOps) {
  Op op = sample::FirstOp();
  sync::Range range = sample::Range();
  range.ops = {EncodeOp(&op)};
  LinkCodec plain, with;
  with.set_zip({.dictionary = kDictionary});
  EXPECT_LT(with.Encode(range).size(), plain.Encode(range).size());
}

TEST(LinkCodec, EveryLevelAndWindowComesOut) {
  for (int level : {1, 3, 9, 15, 19})
    for (int window : {15, 17, kMaxWindowLog, 27}) {
      Pair pair;
      pair.station.set_zip({.level = level, .window_log = window});
      SeededRandom random(level);
      for (int i = 0; i < 40; ++i) {
        sync::Ops ops{{random.Bytes(100), std::string(20'000, static_cast<char>('a' + i % 7)), random.Bytes(3000)}};
        ASSERT_EQ(pair.Up(ops), ops) << level << " " << window;
      }
    }
}

// A station has 64 MB in all, a hub a compressor for each of its stations.
TEST(StreamZip, TheMemoryIsThatOfTheWindow) {
  for (int level : {1, 3, 5, 12, 19})
    for (unsigned dictionary : {0u, 1u, kDictionary}) {
      StreamZip zip;
      EXPECT_EQ(zip.memory(), 0u);
      zip.Pack(std::string(1000, 'x'), true, {.level = level, .window_log = 18, .dictionary = dictionary});
      EXPECT_LT(zip.memory(), 6500u << 10) << level;
      zip.Pack("x", true, {.level = level, .window_log = 15, .dictionary = dictionary});
      EXPECT_LT(zip.memory(), 1700u << 10) << level;
    }
}

TEST(LinkCodec, DamagedTruncatedAndOverlargePacketsAreRefusedOrHarmless) {
  SeededRandom random(9);
  std::string packet = LinkCodec().Encode(sample::Hello());
  for (size_t n = 0; n < packet.size(); ++n) EXPECT_FALSE(LinkCodec().Decode(packet.substr(0, n)).ok()) << n;
  for (size_t i = 0; i < packet.size(); ++i) {
    std::string flipped = packet;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 + random.U64() % 255));
    (void)LinkCodec().Decode(flipped);
  }
  EXPECT_EQ(LinkCodec().Decode("\x09 anything").status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_FALSE(LinkCodec().Decode("").ok());
  EXPECT_FALSE(LinkCodec().Decode("\x03 a frame that never began").ok());
  // Type 7, flags, one op and no keys; the largest size, then one byte more than a message may have.
  auto of_size = [](size_t size) { return sync::Ops{{std::string(size - 8, 'x')}}; };
  EXPECT_TRUE(LinkCodec().Decode(LinkCodec().Encode(of_size(kMaxMessageBytes))).ok());
  EXPECT_FALSE(LinkCodec().Decode(LinkCodec().Encode(of_size(kMaxMessageBytes + 1))).ok());
}

TEST(LinkCodec, AnActorNeverNamedIsRefused) {
  std::string want("\x02\x06\x00\x01\x05\x01", 6);  // plain, want, no flags, one name, actor 5
  EXPECT_FALSE(LinkCodec().Decode(want + std::string(33, 'h')).ok());
}

}  // namespace
}  // namespace liaison
