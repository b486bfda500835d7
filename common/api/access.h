// Who may call what: the options `access`, `value_access` and `field_access` of the schema as one table, and the
// question to it, which gate.h asks for each call.
//
// Two questions stand apart. Here: may this person call this method about that thing at all? What a list or a record
// then shows of it (nothing, masked, words, figures) is cut by whoever answers.
#ifndef LIAISON_COMMON_API_ACCESS_H_
#define LIAISON_COMMON_API_ACCESS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/rules/people/people.h"
#include "liaison/v1/casework.pb.h"
#include "liaison/v1/imports.pb.h"
#include "liaison/v1/options.pb.h"
#include "liaison/v1/print.pb.h"

namespace liaison {

struct AccessRow {
  std::string name;                    // "/liaison.v1.SERVICE/METHOD", "StepKind.STEP_SUBMIT" or "Step.approved_by"
  const v1::Access* access = nullptr;  // of the descriptors; null: the schema says nothing
};
// The methods of all services, the values (but the unspecified one) of StepKind, Paper and RosterKind, and the fields
// that ask more; in the order of the schema's files. Made once.
const std::vector<AccessRow>& AccessTable();

// The row as a line for people: "D:seat OA:station KC:township open_locally". Letters as in
// tests/golden/data/access.txt.
std::string AccessText(const v1::Access& access);

// What a call is about and how it came, as the records say it and never as the request claims. Where it names nothing
// (a list, something new of one's own place) all of the first four are empty.
struct CallFacts {
  std::string station;                // whose record
  std::vector<std::string> deputies;  // on duty at it, or whose it is
  std::vector<std::string> units;     // that it is assigned to
  std::string matter;                 // the id of the matter, as text

  v1::StepKind step = v1::STEP_UNSPECIFIED;       // of TakeStep
  v1::Paper paper = v1::PAPER_UNSPECIFIED;        // of PrintForm
  v1::RosterKind table = v1::ROSTER_UNSPECIFIED;  // of ImportTable and ExportTable
  bool approved = false;                          // the step says who approved it
  bool paper_attached = false;                    // the signed paper is there
  bool local = false;                             // asked by the owner of the data folder, on the same machine
};

// OK: `who` may call `path` about that. Pure, thread-safe. Otherwise, in Chinese:
//   kUnauthenticated    nobody has logged in
//   kPermissionDenied   the role may not, or not with this; or the way is another one (a device, the machine itself)
//   kUnimplemented      no such method, or the schema does not say who may call it
absl::Status MayCall(const Who& who, std::string_view path, const CallFacts& facts);

// What lets callers of a method in; nullopt: no such method, or the schema does not say.
std::optional<v1::Access::Way> WayOf(std::string_view path);

}  // namespace liaison

#endif  // LIAISON_COMMON_API_ACCESS_H_
