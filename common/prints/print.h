// Records as forms, the ledger as a file, and the county's list. At both daemons: what a station does not hold, or may
// not do, it refuses with the service's own message.
#ifndef LIAISON_COMMON_PRINTS_PRINT_H_
#define LIAISON_COMMON_PRINTS_PRINT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/casework.h"
#include "common/api/congress.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "liaison/v1/print.pb.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {

// Shows what the caller sees (common/api/viewer.h); of anything else it says kNotFound. Names and phones are masked,
// but on the voter's form (PAPER_VISIT) at the station where the voter came. Where confidentiality was asked for, no
// form has a name. Thread-safe.
class PrintService {
 public:
  explicit PrintService(ServiceContext context) : context_(context), casework_(context), congress_(context) {}

  // kInvalidArgument: no such form, or an id of another kind; kNotFound; kFailedPrecondition: the record is voided, or
  // nothing of what the form is about has happened.
  // A form with a name in full is a reveal: its audit is on the disk before it is answered.
  absl::StatusOr<v1::PrintFormResponse> PrintForm(const v1::PrintFormRequest& request,
                                                  const Caller& caller = InProcess()) const;
  // RecordService/Export. kInvalidArgument: a date or the format.
  absl::StatusOr<v1::ExportResponse> Export(const v1::ExportRequest& request,
                                            const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ExportCountyResponse> ExportCounty(const v1::ExportCountyRequest& request) const;

  void Register(Dispatcher* dispatcher);

 private:
  // Adds to `revealed` the visit that the form shows a name of in full.
  absl::StatusOr<v1::PrintFormResponse> PrintOne(const v1::PrintFormRequest& request, const Caller& caller,
                                                 std::vector<std::string>* revealed) const;
  absl::Status Audit(const Caller& caller, const std::vector<std::string>& revealed) const;

  ServiceContext context_;
  Casework casework_;
  Congress congress_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_PRINTS_PRINT_H_
