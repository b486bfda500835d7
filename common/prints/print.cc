#include "common/prints/print.h"

#include <functional>
#include <set>

#include "common/api/audit_desk.h"
#include "common/api/methods.h"
#include "common/api/views.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/paper/page.h"
#include "common/prints/county.h"
#include "common/prints/export.h"
#include "common/prints/print_forms.h"
#include "common/record/schema.h"
#include "common/record/validate.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/roster/roster.h"

namespace liaison {
namespace {

constexpr int kMostPrinted = 200;

}  // namespace
namespace prints {

std::string SignName(const Roster& roster, std::string_view station_id) {
  auto station = roster.stations.find(station_id);
  return station == roster.stations.end() || station->second.name().empty() ? roster.StationName(station_id)
                                                                            : station->second.name();
}

std::string MandateTitle(const Roster& roster, std::string_view deputy_id, std::string_view date) {
  std::set<v1::MandateLevel, std::greater<>> levels;  // the highest first
  if (auto deputy = roster.deputies.find(deputy_id); deputy != roster.deputies.end())
    for (const v1::Mandate& mandate : deputy->second.mandates())
      if (RunsOn(mandate, date)) levels.insert(mandate.level());
  std::vector<std::string> names;
  for (v1::MandateLevel level : levels) names.push_back(EnumLabel(level));
  return Joined(names) + "人大代表";
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : "、") + name;
  return text;
}

}  // namespace prints

absl::Status PrintService::Audit(const Caller& caller, const std::vector<std::string>& revealed) const {
  if (revealed.empty()) return absl::OkStatus();
  std::vector<v1::AuditEvent> events;
  for (const std::string& id : revealed)
    events.push_back(EventOf(context_, caller, v1::AUDIT_PRINT, id, v1::PURPOSE_PRINT));
  return CommitAudit(context_, caller, events);
}

absl::StatusOr<v1::PrintFormResponse> PrintService::PrintForm(const v1::PrintFormRequest& request,
                                                              const Caller& caller) const {
  std::vector<std::string> revealed;
  if (request.ids().empty()) {
    ASSIGN_OR_RETURN(v1::PrintFormResponse response, PrintOne(request, caller, &revealed));
    RETURN_IF_ERROR(Audit(caller, revealed));
    return response;
  }
  if (!request.id().empty()) return absl::InvalidArgumentError("编号：写了几个，就不能另写一个");
  if (request.ids_size() > kMostPrinted)
    return absl::InvalidArgumentError(Cat("编号：一次最多打印", kMostPrinted, "份"));
  std::vector<std::string> pages;
  v1::PrintFormRequest one = request;
  one.clear_ids();
  v1::PrintFormResponse response;
  for (const std::string& id : request.ids()) {
    one.set_id(id);
    absl::StatusOr<v1::PrintFormResponse> page = PrintOne(one, caller, &revealed);
    if (!page.ok()) return InPlace(Cat(id, "："), page.status());
    pages.push_back(std::move(*page->mutable_content()));
    response.set_file_name(page->file_name());
    response.set_mime(page->mime());
  }
  RETURN_IF_ERROR(Audit(caller, revealed));
  response.set_content(office::JoinPages(pages));
  return response;
}

absl::StatusOr<v1::PrintFormResponse> PrintService::PrintOne(const v1::PrintFormRequest& request,
                                                             const Caller& caller,
                                                             std::vector<std::string>* revealed) const {
  absl::StatusOr<std::string> html;
  switch (request.paper()) {
    case v1::PAPER_VISIT:
      html = prints::Visit(context_, caller, request.id(), revealed);
      break;
    case v1::PAPER_SESSION:
      html = prints::Session(context_, caller, request.id());
      break;
    case v1::PAPER_NOTICE:
      html = prints::Notice(context_, caller, request.id());
      break;
    case v1::PAPER_LEDGER:
      html = prints::Ledger(context_, caller, request);
      break;
    case v1::PAPER_ASSIGNMENT:
    case v1::PAPER_REPLY:
    case v1::PAPER_SURVEY:
    case v1::PAPER_SUPERVISION:
    case v1::PAPER_DECISION:
    case v1::PAPER_ESCALATION: {
      v1::GetCaseRequest get;
      get.set_id(request.id());
      ASSIGN_OR_RETURN(v1::GetCaseResponse response, casework_.GetCase(get, caller));
      html = prints::OfCase(context_, request.paper(), response.case_());
      break;
    }
    case v1::PAPER_DEPUTY:
      html = prints::Deputy(context_, caller, congress_, request);
      break;
    case v1::PAPER_TEN_HAVES:
      html = prints::TenHaves(context_, caller, congress_, request.id());
      break;
    case v1::PAPER_BALLOT:
      html = prints::Ballots(context_, caller, congress_, request.id());
      break;
    default:
      return absl::InvalidArgumentError("表单：请选择要打印的表单");
  }
  if (!html.ok()) return html.status();
  v1::PrintFormResponse response;
  response.set_content(*std::move(html));
  response.set_file_name(Cat(EnumLabel(request.paper()), "-", context_.Today(), ".html"));
  response.set_mime("text/html; charset=utf-8");
  return response;
}

absl::StatusOr<v1::ExportResponse> PrintService::Export(const v1::ExportRequest& request, const Caller& caller) const {
  for (const std::string* date : {&request.from(), &request.to()})
    if (!date->empty() && !IsDate(*date)) return absl::InvalidArgumentError(Cat("日期：“", *date, "”不是有效日期"));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  std::string format = request.format().empty() ? "csv" : request.format();
  return ExportLedger(LedgerEntries(views, *roster, request.from(), request.to(), request.station_id()), format,
                      Cat("社情民意台账-", context_.Today()));
}

absl::StatusOr<v1::ExportCountyResponse> PrintService::ExportCounty(const v1::ExportCountyRequest& request) const {
  return liaison::ExportCounty(context_, request);
}

void PrintService::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "PrintService", this);
  methods.Bind("PrintForm", &PrintService::PrintForm);
  methods.Bind("ExportCounty", &PrintService::ExportCounty);
  Methods(dispatcher, "RecordService", this).Bind("Export", &PrintService::Export);
}

}  // namespace liaison
