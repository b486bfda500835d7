// Who a voter is stays in the village: not in the next one, not in the area, masked at the township, and nowhere on
// what goes out.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/base/text.h"
#include "liaison/v1/print.pb.h"
#include "tests/acceptance/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kVillage[] = "HK-D057", kNext[] = "HK-D058", kArea[] = "HK-P008";
constexpr char kName[] = "欧阳翠花", kPhone[] = "13812345678", kSecret[] = "司马青山", kSecretPhone[] = "13987654321";

class PrivacyScenario : public Town {
 protected:
  v1::VisitView LogNamed(Daemon& station, const v1::SessionView& session, const std::string& words,
                         const std::string& name, const std::string& phone, bool confidential) {
    v1::LogVisitRequest request;
    request.set_action_id(ActionId());
    request.set_session_id(session.id());
    request.mutable_entry()->set_original_words(words);
    request.mutable_entry()->set_headcount(1);
    request.mutable_entry()->set_confidential(confidential);
    request.mutable_visitor()->set_name(name);
    request.mutable_visitor()->set_phone(phone);
    *request.add_matters() = MatterOf(words, v1::DISPOSITION_SUBMIT);
    request.mutable_matters(0)->set_confidential(confidential);
    return Call<v1::LogVisitResponse>(station, "StationService/LogVisit", request).visit();
  }
  std::string Print(Daemon& daemon, v1::Paper paper, const std::string& id) {
    v1::PrintFormRequest request;
    request.set_paper(paper);
    request.set_id(id);
    return Call<v1::PrintFormResponse>(daemon, "PrintService/PrintForm", request).content();
  }
  // No file of the folder holds the text.
  static void ExpectNowhereIn(const std::string& dir, std::string_view text) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(dir)) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      EXPECT_EQ(bytes.find(text), std::string::npos) << file.path();
    }
  }
};

// That the box's own key is out of a thief's reach belongs to keys.
TEST_F(PrivacyScenario, PersonalInformation) {
  Make({kVillage, kNext, kArea});
  StartHub("2026-12-01T09:00");
  Daemon& village = StartStation(kVillage, "2026-11-20T09:00");
  Daemon& next = StartStation(kNext, "2026-11-20T09:00");
  Daemon& area = StartStation(kArea, "2026-11-20T09:00");
  v1::SessionView session = Open(village, "2026-11-20", {"HK-R001"});
  v1::VisitView open = LogNamed(village, session, "三组水渠垮了", kName, kPhone, false);
  v1::VisitView secret = LogNamed(village, session, "邻居占地", kSecret, kSecretPhone, true);
  for (const v1::VisitView* visit : {&open, &secret})
    Do(village, visit->matters(0).id(), StepOn("2026-11-20", v1::STEP_SUBMIT));
  Close(village, session);
  Deliver(kVillage);
  const std::string matter = open.matters(0).id(), hidden = secret.matters(0).id();
  AwaitState(area, matter, v1::SUBMITTED);

  v1::GetVisitRequest get;
  get.set_id(open.id());
  v1::RevealVisitorRequest reveal;
  reveal.set_id(open.id());
  reveal.set_purpose(v1::PURPOSE_FEEDBACK);
  v1::RevealVisitorResponse response;
  EXPECT_FALSE(next.Call("RecordService/RevealVisitor", reveal, &response).ok());
  EXPECT_FALSE(area.Call("RecordService/RevealVisitor", reveal, &response).ok());
  EXPECT_EQ(Call<v1::RevealVisitorResponse>(village, "RecordService/RevealVisitor", reveal).visitor().name(), kName);
  auto at_area = Call<v1::GetVisitResponse>(area, "StationService/GetVisit", get).visit();
  EXPECT_THAT(at_area.visitor_name() + at_area.visitor_phone(), Not(HasSubstr("翠花")));
  EXPECT_THAT(at_area.visitor_phone(), Not(HasSubstr("1234")));

  // On paper: whole on the village's own form alone; of who asked for confidentiality not even the surname.
  EXPECT_THAT(Print(village, v1::PAPER_VISIT, open.id()), HasSubstr(kName));
  EXPECT_THAT(Print(village, v1::PAPER_VISIT, secret.id()), Not(HasSubstr("司马")));

  // Who looked and who printed stands written, without a name, and comes to the township alone.
  const auto audit = Call<v1::ListAuditResponse>(village, "RecordService/ListAudit", v1::ListAuditRequest());
  ASSERT_EQ(audit.total(), 2);
  for (const v1::AuditRow& row : audit.rows()) EXPECT_EQ(row.event().record_id(), open.id());
  Deliver(kVillage);
  EXPECT_EQ(Call<v1::ListAuditResponse>(hub(), "RecordService/ListAudit", v1::ListAuditRequest()).total(), 2);
  EXPECT_EQ(Call<v1::ListAuditResponse>(area, "RecordService/ListAudit", v1::ListAuditRequest()).total(), 0);
  for (const std::string& id : {matter, hidden}) {
    Do(hub(), id, StepOn("2026-11-23", v1::STEP_ACCEPT));
    v1::Step assign = StepOn("2026-11-24", v1::STEP_ASSIGN);
    assign.set_unit("HK-U05");
    Do(hub(), id, assign);
  }
  const std::string slip = Print(hub(), v1::PAPER_ASSIGNMENT, matter) + Print(hub(), v1::PAPER_ASSIGNMENT, hidden) +
                           Print(hub(), v1::PAPER_LEDGER, "");
  EXPECT_THAT(slip, Not(HasSubstr("翠花")));
  EXPECT_THAT(slip, Not(HasSubstr("司马")));
  EXPECT_THAT(slip, Not(HasSubstr("12345678")));

  v1::ExportCountyRequest county;
  county.set_from("2026-01-01");
  county.set_to("2026-12-31");
  county.set_format("csv");
  auto list = Call<v1::ExportCountyResponse>(hub(), "PrintService/ExportCounty", county);
  EXPECT_EQ(list.matters(), 2);
  EXPECT_THAT(list.content(), HasSubstr("水渠垮了"));
  for (const char* text : {"欧阳", "翠花", "司马", kPhone, kSecretPhone})
    EXPECT_THAT(list.content(), Not(HasSubstr(text)));

  // A refusal that quotes what was typed: to the one who asked, and not in the log (TearDown()).
  county.set_from(kName);
  EXPECT_THAT(hub().Call("PrintService/ExportCounty", county, &list).message(), HasSubstr(kName));
  for (const char* id : {kVillage, kNext, kArea}) at(id).Stop(SIGTERM);
  hub().Stop(SIGTERM);
  for (const char* dir : {kVillage, kNext, kArea, "hub"})
    for (const char* text : {kName, kPhone, kSecret, kSecretPhone}) ExpectNowhereIn(Dir(dir), text);
}

}  // namespace
}  // namespace liaison
