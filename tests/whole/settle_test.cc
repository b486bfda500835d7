// Disagreements as a township settles them: a field, a state, a void against an edit; and that the list, the status and
// the figures speak of one set.
#include "common/actions/settle.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "common/base/text.h"
#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class SettleTest : public testing::Test {
 protected:
  SettleTest() : town_(7) {
    first_ = town_.Enrol("HK-D057");
    second_ = town_.Enrol("HK-D057");
    v1::SessionView session = OpenSession(&town_, first_->node.get(), "2026-11-20");
    v1::LogVisitRequest request = VisitRequest(&town_, session, "三组水渠垮了二十来米");
    request.mutable_matters(0)->set_disposition(v1::DISPOSITION_VILLAGE);
    id_ = Must(first_->node->reception()->LogVisit(request)).visit().matters(0).id();
    SyncAll();
  }

  void SyncAll() {
    for (int round = 0; round < 3; ++round)
      for (Site* site : {first_.get(), second_.get()}) EXPECT_TRUE(town_.Sync(site->node.get()));
  }
  template <typename Node>
  v1::RecordView Read(Node* node) {
    v1::GetRecordRequest request;
    request.set_id(id_);
    absl::StatusOr<v1::GetRecordResponse> record = node->records()->GetRecord(request);
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? record->record() : v1::RecordView();
  }
  template <typename Node>
  void Change(Node* node, const std::string& fields) {
    v1::ChangeRecordRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(id_);
    request.set_token(Read(node).token());
    request.set_fields(fields);
    absl::Status status = node->records()->ChangeRecord(request).status();
    EXPECT_TRUE(status.ok()) << status;
  }
  void VoidAt(StationNode* node) {
    v1::VoidRecordRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(id_);
    request.set_token(Read(node).token());
    request.set_reason("重复");
    EXPECT_TRUE(node->records()->VoidRecord(request).ok());
  }
  std::vector<v1::ConflictView> List() {
    v1::ListConflictsResponse response = Must(hub()->records()->ListConflicts({}));
    EXPECT_EQ(response.total(), response.conflicts_size() + response.clashes_size());
    return {response.conflicts().begin(), response.conflicts().end()};
  }
  v1::SettleRequest About(const v1::ConflictView& conflict) {
    v1::SettleRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(conflict.record_id());
    request.set_token(conflict.token());
    request.set_field(conflict.field());
    return request;
  }
  std::string Why(const v1::SettleRequest& request) {
    absl::StatusOr<v1::SettleResponse> response = hub()->records()->Settle(request);
    return response.ok() ? "" : std::string(response.status().message());
  }
  int64_t InFigures() {
    v1::GetFiguresResponse figures = Must(hub()->statistics()->GetFigures({}));
    for (const v1::Figure& figure : figures.figures())
      if (figure.code() == "Q1.conflicts") return figure.value();
    return -1;
  }
  HubNode* hub() { return &town_.hub(); }

  Township town_;
  std::unique_ptr<Site> first_, second_;
  std::string id_;
};

TEST_F(SettleTest, AFieldIsSettledByOneOfItsSidesAndReachesEverybody) {
  Change(first_->node.get(), R"({"title":"水渠垮塌","place":"三组"})");
  Change(second_->node.get(), R"({"title":"渠道损坏"})");
  SyncAll();
  std::vector<v1::ConflictView> conflicts = List();
  ASSERT_EQ(conflicts.size(), 1u);
  const v1::ConflictView& title = conflicts[0];
  EXPECT_EQ(title.kind(), v1::CONFLICT_FIELD);
  ASSERT_EQ(title.values_size(), 2);
  for (const v1::ConflictValue& value : title.values()) {
    EXPECT_FALSE(value.side().empty());
    EXPECT_FALSE(value.device_name().empty()) << "which device wrote it";
  }
  EXPECT_NE(title.values(0).device_name(), title.values(1).device_name());
  const v1::ConflictValue& wanted = title.values(title.values(0).displayed() ? 1 : 0);
  v1::SettleRequest request = About(title);
  EXPECT_THAT(Why(request), HasSubstr("选用"));
  request.set_side("000000");
  EXPECT_THAT(Why(request), HasSubstr("没有“000000”"));
  request.set_side(wanted.side());
  request.set_text("水渠");
  EXPECT_THAT(Why(request), HasSubstr("只能有一个"));
  request.clear_text();
  EXPECT_EQ(Why(request), "");
  EXPECT_EQ(Why(request), "") << "the same action again";
  EXPECT_TRUE(List().empty());
  SyncAll();
  for (Site* site : {first_.get(), second_.get()}) {
    EXPECT_THAT(Read(site->node.get()).json(), HasSubstr(wanted.text()));
    EXPECT_EQ(site->node->records()->GetStatus({})->conflicts(), 0);
  }
  request.set_action_id(town_.ActionId());
  EXPECT_EQ(Why(request), "这条记录没有待确定的分歧");
}

TEST_F(SettleTest, AFieldIsSettledByANewText) {
  Change(first_->node.get(), R"({"title":"水渠垮塌"})");
  Change(second_->node.get(), R"({"title":"渠道损坏"})");
  SyncAll();
  v1::SettleRequest request = About(List().at(0));
  request.set_text("三组水渠垮塌二十米");
  EXPECT_EQ(Why(request), "");
  EXPECT_TRUE(List().empty());
  EXPECT_THAT(Read(hub()).json(), HasSubstr("三组水渠垮塌二十米"));
}

TEST_F(SettleTest, AStateIsSettledByAStepThatHasSeenBothAndTheCaseOffersIt) {
  v1::TakeStepRequest submit;
  submit.set_action_id(town_.ActionId());
  submit.add_targets()->set_id(id_);
  submit.mutable_targets(0)->set_token(Read(first_->node.get()).token());
  submit.mutable_step()->set_kind(v1::STEP_SUBMIT);
  ASSERT_TRUE(first_->node->casework()->TakeStep(submit).ok());
  v1::TakeStepRequest answer;
  answer.set_action_id(town_.ActionId());
  answer.add_targets()->set_id(id_);
  answer.mutable_targets(0)->set_token(Read(second_->node.get()).token());
  answer.mutable_step()->set_kind(v1::STEP_ANSWER);
  answer.mutable_step()->set_text("已修好");
  answer.mutable_step()->set_by("HK-R001");
  answer.mutable_step()->set_solved(true);
  absl::StatusOr<v1::TakeStepResponse> answered = second_->node->casework()->TakeStep(answer);
  ASSERT_TRUE(answered.ok()) << answered.status();
  SyncAll();
  v1::GetCaseRequest get;
  get.set_id(id_);
  absl::StatusOr<v1::GetCaseResponse> view = hub()->casework()->GetCase(get);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->case_().matter().state(), v1::CONTESTED);
  const v1::ConflictView* state = nullptr;
  for (const v1::ConflictView& one : view->case_().conflicts())
    if (one.kind() == v1::CONFLICT_STATE) state = &one;
  ASSERT_NE(state, nullptr) << "the case offers what there is to choose";
  ASSERT_EQ(state->values_size(), 2);
  v1::SettleRequest request = About(*state);
  request.set_text("已上报");
  EXPECT_THAT(Why(request), HasSubstr("状态只能选用其中一个"));
  request.clear_text();
  for (const v1::ConflictValue& value : state->values())
    if (value.text() == "当场答复") request.set_side(value.side());
  ASSERT_FALSE(request.side().empty());
  request.set_reason("村里已经解决");
  EXPECT_EQ(Why(request), "");
  view = hub()->casework()->GetCase(get);
  EXPECT_EQ(view->case_().matter().state(), v1::ANSWERED);
  EXPECT_EQ(view->case_().matter().matter().status().reason(), "村里已经解决");
  SyncAll();
  EXPECT_EQ(first_->node->casework()->GetCase(get)->case_().matter().state(), v1::ANSWERED);
}

TEST_F(SettleTest, AVoidAgainstAnEditIsInTheListAndIsSettledEitherWay) {
  for (std::string_view side : {kSideKeep, kSideVoid}) {
    Change(first_->node.get(), Cat("{\"place\":\"", side, "组\"}"));
    VoidAt(second_->node.get());
    SyncAll();
    ASSERT_TRUE(Read(hub()).flagged());
    std::vector<v1::ConflictView> conflicts = List();
    ASSERT_EQ(conflicts.size(), 1u);
    EXPECT_EQ(conflicts[0].kind(), v1::CONFLICT_VOID);
    EXPECT_EQ(conflicts[0].values_size(), 2);
    EXPECT_EQ(hub()->records()->GetStatus({})->conflicts(), 1);
    EXPECT_EQ(InFigures(), 1);
    v1::SettleRequest request = About(conflicts[0]);
    request.set_side("两者");
    EXPECT_THAT(Why(request), HasSubstr("应为“作废”或“保留”"));
    request.set_side(std::string(side));
    EXPECT_EQ(Why(request), "");
    EXPECT_EQ(Read(hub()).voided(), side == kSideVoid);
    EXPECT_FALSE(Read(hub()).flagged());
    EXPECT_TRUE(List().empty());
    EXPECT_EQ(InFigures(), 0);
    SyncAll();
  }
}

TEST_F(SettleTest, WhatIsVoidHasNoDisagreements) {
  Change(first_->node.get(), R"({"title":"水渠垮塌"})");
  Change(second_->node.get(), R"({"title":"渠道损坏"})");
  SyncAll();
  ASSERT_EQ(List().size(), 1u);
  VoidAt(first_->node.get());
  SyncAll();
  ASSERT_TRUE(Read(hub()).voided());
  EXPECT_TRUE(List().empty());
  EXPECT_EQ(hub()->records()->GetStatus({})->conflicts(), 0);
  EXPECT_EQ(InFigures(), 0);
}

TEST(OneSet, NumbersGivenTwiceAreCountedWhereTheOthersAre) {
  Township town(11);
  std::unique_ptr<Site> site = town.Enrol("HK-D057", true);
  v1::SessionView session = OpenSession(&town, site->node.get(), "2026-11-20");
  const std::string copy = town.Clone(site.get());
  for (const std::string& dir : {site->dir, copy}) {
    std::unique_ptr<StationNode> node = town.Open(dir);
    ASSERT_TRUE(node->reception()->LogVisit(VisitRequest(&town, session, "水渠垮了 " + dir)).ok());
    EXPECT_TRUE(town.Sync(node.get()));
  }
  absl::StatusOr<v1::ListConflictsResponse> found = town.hub().records()->ListConflicts({});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->clashes_size(), 2);
  EXPECT_EQ(found->total(), found->clashes_size() + found->conflicts_size());
  EXPECT_EQ(town.hub().records()->GetStatus({})->conflicts(), found->total());
  absl::StatusOr<v1::GetFiguresResponse> figures = town.hub().statistics()->GetFigures({});
  ASSERT_TRUE(figures.ok());
  for (const v1::Figure& figure : figures->figures())
    if (figure.code() == "Q1.conflicts") EXPECT_EQ(figure.value(), found->total());
}

class ClashTest : public testing::Test {
 protected:
  // One box and its copy: each logs a visit with a matter, and gives both the same numbers.
  explicit ClashTest(int days_on_the_way = 0) : town_(11), site_(town_.Enrol("HK-D057", true)) {
    v1::SessionView session = OpenSession(&town_, site_->node.get(), "2026-11-20");
    for (const std::string& dir : {town_.Clone(site_.get()), site_->dir}) {
      node_ = town_.Open(dir);
      const v1::LogVisitResponse logged =
          Must(node_->reception()->LogVisit(VisitRequest(&town_, session, Cat("水渠垮了", matters_.size() + 1))));
      matters_.push_back(logged.visit().matters(0));
      visits_.push_back(logged.visit().id());
      town_.clock().Advance(int64_t{days_on_the_way} * 24 * 3600 * 1000);
      EXPECT_TRUE(town_.Sync(node_.get()));
    }
  }

  template <typename Node>
  absl::Status Keep(Node* node, const std::string& id) {
    v1::SettleRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(id);
    request.set_field(std::string(kNumberField));
    request.set_side(std::string(kSideKeep));
    request.set_user("李雪");
    return node->records()->Settle(request).status();
  }
  template <typename Node>
  v1::Matter MatterAt(Node* node, size_t which) {
    v1::GetCaseRequest request;
    request.set_id(matters_[which].id());
    absl::StatusOr<v1::GetCaseResponse> found = node->casework()->GetCase(request);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? found->case_().matter().matter() : v1::Matter();
  }
  int TimesNumbered(size_t which) {
    v1::GetHistoryRequest request;
    request.set_id(matters_[which].id());
    const v1::GetHistoryResponse history = hub()->records()->GetHistory(request).value();
    return static_cast<int>(std::count_if(history.events().begin(), history.events().end(),
                                          [](const auto& event) { return event.field_label() == "编号"; }));
  }
  HubNode* hub() { return &town_.hub(); }

  Township town_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<StationNode> node_;  // the one that came last to the hub
  std::vector<v1::MatterView> matters_;
  std::vector<std::string> visits_;
};

TEST_F(ClashTest, OneKeepsTheNumberAndTheOthersGetAMark) {
  const std::string number = matters_[0].matter().number();
  ASSERT_EQ(matters_[1].matter().number(), number);
  const v1::ListConflictsResponse found = hub()->records()->ListConflicts({}).value();
  ASSERT_EQ(found.clashes_size(), 2);
  for (const v1::NumberClash& clash : found.clashes()) {
    ASSERT_EQ(clash.texts_size(), 2);
    EXPECT_THAT(clash.texts(0), HasSubstr("水渠垮了"));
    EXPECT_NE(clash.texts(0), clash.texts(1));
  }
  EXPECT_EQ(Keep(node_.get(), matters_[1].id()).message(), "编号：重号只能由镇里确定");
  const int before = TimesNumbered(1);
  ASSERT_TRUE(Keep(hub(), matters_[1].id()).ok());
  EXPECT_EQ(MatterAt(hub(), 1).number(), number);
  std::string marked = number;
  marked.insert(marked.rfind("号"), "-2");
  EXPECT_EQ(MatterAt(hub(), 0).number(), marked);
  for (size_t which : {0u, 1u}) EXPECT_EQ(TimesNumbered(which), before + 1) << "both histories tell of it";
  EXPECT_EQ(hub()->records()->ListConflicts({})->clashes_size(), 1) << "the visits'";
  ASSERT_TRUE(Keep(hub(), visits_[0]).ok());
  EXPECT_EQ(hub()->records()->ListConflicts({})->total(), 0);
  EXPECT_EQ(hub()->records()->GetStatus({})->conflicts(), 0);
  EXPECT_THAT(Keep(hub(), matters_[1].id()).message(), HasSubstr("没有别的记录也用"));
  ASSERT_TRUE(town_.Sync(node_.get()));
  EXPECT_EQ(MatterAt(node_.get(), 0).number(), marked);
  EXPECT_EQ(node_->records()->ListConflicts({})->clashes_size(), 0);
  v1::FindRequest find;
  find.set_query(marked);
  EXPECT_EQ(hub()->records()->Find(find)->hits_size(), 1);
  EXPECT_TRUE(hub()->store()->Verify().ok());
}

class LateClashTest : public ClashTest {
 protected:
  LateClashTest() : ClashTest(20) {}

  int64_t LateInFigures() {
    const v1::GetFiguresResponse now = Must(hub()->statistics()->GetFigures({}));
    for (const v1::Figure& figure : now.figures())
      if (figure.code() == "Q1.late") return figure.value();
    return -1;
  }
};

TEST_F(LateClashTest, WhatCameLateStaysLateUnderAnotherNumber) {
  for (bool settled : {false, true}) {
    for (const v1::MatterView& matter : matters_) {
      v1::GetCaseRequest request;
      request.set_id(matter.id());
      EXPECT_TRUE(hub()->casework()->GetCase(request)->case_().matter().late());
    }
    EXPECT_EQ(LateInFigures(), 2);
    if (settled) continue;
    ASSERT_TRUE(Keep(hub(), matters_[1].id()).ok());
    ASSERT_TRUE(Keep(hub(), visits_[1]).ok());
  }
}

TEST_F(ClashTest, WhatIsVoidClashesWithNothing) {
  v1::VoidRecordRequest request;
  request.set_action_id(town_.ActionId());
  request.set_id(matters_[0].id());
  v1::GetRecordRequest get;
  get.set_id(matters_[0].id());
  request.set_token(hub()->records()->GetRecord(get)->record().token());
  request.set_reason("重复");
  ASSERT_TRUE(hub()->records()->VoidRecord(request).ok());
  EXPECT_EQ(hub()->records()->ListConflicts({})->clashes_size(), 1);
  EXPECT_THAT(Keep(hub(), matters_[1].id()).message(), HasSubstr("没有别的记录也用"));
}

}  // namespace
}  // namespace liaison
