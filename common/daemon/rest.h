// How the data key of a folder (crypto/at_rest.h) is kept, and how the folder opens: slots, as LUKS has them. Each slot
// wraps the same data key under a key of its own, so a slot comes and goes without a file being encrypted anew.
//
//   DIR/rest.json    the slots, and whether files in the clear are still being encrypted; a v1::RestConfig
//   DIR/rest.key     the key of the slot `file`: 64 hex digits; the default
//
//   slot         opened by                                     its key
//   file         whoever can read DIR/rest.key                 what is in it
//   tpm          this machine, through systemd-creds (tpm.h)   what systemd-creds gives back
//   passphrase   a person who knows it                         Argon2id of it
//   recovery     a person who is told the code                 HMAC-SHA-256 of its 130 bits
//
// Without rest.json and the key of one slot nothing of the folder can be read any more. All files have mode 0600.
//
// Crash order: rest.key, rest.json, then the first encrypted file; a slot is in rest.json before it is told or the key
// of another one is destroyed. Commands that change slots may run beside a daemon, which reads rest.json at its start.
#ifndef LIAISON_COMMON_DAEMON_REST_H_
#define LIAISON_COMMON_DAEMON_REST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/ports.h"
#include "common/crypto/at_rest.h"
#include "common/crypto/password.h"
#include "common/store/kv.h"
#include "liaison/v1/config.pb.h"

namespace liaison {

using VaultPtr = std::shared_ptr<const Vault>;

inline constexpr char kRestFile[] = "rest.json", kRestKeyFile[] = "rest.key", kRestTriesFile[] = "rest.tries.json";
inline constexpr char kRestFilePrefix[] = "rest.";  // of all three; no backup has them: a restored folder has new ones
inline constexpr char kFileSlot[] = "file", kPassphraseSlot[] = "passphrase", kRecoverySlot[] = "recovery",
                      kTpmSlot[] = "tpm";

// ---- opening. Errors of files as in base/file.h; all messages are Chinese.

// kNotFound: the folder is not encrypted. kInvalidArgument: damaged, or of a version or algorithm that is not known.
absl::StatusOr<v1::RestConfig> ReadRest(const std::string& dir);

// By the slots that need no person: tpm, file. kNotFound: the folder is not encrypted. kFailedPrecondition: none of
// these opens it, and a person can. kDataLoss: nothing opens it.
absl::StatusOr<VaultPtr> OpenVault(const std::string& dir);

// The vault of a folder that is to be served. `unlocked`: what a person has opened; null: OpenVault(). A new folder
// gets a data key with the slot file. One in the clear does, too, and is then encrypted file by file; where that was
// interrupted it goes on. It is over before this returns. Errors as OpenVault() but for kNotFound, and of
// EncryptFolder(). kDataLoss also: there are encrypted files, and rest.json is gone.
// REQUIRES: the folder is there; no other thread has it open.
absl::StatusOr<VaultPtr> PrepareVault(const std::string& dir, VaultPtr unlocked = nullptr,
                                      Random* random = SystemRandom());

// OpenRocks of DIR/db with the vault of `options`, or with what PrepareVault() gives. Errors of both.
absl::StatusOr<std::unique_ptr<Kv>> OpenDatabase(const std::string& dir, RocksOptions options);

// What a person types, with the wait after wrong ones: as long as daemon/secrets.h has it, and begun anew by a restart.
// Thread-safe.
class VaultDoor {
 public:
  explicit VaultDoor(std::string dir, std::function<int64_t()> steady_ms = SteadyMs);

  int64_t WaitMs() const;  // until the next try; 0: now
  // A passphrase or a recovery code. kUnauthenticated: wrong; it is on the disk before this answers.
  // kFailedPrecondition: one must wait, and nothing was tried; or no slot is for persons. Others as ReadRest().
  absl::StatusOr<VaultPtr> Try(std::string_view typed);

 private:
  absl::Status Note(uint32_t failures) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string dir_;
  const std::function<int64_t()> steady_ms_;
  mutable absl::Mutex mutex_;
  uint32_t failures_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t until_ms_ ABSL_GUARDED_BY(mutex_) = 0;
};

// ---- slots. OK is durable. `vault`: the folder's, opened.

inline constexpr size_t kPassphraseChars = 10;
inline constexpr PasswordCost kPassphraseCost{kMostMemoryKib, 4};
// kInvalidArgument: shorter than kPassphraseChars, or much too long.
absl::Status AddPassphrase(const std::string& dir, const Vault& vault, std::string_view passphrase, Random* random,
                           const PasswordCost& cost = kPassphraseCost);
// The code as it is told and typed: 26 digits of Crockford's base 32 and two that find slips of the tongue, in fours.
// It is not kept and cannot be shown again.
absl::StatusOr<std::string> AddRecoveryCode(const std::string& dir, const Vault& vault, Random* random);
// kUnimplemented: this machine has no systemd-creds, or no TPM that it can use.
absl::Status AddTpm(const std::string& dir, const Vault& vault, Random* random);
absl::Status AddKeyFile(const std::string& dir, const Vault& vault, Random* random);
// kNotFound: no such slot. kFailedPrecondition: it is the last one. With the slot file goes DIR/rest.key, overwritten.
absl::Status RemoveSlot(const std::string& dir, uint32_t id);

// "文件密钥（rest.key）": of a kind, for people; the kind itself if it is not known.
std::string SlotText(const v1::RestSlot& slot);
bool OpensByPerson(const v1::RestConfig& config);  // some slot does

}  // namespace liaison

#endif  // LIAISON_COMMON_DAEMON_REST_H_
