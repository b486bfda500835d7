// The gate at every method: whether this caller may make this call. Who calls is known to Caller; what a method asks is
// in the schema (access.h); what the call is about is read here, out of the request the ids alone and out of the store
// all else: whose record it is, which deputies are on duty at it, which unit it is assigned to. A request cannot say of
// a record whose it is.
//
// A call that names several records needs all of them. A record that is not here is nobody's.
//
// Thread-safe: works on snapshots.
#ifndef LIAISON_COMMON_API_GATE_H_
#define LIAISON_COMMON_API_GATE_H_

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/api/access.h"
#include "common/api/dispatcher.h"
#include "common/record/ids.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"

namespace liaison {

class Gate {
 public:
  // `open`: whether who has not logged in is let in by all that a person may call, as at a station's folder of 0.4.0.
  // All outlive this.
  Gate(const Store* store, const RosterCache* roster, std::function<bool()> open)
      : store_(store), roster_(roster), open_(std::move(open)) {}

  // For Dispatcher::set_gate. The owner of the data folder passes. Errors are those of MayCall(); kPermissionDenied
  // also: an account or a right is no record to be read or changed as others are; a deputy acts in another's name, or
  // changes what somebody else entered.
  absl::Status Admit(const std::string& path, const google::protobuf::Message& request, const Caller& caller) const;

 private:
  // What a call names: a record, a station or a deputy.
  struct Thing {
    std::vector<std::string> stations;  // whose it is: any of them
    CallFacts facts;                    // all else; without a name in it the thing is everybody's
    RecordId root, child;               // of a record
  };
  struct Names;  // ids out of a request

  std::vector<Thing> ThingsOf(const Names& names, const CallFacts& asked, const Who& who,
                              const StoreReader& reader) const;
  Thing RecordThing(const std::string& id, const CallFacts& asked, const StoreReader& reader) const;
  void AddFacts(const Aggregate& aggregate, const StoreReader& reader, Thing* thing) const;
  absl::Status Decide(const Who& who, std::string_view path, const std::vector<Thing>& things,
                      const CallFacts& asked) const;
  absl::Status CheckDeputy(const Who& who, std::string_view path, const google::protobuf::Message& request,
                           const std::vector<Thing>& things, const StoreReader& reader) const;

  const Store* const store_;
  const RosterCache* const roster_;
  const std::function<bool()> open_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_API_GATE_H_
