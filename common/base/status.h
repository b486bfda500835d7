// Early return on errors. The status codes say what the caller should do next: kInvalidArgument: refuse, and tell the
// person or the peer which field; kFailedPrecondition: something is missing first; kAlreadyExists: same name, other
// content; kUnavailable: back off and retry; kDataLoss: stop writing, keep reading, say so; kUnauthenticated.
// Messages that a person may see are Chinese; messages about bytes are English.
#ifndef LIAISON_COMMON_BASE_STATUS_H_
#define LIAISON_COMMON_BASE_STATUS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define LIAISON_CONCAT_INNER(a, b) a##b
#define LIAISON_CONCAT(a, b) LIAISON_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expr)                                         \
  do {                                                                \
    if (absl::Status status_ = (expr); !status_.ok()) return status_; \
  } while (false)

#define ASSIGN_OR_RETURN(lhs, expr) ASSIGN_OR_RETURN_IMPL(LIAISON_CONCAT(status_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr)    \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = std::move(tmp).value()

#endif  // LIAISON_COMMON_BASE_STATUS_H_
