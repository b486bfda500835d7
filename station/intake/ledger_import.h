// Old ledgers taken in, and taken back.
#ifndef LIAISON_STATION_INTAKE_LEDGER_IMPORT_H_
#define LIAISON_STATION_INTAKE_LEDGER_IMPORT_H_

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "liaison/v1/station_service.pb.h"

namespace liaison {

// Thread-safe.
class LedgerImport {
 public:
  explicit LedgerImport(ServiceContext context) : context_(std::move(context)) {}

  // One action per row: a row is there whole or not at all, and the next row does not wait for a refused one. An import
  // that was broken off has a batch and can be undone; the same file goes on with it. One at a time.
  absl::StatusOr<v1::ImportLedgerResponse> ImportLedger(const v1::ImportLedgerRequest& request);
  // Voids what an import made, as far as nobody has worked on it since.
  absl::StatusOr<v1::UndoImportResponse> UndoImport(const v1::UndoImportRequest& request);

  void Register(Dispatcher* dispatcher);

 private:
  ServiceContext context_;
  absl::Mutex importing_;
};

}  // namespace liaison

#endif  // LIAISON_STATION_INTAKE_LEDGER_IMPORT_H_
