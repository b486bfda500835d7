// Honest words are never refused: whatever the services of real stations write is judged by the hub that knows them.
// And what they would never write moves nothing.
#include <fstream>
#include <functional>
#include <iterator>

#include "common/codec/op_codec.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/people/granting.h"
#include "common/store/op_on.h"
#include "hub/door/judge.h"
#include "tests/attachments/files.h"
#include "tests/casework/case_fixture.h"
#include "tests/testing/places.h"
#include "tests/testing/visits.h"

namespace liaison {
namespace {

constexpr char kVillage[] = "HK-D057", kArea[] = "HK-P008", kOfficer[] = "U00001";

class Honest : public CaseTest {
 protected:
  Honest()
      : roster_(town_.hub().store()),
        people_(town_.hub().store()),
        judge_(&roster_, &people_),
        area_(town_.Enrol(kArea)),
        centre_(town_.Enrol("HK-Z001")) {
    SyncAll();
  }
  StationNode* area() { return area_->node.get(); }
  StationNode* centre() { return centre_->node.get(); }
  HubNode* hub() { return &town_.hub(); }
  void SyncAll() {
    for (int round = 0; round < 2; ++round)
      for (StationNode* node : {village(), area(), centre()}) ASSERT_TRUE(town_.Sync(node));
  }

  // Judges each op that the hub lacks of this box, by what the hub has when it comes.
  void Bring(StationNode* station) {
    const Store& store = *station->store();
    for (const Store::OwnLog& log : store.OwnLogs()) {
      const std::optional<sync::Tip> have = hub()->store()->Have(log.actor);
      for (uint64_t seq = have ? have->seq + 1 : 1; seq <= log.last_seq; ++seq) {
        const sync::Range range = Must(store.ReadRange(log.actor, seq, 1));
        const Op op = Must(DecodeOp(range.ops.at(0)));
        const Judgement said = judge_(op, hub()->store()->Read());
        EXPECT_TRUE(said.outcome == Judgement::Outcome::kStands)
            << ToText(op.actor) << " " << seq << " on " << ToText(op.aggregate) << ": " << said.code << " "
            << said.words;
        EXPECT_EQ(op.schema_version, op.user == kOfficer ? kAccountVersion : kTypedNameVersion);
        ++judged_;
        Must(hub()->store()->ApplyRanges({&range, 1}));
      }
    }
    SyncAll();
  }

  template <typename Node>
  std::string Token(Node* node, const std::string& id) {
    v1::GetRecordRequest get;
    get.set_id(id);
    return Must(node->records()->GetRecord(get)).record().token();
  }
  template <typename Request>
  Request By() {
    Request request;
    request.set_action_id(town_.ActionId());
    request.set_user(user_);
    return request;
  }
  template <typename Request>
  Request About(StationNode* node, const std::string& session) {
    auto request = By<Request>();
    request.set_session_id(session);
    request.set_token(Token(node, session));
    return request;
  }
  template <typename Node>
  void Step(Node* node, const std::string& id, const v1::Step& step) {
    auto request = By<v1::TakeStepRequest>();
    request.add_targets()->set_id(id);
    request.mutable_targets(0)->set_token(Token(node, id));
    *request.mutable_step() = step;
    Must(node->casework()->TakeStep(request).status());
  }
  void Change(StationNode* node, const std::string& id, const std::string& fields) {
    auto request = By<v1::ChangeRecordRequest>();
    request.set_id(id);
    request.set_token(Token(node, id));
    request.set_fields(fields);
    Must(node->records()->ChangeRecord(request).status());
  }
  void Void(StationNode* node, const std::string& id, bool take_back = false) {
    auto request = By<v1::VoidRecordRequest>();
    request.set_id(id);
    request.set_token(Token(node, id));
    request.set_take_back(take_back);
    if (!take_back) request.set_reason("误录");
    Must(node->records()->VoidRecord(request).status());
  }
  std::string Attach(StationNode* node, const std::string& id, uint64_t seed) {
    v1::StoreFileRequest store;
    store.set_content(Photo(1'000, seed));
    auto request = By<v1::AttachFileRequest>();
    request.set_hash(Must(node->file_desk()->StoreFile(store)).hash());
    request.set_id(id);
    request.set_name("照片");
    return Must(node->file_desk()->AttachFile(request)).file().id();
  }
  std::string Session(StationNode* node, const std::string& point, bool paper = false) {
    auto request = By<v1::OpenSessionRequest>();
    request.mutable_session()->set_station_id(point);
    request.mutable_session()->set_date(node->records()->GetStatus({})->today());
    request.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    request.mutable_session()->set_paper_pending(paper);
    return Must(node->reception()->OpenSession(request)).session().id();
  }
  v1::VisitView Visit(StationNode* node, const std::string& session, v1::Disposition disposition,
                      const std::string& name = "", const std::string& reason = "已走信访程序") {
    auto request = By<v1::LogVisitRequest>();
    request.set_session_id(session);
    FillVisit("水渠漏水", 2, &request);
    request.mutable_visitor()->set_name(name);
    v1::Matter& matter = *request.mutable_matters(0);
    matter.set_disposition(disposition);
    matter.set_track(v1::TRACK_BILL);  // no page sends what is the township's; who does, is not heard
    matter.set_key_matter(true);
    if (disposition == v1::DISPOSITION_ANSWERED) matter.set_answer("已答复");
    if (disposition == v1::DISPOSITION_ANSWERED) matter.set_answered_by("HK-R001");
    if (disposition == v1::DISPOSITION_GUIDED) matter.set_guided_to("信访办");
    if (disposition == v1::DISPOSITION_GUIDED) matter.set_guide_reason(reason);
    return Must(node->reception()->LogVisit(request)).visit();
  }
  static v1::Step Told() {
    v1::Step step = Of(v1::STEP_FEED_BACK);
    step.set_mode("电话");
    step.set_by("李四");
    return step;
  }
  static v1::Step With(v1::StepKind kind, const char* text, const char* by = "") {
    v1::Step step = Of(kind);
    step.set_text(text);
    step.set_by(by);
    return step;
  }
  static v1::Step Guide(const char* reason) {
    v1::Step step = Because(v1::STEP_GUIDE, reason);
    step.set_guided_to("信访办");
    return step;
  }
  static v1::Step Withdraw() {
    v1::Step step = Because(v1::STEP_WITHDRAW, "本人要求");
    step.set_by("张三");
    return step;
  }

  std::string Sentence() {
    v1::GetReportRequest request;
    request.set_from("2026-01-01");
    request.set_to("2026-06-30");
    return Must(hub()->statistics()->GetReport(request)).sentence();
  }
  void Commit(const std::function<NewOp(const StoreReader&)>& op) {
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      Action action;
      action.user = "镇里";
      action.ops.push_back(op(view));
      return action;
    };
    Must(hub()->store()->Commit(town_.random().Bytes(kActionIdBytes), "x", build).status());
  }

  void Walk() {
    for (StationNode* node : {village(), area(), centre()}) {
      WalkThroughReceptions(node);
      WalkThroughSteps(node);
      WalkThroughACase(node);
    }
    WalkThroughPlans(village());
    WalkThroughMerging(village());
  }
  void WalkThroughReceptions(StationNode* node);
  void WalkThroughSteps(StationNode* node);
  void WalkThroughACase(StationNode* node);
  void WalkThroughPlans(StationNode* node);
  void WalkThroughMerging(StationNode* node);

  std::string user_ = "李四";
  uint64_t photos_ = 0;
  int judged_ = 0;
  RosterCache roster_;
  PeopleCache people_;
  Judge judge_;
  std::unique_ptr<Site> area_, centre_;
};

void Honest::WalkThroughReceptions(StationNode* node) {
  const std::string session = Session(node, kVillage);
  for (v1::Disposition disposition :
       {v1::DISPOSITION_ANSWERED, v1::DISPOSITION_VILLAGE, v1::DISPOSITION_SUBMIT, v1::DISPOSITION_GUIDED}) {
    const v1::VisitView visit = Visit(node, session, disposition, "钱月仙");
    Change(node, visit.id(), R"({"originalWords":"水渠漏水，天天漏","headcount":3})");
    if (disposition != v1::DISPOSITION_GUIDED) Change(node, visit.matters(0).id(), R"({"title":"水渠"})");
    Attach(node, visit.id(), ++photos_);
    if (disposition == v1::DISPOSITION_VILLAGE) Void(node, visit.id());
    if (disposition == v1::DISPOSITION_VILLAGE) Void(node, visit.id(), true);
  }
  Visit(node, session, v1::DISPOSITION_GUIDED, "孙二", "举报某某");
  const v1::VisitView visit = Visit(node, session, v1::DISPOSITION_SUBMIT, "李三");
  const std::string matter = visit.matters(0).id();
  const std::string file = Attach(node, matter, ++photos_);
  Void(node, file);
  Void(node, file, true);
  Void(node, matter);
  Void(node, matter, true);
  RecordId visitor;
  ASSERT_TRUE(RecordIdFromBytes(visit.entry().visitor_id(), &visitor));
  Change(node, ToText(visitor), R"({"name":"李三元"})");
  auto sign = About<v1::SignInRequest>(node, session);
  sign.set_deputy_id("HK-R001");
  sign.set_in("09:00");
  Must(node->planning()->SignIn(sign).status());
  auto close = About<v1::CloseSessionRequest>(node, session);
  close.set_unregistered_count(2);
  Must(node->reception()->CloseSession(close).status());
  Change(node, session, R"({"remark":"人多"})");
  const std::string paper = Session(node, kVillage, true);
  Attach(node, paper, ++photos_);
  Visit(node, paper, v1::DISPOSITION_SUBMIT);
  Must(node->planning()->FinishLateEntry(About<v1::FinishLateEntryRequest>(node, paper)).status());
  Void(node, Session(node, kVillage));
  Bring(node);
}

void Honest::WalkThroughSteps(StationNode* node) {
  auto matter = [&](v1::Disposition disposition) {
    return Visit(node, Session(node, kVillage), disposition, "赵六").matters(0).id();
  };
  const std::string answered = matter(v1::DISPOSITION_VILLAGE), guided = matter(v1::DISPOSITION_VILLAGE);
  Step(node, answered, Told());
  Step(node, answered, With(v1::STEP_ANSWER, "已修好", "HK-R001"));
  Step(node, answered, Of(v1::STEP_TAKE_BACK));
  Step(node, answered, With(v1::STEP_ANSWER, "已修好", "HK-R001"));
  Step(node, answered, Rate(v1::RATING_SATISFIED, "钱月仙"));
  Step(node, answered, With(v1::STEP_CORRECT, "是三盏"));
  Step(node, guided, Guide("已走信访程序"));
  Step(node, guided, Of(v1::STEP_TAKE_BACK));
  Step(node, guided, Guide("已走信访程序"));
  const std::string withdrawn = matter(v1::DISPOSITION_SUBMIT), accused = matter(v1::DISPOSITION_VILLAGE);
  Step(node, withdrawn, Withdraw());
  Step(node, withdrawn, Of(v1::STEP_TAKE_BACK));
  Step(node, withdrawn, Of(v1::STEP_SUBMIT));
  Step(node, withdrawn, Of(v1::STEP_TAKE_BACK));
  Step(node, accused, Told());
  Attach(node, accused, ++photos_);
  Step(node, accused, Told());
  Step(node, accused, Of(v1::STEP_TAKE_BACK));
  Bring(node);
  Step(hub(), accused, Told());
  Bring(node);
  Step(node, accused, Guide("举报村干部"));
  Bring(node);
}

void Honest::WalkThroughACase(StationNode* node) {
  const std::string id = Visit(node, Session(node, kVillage), v1::DISPOSITION_SUBMIT, "周七").matters(0).id();
  Step(node, id, Of(v1::STEP_SUBMIT));
  Bring(node);
  Step(hub(), id, Because(v1::STEP_SEND_BACK, "写清地点"));
  Bring(node);
  Change(node, id, R"({"place":"三组"})");
  Attach(node, id, ++photos_);
  Step(node, id, Of(v1::STEP_SUBMIT));
  Step(node, id, Of(v1::STEP_TAKE_BACK));  // it is 退回补正 again
  Step(node, id, Withdraw());
  Step(node, id, Of(v1::STEP_TAKE_BACK));
  Step(node, id, Of(v1::STEP_SUBMIT));
  Bring(node);
  Step(hub(), id, Of(v1::STEP_ACCEPT));
  Step(hub(), id, Assign("HK-U01"));
  Step(hub(), id, Of(v1::STEP_RECEIVE));
  Bring(node);
  Step(node, id, With(v1::STEP_CORRECT, "是三盏"));
  Step(node, id, Told());
  Attach(node, id, ++photos_);
  Step(hub(), id, Reply(v1::CLASS_A));
  Bring(node);
  Step(node, id, Rate(v1::RATING_DISSATISFIED, "周七"));
  Step(node, id, Of(v1::STEP_TAKE_BACK));
  Step(node, id, Rate(v1::RATING_DISSATISFIED, "周七"));
  Bring(node);
  Step(hub(), id, Of(v1::STEP_REWORK));
  Step(hub(), id, Reply(v1::CLASS_A));
  Bring(node);
  Step(node, id, Rate(v1::RATING_SATISFIED, "周七"));
  Bring(node);
  Step(hub(), id, Of(v1::STEP_CLOSE));
  Bring(node);
  Step(node, id, Told());
  Bring(node);
}

void Honest::WalkThroughPlans(StationNode* node) {
  v1::SetSettingRequest rule;
  rule.set_action_id(town_.ActionId());
  rule.set_key("schedule");
  rule.set_value("每月15日");
  Must(hub()->congress()->SetSetting(rule).status());
  SyncAll();
  auto plan = By<v1::PlanSessionsRequest>();
  plan.set_from("2026-04-01");
  plan.set_to("2026-04-30");
  plan.add_station_ids(kVillage);
  plan.add_deputy_ids("HK-R001");
  const v1::PlanSessionsResponse planned = Must(node->planning()->PlanSessions(plan));
  ASSERT_EQ(planned.planned_size(), 1);
  const std::string session = planned.planned(0).id();
  auto notice = By<v1::RecordNoticesRequest>();
  notice.add_session_ids(session);
  Must(node->planning()->RecordNotices(notice).status());
  auto leave = About<v1::TakeLeaveRequest>(node, session);
  leave.set_deputy_id("HK-R001");
  leave.set_reason("开会");
  Must(node->planning()->TakeLeave(leave).status());
  auto instead = About<v1::SubstituteRequest>(node, session);
  instead.set_deputy_id("HK-R002");
  instead.set_substitute_for("HK-R001");
  Must(node->planning()->Substitute(instead).status());
  Bring(node);
}

// Two villages' matters become one: what the other village adds to it comes from where it came from.
void Honest::WalkThroughMerging(StationNode* node) {
  const std::string one = Visit(node, Session(node, kVillage), v1::DISPOSITION_SUBMIT).matters(0).id();
  const std::string other = Visit(centre(), Session(centre(), "HK-Z001"), v1::DISPOSITION_SUBMIT).matters(0).id();
  Step(node, one, Of(v1::STEP_SUBMIT));
  Step(centre(), other, Of(v1::STEP_SUBMIT));
  Bring(node);
  Bring(centre());
  v1::Step merge = Of(v1::STEP_MERGE);
  merge.set_into(other);
  Step(hub(), one, merge);
  SyncAll();
  Step(node, other, Told());
  Bring(node);
}

TEST_F(Honest, TypedNamesAreNeverRefused) {
  Walk();
  EXPECT_GT(judged_, 200);
}

TEST_F(Honest, AccountsAreNeverRefused) {
  v1::Account account;
  account.set_account_id(kOfficer);
  account.set_name("李四");
  Commit([&](const StoreReader& view) { return MasterOp(view, account, kOfficer); });
  for (const char* station : {kVillage, kArea, "HK-Z001"}) {
    v1::Grant grant;
    grant.set_account_id(kOfficer);
    grant.set_role(v1::Access::OFFICER);
    const RecordId id = RecordId::Random(TypeOf<v1::Grant>().type(), town_.random().Bytes(kActionIdBytes), 0);
    Commit([&](const StoreReader& view) { return GrantOp(view, station, id, grant); });
  }
  SyncAll();
  user_ = kOfficer;
  Walk();
  EXPECT_GT(judged_, 200);
}

// A whole old ledger, of villages all over the township, and all of it undone.
TEST_F(Honest, OldLedgersAreNeverRefused) {
  std::ifstream in(InSource("/hub/fixture/ledger-old.csv"), std::ios::binary);
  v1::ImportLedgerRequest request;
  request.set_file_name("a.csv");
  request.set_content(std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()));
  request.set_user(user_);
  const v1::ImportLedgerResponse taken = Must(centre()->ledgers()->ImportLedger(request));
  EXPECT_GT(taken.accepted(), 50);
  Bring(centre());
  auto undo = By<v1::UndoImportRequest>();
  undo.set_batch_id(taken.batch_id());
  Must(centre()->ledgers()->UndoImport(undo).status());
  Bring(centre());
  EXPECT_GT(judged_, 200);
}

TEST_F(Honest, AnAreasOwnActivitiesAreNeverRefused) {
  auto add = By<v1::AddCongressRecordRequest>();
  v1::Activity& activity = *add.mutable_activity();
  activity.set_type(v1::ACTIVITY_GROUP);
  activity.set_title("视察水渠");
  activity.set_date("2026-03-19");
  activity.set_station_id(kArea);
  const std::string id = Must(area()->congress()->AddCongressRecord(add)).record().id();
  auto ballot = By<v1::AddCongressRecordRequest>();
  ballot.set_parent(id);
  ballot.mutable_ballot()->set_kind(v1::BALLOT_DEPARTMENT);
  ballot.mutable_ballot()->set_subject("水利站");
  ballot.mutable_ballot()->set_voters(9);
  ballot.mutable_ballot()->set_satisfied(8);
  Must(area()->congress()->AddCongressRecord(ballot).status());
  Change(area(), id, R"({"place":"三组"})");
  Void(area(), id);
  Bring(area());
  EXPECT_EQ(judged_, 4);
}

// A program of a station's own says that a matter was solved: nobody at the hub hears of it.
TEST_F(Honest, ForgedClosingsMoveNoFigure) {
  const std::string text = Visit(village(), Session(village(), kVillage), v1::DISPOSITION_SUBMIT).matters(0).id();
  Step(village(), text, Of(v1::STEP_SUBMIT));
  Bring(village());
  Step(hub(), text, Of(v1::STEP_ACCEPT));
  SyncAll();
  RecordId id;
  ASSERT_TRUE(ParseRecordId(text, &id));
  const std::string before = Sentence();
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    v1::Matter closed;
    closed.mutable_status()->set_to(v1::CLOSED);
    closed.mutable_status()->set_date("2026-03-20");
    v1::Reply reply;
    reply.set_round(1);
    reply.set_date("2026-03-20");
    reply.set_reply_class(v1::CLASS_A);
    reply.set_text("已修好");
    Action action;
    action.user = user_;
    NewOp& op = action.ops.emplace_back(OpOn(view, id));
    WritesOf(closed, {}, &op.writes, &op.sealed);
    WritesOf(reply, RecordId::Random(TypeOf<v1::Reply>().type(), "0123456789", 0), &op.writes, &op.sealed);
    return action;
  };
  Must(village()->store()->Commit("0123456789", "forged", build).status());
  ASSERT_TRUE(town_.Sync(village()));
  EXPECT_EQ(village()->store()->pending_ops(), 0u) << "it has come";
  const std::optional<Aggregate> matter = hub()->store()->Read().Load(id);
  ASSERT_TRUE(matter.has_value());
  EXPECT_EQ(MatterStateOf(*matter), v1::ACCEPTED);
  EXPECT_TRUE(CaseFile(*matter, OpTimes()).replies.empty());
  EXPECT_EQ(Sentence(), before);
}

}  // namespace
}  // namespace liaison
