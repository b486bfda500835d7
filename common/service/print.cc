#include "common/service/print.h"

#include "common/base/text.h"
#include "common/record/schema.h"
#include "common/service/county.h"
#include "common/service/print_forms.h"

namespace liaison {
namespace prints {

std::string OfficeName(const Roster& roster) {
  for (const auto& [id, station] : roster.stations)
    if (station.tier() == v1::CENTER) return roster.StationName(id) + "人大主席团";
  return "镇人大主席团";
}

std::string SignName(const Roster& roster, std::string_view station_id) {
  auto station = roster.stations.find(station_id);
  return station == roster.stations.end() || station->second.name().empty() ? roster.StationName(station_id)
                                                                            : station->second.name();
}

std::string MandateTitle(const Roster& roster, std::string_view deputy_id, std::string_view date) {
  std::vector<std::string> levels;
  auto deputy = roster.deputies.find(deputy_id);
  if (deputy != roster.deputies.end()) {
    for (v1::MandateLevel level :
         {v1::MANDATE_NATION, v1::MANDATE_PROVINCE, v1::MANDATE_CITY, v1::MANDATE_DISTRICT, v1::MANDATE_TOWN}) {
      for (const v1::Mandate& mandate : deputy->second.mandates()) {
        const bool serves =
            (mandate.from().empty() || mandate.from() <= date) && (mandate.to().empty() || mandate.to() >= date);
        if (mandate.level() != level || !serves) continue;
        levels.push_back(EnumLabel(level));
        break;
      }
    }
  }
  return Joined(levels) + "人大代表";
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : "、") + name;
  return text;
}

}  // namespace prints

absl::StatusOr<v1::PrintFormResponse> PrintService::PrintForm(const v1::PrintFormRequest& request) const {
  absl::StatusOr<std::string> html;
  switch (request.paper()) {
    case v1::PAPER_VISIT:
      html = prints::Visit(context_, request.id());
      break;
    case v1::PAPER_SESSION:
      html = prints::Session(context_, request.id());
      break;
    case v1::PAPER_NOTICE:
      html = prints::Notice(context_, request.id());
      break;
    case v1::PAPER_LEDGER:
      html = prints::Ledger(context_, request);
      break;
    case v1::PAPER_ASSIGNMENT:
    case v1::PAPER_REPLY:
    case v1::PAPER_SURVEY:
    case v1::PAPER_SUPERVISION:
    case v1::PAPER_DECISION:
    case v1::PAPER_ESCALATION: {
      v1::GetCaseRequest get;
      get.set_id(request.id());
      ASSIGN_OR_RETURN(v1::GetCaseResponse response, casework_.GetCase(get));
      html = prints::OfCase(context_, request.paper(), response.case_());
      break;
    }
    case v1::PAPER_DEPUTY:
      html = prints::Deputy(context_, congress_, request);
      break;
    case v1::PAPER_TEN_HAVES:
      html = prints::TenHaves(context_, congress_, request.id());
      break;
    case v1::PAPER_BALLOT:
      html = prints::Ballots(context_, congress_, request.id());
      break;
    default:
      return absl::InvalidArgumentError("表单:请选择要打印的表单");
  }
  if (!html.ok()) return html.status();
  v1::PrintFormResponse response;
  response.set_content(*std::move(html));
  response.set_file_name(Cat(EnumLabel(request.paper()), "-", context_.Today(), ".html"));
  response.set_mime("text/html; charset=utf-8");
  return response;
}

absl::StatusOr<v1::ExportCountyResponse> PrintService::ExportCounty(const v1::ExportCountyRequest& request) const {
  return liaison::ExportCounty(context_, request);
}

void PrintService::Register(Dispatcher* dispatcher) {
  dispatcher->Add<v1::PrintFormRequest, v1::PrintFormResponse>(
      "PrintService", "PrintForm", [this](const v1::PrintFormRequest& r, const Caller&) { return PrintForm(r); });
  dispatcher->Add<v1::ExportCountyRequest, v1::ExportCountyResponse>(
      "PrintService", "ExportCounty",
      [this](const v1::ExportCountyRequest& r, const Caller&) { return ExportCounty(r); });
}

}  // namespace liaison
