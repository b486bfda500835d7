// The township's desk: the stations and the ledger.
#ifndef LIAISON_HUB_DESK_DESK_H_
#define LIAISON_HUB_DESK_DESK_H_

#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/viewer.h"
#include "liaison/v1/hub_service.pb.h"

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

  absl::StatusOr<v1::ListStationsResponse> ListStations(const v1::ListStationsRequest& request,
                                                        const Caller& caller = InProcess()) const;
  absl::StatusOr<v1::ListMattersResponse> ListMatters(const v1::ListMattersRequest& request,
                                                      const Caller& caller = InProcess()) const;

  void Register(Dispatcher* dispatcher);

 private:
  ServiceContext context_;
  const SyncBoard* board_;
};

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_DESK_H_
