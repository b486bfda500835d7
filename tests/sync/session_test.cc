// What the conversations of tests/scenarios do not say: bounds, sizes, peers that do not keep to anything.
#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_sync.h"

namespace liaison::fake {
namespace {

const Link::Log kQuiet = [](const std::string&) {};
const std::string kEpoch(16, 'a');

bool Closes(const sync::Effects& effects, bool* retry = nullptr) {
  for (const sync::Effect& effect : effects)
    if (const auto* close = std::get_if<sync::Close>(&effect)) {
      if (retry != nullptr) *retry = close->retry;
      return true;
    }
  return false;
}

template <typename T>
std::vector<T> Said(const sync::Effects& effects) {
  std::vector<T> said;
  for (const sync::Effect& effect : effects)
    if (const auto* send = std::get_if<sync::Send>(&effect))
      if (const T* message = std::get_if<T>(&send->message)) said.push_back(*message);
  return said;
}

sync::Ack AckOf(const FakeStation& station, uint64_t seq) {
  const Actor& actor = station.disk.order.back();
  sync::Ack ack;
  ack.tip = {actor, seq, station.disk.own.at(actor).heads[seq]};
  return ack;
}

sync::FeedBatch BatchOf(const std::string& interest, std::vector<std::string> ops) {
  sync::FeedBatch batch;
  batch.interest = interest;
  batch.epoch = kEpoch;
  batch.last = ops.size();
  batch.prefix_before = batch.prefix_after = FeedStart(interest);
  for (size_t i = 0; i < ops.size(); ++i) {
    batch.items.emplace_back();
    batch.items[i].name = {{"HUB", 9}, i + 1, std::string(32, 'h')};
    batch.prefix_after = FeedNext(batch.prefix_after, batch.items[i]);
  }
  batch.ops = std::move(ops);
  return batch;
}

class StationSessionTest : public testing::Test {
 protected:
  StationSessionTest() : station_("D057", "n"), session_(&station_) {
    station_.max_range_bytes = 1;
    for (int i = 0; i < 6; ++i) station_.Commit(Cat("t", i), {"p"}, &actors_);
  }
  void Open() {
    session_.Start();
    sync::Welcome welcome;
    welcome.epoch = kEpoch;
    welcome.verdict = sync::TipVerdict::kWant;
    welcome.want = sync::Tip{station_.disk.order.back(), 1, ""};
    welcome.subscriptions = {"a", "b", "c", "d", "e", "f"};
    ASSERT_FALSE(Closes(session_.OnMessage(welcome)));
  }

  uint64_t actors_ = 0;
  FakeStation station_;
  sync::StationSession session_;
};

TEST_F(StationSessionTest, AtMostFourRangesAreUnanswered) { EXPECT_EQ(Said<sync::Range>(session_.Start()).size(), 4u); }

TEST_F(StationSessionTest, GapsWithoutEndAreRefused) {
  Open();
  sync::Ack gap = AckOf(station_, 0);
  gap.gap = sync::Tip{station_.disk.order.back(), 0, ""};
  sync::Ack stale = AckOf(station_, 0);
  stale.gap = AckOf(station_, 3).tip;
  int gaps = 0;
  for (; !session_.closed() && gaps < 100; ++gaps) {  // three steps forward, back to the start
    for (uint64_t seq : {1, 2, 3}) session_.OnMessage(AckOf(station_, seq));
    session_.OnMessage(gap);
    for (int i = 0; i < 2; ++i) session_.OnMessage(stale);  // of what had been sent before going back
  }
  EXPECT_EQ(gaps, 1 + sync::kSpareGaps + 1);
  EXPECT_NE(session_.status().trouble.find("gaps without end"), std::string::npos) << session_.status().trouble;
}

TEST_F(StationSessionTest, AnAckShortOfItsRangeNeedsAReason) {
  Open();
  EXPECT_TRUE(Closes(session_.OnMessage(AckOf(station_, 0))));
}

TEST_F(StationSessionTest, OtherSoftwareAtTheHubIsFinal) {
  session_.Start();
  sync::Welcome welcome;
  welcome.version = sync::kProtocolVersion + 1;
  bool retry = true;
  EXPECT_TRUE(Closes(session_.OnMessage(welcome), &retry));
  EXPECT_FALSE(retry);
}

TEST_F(StationSessionTest, AWelcomeMustFitTheHello) {
  auto open = [&](auto change) {
    sync::StationSession session(&station_);
    session.Start();
    sync::Welcome welcome;
    welcome.epoch = kEpoch;
    welcome.verdict = sync::TipVerdict::kKnown;
    change(&welcome);
    return Closes(session.OnMessage(welcome));
  };
  EXPECT_FALSE(open([](sync::Welcome*) {}));
  EXPECT_TRUE(open([](sync::Welcome* w) { w->verdict = sync::TipVerdict::kNone; }));
  EXPECT_TRUE(open([](sync::Welcome* w) { w->verdict = sync::TipVerdict::kProbe; }));
  EXPECT_TRUE(open([](sync::Welcome* w) { w->verdict = sync::TipVerdict::kHave; }));
  EXPECT_TRUE(open([](sync::Welcome* w) {
    w->verdict = sync::TipVerdict::kWant;
    w->want = sync::Tip{{"D999", 1}, 1, ""};
  }));
  EXPECT_TRUE(open([](sync::Welcome* w) { w->feeds.emplace_back(); }));
  EXPECT_TRUE(open([](sync::Welcome* w) { w->epoch = "short"; }));
  EXPECT_TRUE(open([](sync::Welcome* w) { w->subscriptions = {"a", "a"}; }));
  EXPECT_TRUE(open([](sync::Welcome* w) { w->subscriptions.assign(sync::kMaxFeeds + 1, "a"); }));
}

TEST_F(StationSessionTest, MoreBatchesThanAgreedAreRefused) {
  Open();
  for (const char* interest : {"a", "b", "c", "d"}) EXPECT_FALSE(Closes(session_.OnMessage(BatchOf(interest, {"x"}))));
  EXPECT_TRUE(Closes(session_.OnMessage(BatchOf("e", {"x"}))));
}

TEST_F(StationSessionTest, ASecondBatchOfAFeedBeforeTheFirstIsTakenIsRefused) {
  Open();
  session_.OnMessage(BatchOf("a", {"x"}));
  EXPECT_TRUE(Closes(session_.OnMessage(BatchOf("a", {"x"}))));
}

TEST_F(StationSessionTest, MoreOpsThanAskedForAreRefused) {
  Open();
  EXPECT_EQ(Said<sync::Want>(session_.OnMessage(BatchOf("a", {"", "x", ""}))).at(0).names.size(), 2u);
  EXPECT_TRUE(Closes(session_.OnMessage(sync::Ops{{"1", "2", "3"}})));
}

TEST_F(StationSessionTest, AnAnswerMayStopEarlyAndTheRestIsAskedForAgain) {
  Open();
  session_.OnMessage(BatchOf("a", {"", "x", "", ""}));
  EXPECT_TRUE(Said<sync::Want>(session_.OnMessage(BatchOf("b", {""}))).empty());  // one Want at a time
  sync::Effects effects = session_.OnMessage(sync::Ops{{"first"}});
  ASSERT_EQ(Said<sync::Want>(effects).size(), 1u);
  EXPECT_EQ(Said<sync::Want>(effects)[0].names.size(), 2u);
  effects = session_.OnMessage(sync::Ops{{"third", "fourth"}});
  ASSERT_EQ(effects.size(), 2u);
  EXPECT_EQ(std::get<sync::ApplyBatch>(effects[0]).batch.ops,
            (std::vector<std::string>{"first", "x", "third", "fourth"}));
  EXPECT_EQ(Said<sync::Want>(effects)[0].names.size(), 1u);  // now for feed b
}

TEST_F(StationSessionTest, ABatchThatDoesNotFitItselfIsRefused) {
  auto take = [&](auto change) {
    sync::StationSession session(&station_);
    session.Start();
    sync::Welcome welcome;
    welcome.epoch = kEpoch;
    welcome.verdict = sync::TipVerdict::kKnown;
    welcome.subscriptions = {"a"};
    session.OnMessage(welcome);
    sync::FeedBatch batch = BatchOf("a", {"x", "y"});
    change(&batch);
    return Closes(session.OnMessage(batch));
  };
  EXPECT_FALSE(take([](sync::FeedBatch*) {}));
  EXPECT_TRUE(take([](sync::FeedBatch* b) { b->ops.pop_back(); }));
  EXPECT_TRUE(take([](sync::FeedBatch* b) { b->last = 1; }));
  EXPECT_TRUE(take([](sync::FeedBatch* b) { b->items.clear(), b->ops.clear(), b->last = 0; }));
  EXPECT_TRUE(take([](sync::FeedBatch* b) { b->prefix_before = "short"; }));
  EXPECT_TRUE(take([](sync::FeedBatch* b) { b->items[0].kind = static_cast<sync::ItemKind>(77); }));
  EXPECT_TRUE(take([](sync::FeedBatch* b) { b->items[0].kind = sync::ItemKind::kLeave; }));  // with bytes beside it
  EXPECT_TRUE(take([](sync::FeedBatch* b) { b->items[0].name.hash = "short"; }));
  EXPECT_TRUE(take([](sync::FeedBatch* b) { b->first = ~uint64_t{0}; }));
}

TEST_F(StationSessionTest, ABatchThatDoesNotVerifyLetsItsFeedRestAndNothingElse) {
  Open();
  session_.OnMessage(BatchOf("a", {"x"}));
  EXPECT_FALSE(Closes(session_.OnBatchApplied("a", absl::UnauthenticatedError("不是本镇中心签的"))));
  EXPECT_FALSE(session_.status().down_done);
  EXPECT_NE(session_.status().trouble, "");
  session_.OnMessage(BatchOf("b", {"x"}));
  EXPECT_EQ(Said<sync::FeedAck>(session_.OnBatchApplied("b", absl::OkStatus())).size(), 1u);
}

TEST_F(StationSessionTest, ADiskThatDoesNotWriteEndsTheSession) {
  Open();
  session_.OnMessage(BatchOf("a", {"x"}));
  EXPECT_TRUE(Closes(session_.OnBatchApplied("a", absl::DataLossError("disk"))));
}

TEST_F(StationSessionTest, NothingComesOutAfterTheEnd) {
  Open();
  session_.OnMessage(BatchOf("a", {"x"}));
  EXPECT_TRUE(Closes(session_.OnMessage(sync::Goodbye{"", true})));
  EXPECT_EQ(session_.status().pending_ops, 6u);
  EXPECT_TRUE(session_.OnMessage(AckOf(station_, 1)).empty());
  EXPECT_TRUE(session_.OnBatchApplied("a", absl::OkStatus()).empty());
  EXPECT_TRUE(session_.OnRewound("a", absl::OkStatus()).empty());
  EXPECT_TRUE(session_.OnLocalCommit().empty());
  EXPECT_TRUE(session_.Start().empty());
  EXPECT_TRUE(session_.End("", true).empty());
}

TEST_F(StationSessionTest, ReportsOfWhatWasNotAskedForAreIgnored) {
  Open();
  EXPECT_TRUE(session_.OnBatchApplied("a", absl::OkStatus()).empty());
  EXPECT_TRUE(session_.OnRewound("nothing", absl::OkStatus()).empty());
}

class HubSessionTest : public testing::Test {
 protected:
  HubSessionTest() : session_(&hub_) {
    hub_.max_batch_items = 1;
    hub_.subscriptions["D057"] = {"a", "b", "c", "d", "e", "f"};
    for (const std::string& interest : hub_.subscriptions["D057"])
      for (int i = 0; i < 3; ++i) hub_.Commit(interest, Cat(interest, i), &actors_);
  }
  sync::Effects Open() {
    sync::Hello hello;
    hello.station = "D057";
    hello.node = "n";
    return session_.OnMessage(hello);
  }
  static sync::Range RangeOf(size_t ops, size_t bytes) {
    sync::Range range;
    range.actor = {"D057", 1};
    range.first = 1;
    range.last = ops;
    range.ops.assign(ops, std::string(bytes, 'x'));
    return range;
  }

  uint64_t actors_ = 0;
  FakeHub hub_;
  sync::HubSession session_;
};

TEST_F(HubSessionTest, AtMostFourBatchesAreOnTheirWayAndFeedsTakeTurns) {
  std::vector<sync::FeedBatch> sent = Said<sync::FeedBatch>(Open());
  ASSERT_EQ(sent.size(), 4u);
  sync::FeedAck ack{{"a", kEpoch, sent[0].last, sent[0].prefix_after}};
  sent = Said<sync::FeedBatch>(session_.OnMessage(ack));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].interest, "e");  // not a again
}

TEST_F(HubSessionTest, NothingOfAFeedIsSentBeforeItsStationHasGoneBack) {
  sync::Hello hello;
  hello.station = "D057";
  hello.node = "n";
  hello.feeds = {{"a", kEpoch, 1, std::string(32, 'p')}};
  sync::Effects effects = session_.OnMessage(hello);
  EXPECT_EQ(Said<sync::Welcome>(effects).at(0).feeds.at(0).verdict, sync::FeedVerdict::kProbe);
  for (const sync::FeedBatch& batch : Said<sync::FeedBatch>(effects)) EXPECT_NE(batch.interest, "a");
  for (const char* interest : {"b", "c"}) {  // make room
    const Feed& feed = hub_.disk.feeds.at(interest);
    session_.OnMessage(sync::FeedAck{{interest, kEpoch, 1, feed.prefixes[1]}});
  }
  EXPECT_TRUE(session_.OnFeedGrew("a").empty());
  EXPECT_FALSE(Closes(session_.OnMessage(sync::FeedAck{{"a", "", 0, ""}})));
}

TEST_F(HubSessionTest, CursorsOutOfTurnAreBounded) {
  Open();
  int asks = 0;
  while (!session_.closed() && asks < 100) {
    session_.OnMessage(sync::FeedAck{{"a", "", 0, ""}});
    ++asks;
  }
  EXPECT_EQ(asks, sync::kMaxFeedAsks + 1);
}

TEST_F(HubSessionTest, ARangeTooLargeIsRefusedUnlessItIsOneOp) {
  Open();
  EXPECT_FALSE(Closes(session_.OnMessage(RangeOf(1, 100'000))));
  EXPECT_FALSE(Closes(session_.OnMessage(RangeOf(2, 32'000))));
  EXPECT_TRUE(Closes(session_.OnMessage(RangeOf(3, 32'000))));
}

TEST_F(HubSessionTest, ARangeThatWrapsAroundIsRefused) {
  Open();
  sync::Range range = RangeOf(1, 1);
  range.first = 0;
  range.last = ~uint64_t{0};
  EXPECT_TRUE(Closes(session_.OnMessage(range)));
}

TEST_F(HubSessionTest, AnAnswerToAnotherRangeEndsTheSession) {
  Open();
  session_.OnMessage(RangeOf(1, 1));
  sync::Ack ack;
  ack.tip = {{"D058", 1}, 1, std::string(32, 'h')};
  EXPECT_TRUE(Closes(session_.OnRangeApplied(ack)));
}

TEST_F(HubSessionTest, AHelloMustHoldTogether) {
  auto greet = [&](auto change) {
    sync::HubSession session(&hub_);
    sync::Hello hello;
    hello.station = "D057";
    hello.node = "n";
    hello.tip = sync::Tip{{"D057", 1}, 1, std::string(32, 'h')};
    hello.feeds = {{"a", kEpoch, 1, std::string(32, 'p')}};
    change(&hello);
    return Closes(session.OnMessage(hello));
  };
  EXPECT_FALSE(greet([](sync::Hello*) {}));
  EXPECT_TRUE(greet([](sync::Hello* h) { h->tip->actor.station = "D058"; }));
  EXPECT_TRUE(greet([](sync::Hello* h) { h->tip->head = "short"; }));
  EXPECT_TRUE(greet([](sync::Hello* h) { h->tip->seq = 0; }));
  EXPECT_TRUE(greet([](sync::Hello* h) { h->node = ""; }));
  EXPECT_TRUE(greet([](sync::Hello* h) { h->feeds[0].prefix = ""; }));
  EXPECT_TRUE(greet([](sync::Hello* h) { h->feeds.push_back(h->feeds[0]); }));
  EXPECT_TRUE(greet([](sync::Hello* h) { h->points.resize(sync::kMaxPoints + 1); }));
}

TEST_F(HubSessionTest, NothingComesOutAfterTheEnd) {
  Open();
  session_.OnMessage(RangeOf(1, 1));
  EXPECT_TRUE(Closes(session_.OnMessage(sync::Goodbye{"", true})));
  sync::Ack ack;
  ack.tip = {{"D057", 1}, 1, std::string(32, 'h')};
  EXPECT_TRUE(session_.OnRangeApplied(ack).empty());
  EXPECT_TRUE(session_.OnFeedGrew("a").empty());
  EXPECT_TRUE(session_.OnMessage(sync::Hello{}).empty());
  EXPECT_TRUE(session_.End("", true).empty());
}

TEST(Sync, ALargeOpTravelsAlone) {
  uint64_t actors = 0;
  FakeStation station("D057", "n");
  FakeHub hub;
  hub.subscriptions["D057"] = {"p:D057"};
  for (size_t bytes : {10, 100'000, 10}) station.Commit(std::string(bytes, 'x'), {"p:D057"}, &actors);
  Link link("D057", &station, &hub, kQuiet);
  ASSERT_TRUE(link.Run());
  EXPECT_TRUE(link.station_session.status().synced());
  EXPECT_EQ(hub.disk.chains.begin()->second.ops.size(), 3u);
}

// A station with two devices: each gets the receipts of both, and notes its own.
TEST(Sync, ArchivedReceiptsComeBehindTheWelcomeAndSurviveTheirBackupOnly) {
  FakeHub hub;
  hub.subscriptions["D057"] = {"p"};
  FakeStation station("D057", "n"), other("D057", "m");
  uint64_t actors = 0;
  auto run = [&](FakeStation* one) {
    Link link(one->disk.node, one, &hub, kQuiet);
    ASSERT_TRUE(link.Run());
    ASSERT_FALSE(link.closed());
    EXPECT_TRUE(link.station_session.status().synced());
  };
  other.Commit("of another device", {"p"}, &actors);
  run(&other);
  FakeHub::Disk oldest = hub.disk;
  station.Commit("first", {"p"}, &actors);
  run(&station);
  std::string id = hub.Archive();
  FakeHub::Disk archived = hub.disk;
  run(&station);
  const Actor& actor = station.disk.order.back();
  EXPECT_EQ(station.disk.archived[actor], 1u);
  EXPECT_EQ(station.disk.archived.size(), 1u);
  EXPECT_EQ(station.disk.archive_id, id);
  station.Commit("second", {"p"}, &actors);
  run(&station);
  hub.Restore(archived, std::string(16, 'b'));
  run(&station);
  EXPECT_EQ(station.disk.archive_id, id);
  EXPECT_EQ(hub.Have(actor)->seq, 2u);
  hub.Restore(oldest, std::string(16, 'c'));
  run(&station);
  EXPECT_EQ(station.disk.archive_id, "");
  EXPECT_TRUE(station.disk.archived.empty());
  EXPECT_EQ(hub.Have(actor)->seq, 2u);
}

TEST_F(StationSessionTest, AnArchivedReceiptOfAnotherEpochIsPassedOver) {
  Open();
  sync::Ack ack = AckOf(station_, 1);
  ack.level = sync::AckLevel::kArchived;
  ack.epoch = std::string(16, 'z');
  EXPECT_TRUE(session_.OnMessage(ack).empty());
  ack.epoch = kEpoch;
  EXPECT_EQ(session_.OnMessage(ack).size(), 1u);
}

TEST(Sync, WhatACutWastesIsBounded) {
  uint64_t actors = 0;
  FakeStation station("D057", "n");
  FakeHub hub;
  hub.subscriptions["D057"] = {"p:D057"};
  size_t total = 0;
  for (int i = 0; i < 1'000; ++i) {
    station.Commit(std::string(900, 'x'), {"p:D057"}, &actors);
    total += station.disk.own.begin()->second.ops.back().size();
  }
  size_t sent = 0, cuts = 0;
  for (bool synced = false; !synced;) {
    Link link("D057", &station, &hub, kQuiet);
    for (int i = 0; i < 7; ++i) link.Run(40);  // a session of a few hundred moves, then cut
    synced = link.station_session.status().synced();
    sent += link.op_bytes_up;
    if (!synced) ++cuts;
    ASSERT_LT(cuts, 100u);
  }
  EXPECT_LE(sent, total + cuts * sync::kMaxRangesInFlight * sync::kMaxRangeBytes);
}

// ---------------------------------------------------------------- back

sync::FeedBatch Offered(const std::vector<std::string>& texts) {
  sync::FeedBatch batch = BatchOf("all", std::vector<std::string>(texts.size()));
  batch.prefix_after = batch.prefix_before;
  for (size_t i = 0; i < texts.size(); ++i) {
    batch.items[i].name = {{"HUB", 9}, 1, Sha256(texts[i])};
    batch.prefix_after = FeedNext(batch.prefix_after, batch.items[i]);
  }
  return batch;
}

TEST_F(HubSessionTest, AnOpNamedTwiceInAnOfferBreaksNothing) {
  Open();
  sync::Effects effects = session_.OnMessage(sync::Offer{Offered({"a", "a"}), "set"});
  ASSERT_FALSE(Closes(effects));
  ASSERT_EQ(Said<sync::Want>(effects).size(), 1u);
  effects = session_.OnMessage(sync::Ops{std::vector<std::string>(Said<sync::Want>(effects)[0].names.size(), "bytes")});
  EXPECT_TRUE(std::any_of(effects.begin(), effects.end(),
                          [](const sync::Effect& e) { return std::holds_alternative<sync::TakeOffer>(e); }));
}

TEST_F(HubSessionTest, AnOfferThatDoesNotVerifyIsPassedOver) {
  Open();
  sync::FeedBatch bad = Offered({"a"});
  bad.prefix_after = Sha256("not this");
  sync::Effects effects = session_.OnMessage(sync::Offer{bad, ""});
  EXPECT_FALSE(Closes(effects));
  EXPECT_EQ(Said<sync::FeedAck>(effects).size(), 1u);
  effects = session_.OnMessage(sync::Offer{Offered({"b"}), "set"});
  effects = session_.OnMessage(sync::Ops{{"bytes"}});
  bool taken = false;
  for (const sync::Effect& effect : effects)
    if (const auto* take = std::get_if<sync::TakeOffer>(&effect)) {
      taken = true;
      EXPECT_EQ(take->known, "") << "something of the set was not taken";
    }
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace liaison::fake
