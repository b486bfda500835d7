// 检举控告: a code, and no words of it anywhere.
#include "common/rules/matter/guards.h"
#include "common/store/op_on.h"
#include "tests/attachments/files.h"
#include "tests/casework/case_fixture.h"
#include "tests/testing/ops.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AccusationRule, IsACodeAndOldWordsAreRecognised) {
  v1::Matter matter;
  matter.set_disposition(v1::DISPOSITION_GUIDED);
  for (const char* reason : {"检举控告", "检举控告/涉法涉诉", "举报", "要控告", "检 举", "检\xE2\x80\x8B举"}) {
    matter.set_guide_reason(reason);
    EXPECT_TRUE(IsAccusation(matter)) << reason;
  }
  for (const char* reason : {"涉法涉诉", "信访", "不属本镇", ""}) {
    matter.set_guide_reason(reason);
    EXPECT_FALSE(IsAccusation(matter)) << reason;
  }
  matter.set_guide_code(v1::GUIDE_ACCUSATION);
  EXPECT_TRUE(IsAccusation(matter));
}

TEST(AccusationRule, CodeAndWordsAreMadeToAgree) {
  v1::Matter matter;
  matter.set_disposition(v1::DISPOSITION_GUIDED);
  matter.set_guide_reason("信访事项");
  ASSERT_TRUE(SettleGuiding(&matter).ok());
  EXPECT_EQ(matter.guide_code(), v1::GUIDE_PETITION);
  matter.clear_guide_reason();
  matter.set_guide_code(v1::GUIDE_OTHER);
  EXPECT_EQ(SettleGuiding(&matter).message(), "引导原因：选了“其他”，请写明原因");
  matter.set_guide_reason("举报村干部");
  ASSERT_TRUE(SettleGuiding(&matter).ok());
  EXPECT_EQ(matter.guide_reason(), "检举控告");
}

// Whatever text the schema has, and will have.
TEST(AccusationRule, EveryTextOfAMatterGoesThatDoesNotSayOtherwise) {
  const TypeInfo& type = TypeOf<v1::Matter>();
  const auto* reflection = v1::Matter::GetReflection();
  v1::Matter matter;
  int texts = 0;
  for (const FieldInfo& field : type.fields) {
    if (field.descriptor->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
    if (field.descriptor->is_repeated()) {
      reflection->AddString(&matter, field.descriptor, "水渠");
    } else {
      reflection->SetString(&matter, field.descriptor, "水渠");
      texts += field.rules.words() != v1::WORDS_NONE;
    }
  }
  EXPECT_GE(texts, 12);
  BlankAccusation(&matter);
  for (const FieldInfo& field : type.fields) {
    if (field.descriptor->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
    EXPECT_EQ(HoldsWords(type, field), field.rules.words() != v1::WORDS_NONE) << field.descriptor->name();
    if (field.descriptor->is_repeated()) continue;
    EXPECT_EQ(reflection->GetString(matter, field.descriptor) == "水渠", field.rules.words() == v1::WORDS_NONE)
        << field.descriptor->name();
  }
  EXPECT_EQ(matter.guide_code(), v1::GUIDE_ACCUSATION);
  EXPECT_TRUE(HoldsWords(type, *type.FindByName("guide_code")));
  EXPECT_FALSE(HoldsWords(type, *type.FindByName("nature")));
}

class AccusationTest : public CaseTest {
 protected:
  v1::Step Guide(const char* reason) {
    v1::Step step = Of(v1::STEP_GUIDE);
    step.set_guided_to("纪检监察机关");
    step.set_reason(reason);
    return step;
  }
  // Words that no state, row or index of the node may hold. Ops keep theirs until they are erased.
  template <typename Node>
  void ExpectGone(Node* node, const std::string& id, const char* words) {
    v1::GetHistoryRequest history;
    history.set_id(id);
    EXPECT_THAT(node->records()->GetHistory(history)->Utf8DebugString(), Not(HasSubstr(words)));
    const v1::CaseView view = Case(node, id);
    EXPECT_THAT(view.Utf8DebugString(), Not(HasSubstr(words)));
    const StoreReader reader = node->store()->Read();
    for (const TypeInfo& type : AllTypes())
      reader.ForEach(type.type(), [&](const Aggregate& aggregate) {
        EXPECT_EQ(aggregate.Encode().find(words), std::string::npos) << ToText(aggregate.id());
        return true;
      });
    v1::FindRequest find;
    find.set_query(words);
    EXPECT_EQ(node->records()->Find(find)->hits_size(), 0);
  }
  // What no call of the node may answer, whatever its states hold.
  template <typename Node>
  void ExpectUnread(Node* node, const std::string& matter, const std::string& visit, const char* words) {
    const std::string session = visit.substr(0, visit.find('/'));
    for (const std::string& id : {matter, visit, session}) {
      v1::GetRecordRequest get;
      get.set_id(id);
      EXPECT_THAT(node->records()->GetRecord(get)->Utf8DebugString(), Not(HasSubstr(words))) << id;
      v1::GetHistoryRequest history;
      history.set_id(id);
      EXPECT_THAT(node->records()->GetHistory(history)->Utf8DebugString(), Not(HasSubstr(words))) << id;
    }
    EXPECT_THAT(node->records()->ListConflicts({})->Utf8DebugString(), Not(HasSubstr(words)));
    EXPECT_THAT(Case(node, matter).Utf8DebugString(), Not(HasSubstr(words)));
    v1::FindRequest find;
    find.set_query(words);
    EXPECT_EQ(node->records()->Find(find)->hits_size(), 0);
  }
  static std::string SessionOf(const v1::MatterView& matter) {
    const std::string& visit = matter.matter().sources(0).entry();
    return visit.substr(0, visit.find('/'));
  }
  static v1::GetVisitResponse OfVisit(StationNode* node, const v1::MatterView& matter) {
    v1::GetVisitRequest request;
    request.set_id(matter.matter().sources(0).entry());
    return node->reception()->GetVisit(request).value();
  }
  // At the village; its hash.
  std::string Attach(const std::string& id, const char* name, uint64_t seed) {
    v1::StoreFileRequest store;
    store.set_content(Photo(1'000, seed));
    v1::AttachFileRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(id);
    request.set_hash(village()->file_desk()->StoreFile(store)->hash());
    request.set_name(name);
    const absl::Status status = village()->file_desk()->AttachFile(request).status();
    EXPECT_TRUE(status.ok()) << status;
    return request.hash();
  }
  template <typename Node>
  void Change(Node* node, const std::string& id, const char* fields) {
    v1::GetRecordRequest get;
    get.set_id(id);
    v1::ChangeRecordRequest edit;
    edit.set_action_id(town_.ActionId());
    edit.set_id(id);
    edit.set_token(node->records()->GetRecord(get)->record().token());
    edit.set_fields(fields);
    const absl::Status status = node->records()->ChangeRecord(edit).status();
    EXPECT_TRUE(status.ok()) << status;
  }
};

TEST_F(AccusationTest, WhatBecomesOneLosesItsWordsEverywhereAtOnce) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("某某贪污修渠的钱");
  v1::Step more = Of(v1::STEP_CORRECT);
  Do(village(), matter.id(), Of(v1::STEP_SUBMIT));
  more.set_text("某某贪污了三万");
  Do(village(), matter.id(), more);
  Sync();
  EXPECT_EQ(Do(hub, matter.id(), Guide("举报某某贪污")), v1::GUIDED);
  Sync();
  ExpectGone(hub, matter.id(), "贪污");
  ExpectGone(village(), matter.id(), "贪污");
  const v1::ListRemainsResponse remains = hub->casework()->ListRemains({}).value();
  EXPECT_GE(remains.remains_size(), 3);  // the matter, its correction, the visit
  EXPECT_EQ(remains.remains(0).number(), matter.matter().number());
}

TEST_F(AccusationTest, FilesOfItsVisitGoWithIt) {
  const v1::MatterView matter = Log("某某贪污修渠的钱"), other = Log("路灯不亮");
  v1::LogVisitRequest beside = VisitRequest(&town_, OfVisit(village(), other).session(), "桥栏杆坏了");
  ASSERT_TRUE(village()->reception()->LogVisit(beside).ok());  // that session has two visits
  const std::string sole = Attach(matter.matter().sources(0).entry(), "贪污的收据.jpg", 1);
  const std::string whole = Attach(SessionOf(matter), "贪污登记本.jpg", 2);
  const std::string elsewhere = Attach(other.matter().sources(0).entry(), "路灯.jpg", 3);
  EXPECT_TRUE(village()->file_desk()->Show(sole).ok());
  Do(village(), matter.id(), Guide("检举控告"));
  Sync();
  ExpectGone(&town_.hub(), matter.id(), "贪污");
  ExpectGone(village(), matter.id(), "贪污");
  for (const std::string& hash : {sole, whole})
    EXPECT_TRUE(absl::IsNotFound(village()->file_desk()->Show(hash).status()));
  EXPECT_TRUE(village()->file_desk()->Show(elsewhere).ok());
  v1::ListFilesRequest list;
  list.set_id(SessionOf(matter));
  EXPECT_EQ(village()->file_desk()->ListFiles(list)->files_size(), 0);
  std::vector<std::string> remain;
  const v1::ListRemainsResponse remains = town_.hub().casework()->ListRemains({}).value();
  for (const v1::Remain& one : remains.remains()) remain.insert(remain.end(), one.files().begin(), one.files().end());
  EXPECT_THAT(remain, ::testing::UnorderedElementsAre(sole, whole));
  v1::AttachFileRequest more;
  more.set_action_id(town_.ActionId());
  more.set_id(matter.matter().sources(0).entry());
  more.set_hash(elsewhere);
  EXPECT_THAT(std::string(village()->file_desk()->AttachFile(more).status().message()), HasSubstr("检举控告"));
}

// Written by another box that knew nothing of it: nobody reads it, from the moment on that it is there.
TEST_F(AccusationTest, WordsThatComeLateAreReadNowhereBeforeTheyAreTakenOut) {
  HubNode* hub = &town_.hub();
  std::unique_ptr<Site> second = town_.Enrol("HK-D057");
  const v1::MatterView matter = Log("路不平");
  const std::string visit = matter.matter().sources(0).entry();
  Sync();
  ASSERT_TRUE(town_.Sync(second->node.get()));
  Do(village(), matter.id(), Guide("检举控告"));
  Change(second->node.get(), matter.id(), R"({"content":"某某贪污","remark":"贪污三万"})");
  Change(second->node.get(), visit, R"({"originalWords":"某某贪污修渠的钱","remark":"贪污"})");
  Sync();
  ASSERT_TRUE(town_.Sync(second->node.get()));
  Sync();
  ExpectUnread(hub, matter.id(), visit, "贪污");
  ExpectUnread(village(), matter.id(), visit, "贪污");
  v1::GetVisitRequest ask;
  ask.set_id(visit);
  EXPECT_THAT(village()->reception()->GetVisit(ask)->Utf8DebugString(), Not(HasSubstr("贪污")));
  const v1::ListConflictsResponse conflicts = hub->records()->ListConflicts({}).value();
  ASSERT_GT(conflicts.conflicts_size(), 0);
  for (const v1::ConflictView& conflict : conflicts.conflicts()) {
    v1::SettleRequest settle;
    settle.set_action_id(town_.ActionId());
    settle.set_id(conflict.record_id());
    settle.set_field(conflict.field());
    settle.set_side(conflict.values(0).side());
    EXPECT_THAT(std::string(hub->records()->Settle(settle).status().message()), HasSubstr("检举控告不记录内容"));
  }
  ASSERT_TRUE(hub->casework()->RunDaily({}).ok());
  EXPECT_EQ(hub->records()->ListConflicts({})->total(), 0);
  Sync();
  ExpectGone(hub, matter.id(), "贪污");
  ExpectGone(village(), matter.id(), "贪污");
}

TEST_F(AccusationTest, NothingIsAddedAndItIsNeverReopened) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("路不平");
  Do(village(), matter.id(), Guide("检举控告"));
  Sync();
  v1::Step correct = Of(v1::STEP_CORRECT);
  correct.set_text("某某贪污");
  EXPECT_THAT(Refused(hub, matter.id(), correct), HasSubstr("检举控告"));
  v1::Step reopen = Because(v1::STEP_REOPEN, "弄错了");
  reopen.set_approved_by("主席");
  EXPECT_THAT(Refused(hub, matter.id(), reopen), HasSubstr("检举控告"));
  EXPECT_THAT(Refused(village(), matter.id(), Of(v1::STEP_TAKE_BACK)), HasSubstr("检举控告"));
  v1::GetRecordRequest get;
  get.set_id(matter.id());
  for (const char* fields : {R"({"content":"某某贪污"})", R"({"title":"某某贪污"})", R"({"remark":"某某贪污"})"}) {
    v1::ChangeRecordRequest edit;
    edit.set_action_id(town_.ActionId());
    edit.set_id(matter.id());
    edit.set_token(hub->records()->GetRecord(get)->record().token());
    edit.set_fields(fields);
    EXPECT_THAT(std::string(hub->records()->ChangeRecord(edit).status().message()), HasSubstr("检举控告")) << fields;
  }
}

TEST_F(AccusationTest, NoEditMakesARecordOne) {
  v1::MatterView matter = Log("某某贪污");
  v1::GetRecordRequest get;
  get.set_id(matter.id());
  v1::ChangeRecordRequest edit;
  edit.set_action_id(town_.ActionId());
  edit.set_id(matter.id());
  edit.set_token(village()->records()->GetRecord(get)->record().token());
  edit.set_fields(R"({"disposition":"DISPOSITION_GUIDED","guide_reason":"检举控告","guided_to":"纪委"})");
  EXPECT_THAT(std::string(village()->records()->ChangeRecord(edit).status().message()), HasSubstr("检举控告"));
}

TEST_F(AccusationTest, WhatWasGuidedElsewhereIsCorrectedWithAReasonAndTheChair) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("路不平");
  Do(village(), matter.id(), Guide("信访"));
  Sync();
  EXPECT_THAT(Refused(hub, matter.id(), Because(v1::STEP_REOPEN, "属镇里办")), HasSubstr("审批人"));
  v1::Step reopen = Because(v1::STEP_REOPEN, "属镇里办");
  reopen.set_approved_by("王主席");
  EXPECT_EQ(Do(hub, matter.id(), reopen), v1::ACCEPTED);
  EXPECT_EQ(Case(hub, matter.id()).matter().matter().guided_to(), "");
}

TEST_F(AccusationTest, WordsThatComeLateAreTakenOutByTheTownship) {
  HubNode* hub = &town_.hub();
  v1::MatterView matter = Log("路不平");
  Do(village(), matter.id(), Of(v1::STEP_SUBMIT));
  Sync();
  v1::Step correct = Of(v1::STEP_CORRECT);
  correct.set_text("某某贪污");
  Do(village(), matter.id(), correct);  // while the township finds what it is
  Do(hub, matter.id(), Guide("检举控告"));
  Sync();
  ASSERT_TRUE(hub->casework()->RunDaily({}).ok());
  Sync();
  ExpectGone(hub, matter.id(), "贪污");
  ExpectGone(village(), matter.id(), "贪污");
}

// Why the township did not count an op, in words that must not stand there.
TEST_F(AccusationTest, TheReasonOfAVerdictIsToldNowhereAndLeavesTheState) {
  HubNode* hub = &town_.hub();
  const v1::MatterView matter = Log("路不平");
  Do(village(), matter.id(), Of(v1::STEP_SUBMIT));
  v1::Step correct = Of(v1::STEP_CORRECT);
  correct.set_text("多说了几句");
  Do(village(), matter.id(), correct);
  Sync();
  RecordId id;
  ASSERT_TRUE(ParseRecordId(matter.id(), &id));
  const std::optional<Aggregate> before = hub->store()->Read().Load(id);
  ASSERT_TRUE(before.has_value());
  const Op judged = hub->store()->Read().OpsOf(*before).back();
  auto refuse = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    NewOp op = OpOn(*view.Load(id));
    op.writes.push_back(Verdict(judged, "说的是某某贪污"));
    return Action{"李雪", {op}, {}, {}};
  };
  ASSERT_TRUE(hub->store()->Commit(town_.random().Bytes(kActionIdBytes), "verdict", refuse).ok());
  v1::GetHistoryRequest history;
  history.set_id(matter.id());
  EXPECT_THAT(hub->records()->GetHistory(history)->Utf8DebugString(), HasSubstr("贪污"));
  EXPECT_EQ(Do(hub, matter.id(), Guide("检举控告")), v1::GUIDED);
  ExpectGone(hub, matter.id(), "贪污");
  EXPECT_TRUE(hub->store()->Read().Load(id)->Refused(judged.name())) << "the verdict stands";
  Sync();
  ExpectGone(village(), matter.id(), "贪污");
  EXPECT_TRUE(hub->store()->Verify().ok());
}

}  // namespace
}  // namespace liaison
