// Concurrent edits, seen through the services: two devices of one station, two browsers at one, and what the importer
// and the checks of every method do with bad input.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "common/base/text.h"
#include "common/store/keys.h"
#include "tests/testing/forwarding_kv.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

v1::MatterView Read(StationNode* station, const std::string& id) {
  v1::ListVisitsRequest request;
  v1::ListVisitsResponse visits = Must(station->reception()->ListVisits(request));
  for (const v1::VisitView& visit : visits.visits())
    for (const v1::MatterView& matter : visit.matters())
      if (matter.id() == id) return matter;
  return {};
}

absl::Status Change(Township* town, StationNode* station, const v1::MatterView& seen, const std::string& fields) {
  v1::ChangeRecordRequest request;
  request.set_action_id(town->ActionId());
  request.set_id(seen.id());
  request.set_token(seen.token());
  request.set_fields(fields);
  return station->records()->ChangeRecord(request).status();
}

std::vector<v1::ConflictView> Conflicts(StationNode* station) {
  v1::ListConflictsRequest request;
  v1::ListConflictsResponse response = Must(station->records()->ListConflicts(request));
  return {response.conflicts().begin(), response.conflicts().end()};
}

class Edits : public testing::Test {
 protected:
  Edits() : town_(7) {
    first_ = town_.Enrol("HK-D057");
    second_ = town_.Enrol("HK-D057");
    v1::SessionView session = OpenSession(&town_, first_->node.get(), "2026-11-20");
    v1::LogVisitResponse logged =
        Must(first_->node->reception()->LogVisit(VisitRequest(&town_, session, "三组水渠垮了二十来米")));
    matter_ = logged.visit().matters(0);
    SyncAll();
  }

  void SyncAll() {
    for (int round = 0; round < 3; ++round)
      for (Site* site : {first_.get(), second_.get()}) EXPECT_TRUE(town_.Sync(site->node.get()));
  }

  Township town_;
  std::unique_ptr<Site> first_, second_;
  v1::MatterView matter_;
};

TEST_F(Edits, OfDifferentFieldsAreMerged) {
  ASSERT_TRUE(Change(&town_, first_->node.get(), Read(first_->node.get(), matter_.id()), R"({"title":"水渠"})").ok());
  ASSERT_TRUE(Change(&town_, second_->node.get(), Read(second_->node.get(), matter_.id()), R"({"place":"三组"})").ok());
  SyncAll();
  for (Site* site : {first_.get(), second_.get()}) {
    v1::MatterView merged = Read(site->node.get(), matter_.id());
    EXPECT_EQ(merged.matter().title(), "水渠");
    EXPECT_EQ(merged.matter().place(), "三组");
    EXPECT_TRUE(Conflicts(site->node.get()).empty());
  }
}

TEST_F(Edits, OfTheSameFieldAreOneConflictWithThreeVersionsUntilOnePersonSettlesIt) {
  ASSERT_TRUE(
      Change(&town_, first_->node.get(), Read(first_->node.get(), matter_.id()), R"({"title":"水渠垮塌"})").ok());
  ASSERT_TRUE(
      Change(&town_, second_->node.get(), Read(second_->node.get(), matter_.id()), R"({"title":"渠道损坏"})").ok());
  SyncAll();
  for (Site* site : {first_.get(), second_.get()}) {
    std::vector<v1::ConflictView> conflicts = Conflicts(site->node.get());
    ASSERT_EQ(conflicts.size(), 1u);
    EXPECT_EQ(conflicts[0].field_label(), "标题");
    ASSERT_EQ(conflicts[0].values_size(), 2);
    EXPECT_EQ(conflicts[0].ancestor().text(), "三组水渠垮了二十来米");
    EXPECT_EQ(conflicts[0].values(0).station_id(), "HK-D057");
    EXPECT_GT(conflicts[0].values(0).wall_time_ms(), 0);
  }
  ASSERT_TRUE(
      Change(&town_, second_->node.get(), Read(second_->node.get(), matter_.id()), R"({"title":"水渠垮塌"})").ok());
  SyncAll();
  SyncAll();
  for (Site* site : {first_.get(), second_.get()}) {
    EXPECT_TRUE(Conflicts(site->node.get()).empty());
    EXPECT_EQ(Read(site->node.get(), matter_.id()).matter().title(), "水渠垮塌");
  }
}

// Refused before it is parsed, and nothing is parsed while others wait for the store.
TEST_F(Edits, NestedJsonIsRefusedAndBlocksNoSave) {
  StationNode* station = first_->node.get();
  v1::MatterView seen = Read(station, matter_.id());
  for (const char* open : {"[", "{\"a\":"}) {
    std::string nested = R"({"place":)";
    for (int i = 0; i < 20'000; ++i) nested += open;
    absl::Status status = Change(&town_, station, seen, nested);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_NE(status.message().find("嵌套太深"), std::string::npos) << status;
  }
  EXPECT_EQ(Change(&town_, station, seen, Cat(R"({"place":")", std::string(300'000, 'x'), "\"}")).code(),
            absl::StatusCode::kInvalidArgument);
  absl::Status brackets = Change(&town_, station, seen, Cat(R"({"place":")", std::string(40, '['), "\"}"));
  EXPECT_TRUE(brackets.ok()) << brackets;  // in a text they are text
}

TEST_F(Edits, OfTwoBrowsersAtOneStationDoNotEraseEachOther) {
  v1::MatterView seen_by_both = Read(first_->node.get(), matter_.id());
  ASSERT_TRUE(Change(&town_, first_->node.get(), seen_by_both, R"({"title":"第一个浏览器"})").ok());
  ASSERT_TRUE(Change(&town_, first_->node.get(), seen_by_both, R"({"title":"第二个浏览器"})").ok());
  EXPECT_EQ(Conflicts(first_->node.get()).size(), 1u);
}

TEST_F(Edits, AVoidAgainstAnUnseenEditLeavesTheRecordLiveAndFlagged) {
  v1::MatterView seen = Read(second_->node.get(), matter_.id());
  ASSERT_TRUE(Change(&town_, first_->node.get(), Read(first_->node.get(), matter_.id()), R"({"place":"三组"})").ok());
  v1::VoidRecordRequest request;
  request.set_action_id(town_.ActionId());
  request.set_id(seen.id());
  request.set_token(seen.token());
  request.set_reason("重复");
  ASSERT_TRUE(second_->node->records()->VoidRecord(request).ok());
  SyncAll();
  v1::GetRecordRequest read;
  read.set_id(seen.id());
  absl::StatusOr<v1::GetRecordResponse> record = first_->node->records()->GetRecord(read);
  ASSERT_TRUE(record.ok());
  EXPECT_FALSE(record->record().voided());
  EXPECT_TRUE(record->record().flagged());
}

TEST_F(Edits, NumbersOfTwoDevicesAreOfTheirOwnBlocks) {
  v1::SessionView session = OpenSession(&town_, second_->node.get(), "2026-11-20");
  absl::StatusOr<v1::LogVisitResponse> logged =
      second_->node->reception()->LogVisit(VisitRequest(&town_, session, "路灯不亮"));
  ASSERT_TRUE(logged.ok());
  EXPECT_EQ(matter_.matter().number(), "恒民意〔2026〕D057-0001号");
  EXPECT_EQ(logged->visit().matters(0).matter().number(), "恒民意〔2026〕D057b-0001号");
  EXPECT_EQ(logged->visit().entry().number(), "恒人接〔2026〕D057b-0001号");
  EXPECT_EQ(session.session().number(), "J20261120-D057b-1");
}

TEST_F(Edits, ATokenOfAnotherRecordOrStoreIsRefused) {
  v1::SessionView session = OpenSession(&town_, first_->node.get(), "2026-11-20");
  v1::MatterView wrong = matter_;
  wrong.set_token(session.token());
  EXPECT_EQ(Change(&town_, first_->node.get(), wrong, R"({"title":"x"})").code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Change(&town_, first_->node.get(), Read(first_->node.get(), matter_.id()), R"({"title":"新"})").ok());
  v1::MatterView ahead = Read(first_->node.get(), matter_.id());
  EXPECT_EQ(Change(&town_, second_->node.get(), ahead, R"({"title":"x"})").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Edits, OfAVisitorReplaceOnlyWhatIsNamedAndReachTheOtherDevice) {
  v1::SessionView session = OpenSession(&town_, first_->node.get(), "2026-11-20");
  v1::LogVisitRequest request = VisitRequest(&town_, session, "路灯不亮");
  request.mutable_visitor()->set_name("王小明");
  request.mutable_visitor()->set_phone("13812345678");
  absl::StatusOr<v1::LogVisitResponse> logged = first_->node->reception()->LogVisit(request);
  ASSERT_TRUE(logged.ok()) << logged.status();
  v1::ChangeRecordRequest change;
  change.set_action_id(town_.ActionId());
  change.set_id(logged->visit().visitor_id());
  change.set_token(logged->visit().visitor_token());
  change.set_fields(R"({"phone":"13887654321"})");
  absl::StatusOr<v1::ChangeRecordResponse> changed = first_->node->records()->ChangeRecord(change);
  ASSERT_TRUE(changed.ok()) << changed.status();
  SyncAll();
  v1::RevealVisitorRequest reveal;
  reveal.set_id(logged->visit().id());
  reveal.set_purpose(v1::PURPOSE_VERIFY);
  absl::StatusOr<v1::RevealVisitorResponse> revealed = second_->node->records()->RevealVisitor(reveal);
  ASSERT_TRUE(revealed.ok()) << revealed.status();
  EXPECT_EQ(revealed->visitor().name(), "王小明");
  EXPECT_EQ(revealed->visitor().phone(), "13887654321");
  v1::GetVisitRequest read;
  read.set_id(logged->visit().id());
  absl::StatusOr<v1::GetVisitResponse> visit = second_->node->reception()->GetVisit(read);
  ASSERT_TRUE(visit.ok()) << visit.status();
  EXPECT_EQ(visit->visit().visitor_name(), "王**");
  change.set_action_id(town_.ActionId());
  change.set_token(visit->visit().visitor_token());
  change.set_fields(R"({"phone":"12"})");
  EXPECT_EQ(second_->node->records()->ChangeRecord(change).status().code(), absl::StatusCode::kInvalidArgument);
}

// ---------------------------------------------------------------- the importer

std::string Fixture(const std::string& name) {
  std::ifstream in(InSource("/hub/fixture/") + name, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

class Import : public testing::Test {
 protected:
  Import() : town_(11), centre_(town_.Enrol("HK-Z001", true)) {}

  v1::ImportLedgerResponse Load(const std::string& name, const std::string& bytes, bool dry_run = false) {
    v1::ImportLedgerRequest request;
    request.set_file_name(name);
    request.set_content(bytes);
    request.set_dry_run(dry_run);
    absl::StatusOr<v1::ImportLedgerResponse> response = centre_->node->ledgers()->ImportLedger(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::ImportLedgerResponse();
  }

  std::string Sentence() {
    EXPECT_TRUE(town_.Sync(centre_->node.get()));
    v1::GetReportRequest request;
    request.set_from("2026-01-01");
    request.set_to("2026-06-30");
    absl::StatusOr<v1::GetReportResponse> report = town_.hub().statistics()->GetReport(request);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? report->sentence() : "";
  }

  Township town_;
  std::unique_ptr<Site> centre_;
};

constexpr char kSentence[] =
    "接待选民194批267人次，收集意见建议194条，其中当场答复99条，已解决145条，其余41条正在办理之中，引导至其他渠道8条";

TEST_F(Import, Takes194RowsRefuses6AndAddsNothingTheSecondTimeNorFromTheWorkbook) {
  v1::ImportLedgerResponse dry = Load("a.csv", Fixture("ledger-old.csv"), true);
  EXPECT_EQ(dry.accepted(), 194);
  EXPECT_EQ(centre_->node->store()->pending_ops(), 0u);
  v1::ImportLedgerResponse first = Load("a.csv", Fixture("ledger-old.csv"));
  EXPECT_EQ(first.rows(), 200);
  EXPECT_EQ(first.accepted(), 194);
  EXPECT_EQ(first.refused(), 6);
  for (const v1::RefusedRow& refused : first.refusals()) {
    EXPECT_FALSE(refused.column().empty());
    EXPECT_FALSE(refused.reason().empty());
  }
  uint64_t ops = centre_->node->store()->pending_ops();
  v1::ImportLedgerResponse second = Load("a.csv", Fixture("ledger-old.csv"));
  EXPECT_EQ(second.accepted(), 0);
  EXPECT_EQ(second.known(), 194);
  v1::ImportLedgerResponse workbook = Load("a.xlsx", Fixture("ledger-old.xlsx"));
  EXPECT_EQ(workbook.accepted(), 0);
  EXPECT_EQ(workbook.known(), 194);
  EXPECT_EQ(centre_->node->store()->pending_ops(), ops);
  EXPECT_EQ(Sentence(), kSentence);
  Store::Check check = town_.hub().store()->Verify();
  EXPECT_TRUE(check.ok()) << check.differences[0];
}

TEST_F(Import, ARowOfAnAccusationKeepsNoWords) {
  const v1::ImportLedgerResponse response = Load("a.csv",
                                                 "接待日期,联络点,反映人,反映内容,接待代表,处理方式,备注\n"
                                                 "2026-03-05,老街社区,李四,某某贪污修渠的钱,薛云,检举控告,\n"
                                                 "2026-03-06,老街社区,王五,路上的事,薛云,引导,举报某某贪污\n");
  EXPECT_EQ(response.accepted(), 2) << response.Utf8DebugString();
  centre_->node->store()->Snapshot()->Scan("", "", [&](std::string_view, std::string_view value) {
    for (const char* words : {"贪污", "李四", "王五"}) EXPECT_EQ(value.find(words), std::string_view::npos) << words;
    return true;
  });
}

TEST_F(Import, TheMendedRowsAddSixAndAnUndoneImportCanComeAgain) {
  v1::ImportLedgerResponse first = Load("a.csv", Fixture("ledger-old.csv"));
  std::string mended = first.mend_file();
  for (auto [wrong, right] : std::vector<std::pair<std::string, std::string>>{{"2026-02-30", "2026-02-28"},
                                                                              {"太平洋村", "老街社区"},
                                                                              {"   ", "路灯坏了"},
                                                                              {"2026-05-20", "2026-04-20"},
                                                                              {"查无此人", "薛云"},
                                                                              {",-3,", ",3,"}}) {
    size_t at = mended.find(wrong);
    ASSERT_NE(at, std::string::npos) << wrong;
    mended.replace(at, wrong.size(), right);
  }
  v1::ImportLedgerResponse second = Load("mended.csv", mended);
  EXPECT_EQ(second.accepted(), 6) << second.DebugString();
  v1::UndoImportRequest undo;
  undo.set_action_id(town_.ActionId());
  undo.set_batch_id(first.batch_id());
  absl::StatusOr<v1::UndoImportResponse> undone = centre_->node->ledgers()->UndoImport(undo);
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(undone->voided(), 194);
  EXPECT_EQ(Load("a.csv", Fixture("ledger-old.csv")).accepted(), 194);
}

// A database that is full after so many writes.
class FillingKv : public ForwardingKv {
 public:
  FillingKv(std::shared_ptr<Kv> kv, int writes) : ForwardingKv(std::move(kv)), writes_(writes) {}
  absl::Status Write(const KvChanges& changes, bool sync) override {
    if (writes_-- <= 0) return absl::ResourceExhaustedError("磁盘已满");
    return ForwardingKv::Write(changes, sync);
  }

 private:
  int writes_;
};

class BrokenImport : public Import {
 protected:
  BrokenImport() : box_(town_.Enrol("HK-Z001")), disk_(NewMemoryKv()) { Reopen(1 << 30); }

  // The box starts again; after so many writes its disk is full.
  void Reopen(int writes) {
    box_->node.reset();
    box_->node = town_.Open(box_->dir, std::make_unique<FillingKv>(disk_, writes));
  }
  absl::StatusOr<v1::ImportLedgerResponse> Take(const std::string& name, const std::string& bytes, bool dry = false) {
    v1::ImportLedgerRequest request;
    request.set_file_name(name);
    request.set_content(bytes);
    request.set_dry_run(dry);
    return box_->node->ledgers()->ImportLedger(request);
  }
  absl::StatusOr<v1::UndoImportResponse> Undo(const std::string& batch) {
    v1::UndoImportRequest undo;
    undo.set_action_id(town_.ActionId());
    undo.set_batch_id(batch);
    return box_->node->ledgers()->UndoImport(undo);
  }
  // What came in before the disk was full, and of which batch.
  v1::ImportBatch BreakOff() {
    Reopen(40);
    absl::Status status = Take("a.csv", Fixture("ledger-old.csv")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_NE(status.message().find("再导入这个文件，会接着录入"), std::string::npos) << status;
    Reopen(1 << 30);
    v1::ImportBatch batch;
    int batches = 0;
    box_->node->store()->Read().ForEach(TypeOf<v1::ImportBatch>().type(), [&](const Aggregate& aggregate) {
      batch = Show<v1::ImportBatch>(aggregate);
      batch_ = ToText(aggregate.id());
      ++batches;
      return true;
    });
    EXPECT_EQ(batches, 1);
    return batch;
  }

  std::unique_ptr<Site> box_;
  std::shared_ptr<Kv> disk_;
  std::string batch_;
};

TEST_F(BrokenImport, GoesOnWithTheSameFileAndIsUndoneWhole) {
  EXPECT_EQ(BreakOff().rows(), 0u);
  absl::StatusOr<v1::ImportLedgerResponse> dry = Take("a.csv", Fixture("ledger-old.csv"), true);
  ASSERT_TRUE(dry.ok()) << dry.status();
  EXPECT_EQ(dry->batch_id(), batch_);
  absl::StatusOr<v1::ImportLedgerResponse> rest = Take("a.csv", Fixture("ledger-old.csv"));
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_GT(rest->known(), 0);
  EXPECT_EQ(rest->known() + rest->accepted(), 194);
  EXPECT_EQ(rest->batch_id(), batch_);
  RecordId id;
  ASSERT_TRUE(ParseRecordId(batch_, &id));
  std::optional<Aggregate> ended = box_->node->store()->Read().Load(id);
  ASSERT_TRUE(ended);
  EXPECT_EQ(Show<v1::ImportBatch>(*ended).accepted(), 194u);
  EXPECT_EQ(Show<v1::ImportBatch>(*ended).known(), 0u);
  EXPECT_TRUE(Conflicts(box_->node.get()).empty());
  v1::GetHistoryRequest history;
  history.set_id(batch_);
  absl::StatusOr<v1::GetHistoryResponse> told = box_->node->records()->GetHistory(history);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_GT(told->events_size(), 0);
  for (const v1::HistoryEvent& event : told->events()) EXPECT_NE(event.field_label(), "文件摘要");
  absl::StatusOr<v1::UndoImportResponse> undone = Undo(batch_);
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_EQ(undone->voided(), 194);
}

TEST_F(BrokenImport, IsUndoneAsFarAsItCameAndAnotherFileHasItsOwnBatch) {
  BreakOff();
  absl::StatusOr<v1::ImportLedgerResponse> other =
      Take("a.csv",
           "接待日期,联络点,反映内容,接待代表,处理方式\n"
           "2026-03-05,老街社区,路灯坏了三盏,薛云,村级办理\n");
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->accepted(), 1);
  EXPECT_NE(other->batch_id(), batch_);
  ASSERT_GT(other->notices_size(), 0) << other->Utf8DebugString();
  EXPECT_NE(other->notices().rbegin()->find(batch_), std::string::npos) << other->Utf8DebugString();
  absl::StatusOr<v1::UndoImportResponse> undone = Undo(batch_);
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_GT(undone->voided(), 0);
  EXPECT_LT(undone->voided(), 194);
  absl::StatusOr<v1::ImportLedgerResponse> again = Take("a.csv", Fixture("ledger-old.csv"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->accepted(), 194);
  EXPECT_NE(again->batch_id(), batch_);
}

TEST_F(Import, AFileNameThatIsTooLongIsRefusedNotCut) {
  v1::ImportLedgerRequest request;
  for (int i = 0; i < 101; ++i) *request.mutable_file_name() += "账";
  request.set_content(Fixture("ledger-old.csv"));
  const absl::Status status = centre_->node->ledgers()->ImportLedger(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("文件名：最多100字，现有101字"), std::string::npos) << status;
}

TEST_F(Import, OneChangedRowChangesTheSentence) {
  std::string csv = Fixture("ledger-old.csv");
  size_t at = csv.find("\r\n9,");  // row 9: answered on the spot, one person
  ASSERT_NE(at, std::string::npos);
  size_t end = csv.find("\r\n", at + 2);
  csv.erase(at, end - at);
  EXPECT_EQ(Load("a.csv", csv).accepted(), 193);
  EXPECT_NE(Sentence(), kSentence);
  EXPECT_NE(Sentence().find("收集意见建议193条"), std::string::npos) << Sentence();
}

TEST_F(Import, HistoricalRecordsAreNotEdited) {
  Load("a.csv", Fixture("ledger-old.csv"));
  v1::ListVisitsRequest list;
  list.set_limit(1);
  absl::StatusOr<v1::ListVisitsResponse> visits = centre_->node->reception()->ListVisits(list);
  ASSERT_TRUE(visits.ok());
  absl::Status status = Change(&town_, centre_->node.get(), visits->visits(0).matters(0), R"({"title":"改"})");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(Import, OnlyTheCentreImports) {
  std::unique_ptr<Site> point = town_.Enrol("HK-D012");
  v1::ImportLedgerRequest request;
  request.set_content("x");
  EXPECT_EQ(point->node->ledgers()->ImportLedger(request).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(Import, AKilledCounterIsNamedByVerify) {
  Load("a.csv", Fixture("ledger-old.csv"));
  EXPECT_EQ(Sentence(), kSentence);
  EXPECT_TRUE(town_.hub().store()->Verify().ok());
  std::string row, value;
  town_.hub().store()->Snapshot()->ScanPrefix(ProjectionPrefix('c'), [&](std::string_view key, std::string_view v) {
    row = std::string(key);
    value = std::string(v);
    return false;
  });
  ASSERT_FALSE(row.empty());
  value[0] = static_cast<char>(value[0] + 1);
  town_.ReopenHub([&](Kv& kv) { ASSERT_TRUE(kv.Write({{row, value}}, true).ok()); });
  Store::Check check = town_.hub().store()->Verify();
  ASSERT_EQ(check.differences.size(), 1u);
  EXPECT_NE(check.differences[0].find("counters"), std::string::npos) << check.differences[0];
}

// ---------------------------------------------------------------- bad input

class BadInput : public testing::Test {
 protected:
  BadInput() : town_(5), site_(town_.Enrol("HK-D057")) {
    session_ = OpenSession(&town_, site_->node.get(), "2026-11-20");
  }

  // Calls a method as the pages do; expects a refusal whose message contains `says`, and that nothing was written.
  void Refused(const std::string& method, const std::string& json, const std::string& says) {
    uint64_t before = site_->node->store()->pending_ops();
    absl::StatusOr<std::string> answer = site_->node->dispatcher().Call("/liaison.v1." + method, json, Caller());
    EXPECT_FALSE(answer.ok()) << method << " " << json;
    EXPECT_NE(std::string(answer.status().message()).find(says), std::string::npos)
        << method << ": " << answer.status();
    EXPECT_EQ(site_->node->store()->pending_ops(), before) << method;
  }
  std::string Log(const std::string& entry, const std::string& rest) {
    return "{\"action_id\":\"" + town_.ActionId() + "\",\"session_id\":\"" + session_.id() + "\",\"entry\":{" + entry +
           "}" + rest + "}";
  }
  static std::string Matter(const std::string& fields) { return ",\"matters\":[{" + fields + "}]"; }

  Township town_;
  std::unique_ptr<Site> site_;
  v1::SessionView session_;
};

TEST_F(BadInput, OfAVisitNamesTheField) {
  const std::string good = R"("title":"水","content":"水","category":"01","nature":"NATURE_OPINION")";
  const std::string words = R"("originalWords":"水渠漏水")";
  Refused("StationService/LogVisit", "{", "请求内容读不懂");
  Refused("StationService/LogVisit", R"({"nosuch":1})", "nosuch");
  Refused("StationService/LogVisit", R"({"action_id":"12"})", "action_id");
  Refused("StationService/LogVisit", Log("", ""), "原话");
  Refused("StationService/LogVisit", Log(words + R"(,"headcount":-3)", ""), "人数");
  Refused("StationService/LogVisit", Log(words + R"(,"headcount":2000)", ""), "人数");
  Refused("StationService/LogVisit", Log(words + R"(,"time":"25:00")", ""), "来访时间");
  Refused("StationService/LogVisit", Log(words, R"(,"visitor":{"name":"王","phone":"12"})"), "电话");
  Refused("StationService/LogVisit", Log(words, R"(,"visitor":{"name":"王\u0000明"})"), "姓名");
  Refused("StationService/LogVisit", Log(R"("originalWords":" \u200b\u3164")", ""), "原话");
  Refused("StationService/LogVisit", Log(words, Matter(good)), "处理方式");
  Refused("StationService/LogVisit", Log(words, Matter(good + R"(,"disposition":"DISPOSITION_ANSWERED")")),
          "当场答复内容");
  Refused("StationService/LogVisit",
          Log(words, Matter(good + R"(,"disposition":"DISPOSITION_ANSWERED","answer":"好","answeredBy":"HK-R999")")),
          "答复代表");
  Refused("StationService/LogVisit", Log(words, Matter(good + R"(,"disposition":"DISPOSITION_GUIDED")")), "引导去向");
  Refused(
      "StationService/LogVisit",
      Log(words,
          Matter(
              R"("title":"水","content":"水","category":"77","nature":"NATURE_OPINION","disposition":"DISPOSITION_SUBMIT")")),
      "类别");
  Refused("StationService/LogVisit",
          Log(words, Matter(R"("title":"水","content":"水","category":"01","disposition":"DISPOSITION_SUBMIT")")),
          "性质");
  std::string forty_one;
  for (int i = 0; i < 41; ++i) forty_one += "长";
  Refused(
      "StationService/LogVisit",
      Log(words,
          Matter(
              R"("content":"水","category":"01","nature":"NATURE_OPINION","disposition":"DISPOSITION_SUBMIT","title":")" +
              forty_one + "\"")),
      "标题：最多40字");
}

TEST_F(BadInput, OfTheOtherMethodsNamesTheField) {
  auto with_action = [&](const std::string& rest) {
    return "{\"action_id\":\"" + town_.ActionId() + "\"," + rest + "}";
  };
  Refused("StationService/OpenSession", with_action(R"("session":{"date":"2026-02-30"})"), "接待日期");
  Refused("StationService/OpenSession", with_action(R"("session":{"date":"2026-11-20"})"), "接待代表");
  Refused("StationService/OpenSession",
          with_action(R"("session":{"stationId":"HK-D012","deputies":[{"deputyId":"HK-R001"}]})"), "不能替");
  Refused("StationService/OpenSession",
          with_action(R"("session":{"stationId":"HK-X999","deputies":[{"deputyId":"HK-R001"}]})"), "站点");
  Refused("StationService/OpenSession", with_action(R"("session":{"deputies":[{"deputyId":"HK-R999"}]})"), "接待代表");
  Refused("StationService/CloseSession", with_action("\"session_id\":\"x\""), "接待场次");
  Refused("StationService/CloseSession", with_action("\"session_id\":\"" + session_.id() + "\",\"token\":\"?\""),
          "凭据");
  Refused("StationService/ListSessions", R"({"from":"昨天"})", "日期");
  Refused("StationService/ListVisits", R"({"to":"2026-13-01"})", "日期");
  Refused("StationService/GetVisit", R"({"id":"1"})", "编号");
  Refused("StationService/ImportLedger", "{}", "中心站");
  Refused("StationService/UndoImport", with_action("\"batch_id\":\"1\""), "导入批次");
  Refused("RecordService/GetRecord", R"({"id":"…"})", "编号");
  Refused("RecordService/GetHistory", R"({"id":"16.000000000000000000000000"})", "没有编号");
  Refused("RecordService/ChangeRecord", with_action("\"id\":\"" + session_.id() + "\",\"token\":\"\""), "凭据");
  Refused("RecordService/ChangeRecord",
          with_action("\"id\":\"" + session_.id() + "\",\"token\":\"" + session_.token() +
                      "\",\"fields\":\"{\\\"number\\\":\\\"1\\\"}\""),
          "场次编号");
  Refused("RecordService/ChangeRecord",
          with_action("\"id\":\"" + session_.id() + "\",\"token\":\"" + session_.token() +
                      "\",\"fields\":\"{\\\"nosuch\\\":1}\""),
          "nosuch");
  Refused("RecordService/VoidRecord",
          with_action("\"id\":\"" + session_.id() + "\",\"token\":\"" + session_.token() + "\""), "作废原因");
  Refused("RecordService/Export", R"({"format":"pdf"})", "导出格式");
  Refused("DoctorService/Dump", "{}", "写明一样");
  Refused("DoctorService/Dump", R"({"op":"HK-D057"})", "操作");
  Refused("DoctorService/Dump", R"({"chain":"HK-D057"})", "写入者");
  Refused("DoctorService/Dump", R"({"feed":"nosuch"})", "下行");
  Refused("DoctorService/Dump", R"({"record":"…"})", "编号");
  Refused("DoctorService/Examine", R"({"nosuch":1})", "nosuch");
  Refused("RecordService/NoSuch", "{}", "没有这个方法");
}

TEST_F(BadInput, AnAccusationLeavesNoText) {
  v1::LogVisitRequest request = VisitRequest(&town_, session_, "举报某某");
  request.mutable_visitor()->set_name("李四");
  request.mutable_matters(0)->set_disposition(v1::DISPOSITION_GUIDED);
  request.mutable_matters(0)->set_guide_reason("检举控告,某某");
  request.mutable_matters(0)->set_guided_to("纪检监察机关");
  absl::StatusOr<v1::LogVisitResponse> logged = site_->node->reception()->LogVisit(request);
  ASSERT_TRUE(logged.ok()) << logged.status();
  std::unique_ptr<KvReader> all = site_->node->store()->Snapshot();
  all->Scan("", "", [&](std::string_view, std::string_view value) {
    EXPECT_EQ(value.find("某某"), std::string_view::npos);
    EXPECT_EQ(value.find("李四"), std::string_view::npos);
    return true;
  });
}

TEST_F(BadInput, NoNameOrPhoneLiesInTheStoreInClear) {
  v1::LogVisitRequest request = VisitRequest(&town_, session_, "路灯坏了");
  request.mutable_visitor()->set_name("欧阳修竹");
  request.mutable_visitor()->set_phone("13812345678");
  absl::StatusOr<v1::LogVisitResponse> logged = site_->node->reception()->LogVisit(request);
  ASSERT_TRUE(logged.ok()) << logged.status();
  EXPECT_EQ(logged->visit().visitor_name(), "欧**");
  EXPECT_EQ(logged->visit().visitor_phone(), "138****5678");
  site_->node->store()->Snapshot()->Scan("", "", [&](std::string_view key, std::string_view value) {
    for (std::string_view text : {key, value}) {
      EXPECT_EQ(text.find("欧阳修竹"), std::string_view::npos);
      EXPECT_EQ(text.find("13812345678"), std::string_view::npos);
    }
    return true;
  });
  for (const char* query : {"欧阳修竹", "阳修", "oyxz", "5678", "路灯", "D057-0001"}) {
    v1::FindRequest find;
    find.set_query(query);
    absl::StatusOr<v1::FindResponse> found = site_->node->records()->Find(find);
    ASSERT_TRUE(found.ok());
    EXPECT_GE(found->hits_size(), 1) << query;
  }
}

TEST(Clones, NumbersThatBothGaveAreKeptOnBothRecordsAndPointedOut) {
  Township town(11);
  std::unique_ptr<Site> site = town.Enrol("HK-D057", true);
  v1::SessionView session = OpenSession(&town, site->node.get(), "2026-11-20");
  const std::string copy = town.Clone(site.get());
  std::set<std::string> numbers;
  for (const std::string& dir : {site->dir, copy}) {
    std::unique_ptr<StationNode> node = town.Open(dir);
    absl::StatusOr<v1::LogVisitResponse> logged =
        node->reception()->LogVisit(VisitRequest(&town, session, "水渠垮了：" + dir));
    ASSERT_TRUE(logged.ok()) << logged.status();
    numbers.insert(logged->visit().entry().number());
    numbers.insert(logged->visit().matters(0).matter().number());
    EXPECT_TRUE(town.Sync(node.get()));
    EXPECT_EQ(node->records()->ListConflicts({})->clashes_size(), dir == copy ? 2 : 0);
  }
  ASSERT_EQ(numbers.size(), 2u) << "both copies gave the same two numbers";
  absl::StatusOr<v1::ListConflictsResponse> found = town.hub().records()->ListConflicts({});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->clashes_size(), 2);
  for (const v1::NumberClash& clash : found->clashes()) {
    EXPECT_TRUE(numbers.contains(clash.number())) << clash.number();
    EXPECT_EQ(clash.ids_size(), 2);
  }
  v1::ListConflictsRequest one;
  one.set_limit(1);
  EXPECT_EQ(town.hub().records()->ListConflicts(one)->clashes_size(), 1);
}

}  // namespace
}  // namespace liaison
