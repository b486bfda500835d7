#include "common/daemon/rest.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "common/base/base32.h"
#include "common/base/bytes.h"
#include "common/base/fault.h"
#include "common/base/file.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/crypto/hash.h"
#include "common/crypto/hmac.h"
#include "common/daemon/daemon.h"
#include "common/daemon/encrypt_folder.h"
#include "common/daemon/tpm.h"
#include "common/store/head_mark.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kRestFileVersion = 1;
constexpr size_t kRecoveryDigits = 26, kRecoveryCheckDigits = 2, kDigitsATelling = 4, kMostPassphraseBytes = 1'000;
// As daemon/secrets.h.
constexpr uint32_t kFreeTries = 5;
constexpr int64_t kFirstTryWaitMs = 60'000, kLongestTryWaitMs = 3'600'000;

std::string RestIn(const std::string& dir, const char* name) { return Cat(dir, "/", name); }

// What a slot's key is bound to.
std::string SlotContext(std::string_view kind, std::string_view key_id) {
  return Cat("liaison-rest-slot-1 ", kind, " ", key_id);
}

std::string RecoveryCheck(std::string_view digits) {
  return Base32(Sha256(Cat("liaison-recovery-1", digits))).substr(0, kRecoveryCheckDigits);
}

std::string KeyOfRecovery(std::string_view digits) { return HmacSha256("liaison-rest-recovery-1", digits); }

// The digits of a recovery code; nullopt: it is none, or mistyped.
std::optional<std::string> RecoveryDigits(std::string_view typed) {
  const std::optional<std::string> digits = Base32Digits(RemoveSpaces(Fold(typed)));
  if (!digits || digits->size() != kRecoveryDigits + kRecoveryCheckDigits) return std::nullopt;
  std::string code = digits->substr(0, kRecoveryDigits);
  if (RecoveryCheck(code) != digits->substr(kRecoveryDigits)) return std::nullopt;
  return code;
}

absl::Status SaveRest(const std::string& dir, const v1::RestConfig& config) {
  return WriteConfig(RestIn(dir, kRestFile), config);
}

// The data key of a slot whose key is known. kDataLoss: it is another one.
absl::StatusOr<VaultPtr> VaultOf(const v1::RestConfig& config, const v1::RestSlot& slot, std::string_view slot_key) {
  if (slot_key.size() != kDataKeySize) return absl::DataLossError("密钥的长度不对");
  ASSIGN_OR_RETURN(std::string data_key,
                   UnwrapKey(slot_key, slot.wrapped(), SlotContext(slot.kind(), config.key_id())));
  if (data_key.size() != kDataKeySize) return absl::DataLossError("数据密钥的长度不对");
  auto vault = std::make_shared<const Vault>(data_key);
  Wipe(&data_key);
  if (vault->key_id() != config.key_id()) return absl::DataLossError("数据密钥与 rest.json 里的编号不符");
  return vault;
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& dir) {
  ASSIGN_OR_RETURN(std::string text, ReadFile(RestIn(dir, kRestKeyFile), 1 << 10));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::string key;
  if (!Unhex(text, &key) || key.size() != kDataKeySize)
    return absl::DataLossError(Cat("文件 ", RestIn(dir, kRestKeyFile), " 已损坏"));
  Wipe(&text);
  return key;
}

absl::StatusOr<std::string> KeyOfUnattended(const std::string& dir, const v1::RestSlot& slot) {
  if (slot.kind() == kFileSlot) return ReadKeyFile(dir);
  if (slot.kind() == kTpmSlot) return UnsealFromMachine(slot.credential());
  return absl::FailedPreconditionError("要由人打开");
}

absl::StatusOr<std::string> KeyOfTyped(const v1::RestSlot& slot, std::string_view typed) {
  if (slot.kind() == kRecoverySlot) {
    const std::optional<std::string> digits = RecoveryDigits(typed);
    return digits ? absl::StatusOr<std::string>(KeyOfRecovery(*digits)) : absl::UnauthenticatedError("不是恢复码");
  }
  if (slot.kind() == kPassphraseSlot)
    return KeyOfPassword(typed, PasswordCost{slot.memory_kib(), slot.passes()}, slot.salt());
  return absl::UnauthenticatedError("不由人打开");
}

// A slot with the data key under `slot_key`, beside those that are there.
v1::RestSlot* AddSlot(const char* kind, std::string_view slot_key, const Vault& vault, Random* random,
                      v1::RestConfig* config) {
  uint32_t id = 0;
  for (const v1::RestSlot& slot : config->slots()) id = std::max(id, slot.id());
  v1::RestSlot* slot = config->add_slots();
  slot->set_id(id + 1);
  slot->set_kind(kind);
  slot->set_created_ms(SystemClock()->NowMs());
  slot->set_wrapped(WrapKey(slot_key, vault.data_key(), SlotContext(kind, config->key_id()), random));
  return slot;
}

absl::StatusOr<v1::RestConfig> RestOf(const std::string& dir, const Vault& vault) {
  ASSIGN_OR_RETURN(v1::RestConfig config, ReadRest(dir));
  if (config.key_id() != vault.key_id()) return absl::FailedPreconditionError("这把数据密钥不是这个文件夹的");
  return config;
}

absl::Status AddKeyFileTo(const std::string& dir, const Vault& vault, Random* random, v1::RestConfig* config) {
  std::string key = random->Bytes(kDataKeySize);
  RETURN_IF_ERROR(WriteFileAtomically(RestIn(dir, kRestKeyFile), Hex(key) + "\n"));
  AddSlot(kFileSlot, key, vault, random, config);
  Wipe(&key);
  return SaveRest(dir, *config);
}

// Anything beside the mark and the lock of a database that is about to be made.
bool HoldsFiles(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (const std::string name = it->path().filename().string(); name != "HEAD" && name != "LOCK") return true;
  return false;
}

// Under the database's lock: of two programs that find the folder new, one makes its key.
absl::Status MakeVault(const std::string& dir, Random* random) {
  ASSIGN_OR_RETURN(const std::unique_ptr<HeadMark> lock, HeadMark::Open(DbPath(dir)));
  std::error_code error;
  if (fs::exists(RestIn(dir, kRestFile), error)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool encrypted, HoldsEncrypted(DbPath(dir)));
  if (encrypted)
    return absl::DataLossError(Cat("数据是加密的，但文件 ", RestIn(dir, kRestFile),
                                   " 不见了：没有它谁也打不开。请从备份里拿回；站点也可以换一个新文件夹重新入网"));
  const VaultPtr vault = Vault::New(random);
  v1::RestConfig config;
  config.set_version(kRestFileVersion);
  config.set_algorithm(kAes256);
  config.set_key_id(vault->key_id());
  config.set_migrating(HoldsFiles(DbPath(dir)) || HoldsFiles(dir + "/files"));
  return AddKeyFileTo(dir, *vault, random, &config);
}

int64_t WaitAfterTries(uint32_t failures) {
  if (failures < kFreeTries) return 0;
  return std::min(kFirstTryWaitMs << std::min(failures - kFreeTries, 10u), kLongestTryWaitMs);
}

}  // namespace

// ---------------------------------------------------------------- opening

absl::StatusOr<v1::RestConfig> ReadRest(const std::string& dir) {
  v1::RestConfig config;
  RETURN_IF_ERROR(ReadConfig(RestIn(dir, kRestFile), &config));
  if (config.version() != kRestFileVersion)
    return absl::InvalidArgumentError(
        Cat("文件 ", RestIn(dir, kRestFile), " 的版本 ", config.version(), " 这个版本的程序不认识，请升级程序"));
  RETURN_IF_ERROR(CheckRestAlgorithm(config.algorithm()));
  if (config.key_id().size() != kRestKeyIdSize || config.slots().empty())
    return absl::InvalidArgumentError(Cat("文件 ", RestIn(dir, kRestFile), " 已损坏"));
  return config;
}

absl::StatusOr<VaultPtr> OpenVault(const std::string& dir) {
  ASSIGN_OR_RETURN(const v1::RestConfig config, ReadRest(dir));
  std::string why;
  for (const v1::RestSlot& slot : config.slots()) {
    if (slot.kind() != kFileSlot && slot.kind() != kTpmSlot) continue;
    absl::StatusOr<std::string> key = KeyOfUnattended(dir, slot);
    absl::StatusOr<VaultPtr> vault = key.ok() ? VaultOf(config, slot, *key) : key.status();
    if (vault.ok()) return vault;
    why += Cat(why.empty() ? "" : "；", SlotText(slot), "：", StdView(vault.status().message()));
  }
  if (OpensByPerson(config))
    return absl::FailedPreconditionError(
        Cat("数据文件夹 ", dir, " 锁着，要口令或恢复码才能打开", why.empty() ? "" : "（", why, why.empty() ? "" : "）"));
  return absl::DataLossError(Cat("数据文件夹 ", dir, " 打不开：", why));
}

absl::StatusOr<VaultPtr> PrepareVault(const std::string& dir, VaultPtr unlocked, Random* random) {
  absl::StatusOr<v1::RestConfig> config = ReadRest(dir);
  VaultPtr vault = std::move(unlocked);
  if (absl::IsNotFound(config.status())) {
    RETURN_IF_ERROR(MakeVault(dir, random));
    config = ReadRest(dir);
  }
  RETURN_IF_ERROR(config.status());
  if (vault == nullptr) {
    ASSIGN_OR_RETURN(vault, OpenVault(dir));
  }
  if (vault->key_id() != config->key_id()) return absl::FailedPreconditionError("这把数据密钥不是这个文件夹的");
  if (!config->migrating()) return vault;
  RETURN_IF_ERROR(EncryptFolder(dir, *vault));
  ASSIGN_OR_RETURN(v1::RestConfig done, ReadRest(dir));  // slots may have come meanwhile
  done.set_migrating(false);
  RETURN_IF_ERROR(SaveRest(dir, done));
  return vault;
}

absl::StatusOr<std::unique_ptr<Kv>> OpenDatabase(const std::string& dir, RocksOptions options) {
  if (options.vault == nullptr) {
    ASSIGN_OR_RETURN(options.vault, PrepareVault(dir));
  }
  return OpenRocks(DbPath(dir), options);
}

VaultDoor::VaultDoor(std::string dir, std::function<int64_t()> steady_ms)
    : dir_(std::move(dir)), steady_ms_(std::move(steady_ms)) {
  v1::RestTries tries;
  absl::MutexLock lock(&mutex_);
  // What cannot be read counts as many: who can damage it cannot make the wait shorter by it.
  absl::Status read = ReadConfig(RestIn(dir_, kRestTriesFile), &tries);
  failures_ = read.ok() || absl::IsNotFound(read) ? tries.failures() : kFreeTries;
  until_ms_ = steady_ms_() + WaitAfterTries(failures_);
}

int64_t VaultDoor::WaitMs() const {
  absl::MutexLock lock(&mutex_);
  return std::max<int64_t>(0, until_ms_ - steady_ms_());
}

absl::Status VaultDoor::Note(uint32_t failures) {
  v1::RestTries tries;
  tries.set_failures(failures);
  failures_ = failures;
  until_ms_ = steady_ms_() + WaitAfterTries(failures);
  return WriteConfig(RestIn(dir_, kRestTriesFile), tries);
}

// One guess. It counts as a failure until it turns out to be right: whoever ends the process in between has guessed.
absl::StatusOr<VaultPtr> VaultDoor::Try(std::string_view typed) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const v1::RestConfig config, ReadRest(dir_));
  if (!OpensByPerson(config)) return absl::FailedPreconditionError("这个文件夹没有设口令，也没有恢复码");
  const int64_t left_ms = until_ms_ - steady_ms_();
  if (left_ms > 0)
    return absl::FailedPreconditionError(Cat("输错次数太多，请过", (left_ms + 59'999) / 60'000, "分钟再试"));
  const uint32_t before = failures_;
  const absl::Status noted = Note(before + 1);
  for (const v1::RestSlot& slot : config.slots()) {
    absl::StatusOr<std::string> key = KeyOfTyped(slot, typed);
    if (absl::IsResourceExhausted(key.status())) {
      Note(before).IgnoreError();
      return key.status();
    }
    if (!key.ok()) continue;
    absl::StatusOr<VaultPtr> vault = VaultOf(config, slot, *key);
    if (!vault.ok()) continue;
    Note(0).IgnoreError();  // what stays would only make the next one wait
    return vault;
  }
  RETURN_IF_ERROR(noted);
  return absl::UnauthenticatedError("口令或恢复码不对，请核对后再试");
}

// ---------------------------------------------------------------- slots

absl::Status AddPassphrase(const std::string& dir, const Vault& vault, std::string_view passphrase, Random* random,
                           const PasswordCost& cost) {
  if (CountChars(passphrase) < kPassphraseChars) return WrongField("口令", Cat("至少", kPassphraseChars, "个字符"));
  if (passphrase.size() > kMostPassphraseBytes) return WrongField("口令", "太长");
  ASSIGN_OR_RETURN(v1::RestConfig config, RestOf(dir, vault));
  const std::string salt = random->Bytes(kPasswordSaltSize);
  ASSIGN_OR_RETURN(std::string key, KeyOfPassword(passphrase, cost, salt));
  v1::RestSlot* slot = AddSlot(kPassphraseSlot, key, vault, random, &config);
  Wipe(&key);
  slot->set_memory_kib(cost.memory_kib);
  slot->set_passes(cost.passes);
  slot->set_salt(salt);
  return SaveRest(dir, config);
}

absl::StatusOr<std::string> AddRecoveryCode(const std::string& dir, const Vault& vault, Random* random) {
  ASSIGN_OR_RETURN(v1::RestConfig config, RestOf(dir, vault));
  std::string digits;
  for (char byte : random->Bytes(kRecoveryDigits)) digits += Base32Digit(static_cast<uint8_t>(byte));
  AddSlot(kRecoverySlot, KeyOfRecovery(digits), vault, random, &config);
  RETURN_IF_ERROR(SaveRest(dir, config));
  return InGroups(digits + RecoveryCheck(digits), kDigitsATelling);
}

absl::Status AddTpm(const std::string& dir, const Vault& vault, Random* random) {
  ASSIGN_OR_RETURN(v1::RestConfig config, RestOf(dir, vault));
  std::string key = random->Bytes(kDataKeySize);
  ASSIGN_OR_RETURN(const std::string credential, SealToMachine(key));
  ASSIGN_OR_RETURN(const std::string back, UnsealFromMachine(credential));
  if (back != key) return absl::UnimplementedError("本机不能用 TPM：systemd-creds 给回来的不是存进去的");
  AddSlot(kTpmSlot, key, vault, random, &config)->set_credential(credential);
  Wipe(&key);
  return SaveRest(dir, config);
}

absl::Status AddKeyFile(const std::string& dir, const Vault& vault, Random* random) {
  ASSIGN_OR_RETURN(v1::RestConfig config, RestOf(dir, vault));
  for (const v1::RestSlot& slot : config.slots())
    if (slot.kind() == kFileSlot) return absl::OkStatus();  // one file, one slot
  return AddKeyFileTo(dir, vault, random, &config);
}

// The old key is written over before its file goes; on flash it may stay all the same.
absl::Status RemoveSlot(const std::string& dir, uint32_t id) {
  ASSIGN_OR_RETURN(v1::RestConfig config, ReadRest(dir));
  v1::RestConfig rest = config;
  rest.clear_slots();
  std::string kind;
  for (const v1::RestSlot& slot : config.slots()) {
    if (slot.id() == id) kind = slot.kind();
    if (slot.id() != id) *rest.add_slots() = slot;
  }
  if (kind.empty()) return absl::NotFoundError(Cat("没有编号为 ", id, " 的打开方式"));
  if (rest.slots().empty()) return absl::FailedPreconditionError("这是最后一种打开方式，去掉它谁也打不开数据，没有去掉");
  RETURN_IF_ERROR(SaveRest(dir, rest));
  if (kind != kFileSlot) return absl::OkStatus();
  return RemoveOverwritten(RestIn(dir, kRestKeyFile));
}

std::string SlotText(const v1::RestSlot& slot) {
  if (slot.kind() == kFileSlot) return "文件密钥（rest.key）";
  if (slot.kind() == kTpmSlot) return "本机 TPM";
  if (slot.kind() == kPassphraseSlot) return "口令";
  if (slot.kind() == kRecoverySlot) return "恢复码";
  return slot.kind();
}

bool OpensByPerson(const v1::RestConfig& config) {
  return std::any_of(config.slots().begin(), config.slots().end(), [](const v1::RestSlot& slot) {
    return slot.kind() == kPassphraseSlot || slot.kind() == kRecoverySlot;
  });
}

}  // namespace liaison
