// The thirteen forms filled from records; each returns its HTML. Used by PrintService alone. Errors as PrintForm's.
#ifndef LIAISON_COMMON_PRINTS_PRINT_FORMS_H_
#define LIAISON_COMMON_PRINTS_PRINT_FORMS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/congress.h"
#include "common/api/dispatcher.h"
#include "common/rules/roster/roster.h"
#include "liaison/v1/casework.pb.h"
#include "liaison/v1/print.pb.h"

namespace liaison::prints {

// Adds the visit to `revealed` if the form has the voter's name in full; it may be shown when that is audited.
absl::StatusOr<std::string> Visit(const ServiceContext& context, const Caller& caller, const std::string& id,
                                  std::vector<std::string>* revealed);
absl::StatusOr<std::string> Session(const ServiceContext& context, const Caller& caller, const std::string& id);
absl::StatusOr<std::string> Notice(const ServiceContext& context, const Caller& caller, const std::string& id);
absl::StatusOr<std::string> Ledger(const ServiceContext& context, const Caller& caller,
                                   const v1::PrintFormRequest& request);

// Of one matter: PAPER_ASSIGNMENT, PAPER_REPLY, PAPER_SURVEY, PAPER_SUPERVISION, PAPER_DECISION, PAPER_ESCALATION.
absl::StatusOr<std::string> OfCase(const ServiceContext& context, v1::Paper paper, const v1::CaseView& view);

absl::StatusOr<std::string> Deputy(const ServiceContext& context, const Caller& caller, const Congress& congress,
                                   const v1::PrintFormRequest& request);
absl::StatusOr<std::string> TenHaves(const ServiceContext& context, const Caller& caller, const Congress& congress,
                                     const std::string& id);
absl::StatusOr<std::string> Ballots(const ServiceContext& context, const Caller& caller, const Congress& congress,
                                    const std::string& id);

// The station's name as its sign has it.
std::string SignName(const Roster& roster, std::string_view station_id);
// "区、镇人大代表": the levels at which the deputy serves on that day; "人大代表" if none is known.
std::string MandateTitle(const Roster& roster, std::string_view deputy_id, std::string_view date);
std::string Joined(const std::vector<std::string>& names);

}  // namespace liaison::prints

#endif  // LIAISON_COMMON_PRINTS_PRINT_FORMS_H_
