#include "common/codec/message_codec.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <utility>

#include "common/base/ports.h"
#include "common/codec/bundle.h"
#include "common/codec/token.h"
#include "tests/golden/samples.h"

namespace liaison {
namespace {

template <typename T>
using Changes = std::vector<std::function<void(T*)>>;

// Each change alone gives other bytes than all the others, and comes back as it was.
template <typename T, typename Encode, typename Decode>
void CheckEveryField(const T& base, const Changes<T>& changes, Encode encode, Decode decode) {
  std::set<std::string> encodings = {encode(base)};
  for (size_t i = 0; i < changes.size(); ++i) {
    T value = base;
    changes[i](&value);
    ASSERT_FALSE(value == base) << "change " << i << " changes nothing";
    EXPECT_TRUE(encodings.insert(encode(value)).second) << "change " << i << " is not in the bytes";
    auto read = decode(encode(value));
    ASSERT_TRUE(read.ok()) << i << ": " << read.status();
    EXPECT_EQ(*read, value) << "change " << i;
  }
}

template <typename T>
void CheckMessage(const T& base, const Changes<T>& changes) {
  CheckEveryField(
      base, changes, [](const T& m) { return EncodeMessage(m); },
      [](const std::string& bytes) -> absl::StatusOr<T> {
        absl::StatusOr<sync::Message> message = DecodeMessage(bytes);
        if (!message.ok()) return message.status();
        return std::get<T>(*message);
      });
}

std::vector<sync::Message> AllMessages() {
  return {sample::Hello(),
          sample::Welcome(),
          sample::Range(),
          sample::Ack(),
          sample::FeedBatch(),
          sync::Want{{sample::Name("one")}, {sample::Key(1)}},
          sync::Ops{{"op bytes", ""}, {sample::Key(2)}},
          sync::FeedAck{sample::Cursor(7), true},
          sync::Goodbye{"站点已停用", false},
          sync::Offer{sample::FeedBatch(), sample::Hash("set")},
          sync::FeedPoints{{sample::Cursor(1), sample::Cursor(2)}},
          sync::FeedAnswers{{{sync::FeedVerdict::kProbe, sample::Cursor(3)}}}};
}

TEST(MessageCodec, EveryFieldOfHelloIsInTheBytes) {
  using M = sync::Hello;
  CheckMessage<M>(sample::Hello(), {[](M* m) { m->version++; },
                                    [](M* m) { m->station += "x"; },
                                    [](M* m) { m->node += "x"; },
                                    [](M* m) { m->machine_id += "x"; },
                                    [](M* m) { m->dictionaries[0]++; },
                                    [](M* m) { m->dictionaries.pop_back(); },
                                    [](M* m) { m->budget++; },
                                    [](M* m) { m->tip.reset(); },
                                    [](M* m) { m->tip->actor.random++; },
                                    [](M* m) { m->tip->seq++; },
                                    [](M* m) { m->tip->head[0]++; },
                                    [](M* m) { m->points.pop_back(); },
                                    [](M* m) { m->points[1].seq++; },
                                    [](M* m) { m->feeds.pop_back(); },
                                    [](M* m) { m->feeds[1].interest += "x"; },
                                    [](M* m) { m->feeds[1].epoch[0]++; },
                                    [](M* m) { m->feeds[1].position++; },
                                    [](M* m) { m->feeds[1].prefix[0]++; },
                                    [](M* m) { m->feed_points.clear(); },
                                    [](M* m) { m->feed_points[0].position++; },
                                    [](M* m) { m->abandoned_count++; },
                                    [](M* m) { m->abandoned_hash[0]++; },
                                    [](M* m) { m->abandoned_names.clear(); },
                                    [](M* m) { m->abandoned_names[0].hash[0]++; },
                                    [](M* m) { m->archive_id += "x"; }});
}

TEST(MessageCodec, EveryFieldOfWelcomeIsInTheBytes) {
  using M = sync::Welcome;
  CheckMessage<M>(sample::Welcome(), {[](M* m) { m->version++; },
                                      [](M* m) { m->epoch[0]++; },
                                      [](M* m) { m->lineage.clear(); },
                                      [](M* m) { m->lineage[0].epoch[0]++; },
                                      [](M* m) { m->lineage[0].archive_id += "x"; },
                                      [](M* m) { m->verdict = sync::TipVerdict::kHave; },
                                      [](M* m) { m->have.reset(); },
                                      [](M* m) { m->have->seq++; },
                                      [](M* m) { m->want.reset(); },
                                      [](M* m) { m->want->seq++; },
                                      [](M* m) { m->fork_notice = false; },
                                      [](M* m) { m->feeds.clear(); },
                                      [](M* m) { m->feeds[0].verdict = sync::FeedVerdict::kOk; },
                                      [](M* m) { m->feeds[0].cursor.position++; },
                                      [](M* m) { m->subscriptions[0] += "x"; },
                                      [](M* m) { m->subscriptions.clear(); },
                                      [](M* m) { m->wanted.clear(); },
                                      [](M* m) { m->wanted[0].seq++; },
                                      [](M* m) { m->hub_time_ms = -m->hub_time_ms; },
                                      [](M* m) { m->heads.clear(); },
                                      [](M* m) { m->heads[0].position++; },
                                      [](M* m) { m->heads_seal.key_id[0]++; },
                                      [](M* m) { m->heads_seal.algorithm++; },
                                      [](M* m) { m->heads_seal.signature[0]++; }});
}

TEST(MessageCodec, EveryFieldOfRangeAndAckIsInTheBytes) {
  using R = sync::Range;
  CheckMessage<R>(
      sample::Range(),
      {[](R* m) { m->actor.station += "x"; }, [](R* m) { m->actor.random++; }, [](R* m) { m->first++; },
       [](R* m) { m->last++; }, [](R* m) { m->head_before[0]++; }, [](R* m) { m->head_after[0]++; },
       [](R* m) { m->seal.signature[0]++; }, [](R* m) { m->ops[0] += "x"; }, [](R* m) { m->ops.pop_back(); },
       [](R* m) { m->keys.clear(); }, [](R* m) { m->keys[0].aggregate[1]++; }, [](R* m) { m->keys[0].algorithm++; },
       [](R* m) { m->keys[0].key_id[0]++; }, [](R* m) { m->keys[0].key.clear(); }});
  using A = sync::Ack;
  CheckMessage<A>(
      sample::Ack(),
      {[](A* m) { m->epoch[0]++; }, [](A* m) { m->tip.seq++; }, [](A* m) { m->level = sync::AckLevel::kDurable; },
       [](A* m) { m->archive_id += "x"; }, [](A* m) { m->verdicts.clear(); }, [](A* m) { m->verdicts[0].name.seq++; },
       [](A* m) { m->verdicts[0].verdict = sync::Verdict::kHeld; }, [](A* m) { m->verdicts[0].reason += "x"; },
       [](A* m) { m->gap.reset(); }, [](A* m) { m->gap->seq++; }, [](A* m) { m->seal.signature[0]++; }});
}

TEST(MessageCodec, EveryFieldOfFeedBatchAndTheSmallMessagesIsInTheBytes) {
  using B = sync::FeedBatch;
  CheckMessage<B>(
      sample::FeedBatch(),
      {[](B* m) { m->interest += "x"; }, [](B* m) { m->epoch[0]++; }, [](B* m) { m->first++; },
       [](B* m) { m->prefix_before[0]++; }, [](B* m) { m->last++; }, [](B* m) { m->prefix_after[0]++; },
       [](B* m) { m->archived_position++; }, [](B* m) { m->archive_id += "x"; }, [](B* m) { m->seal.key_id[0]++; },
       [](B* m) { m->items.pop_back(); }, [](B* m) { m->items[0].kind = sync::ItemKind::kGone; },
       [](B* m) { m->ops[0] += "x"; }, [](B* m) { m->keys.clear(); }});
  CheckMessage<sync::Want>({{sample::Name("one")}},
                           {[](auto* m) { m->names.clear(); }, [](auto* m) { m->names[0].seq++; }});
  CheckMessage<sync::Ops>({{"op"}}, {[](auto* m) { m->ops.clear(); }, [](auto* m) { m->ops[0] += "x"; }});
  CheckMessage<sync::FeedAck>({sample::Cursor(1)}, {[](auto* m) { m->cursor.position++; }});
  CheckMessage<sync::Goodbye>({"reason", true}, {[](auto* m) { m->reason += "x"; }, [](auto* m) { m->retry = false; }});
}

TEST(MessageCodec, EveryFieldOfAFeedItemChangesThePrefixHash) {
  using I = sync::FeedItem;
  CheckEveryField<I>(sample::FullItem(),
                     {[](I* m) { m->kind = sync::ItemKind::kGone; }, [](I* m) { m->aggregate[1]++; },
                      [](I* m) { m->name.actor.station += "x"; }, [](I* m) { m->name.actor.random++; },
                      [](I* m) { m->name.seq++; }, [](I* m) { m->name.hash[0]++; }, [](I* m) { m->count++; },
                      [](I* m) { m->key_id[0]++; }, [](I* m) { m->key_hash[0]++; }},
                     EncodeFeedItem, DecodeFeedItem);
  sync::FeedItem item = sample::FullItem(), other = item;
  other.count++;
  std::string start = FeedStart("a");
  EXPECT_NE(start, FeedStart("b"));
  EXPECT_NE(FeedNext(start, item), FeedNext(start, other));
  EXPECT_NE(FeedNext(start, item), FeedNext(FeedStart("b"), item));
}

// An item of nothing but its kind names no op; its hash slot must still come back.
TEST(MessageCodec, ItemsWithoutANameComeBack) {
  for (sync::ItemKind kind : {sync::ItemKind::kEnter, sync::ItemKind::kLeave, sync::ItemKind::kKey}) {
    sync::FeedItem item = sample::Item(kind);
    absl::StatusOr<sync::FeedItem> read = DecodeFeedItem(EncodeFeedItem(item));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, item);
  }
}

TEST(MessageCodec, EmptyMessagesComeBack) {
  const std::vector<sync::Message> messages = {sync::Hello{}, sync::Welcome{}, sync::FeedBatch{}, sync::Want{},
                                               sync::Ops{},   sync::Goodbye{}, sync::FeedAck{}};
  for (const sync::Message& message : messages) {
    absl::StatusOr<sync::Message> read = DecodeMessage(EncodeMessage(message));
    ASSERT_TRUE(read.ok()) << message.index() << ": " << read.status();
    EXPECT_EQ(*read, message);
  }
}

TEST(MessageCodec, TruncationsAndFlippedBytesNeverCrash) {
  for (const sync::Message& message : AllMessages()) {
    std::string bytes = EncodeMessage(message);
    for (size_t n = 0; n < bytes.size(); ++n)
      EXPECT_FALSE(DecodeMessage(std::string(bytes, 0, n)).ok()) << message.index() << " cut at " << n;
    for (size_t i = 0; i < bytes.size(); ++i) {
      for (int flip : {0x01, 0x80, 0xff}) {
        std::string flipped = bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ flip);
        absl::StatusOr<sync::Message> read = DecodeMessage(flipped);
        if (read.ok()) {
          EXPECT_FALSE(*read == message) << message.index() << " byte " << i;
        }
      }
    }
  }
}

TEST(MessageCodec, FieldsOfALaterVersionAreIgnored) {
  for (const sync::Message& message : AllMessages()) {
    absl::StatusOr<sync::Message> read = DecodeMessage(EncodeMessage(message) + "a later field");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, message);
  }
  EXPECT_FALSE(DecodeFeedItem(EncodeFeedItem(sample::FullItem()) + "x").ok());  // hashed, so nothing may follow
}

TEST(MessageCodec, UnknownTypesAndVersionsAreUnimplemented) {
  std::string bytes = EncodeMessage(sync::Goodbye{});
  for (int type : {0, 13, 255}) {
    bytes[1] = static_cast<char>(type);
    EXPECT_EQ(DecodeMessage(bytes).status().code(), absl::StatusCode::kUnimplemented) << type;
  }
  bytes[0] = 2;
  EXPECT_EQ(DecodeMessage(bytes).status().code(), absl::StatusCode::kUnimplemented);
}

// ---------------------------------------------------------------- signatures

TEST(SigningBytes, CoverWhatTheyMust) {
  std::set<std::string> seen;
  auto fresh = [&](std::string bytes) { return seen.insert(std::move(bytes)).second; };
  const Changes<sync::Range> ranges = {[](auto*) {},
                                       [](auto* m) { m->actor.station += "x"; },
                                       [](auto* m) { m->actor.random++; },
                                       [](auto* m) { m->first++; },
                                       [](auto* m) { m->last++; },
                                       [](auto* m) { m->head_before[0]++; },
                                       [](auto* m) { m->head_after[0]++; }};
  for (const auto& change : ranges) {
    sync::Range range = sample::Range();
    change(&range);
    EXPECT_TRUE(fresh(RangeSigningBytes(range)));
  }
  const Changes<sync::FeedBatch> batches = {[](auto*) {},
                                            [](auto* m) { m->interest += "x"; },
                                            [](auto* m) { m->epoch[0]++; },
                                            [](auto* m) { m->first++; },
                                            [](auto* m) { m->prefix_before[0]++; },
                                            [](auto* m) { m->last++; },
                                            [](auto* m) { m->prefix_after[0]++; }};
  for (const auto& change : batches) {
    sync::FeedBatch batch = sample::FeedBatch();
    change(&batch);
    EXPECT_TRUE(fresh(FeedSigningBytes(batch)));
  }
  const Changes<sync::Ack> acks = {[](auto*) {},
                                   [](auto* m) { m->epoch[0]++; },
                                   [](auto* m) { m->tip.seq++; },
                                   [](auto* m) { m->tip.head[0]++; },
                                   [](auto* m) { m->archive_id += "x"; },
                                   [](auto* m) { m->level = sync::AckLevel::kDurable; }};
  for (const auto& change : acks) {
    sync::Ack ack = sample::Ack();
    change(&ack);
    EXPECT_TRUE(fresh(AckSigningBytes(ack)));
  }
  const Changes<sync::Welcome> heads = {[](auto*) {}, [](auto* m) { m->hub_time_ms++; },
                                        [](auto* m) { m->heads[0].position++; }, [](auto* m) { m->heads.clear(); }};
  for (const auto& change : heads) {
    sync::Welcome welcome = sample::Welcome();
    change(&welcome);
    EXPECT_TRUE(fresh(HeadsSigningBytes(welcome)));
  }
  EXPECT_EQ(AckSigningBytes([] {
              sync::Ack ack = sample::Ack();
              ack.seal = sample::Seal(9);
              return ack;
            }()),
            AckSigningBytes(sample::Ack()));
}

// ---------------------------------------------------------------- bundle and token

TEST(Bundle, EveryFieldOfTheHeaderIsInTheBytesAndSigned) {
  using H = BundleHeader;
  const Changes<H> changes = {[](H* m) { m->hash_algorithm++; },
                              [](H* m) { m->signature_algorithm++; },
                              [](H* m) { m->cipher_algorithm++; },
                              [](H* m) { m->direction = BundleDirection::kToHub; },
                              [](H* m) { m->recipient_key_id[0]++; },
                              [](H* m) { m->bundle_id[0]++; },
                              [](H* m) { m->station += "x"; },
                              [](H* m) { m->machine_id += "x"; },
                              [](H* m) { m->wall_ms++; },
                              [](H* m) { m->tip.reset(); },
                              [](H* m) { m->tip->seq++; },
                              [](H* m) { m->epoch[0]++; },
                              [](H* m) { m->archive_id += "x"; },
                              [](H* m) { m->cursors[0].position++; },
                              [](H* m) { m->ranges[0].actor.random++; },
                              [](H* m) { m->ranges[0].first++; },
                              [](H* m) { m->ranges[0].last++; },
                              [](H* m) { m->ranges[0].offset++; },
                              [](H* m) { m->ranges[0].length++; },
                              [](H* m) { m->batches[0].interest += "x"; },
                              [](H* m) { m->batches[0].first++; },
                              [](H* m) { m->batches[0].last++; },
                              [](H* m) { m->batches[0].offset++; },
                              [](H* m) { m->batches[0].length++; },
                              [](H* m) { m->abandoned[0].interest += "x"; },
                              [](H* m) { m->abandoned[0].prefix[0]++; },
                              [](H* m) { m->abandoned[0].first++; },
                              [](H* m) { m->abandoned[0].last++; },
                              [](H* m) { m->abandoned[0].offset++; },
                              [](H* m) { m->abandoned[0].length++; },
                              [](H* m) { m->certificates[1] += "x"; },
                              [](H* m) { m->certificates.pop_back(); },
                              [](H* m) { m->body_length++; },
                              [](H* m) { m->body_hash[0]++; }};
  auto decode = [](const std::string& bytes) -> absl::StatusOr<H> {
    absl::StatusOr<BundleStart> start = DecodeBundleHeader(bytes);
    if (!start.ok()) return start.status();
    return start->header;
  };
  CheckEveryField<H>(sample::Bundle(), changes, EncodeBundleHeader, decode);
  CheckEveryField<H>(
      sample::Bundle(),
      {[](H* m) { m->seal.key_id[0]++; }, [](H* m) { m->seal.algorithm++; }, [](H* m) { m->seal.signature[0]++; }},
      EncodeBundleHeader, decode);
  std::set<std::string> signed_bytes = {BundleSigningBytes(sample::Bundle())};
  for (const auto& change : changes) {
    H header = sample::Bundle();
    change(&header);
    EXPECT_TRUE(signed_bytes.insert(BundleSigningBytes(header)).second);
  }
}

TEST(Bundle, HeaderIsFoundInFrontOfItsBody) {
  std::string bytes = EncodeBundleHeader(sample::Bundle());
  absl::StatusOr<BundleStart> start = DecodeBundleHeader(bytes + "body");
  ASSERT_TRUE(start.ok()) << start.status();
  EXPECT_EQ(start->body_at, bytes.size());
  for (size_t n = 0; n < bytes.size(); ++n)
    EXPECT_EQ(DecodeBundleHeader(std::string(bytes, 0, n)).status().code(), absl::StatusCode::kOutOfRange) << n;
  EXPECT_EQ(DecodeBundleHeader("liaison-bottle").status().code(), absl::StatusCode::kInvalidArgument);
  std::string later = bytes;
  later[14] = 2;
  EXPECT_EQ(DecodeBundleHeader(later).status().code(), absl::StatusCode::kUnimplemented);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0xff);
    absl::StatusOr<BundleStart> read = DecodeBundleHeader(flipped);
    if (read.ok()) {
      EXPECT_FALSE(read->header == sample::Bundle()) << i;
    }
  }
}

TEST(Token, ComesBackForItsOwnRecordOnly) {
  VersionVector visible = sample::FirstOp().context;
  std::string token = MakeToken(sample::Matter(), visible);
  absl::StatusOr<VersionVector> read = ReadToken(token, sample::Matter());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, visible);
  absl::Status other = ReadToken(token, sample::Visitor()).status();
  EXPECT_EQ(other.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(other.message(), "页面凭据属于另一条记录，请刷新页面");
  EXPECT_TRUE(ReadToken(MakeToken(sample::Matter(), {}), sample::Matter())->empty());
}

TEST(Token, MalformedOnesAndOtherVersionsAreRefused) {
  std::string token = MakeToken(sample::Matter(), sample::FirstOp().context), bytes;
  ASSERT_TRUE(UnBase64Url(token, &bytes));
  std::vector<std::string> bad = {"", "!", token + "AAAA", token + "="};
  for (size_t n = 0; n < token.size(); ++n) bad.push_back(token.substr(0, n));
  bytes[0] = 2;
  bad.push_back(Base64Url(bytes));
  for (const std::string& text : bad) {
    absl::Status status = ReadToken(text, sample::Matter()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(status.message(), "页面凭据无效，请刷新页面") << text;
  }
}

}  // namespace
}  // namespace liaison
