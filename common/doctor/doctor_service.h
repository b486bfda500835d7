// DoctorService: both daemons serve it, and answer Examine also where their store cannot be opened.
#ifndef LIAISON_COMMON_DOCTOR_DOCTOR_SERVICE_H_
#define LIAISON_COMMON_DOCTOR_DOCTOR_SERVICE_H_

#include <functional>
#include <string>
#include <utility>

#include "common/api/dispatcher.h"
#include "common/store/store.h"
#include "liaison/v1/doctor.pb.h"

namespace liaison {

inline constexpr char kExaminePath[] = "/liaison.v1.DoctorService/Examine";

// Thread-safe if `examine` is.
class DoctorService {
 public:
  using Examination = std::function<v1::ExamineResponse()>;

  // `store` must outlive this; null: it could not be opened, and Dump is kFailedPrecondition (Chinese).
  DoctorService(Examination examine, const Store* store) : examine_(std::move(examine)), store_(store) {}

  absl::StatusOr<v1::ExamineResponse> Examine(const v1::ExamineRequest& request) const;
  absl::StatusOr<v1::DumpResponse> Dump(const v1::DumpRequest& request) const;

  void Register(Dispatcher* dispatcher) const;  // must outlive the dispatcher

 private:
  const Examination examine_;
  const Store* const store_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_DOCTOR_DOCTOR_SERVICE_H_
