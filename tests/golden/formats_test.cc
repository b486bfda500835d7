// The formats of ops and messages, byte for byte.
#include <gtest/gtest.h>

#include <functional>
#include <tuple>
#include <utility>

#include "common/codec/token.h"
#include "common/crypto/seal.h"
#include "tests/golden/golden.h"
#include "tests/golden/samples.h"

namespace liaison {
namespace {

// Encodes, compares with the file, and reads the file back: encode(x) == file, decode(file) == x.
template <typename T, typename Encode, typename Decode>
void CheckFormat(const std::string& name, const std::string& note, const T& value, Encode encode, Decode decode) {
  golden::Check(name, golden::BytesText(note, encode(value)));
  auto read = decode(golden::BytesOf(golden::ReadText(name)));
  ASSERT_TRUE(read.ok()) << name << ": " << read.status();
  EXPECT_EQ(*read, value) << name;
}

void ExpectSameOp(const Op& a, const Op& b) {
  EXPECT_EQ(a.hash_algorithm, b.hash_algorithm);
  EXPECT_EQ(a.actor, b.actor);
  EXPECT_EQ(a.seq, b.seq);
  EXPECT_EQ(a.parent, b.parent);
  EXPECT_EQ(a.action_id, b.action_id);
  EXPECT_EQ(a.index, b.index);
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.aggregate, b.aggregate);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.schema_version, b.schema_version);
  EXPECT_EQ(a.n, b.n);
  EXPECT_EQ(a.previous, b.previous);
  EXPECT_EQ(a.context, b.context);
  EXPECT_EQ(a.grants, b.grants);
  EXPECT_EQ(a.logical_time, b.logical_time);
  EXPECT_EQ(a.wall_ms, b.wall_ms);
  EXPECT_EQ(a.clock_quality, b.clock_quality);
  EXPECT_EQ(a.user, b.user);
  EXPECT_EQ(a.was, b.was);
  EXPECT_EQ(a.writes, b.writes);
  EXPECT_EQ(a.sealed, b.sealed);
  EXPECT_EQ(a.blobs, b.blobs);
  EXPECT_EQ(Hex(a.hash), Hex(b.hash));
}

void CheckOp(const std::string& name, const std::string& note, Op op) {
  std::string bytes = EncodeOp(&op);
  golden::Check(name, golden::BytesText(note + "\nhash " + Hex(op.hash), bytes));
  absl::StatusOr<Op> read = DecodeOp(golden::BytesOf(golden::ReadText(name)));
  ASSERT_TRUE(read.ok()) << read.status();
  ExpectSameOp(*read, op);
}

TEST(GoldenFormats, FirstOpOfARun) {
  CheckOp("op-first", "an op with parent, context, grants, was, and all three parts; n 1", sample::FirstOp());
}

TEST(GoldenFormats, LaterOp) {
  CheckOp("op-later", "an op with a predecessor on its aggregate; clear part only; wall clock before 1970",
          sample::LaterOp());
}

TEST(GoldenFormats, AnOpOfAnAccount) {
  CheckOp("op-account", "an op of version 2: its user is an account, and it names the rights that the author knew",
          sample::AccountOp());
}

TEST(GoldenFormats, OpWithoutItsSealedPart) {
  Op op = sample::FirstOp();
  absl::StatusOr<std::string> erased = WithoutSealedPart(EncodeOp(&op));
  ASSERT_TRUE(erased.ok()) << erased.status();
  golden::Check("op-erased",
                golden::BytesText("op-first with its sealed part replaced by its hash\nhash " + Hex(op.hash), *erased));
  absl::StatusOr<Op> read = DecodeOp(golden::BytesOf(golden::ReadText("op-erased")));
  ASSERT_TRUE(read.ok()) << read.status();
  op.sealed.clear();
  ExpectSameOp(*read, op);
}

TEST(GoldenFormats, Chain) {
  Op first = sample::FirstOp(), later = sample::LaterOp();
  EncodeOp(&first);
  EncodeOp(&later);
  std::string start = ChainStart(first.parent), next = ChainNext(start, first.hash);
  golden::Check("chain",
                "# chain heads: without parent; with the parent of op-first; after op-first; after op-later\n" +
                    Hex(ChainStart(std::nullopt)) + "\n" + Hex(start) + "\n" + Hex(next) + "\n" +
                    Hex(ChainNext(next, later.hash)) + "\n");
}

TEST(GoldenFormats, Messages) {
  sync::Range live = sample::Range();
  live.head_before.clear();
  live.head_after.clear();
  const std::vector<std::tuple<std::string, std::string, sync::Message>> messages = {
      {"hello", "a station's first message", sample::Hello()},
      {"welcome", "the hub's answer", sample::Welcome()},
      {"range", "two consecutive ops of one actor, with heads as in a bundle", sample::Range()},
      {"range-live", "the same as on a live link: heads left out", live},
      {"ack", "a receipt with a verdict and a gap", sample::Ack()},
      {"feed-batch", "two items of a feed", sample::FeedBatch()},
      {"want", "a request for ops by name", sync::Want{{sample::Name("one"), sample::Name("two!")}, {sample::Key(1)}}},
      {"ops", "the answer; the second is not known", sync::Ops{{"op bytes one", ""}, {sample::Key(2)}}},
      {"feed-ack", "a feed is taken up to a cursor", sync::FeedAck{sample::Cursor(7), true}},
      {"offer", "a batch offered back", sync::Offer{sample::FeedBatch(), sample::Hash("set")}},
      {"feed-points", "points of a probed feed", sync::FeedPoints{{sample::Cursor(1), sample::Cursor(2)}}},
      {"feed-answers", "where to go back to", sync::FeedAnswers{{{sync::FeedVerdict::kRewind, sample::Cursor(3)}}}},
      {"goodbye", "the end of a session", sync::Goodbye{"站点已停用", false}}};
  for (const auto& [name, note, message] : messages)
    CheckFormat("message-" + name, note, message, EncodeMessage, DecodeMessage);
}

TEST(GoldenFormats, FeedItemsOfEveryKind) {
  const std::pair<const char*, sync::ItemKind> kinds[] = {{"op", sync::ItemKind::kOp},
                                                          {"enter", sync::ItemKind::kEnter},
                                                          {"leave", sync::ItemKind::kLeave},
                                                          {"key", sync::ItemKind::kKey},
                                                          {"gone", sync::ItemKind::kGone}};
  std::string prefix = FeedStart("point:HK-D057");
  std::string prefixes =
      "# prefix hashes of feed point:HK-D057: at its start, then after the items op, enter, leave, key, gone\n" +
      Hex(prefix) + "\n";
  for (const auto& [name, kind] : kinds) {
    sync::FeedItem item = sample::Item(kind);
    CheckFormat(std::string("item-") + name, std::string("a feed item of kind ") + name, item, EncodeFeedItem,
                DecodeFeedItem);
    prefix = FeedNext(prefix, item);
    prefixes += Hex(prefix) + "\n";
  }
  golden::Check("feed-prefixes", prefixes);
}

TEST(GoldenFormats, SigningBytes) {
  golden::Check("signing-range",
                golden::BytesText("what the signature of message-range covers", RangeSigningBytes(sample::Range())));
  golden::Check("signing-feed", golden::BytesText("what the signature of message-feed-batch covers",
                                                  FeedSigningBytes(sample::FeedBatch())));
  golden::Check("signing-ack",
                golden::BytesText("what the signature of message-ack covers", AckSigningBytes(sample::Ack())));
  golden::Check("signing-heads", golden::BytesText("what the heads seal of message-welcome covers",
                                                   HeadsSigningBytes(sample::Welcome())));
  golden::Check("signing-bundle",
                golden::BytesText("what the seal of bundle-header covers", BundleSigningBytes(sample::Bundle())));
}

TEST(GoldenFormats, BundleHeader) {
  auto decode = [](std::string_view bytes) -> absl::StatusOr<BundleHeader> {
    absl::StatusOr<BundleStart> start = DecodeBundleHeader(bytes);
    if (!start.ok()) return start.status();
    EXPECT_EQ(start->body_at, bytes.size());
    return start->header;
  };
  CheckFormat("bundle-header", "everything of a bundle before its body", sample::Bundle(), EncodeBundleHeader, decode);
}

TEST(GoldenFormats, Token) {
  VersionVector visible = sample::FirstOp().context;
  std::string token = MakeToken(sample::Matter(), visible);
  golden::Check("token", "# the token of a matter with two entries in its vector\n" + token + "\n");
  auto read = ReadToken(golden::Lines(golden::ReadText("token"))[1], sample::Matter());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, visible);
}

TEST(GoldenFormats, SealedVisitor) {
  SealKey key{kChaCha20Poly1305, sample::Bytes(8, 0x60), sample::Bytes(32, 0x80)};
  std::string plain = "\x0a\x06张三", aad = ToBytes(sample::Visitor());
  SeededRandom random(7);
  golden::Check("sealed-visitor",
                golden::BytesText(
                    "VisitorFields{name: 张三} sealed; key id 60…67, key 80…9f, bound to the visitor's id " + Hex(aad),
                    Seal(key, plain, aad, &random)));
  auto opened = liaison::Open(key, golden::BytesOf(golden::ReadText("sealed-visitor")), aad);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*opened, plain);
}

}  // namespace
}  // namespace liaison
