// Logging in at this machine, and who makes a call: LoginService of the schema, and the way from an HTTP request to a
// Caller. Both daemons have one.
//
//   on DIR/socket   the owner of the data folder: needs no login, writes under a typed name
//   over TCP        a session, by the cookie and the token that Login() gave: each alone is nothing
//   without one     the methods of logging in; and all others where logins are not asked for yet, which is a station's
//                   folder of an older version, on this machine only
//
// Logins are asked for at the hub, at a station that this version enrolled (station.json), and where the township says
// so (Rights.login_required). What somebody may do is looked up at each call, so a right that is taken away is gone
// with the next one.
//
// Thread-safe. Messages are Chinese. No PIN, password or code is logged or kept.
#ifndef LIAISON_COMMON_DAEMON_LOGIN_SERVICE_H_
#define LIAISON_COMMON_DAEMON_LOGIN_SERVICE_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/actions/context.h"
#include "common/api/dispatcher.h"
#include "common/api/gate.h"
#include "common/daemon/secrets.h"
#include "common/daemon/sessions.h"
#include "common/http/server.h"
#include "common/rules/people/people.h"
#include "common/store/store.h"
#include "liaison/v1/login.pb.h"

namespace liaison {

class LoginService : private StoreListener {
 public:
  struct Options {
    ServiceContext context;  // station_id is the place; `people` must be there, and listens to the store before this
    // This machine's, which outlive this; or why secrets.json cannot be read, which is told to whoever logs in: all
    // else goes on.
    absl::StatusOr<Secrets*> secrets;
    bool asks = false;  // station.json: logins are asked for, whatever the township says
    std::function<int64_t()> steady_ms = SteadyMs;
  };
  explicit LoginService(Options options);
  ~LoginService() override;
  LoginService(const LoginService&) = delete;
  LoginService& operator=(const LoginService&) = delete;

  // Whether calls over TCP need a login, but for those that are open to anybody.
  bool required() const;
  // Of this machine's pages: "liaison-N-7f3a", "liaison-HUB".
  std::string cookie_name() const;

  // Who makes the call of a method, or asks for a page's file under `path`. `page` takes what the call brought of a
  // session, and outlives the Caller. kUnauthenticated: nobody has logged in. kFailedPrecondition: the session is
  // locked. What a page asks in the background keeps no session awake.
  absl::StatusOr<Caller> CallerOf(std::string_view path, const http::Call& call, PageSession* page);
  // The same for GET /files: as ListFiles. The Caller has no page.
  absl::StatusOr<Caller> CallerOfFile(const http::Call& call);
  // Whether `secret` is that of the person who has logged in (ServiceContext::check_secret). As Secrets::Check.
  absl::Status CheckAgain(const Caller& caller, const std::string& secret);

  absl::StatusOr<v1::GetLoginResponse> GetLogin(const v1::GetLoginRequest& request, const Caller& caller);
  absl::StatusOr<v1::LoginResponse> Login(const v1::LoginRequest& request, const Caller& caller);
  // Without a page (`liaison` with no daemon running) this and FirstRun set the secret and open no session.
  absl::StatusOr<v1::LoginResponse> Redeem(const v1::RedeemRequest& request, const Caller& caller);
  absl::StatusOr<v1::LoginResponse> FirstRun(const v1::FirstRunRequest& request, const Caller& caller);
  absl::StatusOr<v1::LockResponse> Lock(const v1::LockRequest& request, const Caller& caller);
  absl::StatusOr<v1::UnlockResponse> Unlock(const v1::UnlockRequest& request, const Caller& caller);
  absl::StatusOr<v1::LogoutResponse> Logout(const v1::LogoutRequest& request, const Caller& caller);
  absl::StatusOr<v1::ChangeSecretResponse> ChangeSecret(const v1::ChangeSecretRequest& request, const Caller& caller);
  // Ends the person's sessions too. An officer does this for deputies and officers, an area's for all of the station.
  absl::StatusOr<v1::ResetPinResponse> ResetPin(const v1::ResetPinRequest& request, const Caller& caller);

  void Register(Dispatcher* dispatcher);
  // From now on each method asks the gate (api/gate.h). REQUIRES: before the first call.
  void Guard(Dispatcher* dispatcher);

 private:
  bool IsHub() const { return options_.context.IsHub(); }
  const std::string& place() const { return options_.context.station_id; }
  std::string PlaceName() const;
  Who WhoHas(std::string_view account) const;
  v1::Me MeOf(const Who& who) const;
  absl::StatusOr<std::string> AccountNamed(const std::string& typed) const;
  absl::StatusOr<v1::LoginResponse> Enter(const std::string& account, const Caller& caller);
  absl::Status MakeAdmin(const std::string& id, const std::string& name);
  void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) override;

  const Options options_;
  Sessions sessions_;
  const Gate gate_;
  absl::Mutex first_run_mutex_;  // one first admin
};

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_LOGIN_SERVICE_H_
