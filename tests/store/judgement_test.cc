// What the hub judges, by rules that stand in the op itself: verdicts in front, a person who takes or declines, the
// second look, and one ruling on an op.
#include "common/store/judging.h"

#include "common/store/kept.h"
#include "common/store/maker.h"
#include "common/store/verdict_rows.h"
#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison::testing_store {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Outcome = Judgement::Outcome;

constexpr char kPoint[] = "point:HK-D057";

struct Door : testing::Test {
  Door() { Open(&hub); }

  void Open(Node* node, bool judges = true) {
    node->store.reset();
    StoreOptions options = node->Options();
    options.projections.push_back(&verdicts);
    // As the hub has it: while a making is hidden, its station alone.
    options.interests = [](const Aggregate& record, const StoreReader& reader) {
      const Makers makers = MakersOf(reader, record);
      if (!makers.standing.empty() || makers.hidden.empty()) return InterestsOf(record, reader);
      return std::vector<std::string>{"station:" + *makers.hidden.begin()};
    };
    if (judges)
      options.judge = [this](const Op& op, const StoreReader& view) {
        judged.push_back(op.name());
        return Rule(op, view);
      };
    node->store = *Store::Open(std::make_unique<SharedKv>(node->db, node->fails), options);
  }
  // By what the op writes.
  Judgement Rule(const Op& op, const StoreReader& view) const {
    std::string says;
    for (const Write& write : op.writes) says += write.value;
    auto has = [&](const char* word) { return says.find(word) != says.npos; };
    if (has("越权")) return {Outcome::kKept, kOutOfScopeCode, "不归这个站点"};
    if (has("名册")) return {Outcome::kKept, kNotStationsCode, "只有镇中心可以改"};
    if (has("改号")) return {Outcome::kRefused, "fixed", "编号不能改"};
    if (has("无权")) return {Outcome::kRefused, kNoRightCode, "没有这项权限"};
    if (has("晚到")) return {Outcome::kHeld, "moved_on", "镇里已经办理"};
    if (has("缺") && !come) return {Outcome::kHeld, kMissingCode, "所依据的还没有到"};
    if (has("离任")) return {Outcome::kMarked, kPersonCode, "填写人已经离任"};
    if (has("先后")) seen_before = view.Load(op.aggregate).has_value();
    return {};
  }
  static OpName NameOf(const std::string& bytes) { return DecodeFrame(bytes)->name(); }
  static OpName LastOf(const Node& node) {
    const sync::Tip tip = *node.store->tip();
    return NameOf(node.store->ReadRange(tip.actor, tip.seq, 1 << 20)->ops[0]);
  }
  std::vector<JudgedOp> Hidden() const {
    std::vector<JudgedOp> hidden;
    ForEachHidden(*hub.store->Snapshot(), "", [&](std::string_view, const JudgedOp& one) {
      hidden.push_back(one);
      return true;
    });
    return hidden;
  }
  Store::Judging Desk() { return Store::Judging(hub.store.get()); }
  absl::StatusOr<size_t> Take(const OpName& name) { return Desk().Take({&name, 1}, "书记"); }
  absl::StatusOr<size_t> Decline(const OpName& name) { return Desk().Decline({&name, 1}, "书记", "以镇里的为准"); }
  // A matter that all three have.
  RecordId Shared() {
    RecordId id = station.NewMatter("HK-D057", "路灯");
    PushUp(&station, &hub);
    PullDown(&station, &hub, kPoint);
    PullDown(&box, &hub, kPoint);
    return id;
  }
  static std::vector<OpName> OpsIn(const Node& node, const std::string& interest) {
    std::vector<OpName> names;
    const std::optional<sync::FeedBatch> feed = node.store->ReadFeed(interest, 0, "", 1 << 24);
    for (const sync::FeedItem& item : feed ? feed->items : std::vector<sync::FeedItem>())
      if (item.kind == sync::ItemKind::kOp) names.push_back(item.name);
    return names;
  }
  // Where the first verdict on `name` stands, and the op itself.
  void ExpectVerdictFirst(const std::string& interest, const OpName& name) {
    const std::vector<OpName> ops = OpsIn(hub, interest);
    const auto op = std::find(ops.begin(), ops.end(), name);
    ASSERT_NE(op, ops.end());
    EXPECT_TRUE(std::any_of(ops.begin(), op, [&](const OpName& one) {
      const Op earlier = *DecodeOp(*hub.store->Read().OpBytes(one.actor, one.seq, TagOf(one.hash)));
      return std::any_of(earlier.writes.begin(), earlier.writes.end(), [&](const Write& write) {
        return write.tag == kVerdictTag && write.element == VerdictElement(name);
      });
    })) << interest;
  }
  void ExpectSound(const Node& node) {
    const Store::Check check = node.store->Verify();
    EXPECT_TRUE(check.ok()) << check.differences[0];
  }
  void ExpectSame() {
    for (Node* node : {&station, &box}) {
      PullDown(node, &hub, kPoint);
      for (const RecordId& id : ids) EXPECT_EQ(node->Canonical(id), hub.Canonical(id));
      ExpectSound(*node);
    }
    ExpectSound(hub);
    auto before = hub.Dump();
    EXPECT_TRUE(hub.store->Rebuild().ok());
    EXPECT_EQ(hub.Dump(), before);
  }

  Node hub{Node::kHub, 1}, station{"HK-D057", 2}, box{"HK-D057", 3};
  VerdictRows verdicts;
  bool come = false;  // what was missing
  mutable bool seen_before = false;
  std::vector<OpName> judged;
  std::vector<RecordId> ids;
};

TEST_F(Door, AVerdictArrivesBeforeItsOp) {
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "晚到的名称");
  const OpName late = LastOf(station);
  PushUp(&station, &hub);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("路灯"));
  ExpectVerdictFirst(kPoint, late);
  // Item by item, as small as a link may cut it: no box ever shows it.
  for (uint64_t at = box.store->FeedHead(kPoint)->position;; ++at) {
    std::optional<sync::FeedBatch> next = hub.store->ReadFeed(kPoint, at, "", 1);
    if (!next) break;
    ASSERT_TRUE(box.store->ApplyFeedBatch(*next).ok());
    EXPECT_THAT(box.Values(ids[0], kTitleTag), ElementsAre("路灯"));
  }
  EXPECT_TRUE(box.store->Read().Load(ids[0])->Refused(late));
  // A record that enters a feed has its ops sorted, and the hub's first all the same.
  hub.Do({{ids[0], hub.Seen(ids[0]), {{{}, kStationTag, "", "HK-D058"}}}});
  ExpectVerdictFirst("point:HK-D058", late);
}

// The record whose making is held, too: nothing of it shows anywhere.
TEST_F(Door, AMakingThatIsHeldMakesNothing) {
  const RecordId id = station.NewMatter("HK-D057", "晚到的事");
  const OpName made = LastOf(station);
  PushUp(&station, &hub);
  EXPECT_THAT(hub.Values(id, kTitleTag), IsEmpty());
  EXPECT_THAT(OpsIn(hub, kPoint), IsEmpty());
  EXPECT_EQ(*Take(made), 1u);
  EXPECT_THAT(hub.Values(id, kTitleTag), ElementsAre("晚到的事"));
  ExpectVerdictFirst(kPoint, made);
  ids = {id};
  ExpectSame();
}

TEST_F(Door, AWordAfterARefusedOneCountsAndCanBeSettled) {
  ids = {Shared()};
  box.Set(ids[0], kContentTag, "三组");
  station.Set(ids[0], kTitleTag, "改号");
  const OpName refused = LastOf(station);
  station.Set(ids[0], kContentTag, "五组");
  PushUp(&station, &hub);
  PushUp(&box, &hub);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("路灯"));
  EXPECT_THAT(hub.Values(ids[0], kContentTag), testing::UnorderedElementsAre("三组", "五组"));
  hub.Set(ids[0], kContentTag, "三组和五组");
  EXPECT_THAT(hub.Values(ids[0], kContentTag), ElementsAre("三组和五组"));
  ASSERT_THAT(Hidden(), SizeIs(1));
  EXPECT_EQ(Hidden()[0].name, refused);
  EXPECT_FALSE(Hidden()[0].verdict.held);
  EXPECT_TRUE(absl::IsFailedPrecondition(Take(refused).status())) << "no station may write that";
  ExpectSame();
}

TEST_F(Door, WhatIsTakenIsTheValueShownAlone) {
  ids = {Shared()};
  station.Do({{ids[0], station.Seen(ids[0]), {{{}, kTitleTag, "", "晚到的名称"}, {{}, kContentTag, "", "晚到的内容"}}}});
  const OpName late = LastOf(station);
  station.Set(ids[0], kContentTag, "后来的内容");
  hub.Set(ids[0], kTitleTag, "镇里的名称");
  PushUp(&station, &hub);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("镇里的名称"));
  ASSERT_THAT(Hidden(), SizeIs(1));
  EXPECT_TRUE(Hidden()[0].verdict.held);
  EXPECT_EQ(Hidden()[0].verdict.code, "moved_on");
  EXPECT_EQ(Hidden()[0].verdict.words, "镇里已经办理");
  EXPECT_EQ(*Take(late), 1u);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("晚到的名称"));
  EXPECT_THAT(hub.Values(ids[0], kContentTag), ElementsAre("晚到的内容"));
  EXPECT_THAT(Hidden(), IsEmpty());
  const auto before = hub.Dump();
  EXPECT_EQ(*Take(late), 0u);
  EXPECT_EQ(hub.Dump(), before);
  ExpectSame();
  // What follows from here on has seen it: no conflict.
  station.Set(ids[0], kTitleTag, "再后来");
  PushUp(&station, &hub);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("再后来"));
}

TEST_F(Door, WhatIsRefusedForItsAuthorMayBeTaken) {
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "无权的名称");
  const OpName refused = LastOf(station);
  PushUp(&station, &hub);
  EXPECT_EQ(*Take(refused), 1u);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("无权的名称"));
  ExpectSame();
}

TEST_F(Door, WhatIsDeclinedStaysHiddenAndWhatCountsCannotBeDeclined) {
  ids = {Shared()};
  const OpName made = LastOf(station);
  station.Set(ids[0], kTitleTag, "晚到的名称");
  const OpName late = LastOf(station);
  PushUp(&station, &hub);
  EXPECT_EQ(*Decline(late), 1u);
  EXPECT_EQ(*Decline(late), 0u);
  ASSERT_THAT(Hidden(), SizeIs(1));
  EXPECT_FALSE(Hidden()[0].verdict.held);
  EXPECT_EQ(Hidden()[0].verdict.words, "以镇里的为准");
  EXPECT_TRUE(absl::IsFailedPrecondition(Decline(made).status()));
  OpName unknown = late;
  unknown.hash[31] ^= 1;
  EXPECT_TRUE(absl::IsNotFound(Decline(unknown).status()));
  EXPECT_TRUE(absl::IsNotFound(Take(unknown).status()));
  ExpectSame();
}

TEST_F(Door, AFailedWriteTakesNothing) {
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "晚到的名称");
  const OpName late = LastOf(station);
  PushUp(&station, &hub);
  const std::optional<sync::Tip> tip = hub.store->tip();
  const auto before = hub.Dump();
  *hub.fails = true;
  EXPECT_FALSE(Take(late).ok());
  EXPECT_FALSE(Decline(late).ok());
  *hub.fails = false;
  EXPECT_EQ(hub.store->tip(), tip);
  EXPECT_EQ(hub.Dump(), before);
  EXPECT_EQ(*Take(late), 1u);
  ExpectSame();
}

// ---------------------------------------------------------------- the second look

TEST_F(Door, WhatWasMissingIsTakenWhenItsRecordChanges) {
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "缺依据的名称");
  PushUp(&station, &hub);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("路灯"));
  hub.Set(ids[0], kContentTag, "没有关系");
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("路灯"));
  come = true;
  hub.Set(ids[0], kContentTag, "依据来了");
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("缺依据的名称"));
  EXPECT_THAT(Hidden(), IsEmpty());
  ExpectSame();
}

TEST_F(Door, WhatWasMissingIsTakenByTheDailyLookAlso) {
  ids = {Shared(), Shared()};
  station.Set(ids[0], kTitleTag, "缺依据");
  station.Set(ids[1], kTitleTag, "晚到");
  PushUp(&station, &hub);
  EXPECT_EQ(*Desk().LookAgain(), 0u);
  come = true;
  const size_t asked = judged.size();
  EXPECT_EQ(*Desk().LookAgain(), 1u);
  EXPECT_EQ(judged.size(), asked + 1) << "what is held for another reason is not looked at";
  EXPECT_EQ(*Desk().LookAgain(), 0u);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("缺依据"));
  EXPECT_THAT(hub.Values(ids[1], kTitleTag), ElementsAre("路灯"));
  ExpectSame();
}

TEST_F(Door, WhatIsHeldForAnotherReasonIsNotJudgedAgain) {
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "晚到的名称");
  PushUp(&station, &hub);
  const size_t asked = judged.size();
  hub.Set(ids[0], kContentTag, "五组");
  EXPECT_EQ(*Desk().LookAgain(), 0u);
  EXPECT_EQ(judged.size(), asked);
}

// It names the op, so it covers it: shown now, the op would be hidden behind it, and its own context would not.
TEST_F(Door, WhatOthersHaveWrittenOverIsNotTakenByItself) {
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "缺依据");
  const OpName missing = LastOf(station);
  station.Set(ids[0], kContentTag, "五组");
  PushUp(&station, &hub);
  hub.Set(ids[0], kTitleTag, "镇里的名称");  // covers the later word, and with it the hidden one
  come = true;
  EXPECT_EQ(*Desk().LookAgain(), 0u);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("镇里的名称"));
  EXPECT_EQ(*Take(missing), 1u);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("缺依据"));
  ExpectSame();
}

TEST_F(Door, WhatIsDeclinedIsNotTakenByASecondLook) {
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "缺依据");
  const OpName missing = LastOf(station);
  PushUp(&station, &hub);
  EXPECT_EQ(*Decline(missing), 1u);
  come = true;
  EXPECT_EQ(*Desk().LookAgain(), 0u);
  hub.Set(ids[0], kContentTag, "五组");
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("路灯"));
}

// On a stick behind a gap: what it follows on its record is not here.
TEST_F(Door, AFragmentWaitsUnderAVerdictUntilItsLogReachesIt) {
  ids = {station.NewMatter("HK-D057", "路灯")};
  station.Set(ids[0], kTitleTag, "路灯两盏");
  const Actor actor = station.store->tip()->actor;
  const sync::Range first = *station.store->ReadRange(actor, 1, 1);  // one op at least
  ASSERT_EQ(first.last, 1u);
  const sync::Range second = *station.store->ReadRange(actor, 2, 1 << 20);
  const sync::Ack ack = Must(hub.store->ApplyRanges({&second, 1}, true))[0];
  ASSERT_TRUE(ack.gap.has_value());
  ASSERT_THAT(Hidden(), SizeIs(1));
  EXPECT_EQ(Hidden()[0].verdict.code, kMissingCode);
  EXPECT_TRUE(absl::IsFailedPrecondition(Take(NameOf(second.ops[0])).status()));
  Must(hub.store->ApplyRanges({&first, 1}, true));
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("路灯两盏"));
  EXPECT_THAT(Hidden(), IsEmpty());
  Must(hub.store->ApplyRanges({&second, 1}, true));
  EXPECT_EQ(hub.store->Have(actor), station.store->tip());
  ExpectSame();
}

// ---------------------------------------------------------------- once

TEST_F(Door, TheViewHasWhatCameBeforeInTheSameRange) {
  ids = {station.NewMatter("HK-D057", "路灯")};
  station.Set(ids[0], kTitleTag, "先后");
  PushUp(&station, &hub);
  EXPECT_TRUE(seen_before);
  EXPECT_THAT(judged, SizeIs(2));
}

TEST_F(Door, WhatAnOlderFolderHasIsNeverJudged) {
  Open(&hub, false);
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "晚到的名称");
  PushUp(&station, &hub);
  Open(&hub);
  const auto before = hub.Dump();
  const sync::Range again = *station.store->ReadRange(station.store->tip()->actor, 1, 1 << 20);
  EXPECT_THAT(Must(hub.store->ApplyRanges({&again, 1}))[0].verdicts, IsEmpty());
  EXPECT_EQ(hub.Dump(), before);
  EXPECT_THAT(judged, IsEmpty());
  EXPECT_EQ(*Desk().LookAgain(), 0u);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("晚到的名称"));
}

TEST_F(Door, WhatIsMarkedStandsAndIsListed) {
  ids = {Shared()};
  station.Set(ids[0], kTitleTag, "离任的人写的");
  const OpName marked = LastOf(station);
  PushUp(&station, &hub);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("离任的人写的"));
  std::vector<JudgedOp> list;
  ForEachMarked(*hub.store->Snapshot(), [&](const JudgedOp& one) {
    list.push_back(one);
    return true;
  });
  ASSERT_THAT(list, SizeIs(1));
  EXPECT_EQ(list[0].name, marked);
  EXPECT_EQ(list[0].record, ids[0]);
  EXPECT_EQ(list[0].verdict.code, kPersonCode);
  EXPECT_EQ(list[0].verdict.words, "填写人已经离任");
  ExpectSame();
}

TEST_F(Door, TakingWhatIsKeptAnswersForTheScopeOnly) {
  ids = {Shared()};
  const OpName made = LastOf(station);
  station.Set(ids[0], kTitleTag, "越权的名称");
  const OpName foreign = LastOf(station);
  const sync::Range range = *station.store->ReadRange(made.actor, foreign.seq, 1 << 20);
  EXPECT_THAT(Must(hub.store->ApplyRanges({&range, 1}))[0].verdicts, SizeIs(1));
  const RecordId other = station.NewMatter("HK-D057", "名册");
  const OpName roster = LastOf(station);
  const sync::Range next = *station.store->ReadRange(made.actor, roster.seq, 1 << 20);
  EXPECT_THAT(Must(hub.store->ApplyRanges({&next, 1}))[0].verdicts, SizeIs(1));
  EXPECT_TRUE(absl::IsFailedPrecondition(hub.store->AcceptKept({&roster, 1}, "书记").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Take(foreign).status())) << "it is in no record";
  const std::vector<OpName> both = {foreign, roster};
  size_t left = 0;
  EXPECT_EQ(*hub.store->AcceptKept(both, "书记", &left), 1u);
  EXPECT_EQ(left, 1u);
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), ElementsAre("越权的名称"));
  EXPECT_THAT(hub.Values(other, kTitleTag), IsEmpty());
  ExpectSound(hub);
}

// ---------------------------------------------------------------- a restored hub

struct RestoredDoor : Door {
  // The hub judges after a backup; the station has it in a feed that the hub signed, and offers that.
  RestoredDoor() {
    ids = {Shared()};
    backup = hub.Dump();
    common = hub.store->FeedHead(kPoint)->position;
    station.Set(ids[0], kTitleTag, "晚到的名称");
    late = LastOf(station);
    range = *station.store->ReadRange(late.actor, late.seq, 1 << 20);
    PushUp(&station, &hub);
  }
  void Restore() {
    PullDown(&station, &hub, kPoint);
    const sync::Cursor point{kPoint, hub.store->epoch(), common, *station.store->FeedPrefix(kPoint, common)};
    ASSERT_TRUE(station.store->RewindFeed(point).ok());
    std::shared_ptr<Kv> disk = NewMemoryKv();
    ASSERT_TRUE(disk->Write(KvChanges(backup.begin(), backup.end()), true).ok());
    restored = std::make_unique<Node>(Node::kHub, 7, disk);
    Open(restored.get());
    judged.clear();
  }
  void Offer(bool verdict_alone = false) {
    std::string at;
    while (std::optional<sync::FeedBatch> offered = station.store->NextAbandoned(&at)) {
      const sync::Want want = Must(restored->store->LackingOf(*offered));
      const sync::Ops ops = station.store->Lookup(want);
      for (size_t i = 0; i < want.names.size(); ++i)
        for (size_t k = 0; k < offered->items.size(); ++k)
          if (offered->items[k].name == want.names[i] && !(verdict_alone && want.names[i] == late))
            offered->ops[k] = ops.ops[i];
      ASSERT_TRUE(restored->store->TakeOffered(*offered, ops.keys, "set").ok());
    }
  }
  // What is said of the op, without repetitions.
  std::set<std::string> Rulings() const {
    std::set<std::string> values;
    const Aggregate record = *restored->store->Read().Load(ids[0]);
    const Register* verdicts_on = VerdictsOn(record, late);
    if (verdicts_on != nullptr)
      for (const Sibling& sibling : verdicts_on->siblings()) values.insert(sibling.value);
    return values;
  }

  std::map<std::string, std::string> backup;
  uint64_t common = 0;
  OpName late;
  sync::Range range;
  std::unique_ptr<Node> restored;
};

TEST_F(RestoredDoor, WhatIsOfferedIsNotJudgedAgain) {
  Restore();
  Offer();
  Must(restored->store->ApplyRanges({&range, 1}));
  EXPECT_THAT(judged, IsEmpty());
  EXPECT_THAT(Rulings(), ElementsAre(HeldValue("moved_on", "镇里已经办理")));
  EXPECT_THAT(restored->Values(ids[0], kTitleTag), ElementsAre("路灯"));
  ExpectSound(*restored);
}

TEST_F(RestoredDoor, AVerdictAloneIsEnough) {
  Restore();
  Offer(true);
  Must(restored->store->ApplyRanges({&range, 1}));
  EXPECT_THAT(judged, IsEmpty());
  EXPECT_THAT(restored->Values(ids[0], kTitleTag), ElementsAre("路灯"));
  EXPECT_TRUE(restored->store->Read().Load(ids[0])->Refused(late));
  ExpectSound(*restored);
}

TEST_F(RestoredDoor, APersonsRulingOutlivesTheJudgesNewOne) {
  ASSERT_EQ(*Take(late), 1u);
  Restore();
  Must(restored->store->ApplyRanges({&range, 1}));
  EXPECT_THAT(judged, ElementsAre(late));
  EXPECT_THAT(restored->Values(ids[0], kTitleTag), ElementsAre("路灯"));
  Offer();
  EXPECT_THAT(judged, ElementsAre(late));
  EXPECT_THAT(Rulings(), ElementsAre(""));
  EXPECT_THAT(restored->Values(ids[0], kTitleTag), ElementsAre("晚到的名称"));
  ExpectSound(*restored);
}

TEST_F(RestoredDoor, OfTwoRulingsOfTheJudgeTheOneThatWasBroughtStays) {
  Restore();
  restored->clock.Advance(1000);
  Must(restored->store->ApplyRanges({&range, 1}));
  const OpName late_name = late;
  ASSERT_EQ(*Store::Judging(restored->store.get()).Decline({&late_name, 1}, kJudgeUser, "另一句"), 1u);
  Offer();
  EXPECT_THAT(Rulings(), ElementsAre(HeldValue("moved_on", "镇里已经办理")));
  ExpectSound(*restored);
}

// ---------------------------------------------------------------- keys

TEST_F(Door, AKeyOfAVisitorWhoseMakingIsHiddenGoesToNobody) {
  const std::string action = station.NewActionId();
  const RecordId visitor = RecordId::Random(kVisitorType, action, 0);
  const SealKey seal = NewSealKey(&station.random);
  const sync::KeyItem key{ToBytes(visitor), seal.algorithm, seal.id, seal.key};
  const std::string sealed = Seal(seal, "张三", ToBytes(visitor), &station.random);
  ASSERT_TRUE(station.Try(action,
                          {{visitor,
                            {},
                            {{{}, kStationTag, "", "HK-D057"}, {{}, kTitleTag, "", "晚到"}},
                            {{{}, kSealedTag, "", sealed}}}},
                          {key})
                  .ok());
  const OpName made = LastOf(station);
  PushUp(&station, &hub);
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), key) << "kept for when it is taken";
  auto told = [&] { return hub.store->ReadFeed("station:HK-D057", 0, "", 1 << 20)->items; };
  EXPECT_THAT(told(), Not(Contains(Field(&sync::FeedItem::kind, sync::ItemKind::kKey))));
  ASSERT_EQ(*Take(made), 1u);
  EXPECT_THAT(told(), Contains(Field(&sync::FeedItem::key_hash, Sha256(key.key))));
  ExpectSound(hub);
}

}  // namespace
}  // namespace liaison::testing_store
