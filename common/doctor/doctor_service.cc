#include "common/doctor/doctor_service.h"

#include "common/doctor/dump.h"

namespace liaison {

void DoctorService::Register(Dispatcher* dispatcher) const {
  dispatcher->Add<v1::ExamineRequest, v1::ExamineResponse>(
      "DoctorService", "Examine",
      [this](const v1::ExamineRequest&, const Caller&) -> absl::StatusOr<v1::ExamineResponse> { return examine_(); });
  dispatcher->Add<v1::DumpRequest, v1::DumpResponse>(
      "DoctorService", "Dump",
      [this](const v1::DumpRequest& request, const Caller&) -> absl::StatusOr<v1::DumpResponse> {
        if (store_ == nullptr) return absl::FailedPreconditionError("数据库没有打开，什么都列不出来");
        return Dump(*store_, request);
      });
}

}  // namespace liaison
