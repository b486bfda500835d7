// What each role is shown of a town: two villages, the hub, and a caller of each kind.
#include "common/api/viewer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/api/views.h"
#include "common/base/text.h"
#include "common/record/view.h"
#include "hub/desk/withhold.h"
#include "hub/door/interests.h"
#include "tests/testing/forwarding_kv.h"
#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kVillage[] = "HK-D057", kNext[] = "HK-D058", kUnit[] = "HK-U05", kOtherUnit[] = "HK-U02";
constexpr char kOwn[] = "HK-R001", kOther[] = "HK-R002";  // deputies
constexpr char kName[] = "王小明", kPhone[] = "13812345678";

Caller CallerWith(const std::string& account, const std::string& deputy, Right right) {
  auto who = std::make_shared<Who>();
  who->account = account;
  who->name = account;
  who->deputy = deputy;
  who->rights.push_back(std::move(right));
  return Caller{account, std::move(who), false};
}
Caller Deputy(const std::string& deputy) {
  return CallerWith("UD0001", deputy, {v1::Access::DEPUTY, {kVillage}, "", ""});
}
Caller Officer(const std::string& station) {
  return CallerWith("U00001", "", {v1::Access::OFFICER, {station}, "", ""});
}
Caller Area() { return CallerWith("UA0001", "", {v1::Access::AREA, {"HK-P008", kVillage, kNext}, "", ""}); }
Caller Handler(const std::string& unit) { return CallerWith("UH0001", "", {v1::Access::HANDLER, {}, unit, ""}); }
Caller Bearer(const std::string& matter) { return CallerWith("", "", {v1::Access::LINK, {}, "", matter}); }
Caller OfHub(v1::Access::Role role) { return CallerWith("UT0001", "", {role, {}, "", ""}); }

template <typename Response>
bool Hidden(const absl::StatusOr<Response>& answer) {
  return absl::IsNotFound(answer.status());
}

class ViewerTest : public testing::Test {
 protected:
  ViewerTest() : village_(town_.Enrol(kVillage)), next_(town_.Enrol(kNext)) {
    own_ = Log(village(), Open(village(), kOwn), "三组水渠垮了二十来米", kName, kPhone);
    other_ = Log(village(), Open(village(), kOther), "路灯不亮", "李翠花", "13987654321");
    foreign_ = Log(next_->node.get(), Open(next_->node.get(), kOther), "桥面塌了一块", "赵大山", "13711112222");
  }
  StationNode* village() { return village_->node.get(); }
  HubNode& hub() { return town_.hub(); }

  v1::SessionView Open(StationNode* station, const std::string& deputy) {
    v1::OpenSessionRequest request;
    request.set_action_id(town_.ActionId());
    request.mutable_session()->set_date("2026-11-20");
    request.mutable_session()->add_deputies()->set_deputy_id(deputy);
    return Must(station->reception()->OpenSession(request)).session();
  }
  v1::VisitView Log(StationNode* station, const v1::SessionView& session, const std::string& words,
                    const std::string& name, const std::string& phone) {
    v1::LogVisitRequest request = VisitRequest(&town_, session, words);
    request.mutable_visitor()->set_name(name);
    request.mutable_visitor()->set_phone(phone);
    v1::VisitView visit = Must(station->reception()->LogVisit(request)).visit();
    Take(station->casework(), visit.matters(0).id(), StepOf(v1::STEP_SUBMIT));
    return visit;
  }
  static v1::Step StepOf(v1::StepKind kind) {
    v1::Step step;
    step.set_kind(kind);
    step.set_date("2026-11-20");
    return step;
  }
  void Take(Casework* casework, const std::string& matter, const v1::Step& step) {
    v1::GetCaseRequest get;
    get.set_id(matter);
    v1::TakeStepRequest request;
    request.set_action_id(town_.ActionId());
    v1::StepTarget& target = *request.add_targets();
    target.set_id(matter);
    target.set_token(Must(casework->GetCase(get)).case_().matter().token());
    *request.mutable_step() = step;
    Must(casework->TakeStep(request).status());
  }
  void Assign(const std::string& matter, const std::string& unit) {
    Take(hub().casework(), matter, StepOf(v1::STEP_ACCEPT));
    v1::Step assign = StepOf(v1::STEP_ASSIGN);
    assign.set_unit(unit);
    Take(hub().casework(), matter, assign);
  }
  void SyncAll() {
    for (int i = 0; i < 2; ++i)
      for (StationNode* node : {village(), next_->node.get()}) EXPECT_TRUE(town_.Sync(node));
  }

  static absl::StatusOr<v1::GetRecordResponse> Record(RecordService* records, const std::string& id,
                                                      const Caller& caller) {
    v1::GetRecordRequest request;
    request.set_id(id);
    return records->GetRecord(request, caller);
  }
  static absl::StatusOr<v1::GetHistoryResponse> History(RecordService* records, const std::string& id,
                                                        const Caller& caller) {
    v1::GetHistoryRequest request;
    request.set_id(id);
    return records->GetHistory(request, caller);
  }
  static absl::StatusOr<v1::GetCaseResponse> Case(Casework* casework, const std::string& id, const Caller& caller) {
    v1::GetCaseRequest request;
    request.set_id(id);
    return casework->GetCase(request, caller);
  }
  static v1::FindResponse Found(RecordService* records, const std::string& query, const Caller& caller,
                                int limit = 50) {
    v1::FindRequest request;
    request.set_query(query);
    request.set_limit(limit);
    return Must(records->Find(request, caller));
  }
  static int Work(Casework* casework, const Caller& caller) {
    v1::ListWorkRequest request;
    request.set_any_track(true);
    const v1::ListWorkResponse response = Must(casework->ListWork(request, caller));
    EXPECT_EQ(response.total(), response.rows_size());
    return response.total();
  }
  static v1::RevealVisitorRequest RevealOf(const std::string& id) {
    v1::RevealVisitorRequest request;
    request.set_id(id);
    request.set_purpose(v1::PURPOSE_FEEDBACK);
    return request;
  }
  static v1::ListAuditResponse Audits(RecordService* records, const Caller& caller) {
    return Must(records->ListAudit(v1::ListAuditRequest(), caller));
  }

  Township town_{7};
  std::unique_ptr<Site> village_, next_;
  v1::VisitView own_, other_, foreign_;
};

// A view cannot be made without one, and one cannot be made but from a caller.
static_assert(!std::is_constructible_v<Views, const Store*, const Roster*, bool>);
static_assert(std::is_constructible_v<Views, const Store*, const Roster*, Viewer, bool>);
static_assert(!std::is_default_constructible_v<Viewer>);

TEST(Access, NoViewWithoutAViewer) {
  // Who has logged in and has no right sees nothing of anything, not even the roster.
  Township town(3);
  const Viewer nobody = Viewer::Of(Caller{"U00009", std::make_shared<Who>(), false});
  const StoreReader reader = town.hub().store()->Read();
  const std::optional<Aggregate> station = reader.Load(RecordId::Master(TypeOf<v1::Station>().type(), kVillage));
  ASSERT_TRUE(station.has_value());
  EXPECT_EQ(nobody.SightOf(reader, *station), Sight::kNothing);
  EXPECT_FALSE(nobody.sees_all());
  EXPECT_FALSE(nobody.SeesStation(kVillage));
  EXPECT_EQ(Viewer::Of(InProcess()).SightOf(reader, *station), Sight::kWords);
}

TEST_F(ViewerTest, ADeputySeesWhatCameOfHisSeat) {
  const Caller deputy = Deputy(kOwn);
  EXPECT_EQ(Must(village()->reception()->ListSessions(v1::ListSessionsRequest(), deputy)).total(), 1);
  const v1::ListVisitsResponse visits = Must(village()->reception()->ListVisits(v1::ListVisitsRequest(), deputy));
  EXPECT_EQ(visits.total(), 1);
  ASSERT_EQ(visits.visits_size(), 1);
  EXPECT_EQ(visits.visits(0).id(), own_.id());
  EXPECT_EQ(visits.visits(0).visitor_name(), "王**");
  EXPECT_EQ(visits.visits(0).matters_size(), 1);
  v1::GetVisitRequest get;
  get.set_id(other_.id());
  EXPECT_TRUE(Hidden(village()->reception()->GetVisit(get, deputy)));
  get.set_id(own_.id());
  EXPECT_TRUE(village()->reception()->GetVisit(get, deputy).ok());

  EXPECT_TRUE(Case(village()->casework(), own_.matters(0).id(), deputy).ok());
  EXPECT_TRUE(Hidden(Case(village()->casework(), other_.matters(0).id(), deputy)));
  for (const std::string& id : {other_.id(), other_.session_id(), other_.visitor_id(), other_.matters(0).id()}) {
    EXPECT_TRUE(Hidden(Record(village()->records(), id, deputy))) << id;
    EXPECT_TRUE(Hidden(History(village()->records(), id, deputy))) << id;
  }
  for (const std::string& id : {own_.id(), own_.session_id(), own_.visitor_id(), own_.matters(0).id()})
    EXPECT_TRUE(Record(village()->records(), id, deputy).ok()) << id;
  EXPECT_THAT(Must(Record(village()->records(), own_.visitor_id(), deputy)).record().json(),
              AllOf(HasSubstr("王**"), Not(HasSubstr(kName)), Not(HasSubstr(kPhone))));
  EXPECT_EQ(Work(village()->casework(), InProcess()), 2);
  EXPECT_EQ(Work(village()->casework(), deputy), 1);
}

TEST_F(ViewerTest, ADeputyWritesToNothingThatHeDoesNotSee) {
  v1::LogVisitRequest visit = VisitRequest(&town_, v1::SessionView(), "又来一位");
  visit.set_session_id(other_.session_id());
  EXPECT_TRUE(Hidden(village()->reception()->LogVisit(visit, Deputy(kOwn))));
  v1::VoidRecordRequest away;
  away.set_action_id(town_.ActionId());
  away.set_id(other_.id());
  away.set_token(other_.token());
  away.set_reason("误登");
  EXPECT_TRUE(Hidden(village()->records()->VoidRecord(away, Deputy(kOwn))));
  v1::ChangeRecordRequest change;
  change.set_action_id(town_.ActionId());
  change.set_id(other_.id());
  change.set_token(other_.token());
  change.set_fields(R"({"remark":"不是他的"})");
  EXPECT_TRUE(Hidden(village()->records()->ChangeRecord(change, Deputy(kOwn))));
  EXPECT_FALSE(Hidden(village()->records()->ChangeRecord(change, Deputy(kOther))));
}

TEST_F(ViewerTest, AnOfficerSeesTheStationAndNoOther) {
  EXPECT_EQ(Must(village()->reception()->ListVisits(v1::ListVisitsRequest(), Officer(kVillage))).total(), 2);
  EXPECT_EQ(Must(village()->reception()->ListVisits(v1::ListVisitsRequest(), Officer(kNext))).total(), 0);
  EXPECT_EQ(Must(village()->reception()->ListSessions(v1::ListSessionsRequest(), Officer(kNext))).total(), 0);
  EXPECT_TRUE(Hidden(Case(village()->casework(), own_.matters(0).id(), Officer(kNext))));

  v1::ExportRequest ledger;
  ledger.set_format("csv");
  const v1::ExportResponse all = Must(village()->prints()->Export(ledger, Officer(kVillage)));
  EXPECT_EQ(all.rows(), 2);
  EXPECT_THAT(all.content(), AllOf(HasSubstr("王**"), Not(HasSubstr(kName))));
  EXPECT_EQ(Must(village()->prints()->Export(ledger, Officer(kNext))).rows(), 0);
  v1::PrintFormRequest print;
  print.set_paper(v1::PAPER_VISIT);
  print.set_id(own_.id());
  EXPECT_TRUE(Hidden(village()->prints()->PrintForm(print, Officer(kNext))));
}

TEST_F(ViewerTest, AnAreaSeesItsPointsAndTheTownshipAll) {
  SyncAll();
  const StoreReader reader = hub().store()->Read();
  auto sights = [&](const Caller& caller, const v1::VisitView& visit) {
    std::string text;
    for (const std::string& id : {visit.session_id(), visit.matters(0).id(), visit.visitor_id()}) {
      RecordId root;
      EXPECT_TRUE(ParseRecordId(id, &root));
      const std::optional<Aggregate> aggregate = reader.Load(root);
      EXPECT_TRUE(aggregate.has_value()) << id;
      if (!aggregate) continue;
      const Sight sight = Viewer::Of(caller).SightOf(reader, *aggregate);
      text += sight == Sight::kWords ? "w" : sight == Sight::kMasked ? "m" : "-";
    }
    return text;
  };
  EXPECT_EQ(sights(Area(), own_), "wwm");
  EXPECT_EQ(sights(Area(), foreign_), "wwm");
  EXPECT_EQ(sights(Officer(kVillage), own_), "wwm");
  EXPECT_EQ(sights(Officer(kVillage), foreign_), "---");
  for (const v1::Access::Role role : {v1::Access::CLERK, v1::Access::CHAIR})
    EXPECT_EQ(sights(OfHub(role), foreign_), "wwm");
  for (const v1::Access::Role role : {v1::Access::ADMIN, v1::Access::COUNTY, v1::Access::WALL})
    EXPECT_EQ(sights(OfHub(role), foreign_), "---");
  EXPECT_EQ(sights(Caller{"", std::make_shared<Who>(), true}, foreign_), "wwm") << "the owner of the folder";
}

TEST_F(ViewerTest, AHandlerSeesWhatItsUnitIsToHandle) {
  SyncAll();
  const std::string mine = own_.matters(0).id(), others = foreign_.matters(0).id();
  Assign(mine, kUnit);
  Assign(others, kOtherUnit);
  const Caller handler = Handler(kUnit);
  EXPECT_TRUE(Case(hub().casework(), mine, handler).ok());
  EXPECT_TRUE(Hidden(Case(hub().casework(), others, handler)));
  EXPECT_TRUE(Hidden(Case(hub().casework(), other_.matters(0).id(), handler))) << "not assigned";
  EXPECT_TRUE(Hidden(Record(hub().records(), own_.visitor_id(), handler)));
  EXPECT_TRUE(Hidden(Record(hub().records(), own_.session_id(), handler)));
  EXPECT_TRUE(Hidden(hub().records()->RevealVisitor(RevealOf(own_.id()), handler)));
  EXPECT_EQ(Work(hub().casework(), OfHub(v1::Access::CLERK)), 3);
  EXPECT_EQ(Work(hub().casework(), handler), 1);
  EXPECT_EQ(Must(hub().desk()->ListMatters(v1::ListMattersRequest(), handler)).total(), 1);
  EXPECT_EQ(Must(hub().desk()->ListMatters(v1::ListMattersRequest(), OfHub(v1::Access::CLERK))).total(), 3);

  EXPECT_TRUE(Record(hub().records(), mine, Bearer(mine)).ok());
  EXPECT_TRUE(Hidden(Record(hub().records(), others, Bearer(mine))));
  EXPECT_TRUE(Hidden(Record(hub().records(), Cat("1:", kVillage), Bearer(mine))));
}

TEST_F(ViewerTest, AnAdminReachesNoRecordWithWords) {
  SyncAll();
  const Caller admin = OfHub(v1::Access::ADMIN);
  for (const std::string& id : {own_.session_id(), own_.matters(0).id(), own_.visitor_id()})
    EXPECT_TRUE(Hidden(Record(hub().records(), id, admin))) << id;
  EXPECT_TRUE(Record(hub().records(), Cat("1:", kVillage), admin).ok());
  EXPECT_THAT(Found(hub().records(), "水渠", admin).hits(), IsEmpty());
  EXPECT_TRUE(Hidden(hub().records()->RevealVisitor(RevealOf(own_.id()), admin)));
}

TEST_F(ViewerTest, FindFillsItsPageWithWhatIsSeen) {
  // Better and newer hits of others stand before the own one.
  const v1::SessionView session = Open(village(), kOther);
  for (int i = 0; i < 8; ++i) Log(village(), session, Cat("水渠边第", i, "处塌方"), "某人", "");
  EXPECT_EQ(Found(village()->records(), "水渠", InProcess(), 1).hits_size(), 1);
  EXPECT_TRUE(Found(village()->records(), "水渠", InProcess(), 1).more());
  const v1::FindResponse mine = Found(village()->records(), "水渠", Deputy(kOwn), 2);
  ASSERT_EQ(mine.hits_size(), 2) << "the visit and its matter";
  for (const v1::FindHit& hit : mine.hits()) EXPECT_EQ(hit.visit_id(), own_.id());
  EXPECT_FALSE(mine.more());
  EXPECT_TRUE(Found(village()->records(), "水渠", Deputy(kOwn), 1).more());
  EXPECT_THAT(Found(village()->records(), "5678", Deputy(kOther)).hits(), IsEmpty());
  EXPECT_THAT(Found(village()->records(), "李翠花", Deputy(kOwn)).hits(), IsEmpty());
}

// ---------------------------------------------------------------- figures

TEST_F(ViewerTest, WhoSeesFiguresOnlyIsToldNoSmallOnes) {
  const v1::SessionView session = Open(village(), kOwn);
  for (int i = 0; i < 3; ++i) Log(village(), session, Cat("第", i, "件"), "", "");
  SyncAll();
  v1::GetFiguresRequest request;
  request.set_from("2026-11-01");
  request.set_to("2026-11-30");
  request.set_station_id(kNext);
  auto figure = [&](const Caller& caller, std::string_view code) {
    const v1::GetFiguresResponse response = Must(hub().statistics()->GetFigures(request, caller));
    for (const v1::Figure& one : response.figures())
      if (one.code() == code) return one;
    ADD_FAILURE() << code;
    return v1::Figure();
  };
  EXPECT_EQ(figure(OfHub(v1::Access::CLERK), "N6").value(), 1);
  const v1::Figure small = figure(OfHub(v1::Access::COUNTY), "N6");
  EXPECT_EQ(small.value(), 0);
  EXPECT_TRUE(small.withheld());
  EXPECT_EQ(small.note(), "少于3");
  request.set_station_id(kVillage);
  EXPECT_EQ(figure(OfHub(v1::Access::COUNTY), "N6").value(), 5);
  EXPECT_FALSE(figure(OfHub(v1::Access::WALL), "N6").withheld());

  v1::GetReportRequest report;
  report.set_from("2026-11-01");
  report.set_to("2026-11-30");
  report.set_station_id(kNext);
  EXPECT_THAT(Must(hub().statistics()->GetReport(report)).sentence(), HasSubstr("意见建议1条"));
  EXPECT_THAT(Must(hub().statistics()->GetReport(report, OfHub(v1::Access::COUNTY))).sentence(),
              AllOf(HasSubstr("意见建议少于3条"), Not(HasSubstr("1条"))));

  v1::GetTablesRequest tables;
  tables.mutable_scope()->set_from("2026-11-01");
  tables.mutable_scope()->set_to("2026-11-30");
  std::string names;
  int withheld = 0;
  const v1::GetTablesResponse shown = Must(hub().statistics()->GetTables(tables, OfHub(v1::Access::COUNTY)));
  for (const v1::ReportTable& table : shown.tables()) {
    names += table.name() + " ";
    EXPECT_FALSE(table.restricted());
    if (table.name() != "stations") continue;
    for (const v1::TableRow& row : table.rows()) {
      if (row.id() != kNext) continue;
      for (int i = 0; i < row.cells_size(); ++i)
        withheld += table.columns(i).figure() == "N6" && row.cells(i).withheld() ? 1 : 0;
    }
  }
  EXPECT_EQ(withheld, 1);
  EXPECT_THAT(names, AllOf(HasSubstr("stations"), Not(HasSubstr("deputies")), Not(HasSubstr("overdue"))));
}

TEST(Withhold, SentencesTellNoSmallNumber) {
  EXPECT_EQ(WithoutSmall("接待选民12批2人次，收集意见建议1条，其余3条"),
            "接待选民12批少于3人次，收集意见建议少于3条，其余3条");
  EXPECT_EQ(WithoutSmall("主要是水利2条（12.5%）、道路8条（50%）"), "主要是水利少于3条、道路8条（50%）");
  EXPECT_EQ(WithoutSmall("2026年1月2日，第2次会议，率1.2%，0条，21条，办结率2.1条"),
            "2026年1月2日，第2次会议，率1.2%，0条，21条，办结率2.1条");
  EXPECT_EQ(WithoutSmall("中心站1个，开展2场次"), "中心站1个，开展2场次");
}

TEST(Withhold, ATotalDoesNotTellTheOnlySmallNumber) {
  v1::ReportTable table;
  table.set_name("areas");
  table.add_columns()->set_name("片区");
  v1::TableColumn& opinions = *table.add_columns();
  opinions.set_kind(v1::CELL_NUMBER);
  opinions.set_figure("N6");
  for (const int64_t number : {9, 2, 4, 0}) {
    v1::TableRow& row = *table.add_rows();
    row.add_cells()->set_text("某片区");
    row.add_cells()->set_number(number);
  }
  table.mutable_total()->add_cells()->set_text("合计");
  table.mutable_total()->add_cells()->set_number(15);
  std::vector<v1::ReportTable> tables = {table};
  WithholdSmall(&tables);
  std::string told;
  for (const v1::TableRow& row : tables[0].rows())
    told += Cat(row.cells(1).withheld() ? "x" : Cat(row.cells(1).number()), " ");
  EXPECT_EQ(told, "9 x x 0 ");
  EXPECT_EQ(tables[0].total().cells(1).number(), 15);
}

// ---------------------------------------------------------------- reveals

TEST_F(ViewerTest, ARevealSaysForWhatAndIsWrittenDown) {
  RecordService* records = village()->records();
  v1::RevealVisitorRequest request = RevealOf(own_.id());
  request.clear_purpose();
  EXPECT_THAT(records->RevealVisitor(request, Officer(kVillage)).status().message(), HasSubstr("用途"));
  request.set_purpose(v1::PURPOSE_OTHER);
  EXPECT_THAT(records->RevealVisitor(request, Officer(kVillage)).status().message(), HasSubstr("写明用途"));
  request.set_words(Cat("找", kPhone));
  EXPECT_THAT(records->RevealVisitor(request, Officer(kVillage)).status().message(), HasSubstr("电话号码"));
  EXPECT_EQ(Audits(records, InProcess()).total(), 0);

  request.set_words(Cat("给", kName, "送材料"));
  const v1::RevealVisitorResponse shown = Must(records->RevealVisitor(request, Officer(kVillage)));
  EXPECT_EQ(shown.visitor().name(), kName);
  EXPECT_EQ(shown.visitor().phone(), kPhone);
  const v1::ListAuditResponse audits = Audits(records, InProcess());
  ASSERT_EQ(audits.total(), 1);
  EXPECT_EQ(audits.rows(0).event().what(), v1::AUDIT_REVEAL);
  EXPECT_EQ(audits.rows(0).event().account(), "U00001");
  EXPECT_EQ(audits.rows(0).event().record_id(), own_.id());
  EXPECT_EQ(audits.rows(0).event().date(), "2026-11-20");
  EXPECT_EQ(audits.rows(0).event().time(), "09:00");
  EXPECT_THAT(audits.SerializeAsString(), Not(HasSubstr(kName))) << "an audit names nobody";
  EXPECT_THAT(audits.rows(0).event().words(), IsEmpty());

  v1::GetVisitRequest plain;
  plain.set_id(own_.id());
  plain.set_reveal(true);
  EXPECT_TRUE(absl::IsInvalidArgument(village()->reception()->GetVisit(plain).status())) << "not past the audit";
}

TEST_F(ViewerTest, ARevealReachesNoFurtherThanItsViewer) {
  RecordService* records = village()->records();
  EXPECT_TRUE(records->RevealVisitor(RevealOf(own_.id()), Deputy(kOwn)).ok());
  EXPECT_TRUE(records->RevealVisitor(RevealOf(own_.visitor_id()), Deputy(kOwn)).ok());
  EXPECT_TRUE(Hidden(records->RevealVisitor(RevealOf(other_.id()), Deputy(kOwn))));
  EXPECT_TRUE(Hidden(records->RevealVisitor(RevealOf(other_.visitor_id()), Deputy(kOwn))));
  EXPECT_TRUE(Hidden(records->RevealVisitor(RevealOf(own_.id()), Officer(kNext))));
  EXPECT_EQ(Audits(records, InProcess()).total(), 2) << "what was not shown is not written down";
}

TEST_F(ViewerTest, ARevealAsksForTheSecretAgain) {
  RosterCache roster(village()->store());
  ServiceContext context;
  context.store = village()->store();
  context.roster = &roster;
  context.station_id = kVillage;
  context.check_secret = [](const Caller& caller, const std::string& secret) {
    return caller.user == "U00001" && secret == "135790" ? absl::OkStatus() : absl::PermissionDeniedError("口令不对");
  };
  RecordService records(context);
  v1::RevealVisitorRequest request = RevealOf(own_.id());
  EXPECT_TRUE(absl::IsPermissionDenied(records.RevealVisitor(request, Officer(kVillage)).status()));
  request.set_secret("135791");
  EXPECT_TRUE(absl::IsPermissionDenied(records.RevealVisitor(request, Officer(kVillage)).status()));
  EXPECT_EQ(Audits(&records, InProcess()).total(), 0);
  request.set_secret("135790");
  EXPECT_TRUE(records.RevealVisitor(request, Officer(kVillage)).ok());
  request.clear_secret();
  EXPECT_TRUE(records.RevealVisitor(request, Caller{"张三", nullptr, true}).ok()) << "the owner of the folder";
  EXPECT_EQ(Audits(&records, InProcess()).total(), 2) << "and he is written down too";
}

// A disk that is full when told.
class FullKv : public ForwardingKv {
 public:
  FullKv(std::shared_ptr<Kv> kv, std::shared_ptr<bool> full) : ForwardingKv(std::move(kv)), full_(std::move(full)) {}
  absl::Status Write(const KvChanges& changes, bool sync) override {
    if (*full_) return absl::ResourceExhaustedError("磁盘已满");
    return ForwardingKv::Write(changes, sync);
  }

 private:
  const std::shared_ptr<bool> full_;
};

class Reveal : public ViewerTest {};

TEST_F(Reveal, NoAnswerBeforeItsAuditOp) {
  const auto full = std::make_shared<bool>(false);
  const std::shared_ptr<Kv> disk = NewMemoryKv();
  village_->node.reset();
  village_->node = town_.Open(village_->dir, std::make_unique<FullKv>(disk, full));
  const v1::VisitView visit = Log(village(), Open(village(), kOwn), "井盖丢了", kName, kPhone);
  v1::PrintFormRequest print;
  print.set_paper(v1::PAPER_VISIT);
  print.set_id(visit.id());
  EXPECT_THAT(Must(village()->prints()->PrintForm(print)).content(), HasSubstr(kName));
  *full = true;
  // The first write that fails ends all others; so each on a database that was opened anew.
  const absl::StatusOr<v1::RevealVisitorResponse> shown = village()->records()->RevealVisitor(RevealOf(visit.id()));
  EXPECT_TRUE(absl::IsResourceExhausted(shown.status())) << shown.status();
  *full = false;
  village_->node.reset();
  village_->node = town_.Open(village_->dir, std::make_unique<FullKv>(disk, full));
  *full = true;
  const absl::StatusOr<v1::PrintFormResponse> printed = village()->prints()->PrintForm(print);
  EXPECT_TRUE(absl::IsResourceExhausted(printed.status())) << printed.status();
  EXPECT_EQ(Audits(village()->records(), InProcess()).total(), 1) << "the first print";
}

TEST_F(ViewerTest, WhoReadsTheAudit) {
  RecordService* records = village()->records();
  Must(records->RevealVisitor(RevealOf(own_.id()), Officer(kVillage)).status());
  Must(records->RevealVisitor(RevealOf(own_.id()), Deputy(kOwn)).status());
  EXPECT_EQ(Audits(records, Officer(kVillage)).total(), 1);
  EXPECT_EQ(Audits(records, Deputy(kOwn)).total(), 1);
  EXPECT_EQ(Audits(records, Handler(kUnit)).total(), 0);
  SyncAll();
  records = hub().records();
  const v1::ListAuditResponse chair = Audits(records, OfHub(v1::Access::CHAIR));
  ASSERT_EQ(chair.total(), 2);
  for (const v1::AuditRow& row : chair.rows()) {
    EXPECT_EQ(row.event().record_id(), own_.id());
    EXPECT_EQ(row.station_id(), kVillage);
  }
  const v1::ListAuditResponse admin = Audits(records, OfHub(v1::Access::ADMIN));
  ASSERT_EQ(admin.total(), 2);
  for (const v1::AuditRow& row : admin.rows()) EXPECT_THAT(row.event().record_id(), IsEmpty());
  EXPECT_EQ(Audits(records, OfHub(v1::Access::CLERK)).total(), 0) << "none is his own";

  int found = 0;
  const StoreReader reader = hub().store()->Read();
  reader.ForEach(TypeOf<v1::Audit>().type(), [&](const Aggregate& aggregate) {
    ++found;
    EXPECT_THAT(InterestsOf(aggregate, reader), IsEmpty()) << "it goes to no station";
    EXPECT_TRUE(Hidden(Record(records, ToText(aggregate.id()), OfHub(v1::Access::CLERK))));
    EXPECT_TRUE(Record(records, ToText(aggregate.id()), OfHub(v1::Access::CHAIR)).ok());
    return true;
  });
  EXPECT_EQ(found, 1) << "one a device and month";
}

TEST_F(ViewerTest, NobodyVoidsAnAudit) {
  Must(village()->records()->RevealVisitor(RevealOf(own_.id()), Officer(kVillage)).status());
  v1::VoidRecordRequest request;
  village()->store()->Read().ForEach(TypeOf<v1::Audit>().type(), [&](const Aggregate& aggregate) {
    request.set_id(ToText(aggregate.id()));
    return false;
  });
  request.set_action_id(town_.ActionId());
  request.set_token(Must(Record(village()->records(), request.id(), InProcess())).record().token());
  request.set_reason("看错了");
  EXPECT_TRUE(absl::IsFailedPrecondition(village()->records()->VoidRecord(request).status()));
}

TEST_F(ViewerTest, FilesAreShownToWhomTheirRecordsAre) {
  v1::StoreFileRequest store;
  store.set_content("%PDF-1.7\n<script>alert(1)</script>");
  const std::string hash = Must(village()->file_desk()->StoreFile(store)).hash();
  v1::AttachFileRequest attach;
  attach.set_action_id(town_.ActionId());
  attach.set_id(other_.session_id());
  attach.set_hash(hash);
  attach.set_name("名单.pdf");
  EXPECT_TRUE(Hidden(village()->file_desk()->AttachFile(attach, Deputy(kOwn))));
  Must(village()->file_desk()->AttachFile(attach, Deputy(kOther)).status());
  EXPECT_TRUE(village()->file_desk()->Show(hash, Deputy(kOther)).ok());
  EXPECT_TRUE(Hidden(village()->file_desk()->Show(hash, Deputy(kOwn))));
  v1::ListFilesRequest list;
  list.set_id(other_.session_id());
  EXPECT_TRUE(Hidden(village()->file_desk()->ListFiles(list, Deputy(kOwn))));
}

}  // namespace
}  // namespace liaison
