// Who is logged in at this machine, in memory only: a restart ends all sessions.
//
// A session has two secrets, and asks for both: the value of a cookie, which a browser sends to every port of the host,
// and a token that the page keeps and sends in a header, which no other page has. Five minutes without its person lock
// it; the PIN or password opens it again. It ends when its person leaves, loses every right here or is ended.
//
// Thread-safe.
#ifndef LIAISON_COMMON_DAEMON_SESSIONS_H_
#define LIAISON_COMMON_DAEMON_SESSIONS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ports.h"

namespace liaison {

class Sessions {
 public:
  static constexpr int64_t kIdleMs = 5 * 60'000;
  static constexpr size_t kMost = 256;  // one more ends the one that is idle longest

  // `random` must outlive this. `steady_ms`: milliseconds by a clock that nobody sets; thread-safe.
  explicit Sessions(Random* random, std::function<int64_t()> steady_ms = SteadyMs);

  struct Key {
    std::string cookie, token;
  };
  // Of somebody who has just proved to be `account`.
  Key Open(std::string_view account);

  // The account. `by_person`: somebody does something, which a page's own asking in the background is not.
  // kUnauthenticated: no such session; log in. kFailedPrecondition: it is locked; AccountOf() still knows whose it is.
  absl::StatusOr<std::string> Use(const Key& key, bool by_person);
  // The account, of a locked one too. kUnauthenticated as above.
  absl::StatusOr<std::string> AccountOf(const Key& key) const;

  void Lock(const Key& key);
  // After the PIN or password of AccountOf() was checked. kUnauthenticated as above.
  absl::Status Unlock(const Key& key);
  void End(const Key& key);
  void EndOthers(const Key& key);  // of the same account
  // Ends those of everybody of whom `may_stay` says no: after rights changed.
  void EndUnless(const std::function<bool(const std::string& account)>& may_stay);
  size_t size() const;

 private:
  struct Session {
    std::string token, account;
    int64_t active_ms = 0;
    bool locked = false;
  };
  const Session* Find(const Key& key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Session* Find(const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Random* const random_;
  const std::function<int64_t()> steady_ms_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Session, std::less<>> by_cookie_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_SESSIONS_H_
