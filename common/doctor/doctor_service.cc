#include "common/doctor/doctor_service.h"

#include "common/api/methods.h"
#include "common/doctor/dump.h"

namespace liaison {

absl::StatusOr<v1::ExamineResponse> DoctorService::Examine(const v1::ExamineRequest&) const { return examine_(); }

absl::StatusOr<v1::DumpResponse> DoctorService::Dump(const v1::DumpRequest& request) const {
  if (store_ == nullptr) return absl::FailedPreconditionError("数据库没有打开，什么都列不出来");
  return liaison::Dump(*store_, request);
}

void DoctorService::Register(Dispatcher* dispatcher) const {
  Methods methods(dispatcher, "DoctorService", this);
  methods.Bind("Examine", &DoctorService::Examine);
  methods.Bind("Dump", &DoctorService::Dump);
}

}  // namespace liaison
