// PINs and passwords, kept on the machine where they were set, and the waiting that makes guessing them slow. DIR/
// secrets.json, mode 0600, holds Argon2id hashes and counts of failures. It is no record: no station holds the hash of
// a clerk, and no hub that of an officer.
//
// After five failures a minute, then twice as long after each further one, up to an hour; never for good. It is counted
// for the account and for the machine: the account's until it gets in, the machine's until anybody does. What is left
// of a wait is in memory, by a clock that nobody sets; a restart begins it anew, so that pulling the plug wins nothing.
//
// Thread-safe. One hash at a time: a station has little memory, so further callers wait.
#ifndef LIAISON_COMMON_DAEMON_SECRETS_H_
#define LIAISON_COMMON_DAEMON_SECRETS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ports.h"
#include "common/crypto/password.h"
#include "common/rules/people/people.h"
#include "liaison/v1/config.pb.h"

namespace liaison {

std::string SecretsPath(const std::string& dir);

class Secrets {
 public:
  enum class Kind {
    kPin,       // a station: six digits, kLeastMemoryKib
    kPassword,  // the hub: ten characters at least, kMostMemoryKib
  };
  static constexpr int64_t kHashMs = 300;  // what one hash is to take on this machine
  static constexpr uint32_t kFreeFailures = 5;
  static constexpr int64_t kFirstWaitMs = 60'000, kLongestWaitMs = 3'600'000;

  struct Options {
    Kind kind = Kind::kPin;
    Random* random = SystemRandom();  // must outlive this
    std::function<int64_t()> steady_ms = SteadyMs;
    std::optional<PasswordCost> cost;  // tests: instead of what the machine can do in kHashMs
  };
  // A missing file is one without secrets. Errors of files as in base/file.h; kInvalidArgument: it is damaged, and
  // everybody needs a new code once it was moved away.
  static absl::StatusOr<std::unique_ptr<Secrets>> Open(const std::string& path, Options options);

  bool Has(std::string_view account) const;
  // How long `account` must wait before the next try; 0: not.
  int64_t WaitMs(std::string_view account) const;

  // OK: it is the account's. The failure is on the disk before this answers, and before the guess is tried.
  // kFailedPrecondition: none was set, or one must wait (the message says how long; nothing was tried).
  // kUnauthenticated: wrong. Errors of files: wrong, and the disk does not take it; in memory it counts.
  // kResourceExhausted: no memory to try it in; that is no failure.
  absl::Status Check(std::string_view account, std::string_view secret);

  // Sets what the account gets in with from now on, and forgets its failures. Of somebody who has proved to be it.
  // kInvalidArgument names the field: too short, or too easy to guess. OK is durable.
  absl::Status Set(std::string_view account, std::string_view secret);
  // The same by the code of a slip, of the `codes` of this machine (rules/people). A code is used once: it and the
  // secret are one write. Wrong ones count as in Check(), with its errors; kFailedPrecondition also: the account has no
  // code left here. kInvalidArgument also: the code is mistyped, which costs no guess.
  absl::Status Redeem(std::string_view account, std::string_view typed_code,
                      const std::map<RecordId, v1::OneTimeCode>& codes, std::string_view secret);
  // Takes the secret away: the account needs a new code. OK is durable.
  absl::Status Forget(std::string_view account);
  // The same, and makes the new code, which is of this machine alone: what is on its slip. Redeem() takes it beside the
  // codes of the records; an earlier one of the account ends.
  absl::StatusOr<std::string> NewCode(std::string_view account);

  // kInvalidArgument: what Set() and Redeem() would say of the secret.
  absl::Status CheckForm(std::string_view secret) const;
  // A guess at something else than an account's secret, waited for and counted in the same way. `name`: no account's;
  // `what`: as a person reads it. An error of `is_right` costs no guess.
  absl::Status Guess(std::string_view name, std::string_view what,
                     const std::function<absl::StatusOr<bool>()>& is_right);
  Kind kind() const { return options_.kind; }

 private:
  Secrets(std::string path, Options options, v1::SecretsFile file);

  absl::StatusOr<std::string> Hash(std::string_view secret) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string HashOf(std::string_view account) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  v1::StoredSecret* Of(std::string_view account) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t LeftMs(std::string_view account) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckWait(std::string_view account) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // `what`: of the guess, as a person reads it.
  absl::Status Try(std::string_view account, std::string_view what,
                   const std::function<absl::StatusOr<bool>()>& is_right) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status NoteFailure(std::string_view account) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetFailures(std::string_view account) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetCode(std::string_view account) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BeginWait(std::string_view account, uint32_t failures) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Save() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const Options options_;
  mutable absl::Mutex mutex_;
  v1::SecretsFile file_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t, std::less<>> until_ms_ ABSL_GUARDED_BY(mutex_);  // by account; "": the machine's
  std::optional<PasswordCost> cost_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_SECRETS_H_
