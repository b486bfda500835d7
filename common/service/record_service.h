// What both daemons serve about records: reading, changing, voiding, conflicts, history, finding, checking.
#ifndef LIAISON_COMMON_SERVICE_RECORD_SERVICE_H_
#define LIAISON_COMMON_SERVICE_RECORD_SERVICE_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/service/dispatcher.h"
#include "common/service/find.h"
#include "common/service/roster.h"
#include "common/service/views.h"
#include "common/store/store.h"
#include "liaison/v1/services.pb.h"

namespace liaison {

// What a daemon is made of, as its services see it. All pointers outlive them.
struct ServiceContext {
  Store* store = nullptr;
  RosterCache* roster = nullptr;
  FindIndex* find = nullptr;
  std::string station_id;  // own station; kHubStation at the hub
  std::string node_id;
  std::string block;  // this device's letter in numbers
  std::string hub_address;
  // The state of the link, from whoever keeps it; defaults when there is none.
  struct Link {
    bool up = false;
    int64_t last_receipt_ms = 0;
    std::string error;
  };
  std::function<Link()> link = [] { return Link(); };
  std::function<v1::FileCounts()> files = [] { return v1::FileCounts(); };

  bool IsHub() const { return station_id == kHubStation; }
  Clock* clock() const { return store->options().clock; }
  Random* random() const { return store->options().random; }
  std::string Today() const { return BusinessDate(clock()->NowMs()); }
  Views MakeViews(const Roster* roster_now, bool reveal = false) const {
    return Views(store, roster_now, link().up, reveal);
  }
};

// The bytes of an action id from its 20 hex digits. kInvalidArgument names the field.
absl::StatusOr<std::string> ActionId(std::string_view hex);
// What tells one request from another under the same action id: its deterministic bytes, hashed.
std::string RequestHash(const google::protobuf::Message& request);

class RecordService {
 public:
  explicit RecordService(ServiceContext context) : context_(std::move(context)) {}

  absl::StatusOr<v1::GetRecordResponse> GetRecord(const v1::GetRecordRequest& request) const;
  absl::StatusOr<v1::GetHistoryResponse> GetHistory(const v1::GetHistoryRequest& request) const;
  absl::StatusOr<v1::ChangeRecordResponse> ChangeRecord(const v1::ChangeRecordRequest& request);
  absl::StatusOr<v1::VoidRecordResponse> VoidRecord(const v1::VoidRecordRequest& request);
  absl::StatusOr<v1::ListConflictsResponse> ListConflicts(const v1::ListConflictsRequest& request) const;
  absl::StatusOr<v1::FindResponse> Find(const v1::FindRequest& request) const;
  absl::StatusOr<v1::GetRosterResponse> GetRoster(const v1::GetRosterRequest& request) const;
  absl::StatusOr<v1::GetStatusResponse> GetStatus(const v1::GetStatusRequest& request) const;
  absl::StatusOr<v1::VerifyResponse> Verify(const v1::VerifyRequest& request) const;

  void Register(Dispatcher* dispatcher);

 private:
  ServiceContext context_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_RECORD_SERVICE_H_
