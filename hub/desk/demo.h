// A hub to try out: people with PINs and passwords that are drawn anew and written down in clear. `liaison hub init
// --demo FILE`; run.sh uses it. Such a hub serves this machine alone.
#ifndef LIAISON_HUB_DESK_DEMO_H_
#define LIAISON_HUB_DESK_DEMO_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/ports.h"
#include "common/daemon/secrets.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "hub/desk/accounts.h"

namespace liaison {

struct DemoLogin {
  std::string place;  // a station's id, or HUB
  std::string role, account, name, secret;
};

// An admin, a clerk and a chair at the hub, whose passwords are set in `secrets`; and for each of `stations` an officer
// (of an area or the centre: its clerk) and a deputy, if the roster has one to spare. Their PINs are drawn here and set
// where they are used: `liaison pin set` in the station's folder. Marks the store as a demo's first.
// kFailedPrecondition (Chinese): there are accounts already. kInvalidArgument: no such station.
absl::StatusOr<std::vector<DemoLogin>> MakeDemoPeople(Accounts* accounts, Store* store, const Roster& roster,
                                                      Secrets* secrets, const std::vector<std::string>& stations,
                                                      Random* random);

// A line each: place, role, account, name, secret, with tabs between.
std::string DemoLoginsText(const std::vector<DemoLogin>& logins);

// kFailedPrecondition (Chinese): it is a demo's, and the address (HOST:PORT) is not this machine's alone.
absl::Status CheckDemoStaysHere(const Store& store, const std::string& address);

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_DEMO_H_
