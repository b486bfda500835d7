// The township's desk: enrolment, the stations and the ledger.
#ifndef LIAISON_HUB_DESK_H_
#define LIAISON_HUB_DESK_H_

#include <functional>
#include <set>
#include <string>

#include "common/service/record_service.h"
#include "liaison/v1/services.pb.h"

namespace liaison {

// When each station was last heard of, kept in memory and in the store's own facts. Thread-safe.
struct SyncBoard {
  virtual ~SyncBoard() = default;
  virtual int64_t LastSyncMs(const std::string& station_id) const = 0;  // 0: never
  virtual bool Connected(const std::string& station_id) const = 0;
};

class Desk {
 public:
  // `board` must outlive this.
  Desk(ServiceContext context, const SyncBoard* board) : context_(std::move(context)), board_(board) {}

  // Registers a device of a station: its node record, and what it needs to start (hub key, master records). One call at
  // a time; the service of this name is Registry::Enrol().
  absl::StatusOr<v1::EnrolResponse> Enrol(const v1::EnrolRequest& request);
  absl::StatusOr<v1::ListStationsResponse> ListStations(const v1::ListStationsRequest& request) const;
  absl::StatusOr<v1::ListMattersResponse> ListMatters(const v1::ListMattersRequest& request) const;

  void Register(Dispatcher* dispatcher);

 private:
  ServiceContext context_;
  const SyncBoard* board_;
};

// The public key of this hub, for stations to check what it signs; kept in the store's own facts by the daemon.
inline constexpr char kHubKeyMeta[] = "hub-public-key";

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_H_
