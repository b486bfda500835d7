// What an open store and the status of its daemon say of its health.
#ifndef LIAISON_COMMON_DOCTOR_RECORD_CHECKS_H_
#define LIAISON_COMMON_DOCTOR_RECORD_CHECKS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "common/doctor/findings.h"
#include "common/store/store.h"
#include "liaison/v1/record_service.pb.h"

namespace liaison {

// Own ops that lie longer than this without a receipt, and backups older than these, are told.
inline constexpr int64_t kLongPendingMs = 3 * 86'400'000LL;
inline constexpr int64_t kOldBackupMs = 7 * 86'400'000LL, kVeryOldBackupMs = 30 * 86'400'000LL;
// By which a clock may differ from the hub's.
inline constexpr int64_t kClockDiffersMs = 5 * 60'000LL;

// Why the store could not be opened; OK: it is open.
void CheckOpen(const absl::Status& opened, Findings* findings);
// The machine's clock. `hub_ahead_ms`: the hub's signed time minus this clock just now; null: not told.
void CheckClock(const v1::ClockState& clock, const int64_t* hub_ahead_ms, Findings* findings);
// A station's ops without a receipt, and the receipts of this run.
void CheckPending(const Store& store, const v1::GetStatusResponse& status, int64_t now_ms, Findings* findings);
// Ops that were kept and not used, ops that wait, disagreements, and photos.
void CheckRecords(const v1::GetStatusResponse& status, Findings* findings);
// `last_ms`: when the newest verified backup was made; 0: never.
void CheckBackup(int64_t last_ms, int64_t now_ms, Findings* findings);

}  // namespace liaison

#endif  // LIAISON_COMMON_DOCTOR_RECORD_CHECKS_H_
