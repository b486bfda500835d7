// What a helper of a test needs is there, or the test ends and says where and why.
#ifndef LIAISON_TESTS_TESTING_MUST_H_
#define LIAISON_TESTS_TESTING_MUST_H_

#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liaison {

// Throws std::runtime_error, "FILE:LINE: what the status says", if it is an error; GoogleTest makes a failure of it and
// goes on with the next test. To use the value of a StatusOr that is an error would end the process and all tests that
// were still to come.
inline void Must(const absl::Status& status, std::source_location at = std::source_location::current()) {
  if (!status.ok())
    throw std::runtime_error(std::string(at.file_name()) + ":" + std::to_string(at.line()) + ": " + status.ToString());
}

template <typename T>
T Must(absl::StatusOr<T> result, std::source_location at = std::source_location::current()) {
  Must(result.status(), at);
  return *std::move(result);
}

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_MUST_H_
