// DoorService over gRPC: what is asked before a device may talk to SyncService. Runs under TLS only.
#ifndef LIAISON_HUB_DOOR_DOOR_SERVICE_H_
#define LIAISON_HUB_DOOR_DOOR_SERVICE_H_

#include "hub/door/admission.h"
#include "hub/door/registry.h"
#include "liaison/v1/sync.grpc.pb.h"

namespace liaison {

class DoorService : public v1::DoorService::CallbackService {
 public:
  // Both must outlive the server.
  DoorService(const Admission* admission, Registry* registry) : admission_(admission), registry_(registry) {}

  grpc::ServerUnaryReactor* Enrol(grpc::CallbackServerContext* context, const v1::EnrolByCodeRequest* request,
                                  v1::EnrolResponse* response) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context, const v1::RenewRequest* request,
                                  v1::RenewResponse* response) override;

 private:
  const Admission* const admission_;
  Registry* const registry_;
};

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_DOOR_SERVICE_H_
