// The owner of a data folder sets the PIN or password of an account on this machine: LoginService/SetSecret, for demos
// and for whoever has lost every other way in. He can read the keys anyway, so no code is asked for.
#ifndef LIAISON_COMMON_DAEMON_LOCAL_SECRET_H_
#define LIAISON_COMMON_DAEMON_LOCAL_SECRET_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/api/dispatcher.h"
#include "common/daemon/secrets.h"
#include "common/rules/people/people.h"
#include "liaison/v1/login.pb.h"

namespace liaison {

// The id of a live account, from the id or from a name that one live account only has. kInvalidArgument names the
// field: nobody, or several.
absl::StatusOr<std::string> AccountNamed(const People& people, std::string_view text);

// Secrets::Set() for a live account that this machine knows, by its id, whether or not it has a right here yet: a
// station learns of rights with its first session, and a secret alone lets nobody in. kInvalidArgument: no such
// account, or as Secrets::Set(). OK is durable.
absl::Status SetSecretLocally(Secrets* secrets, const People& people, std::string_view account,
                              std::string_view secret);

// Thread-safe.
class LocalSecrets {
 public:
  // Both must outlive this. `secrets`: null where the file cannot be read, which each call then says. `place`: a
  // station's id, or kHubStation.
  LocalSecrets(Secrets* secrets, const PeopleCache* people, std::string place)
      : secrets_(secrets), people_(people), place_(std::move(place)) {}

  absl::StatusOr<v1::SetSecretResponse> SetSecret(const v1::SetSecretRequest& request);
  void Register(Dispatcher* dispatcher);

 private:
  Secrets* const secrets_;
  const PeopleCache* const people_;
  const std::string place_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_LOCAL_SECRET_H_
