// Authoring, reopening, verifying.
#include "common/store/store.h"

#include <gtest/gtest.h>

#include <iterator>

#include "common/crypto/hash.h"
#include "common/store/batch.h"
#include "common/store/op_on.h"
#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using namespace testing_store;

std::vector<NewOp> NewTitle(const RecordId& id, const VersionVector& context, const std::string& title) {
  return {{id, context, {{{}, kTitleTag, "", title}}}};
}

TEST(Commit, RepeatedRequestGetsTheFirstResultAndWritesNothing) {
  Node node("HK-D057", 1);
  std::string action = node.NewActionId();
  RecordId id = RecordId::Random(kMatterType, action, 0);
  auto first = node.Try(action, NewTitle(id, {}, "路灯"), {}, "HK-D057-Y2026-001");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->repeated);
  auto before = node.Dump();
  bool built = false;
  auto again = node.store->Commit(action, "request of " + action, [&](const StoreReader&) -> absl::StatusOr<Action> {
    built = true;
    return Action{};
  });
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->result, "HK-D057-Y2026-001");
  EXPECT_FALSE(built);
  EXPECT_EQ(node.Dump(), before);
}

TEST(Commit, KnownActionWithOtherContentIsRefused) {
  Node node("HK-D057", 1);
  std::string action = node.NewActionId();
  ASSERT_TRUE(node.Try(action, NewTitle(RecordId::Random(kMatterType, action, 0), {}, "路灯")).ok());
  auto before = node.Dump();
  auto other = node.store->Commit(action, "another request", [](const StoreReader&) -> absl::StatusOr<Action> {
    ADD_FAILURE() << "must not be built";
    return Action{};
  });
  EXPECT_EQ(other.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(node.Dump(), before);
}

TEST(Commit, NothingToWriteIsNoErrorAndItsActionMayStillCome) {
  Node node("HK-D057", 1);
  const std::string action = node.NewActionId();
  const auto before = node.Dump();
  const Store::Committed none =
      Must(node.store->Commit(action, "hash", [](const StoreReader&) { return Action::Nothing(); }));
  EXPECT_TRUE(none.nothing);
  EXPECT_FALSE(none.repeated);
  EXPECT_EQ(node.Dump(), before);
  const auto id = RecordId::Random(kMatterType, "0123456789", 0);
  const Store::Committed written = Must(node.Try(action, NewTitle(id, {}, "first")));
  EXPECT_FALSE(written.nothing);
  EXPECT_FALSE(written.repeated);
}

TEST(OpOn, SeesAllOfARecordAsItStandsAndBeginsOneThatIsNotKnown) {
  Node node("HK-D057", 1);
  const auto id = RecordId::Random(kMatterType, "0123456789", 0);
  const auto other = RecordId::Random(kMatterType, "0123456789", 1);
  ASSERT_EQ(node.Try(node.NewActionId(), NewTitle(id, {}, "first")).status(), absl::OkStatus());
  const StoreReader view = node.store->Read();
  const std::optional<Aggregate> known = view.Load(id);
  ASSERT_TRUE(known.has_value());
  EXPECT_FALSE(known->lineage().Visible().empty());
  for (const NewOp& op : {OpOn(*known), OpOn(view, id)}) {
    EXPECT_EQ(op.aggregate, id);
    EXPECT_EQ(op.context, known->lineage().Visible());
    EXPECT_TRUE(op.writes.empty());
  }
  EXPECT_EQ(OpOn(view, other).aggregate, other);
  EXPECT_TRUE(OpOn(view, other).context.empty());
}

// What fails must leave the actor's log as it was: the next action follows the one before.
TEST(Commit, FailuresWriteNothingAndLeaveTheLogUnharmed) {
  Node node("HK-D057", 1);
  auto fail_in_every_way = [&] {
    auto before = node.Dump();
    auto failed = node.store->Commit(node.NewActionId(), "hash", [](const StoreReader&) -> absl::StatusOr<Action> {
      return absl::FailedPreconditionError("guard");
    });
    EXPECT_EQ(failed.status(), absl::FailedPreconditionError("guard"));
    EXPECT_EQ(node.Try(node.NewActionId(), {}).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(node.Try("short", NewTitle(RecordId::Random(kMatterType, "0123456789", 0), {}, "x")).status().code(),
              absl::StatusCode::kInvalidArgument);
    RecordId good = RecordId::Random(kMatterType, "0123456789", 0);
    std::vector<NewOp> ops = NewTitle(good, {}, "first"), more = NewTitle(good, {{{"HK-X", 1}, 1, 1}}, "second");
    ops.insert(ops.end(), more.begin(), more.end());
    EXPECT_FALSE(node.Try(node.NewActionId(), ops).ok());
    EXPECT_FALSE(node.Try(node.NewActionId(), NewTitle(good, {}, std::string(kMaxOpBytes, 'x'))).ok());
    ops = NewTitle(good, {}, "one");
    ops[0].writes.push_back({{}, kTitleTag, "", "another value of the same field"});
    EXPECT_EQ(node.Try(node.NewActionId(), ops).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(node.Dump(), before);
  };
  fail_in_every_way();
  EXPECT_FALSE(node.store->tip().has_value());
  node.NewMatter("HK-D057", "一");
  fail_in_every_way();
  node.NewMatter("HK-D057", "二");
  EXPECT_EQ(node.store->OwnLogs().size(), 1u);
  EXPECT_EQ(node.store->tip()->seq, 2u);
  EXPECT_TRUE(node.store->Verify().ok());
  node.Open();  // walks the log
  EXPECT_EQ(node.store->tip()->seq, 2u);
}

TEST(Commit, RefusedWriteOfTheDatabaseLeavesMemoryAsTheDisk) {
  Node node("HK-D057", 1);
  *node.fails = true;
  EXPECT_FALSE(node.Try(node.NewActionId(), NewTitle(RecordId::Master(kDeputyType, "A"), {}, "x")).ok());
  EXPECT_FALSE(node.store->tip().has_value());
  *node.fails = false;
  node.NewMatter("HK-D057", "一");
  sync::Tip tip = *node.store->tip();
  *node.fails = true;
  EXPECT_FALSE(node.Try(node.NewActionId(), NewTitle(RecordId::Master(kDeputyType, "A"), {}, "x")).ok());
  EXPECT_EQ(node.store->tip(), tip);
  EXPECT_EQ(node.store->Have(tip.actor), tip);
}

TEST(Commit, ContextsOfOtherRecordsAndOfTheFutureAreRefused) {
  Node node("HK-D057", 1), other("HK-D058", 2);
  RecordId a = node.NewMatter("HK-D057", "一"), b = node.NewMatter("HK-D057", "二");
  RecordId elsewhere = other.NewMatter("HK-D058", "三");
  for (const VersionVector& context : {node.Seen(b), other.Seen(elsewhere)}) {
    absl::Status status = node.Try(node.NewActionId(), NewTitle(a, context, "x")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  }
  VersionVector future;
  Dot dot = node.Seen(a).dots()[0];
  future.Insert({dot.actor, dot.n + 1, dot.tag});
  EXPECT_FALSE(node.Try(node.NewActionId(), NewTitle(a, future, "x")).ok());
  EXPECT_TRUE(node.Try(node.NewActionId(), NewTitle(a, node.Seen(a), "x")).ok());
}

// Two pages of one station: a stale one does not erase what it never saw.
TEST(Commit, StalePageMakesAConflictNotALoss) {
  Node node("HK-D057", 1);
  RecordId id = node.NewMatter("HK-D057", "原题");
  VersionVector seen = node.Seen(id);
  node.Set(id, kTitleTag, "甲改");
  ASSERT_TRUE(node.Try(node.NewActionId(), NewTitle(id, seen, "乙改")).ok());
  EXPECT_THAT(node.Values(id, kTitleTag), testing::UnorderedElementsAre("甲改", "乙改"));
  node.Set(id, kTitleTag, "商定");
  EXPECT_EQ(node.Values(id, kTitleTag), std::vector<std::string>{"商定"});
}

TEST(Commit, OpsOfOneActionSeeEachOther) {
  Node node("HK-D057", 1);
  std::string action = node.NewActionId();
  RecordId id = RecordId::Random(kMatterType, action, 0);
  std::vector<NewOp> ops = NewTitle(id, {}, "一");
  ops.push_back({id, {}, {{{}, kContentTag, "", "内容"}}});
  ASSERT_TRUE(node.Try(action, ops).ok());
  std::vector<Op> history = node.store->Read().OpsOf(*node.store->Read().Load(id));
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[1].n, 2u);
  EXPECT_EQ(history[1].previous, history[0].tag());
  EXPECT_EQ(history[1].count, 2u);
  EXPECT_EQ(history[1].index, 1u);
}

struct Counting : StoreListener {
  void OnCommitted(std::span<const Aggregate* const> changed, bool own) override {
    records += changed.size();
    own_batches += own ? 1 : 0;
  }
  size_t records = 0, own_batches = 0;
};

TEST(Store, ListenersAreToldOfDurableBatchesOnly) {
  Node node("HK-D057", 1);
  Counting counting;
  node.store->AddListener(&counting);
  node.NewMatter("HK-D057", "一");
  *node.fails = true;
  (void)node.Try(node.NewActionId(), NewTitle(RecordId::Master(kDeputyType, "A"), {}, "x"));
  *node.fails = false;
  EXPECT_EQ(counting.records, 1u);
  EXPECT_EQ(counting.own_batches, 1u);
  node.store->RemoveListener(&counting);
  node.NewMatter("HK-D057", "二");
  EXPECT_EQ(counting.records, 1u);
}

// ---------------------------------------------------------------- opening

TEST(Open, SameStateAndANewActorWithTheRightParent) {
  TempDir dir;
  auto rocks = OpenRocks(dir.path(), {});
  ASSERT_TRUE(rocks.ok()) << rocks.status();
  Node node("HK-D057", 1, *std::move(rocks));
  std::vector<RecordId> ids;
  std::optional<sync::Tip> last;
  for (int run = 0; run < 4; ++run) {
    for (int i = 0; i <= run; ++i) ids.push_back(node.NewMatter("HK-D057", "第" + std::to_string(run)));
    sync::Tip tip = *node.store->tip();
    std::vector<Store::OwnLog> logs = node.store->OwnLogs();
    ASSERT_EQ(logs.size(), static_cast<size_t>(run) + 1);
    EXPECT_EQ(logs.back().actor, tip.actor);
    EXPECT_EQ(logs.back().last_seq, static_cast<uint64_t>(run) + 1);
    absl::StatusOr<sync::Range> range = node.store->ReadRange(tip.actor, 1, 1);
    ASSERT_TRUE(range.ok());
    absl::StatusOr<Op> first = DecodeOp(range->ops[0]);
    ASSERT_TRUE(first.ok());
    ASSERT_EQ(first->parent.has_value(), last.has_value());
    if (last) {
      EXPECT_EQ(*first->parent, (ParentLink{last->actor, last->seq, last->head}));
    }
    last = tip;
    auto before = node.Dump();
    std::string epoch = node.store->epoch();
    node.store.reset();
    node.db.reset();
    auto again = OpenRocks(dir.path(), {});
    ASSERT_TRUE(again.ok()) << again.status();
    node.db = *std::move(again);
    node.Open();
    EXPECT_EQ(node.Dump(), before);
    EXPECT_EQ(node.store->tip(), last);
    EXPECT_EQ(node.store->epoch(), epoch);
  }
  Store::Check check = node.store->Verify();
  EXPECT_TRUE(check.ok()) << check.differences[0];
  EXPECT_EQ(check.ops, ids.size());
  EXPECT_EQ(check.aggregates, ids.size());
}

TEST(Open, ProcessThatOnlyReadsOpensNoActor) {
  Node node("HK-D057", 1);
  node.NewMatter("HK-D057", "一");
  for (int i = 0; i < 3; ++i) node.Open();
  EXPECT_EQ(node.store->OwnLogs().size(), 1u);
}

TEST(Open, AnotherStationsDataAndOtherLayoutsAreRefused) {
  Node node("HK-D057", 1);
  node.store.reset();
  Node* n = &node;
  StoreOptions options = n->Options();
  options.station = "HK-D058";
  EXPECT_EQ(Store::Open(std::make_unique<SharedKv>(node.db, node.fails), options).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(node.db->Write({{key::Meta("format"), "liaison-store-9"}}, true).ok());
  EXPECT_EQ(Store::Open(std::make_unique<SharedKv>(node.db, node.fails), node.Options()).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(Open, LogThatDoesNotMatchItsHeadIsDataLoss) {
  for (uint64_t lost : {1, 2, 3}) {
    Node node("HK-D057", 1);
    for (int i = 0; i < 3; ++i) node.NewMatter("HK-D057", "一");
    node.store.reset();
    KvChanges changes;
    node.db->ScanPrefix(key::kOp, [&](std::string_view key, std::string_view) {
      if (ByteReader(key.substr(key.size() - 16)).Fixed64() == lost) changes[std::string(key)] = std::nullopt;
      return true;
    });
    ASSERT_EQ(changes.size(), 1u);
    ASSERT_TRUE(node.db->Write(changes, true).ok());
    EXPECT_EQ(Store::Open(std::make_unique<SharedKv>(node.db, node.fails), node.Options()).status().code(),
              absl::StatusCode::kDataLoss)
        << "op " << lost;
  }
}

TEST(Store, MetaIsKept) {
  Node node("HK-D057", 1);
  EXPECT_FALSE(node.store->GetMeta("light").has_value());
  ASSERT_TRUE(node.store->PutMeta("light", "green").ok());
  ASSERT_TRUE(node.store->PutMeta("station", "not the store's own").ok());
  node.Open();
  EXPECT_EQ(node.store->GetMeta("light"), "green");
}

// ---------------------------------------------------------------- receipts

TEST(RecordAck, PendingCountsOwnOpsWithoutAReceipt) {
  Node node("HK-D057", 1);
  for (int i = 0; i < 3; ++i) node.NewMatter("HK-D057", "一");
  sync::Tip at3 = *node.store->tip();
  node.Open();
  for (int i = 0; i < 2; ++i) node.NewMatter("HK-D057", "二");
  sync::Tip at2 = *node.store->tip();
  EXPECT_EQ(node.store->pending_ops(), 5u);
  ASSERT_TRUE(node.store->RecordAck({.tip = at3}).ok());
  EXPECT_EQ(node.store->pending_ops(), 2u);
  ASSERT_TRUE(node.store->RecordAck({.tip = at2, .level = sync::AckLevel::kArchived}).ok());
  EXPECT_EQ(node.store->pending_ops(), 0u);
  node.NewMatter("HK-D057", "三");
  EXPECT_EQ(node.store->pending_ops(), 1u);
  node.Open();
  EXPECT_EQ(node.store->pending_ops(), 1u);
  EXPECT_EQ(node.store->OwnLogs()[1].level, sync::AckLevel::kArchived);
  ASSERT_TRUE(node.store->RecordAck({.tip = {at3.actor, 1, ""}}).ok());  // an old receipt lowers nothing
  EXPECT_EQ(node.store->pending_ops(), 1u);
  ASSERT_TRUE(node.store->RecordAck({.tip = {at3.actor, 1, ""}}, /*exact=*/true).ok());
  EXPECT_EQ(node.store->pending_ops(), 3u);
}

// A receipt for a twin's ops must not let ours be taken for delivered.
TEST(RecordAck, ReceiptForAnotherBranchIsRefused) {
  Node node("HK-D057", 1);
  for (int i = 0; i < 3; ++i) node.NewMatter("HK-D057", "一");
  sync::Tip tip = *node.store->tip();
  for (uint64_t seq : {2, 3}) {
    absl::Status status = node.store->RecordAck({.tip = {tip.actor, seq, Sha256("a twin's head")}});
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  }
  ASSERT_TRUE(node.store->RecordAck({.tip = {tip.actor, 9, Sha256("beyond")}}).ok());
  ASSERT_TRUE(node.store->RecordAck({.tip = {{"HK-D057", 4}, 9, Sha256("unknown")}}).ok());
  EXPECT_EQ(node.store->pending_ops(), 3u);
  ASSERT_TRUE(node.store->RecordAck({.tip = tip}).ok());
  EXPECT_EQ(node.store->pending_ops(), 0u);
}

// ---------------------------------------------------------------- verify and rebuild

struct Filled : Node {
  Filled() : Node("HK-D057", 1) {
    for (int i = 0; i < 10; ++i) ids.push_back(NewMatter("HK-D057", "事项" + std::to_string(i)));
    for (int i = 0; i < 10; ++i) Set(ids[static_cast<size_t>(i)], kContentTag, "内容");
    Open();
    for (int i = 0; i < 5; ++i) Set(ids[static_cast<size_t>(i)], kTitleTag, "新题");
  }
  // Verify after one key was changed behind the store's back (nullopt: deleted); puts it back afterwards.
  std::vector<std::string> Differences(const std::string& key, std::optional<std::string> value) {
    std::optional<std::string> before = db->Get(key);
    EXPECT_TRUE(db->Write({{key, value}}, true).ok());
    Store::Check check = store->Verify();
    EXPECT_TRUE(db->Write({{key, before}}, true).ok());
    return check.differences;
  }
  std::vector<RecordId> ids;
};

TEST(Verify, SaysNothingOfAHealthyStore) {
  Filled node;
  Store::Check check = node.store->Verify();
  EXPECT_TRUE(check.ok()) << check.differences[0];
  EXPECT_EQ(check.ops, 25u);
  EXPECT_EQ(check.aggregates, 10u);
  EXPECT_EQ(check.rows, 16u);  // a row each, and a counter for each of six titles
}

TEST(Verify, NamesWhatIsWrong) {
  Filled node;
  using testing::Contains;
  using testing::HasSubstr;
  using testing::IsEmpty;
  using testing::Not;
  const std::string state = key::Aggregate(node.ids[3]), text = ToText(node.ids[3]);
  std::string flipped = *node.db->Get(state);
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_THAT(node.Differences(state, flipped), Contains(HasSubstr(text)));
  EXPECT_THAT(node.Differences(state, "\x09not a state"), Contains(HasSubstr(text)));
  EXPECT_THAT(node.Differences(state, std::nullopt), Contains(HasSubstr(text)));
  RecordId ghost = RecordId::Random(kMatterType, "ghost\x01\x02\x03\x04\x05", 0);
  EXPECT_THAT(node.Differences(key::Aggregate(ghost), flipped), Contains(HasSubstr(ToText(ghost))));
  for (const auto& [key, value] : node.Dump(key::kProjection)) {
    EXPECT_THAT(node.Differences(key, "wrong"), Contains(HasSubstr(Hex(key.substr(3))))) << Hex(key);
    EXPECT_THAT(node.Differences(key, std::nullopt), Contains(HasSubstr("缺少一行")));
  }
  EXPECT_THAT(node.Differences(ProjectionPrefix('r') + "zz", "x"), Contains(HasSubstr("多出一行")));
  const Actor actor = node.store->OwnLogs()[0].actor;
  EXPECT_THAT(node.Differences(key::Chain(actor), std::string("\x01\x02")), Contains(HasSubstr(ToText(actor))));
  for (Store::OwnLog log : node.store->OwnLogs()) {
    log.head[0] = static_cast<char>(log.head[0] ^ 1);
    EXPECT_THAT(node.Differences(key::Chain(log.actor), EncodeChain(log)),
                testing::ElementsAre(HasSubstr(ToText(log.actor))));
  }
  EXPECT_TRUE(node.store->Verify().ok());
}

TEST(Verify, FindsEveryFlippedByteOfAnOp) {
  Filled node;
  auto ops = node.Dump(key::kOp);
  const auto& [key, bytes] = *std::next(ops.begin(), 7);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    EXPECT_THAT(node.Differences(key, flipped), testing::Contains(testing::HasSubstr(Hex(key)))) << "byte " << i;
  }
  EXPECT_FALSE(node.Differences(key, std::nullopt).empty());
}

TEST(Rebuild, GivesTheSameBytesAsLive) {
  Filled node;
  auto before = node.Dump();
  KvChanges damage;
  for (const auto& [key, value] : node.Dump(key::kProjection)) damage[key] = "wrong";
  damage[ProjectionPrefix('r') + "zz"] = "one too many";
  damage[key::Aggregate(node.ids[0])] = std::nullopt;
  damage[key::Aggregate(node.ids[1])] = "wrong";
  ASSERT_TRUE(node.db->Write(damage, true).ok());
  EXPECT_FALSE(node.store->Verify().ok());
  ASSERT_TRUE(node.store->Rebuild().ok());
  EXPECT_EQ(node.Dump(), before);
}

TEST(Rebuild, TouchesNothingWhenAnOpIsDamaged) {
  Filled node;
  std::string key = node.Dump(key::kOp).begin()->first;
  ASSERT_TRUE(node.db->Write({{key, "damaged"}}, true).ok());
  auto before = node.Dump();
  EXPECT_EQ(node.store->Rebuild().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(node.Dump(), before);
}

// A state that does not decode reads as its ops say, and the next write puts it right.
TEST(Reader, DamagedStateIsFoldedAfresh) {
  Filled node;
  auto before = node.Dump(key::kAggregate);
  ASSERT_TRUE(node.db->Write({{key::Aggregate(node.ids[0]), "damaged"}}, true).ok());
  EXPECT_EQ(node.store->Read().Load(node.ids[0])->Encode(), before[key::Aggregate(node.ids[0])]);
  size_t seen = 0;
  node.store->Read().ForEach(kMatterType, [&](const Aggregate& aggregate) {
    EXPECT_FALSE(aggregate.empty());
    return ++seen > 0;
  });
  EXPECT_EQ(seen, node.ids.size());
  node.Set(node.ids[0], kTitleTag, "又改");
  EXPECT_EQ(node.Values(node.ids[0], kTitleTag), std::vector<std::string>{"又改"});
  EXPECT_TRUE(node.store->Verify().ok()) << node.store->Verify().differences[0];
}

}  // namespace
}  // namespace liaison
