#include "common/daemon/secrets.h"

#include <algorithm>
#include <utility>

#include "common/base/fault.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/daemon/daemon.h"
#include "common/daemon/slip.h"

namespace liaison {
namespace {

constexpr size_t kPinDigits = 6, kPasswordChars = 10, kMostSecretBytes = 1'000;
constexpr std::string_view kMachine = "";
constexpr char kOwnCode[] = "own";  // beside the ids of records, which have a dot

int64_t WaitAfter(uint32_t failures) {
  if (failures < Secrets::kFreeFailures) return 0;
  const uint32_t doublings = std::min(failures - Secrets::kFreeFailures, 10u);
  return std::min(Secrets::kFirstWaitMs << doublings, Secrets::kLongestWaitMs);
}

// 000000, 123456, 987654: what is tried first.
bool IsRow(std::string_view digits) {
  const int step = digits[1] - digits[0];
  for (size_t i = 1; i < digits.size(); ++i)
    if (digits[i] - digits[i - 1] != step) return false;
  return -1 <= step && step <= 1;
}

bool IsPin(std::string_view text) {
  return text.size() == kPinDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return '0' <= c && c <= '9'; });
}

// What counts of what was typed: full-width digits are digits; a password is taken as it is.
std::string TypedSecret(Secrets::Kind kind, std::string_view secret) {
  return kind == Secrets::Kind::kPin ? RemoveSpaces(Fold(secret)) : std::string(secret);
}

std::string_view NameOf(Secrets::Kind kind) { return kind == Secrets::Kind::kPin ? "数字密码" : "密码"; }

}  // namespace

std::string SecretsPath(const std::string& dir) { return dir + "/secrets.json"; }

absl::StatusOr<std::unique_ptr<Secrets>> Secrets::Open(const std::string& path, Options options) {
  v1::SecretsFile file;
  absl::Status status = ReadConfig(path, &file);
  if (!status.ok() && !absl::IsNotFound(status)) return status;
  return std::unique_ptr<Secrets>(new Secrets(path, std::move(options), std::move(file)));
}

Secrets::Secrets(std::string path, Options options, v1::SecretsFile file)
    : path_(std::move(path)), options_(std::move(options)), file_(std::move(file)), cost_(options_.cost) {
  absl::MutexLock lock(&mutex_);
  for (const v1::StoredSecret& secret : file_.secrets()) BeginWait(secret.account_id(), secret.failures());
  BeginWait(kMachine, file_.failures());
}

bool Secrets::Has(std::string_view account) const {
  absl::MutexLock lock(&mutex_);
  return !HashOf(account).empty();
}

int64_t Secrets::WaitMs(std::string_view account) const {
  absl::MutexLock lock(&mutex_);
  return LeftMs(account);
}

absl::Status Secrets::Check(std::string_view account, std::string_view secret) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(CheckWait(account));
  const std::string hash = HashOf(account);
  if (hash.empty()) return absl::FailedPreconditionError(Cat("还没有设", NameOf(options_.kind), "，请用激活码设置"));
  RETURN_IF_ERROR(
      Try(account, NameOf(options_.kind), [&] { return IsPassword(TypedSecret(options_.kind, secret), hash); }));
  Save().IgnoreError();  // the failures that it forgets would only make the next one wait
  return absl::OkStatus();
}

absl::Status Secrets::Set(std::string_view account, std::string_view secret) {
  RETURN_IF_ERROR(CheckForm(secret));
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const std::string hash, Hash(secret));
  const v1::SecretsFile before = file_;
  Of(account)->set_hash(hash);
  ForgetFailures(account);
  absl::Status status = Save();
  if (!status.ok()) file_ = before;
  return status;
}

absl::Status Secrets::Redeem(std::string_view account, std::string_view typed_code,
                             const std::map<RecordId, v1::OneTimeCode>& codes, std::string_view secret) {
  RETURN_IF_ERROR(CheckForm(secret));
  ASSIGN_OR_RETURN(const std::string code, ParseSlip(typed_code));
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(CheckWait(account));
  std::map<std::string, std::string> left;  // id -> hash
  for (const auto& [id, one] : codes)
    if (one.account_id() == account) left[ToText(id)] = one.code_hash();
  for (const std::string& id : file_.used_codes()) left.erase(id);
  for (const v1::LocalCode& own : file_.local_codes())
    if (own.account_id() == account) left[kOwnCode] = own.code_hash();
  if (left.empty()) return absl::FailedPreconditionError("没有可用的激活码，请向发激活码的人再要一个");
  std::string used;
  RETURN_IF_ERROR(Try(account, "激活码", [&]() -> absl::StatusOr<bool> {
    for (const auto& [id, kept] : left) {
      ASSIGN_OR_RETURN(const bool right, IsPassword(code, kept));
      if (right) used = id;
    }
    return !used.empty();
  }));
  ASSIGN_OR_RETURN(const std::string hash, Hash(secret));
  const v1::SecretsFile before = file_;
  if (used == kOwnCode) {
    ForgetCode(account);
  } else {
    file_.add_used_codes(used);
  }
  Of(account)->set_hash(hash);
  absl::Status status = Save();
  if (!status.ok()) file_ = before;
  return status;
}

absl::Status Secrets::Forget(std::string_view account) {
  absl::MutexLock lock(&mutex_);
  const v1::SecretsFile before = file_;
  Of(account)->clear_hash();
  absl::Status status = Save();
  if (!status.ok()) file_ = before;
  return status;
}

absl::StatusOr<std::string> Secrets::NewCode(std::string_view account) {
  ASSIGN_OR_RETURN(const Slip slip, NewSlip(options_.random));
  absl::MutexLock lock(&mutex_);
  const v1::SecretsFile before = file_;
  Of(account)->set_hash("");  // the old secret ends
  ForgetCode(account);
  v1::LocalCode* code = file_.add_local_codes();
  code->set_account_id(std::string(account));
  code->set_code_hash(slip.code_hash);
  absl::Status status = Save();
  if (!status.ok()) file_ = before;
  RETURN_IF_ERROR(status);
  return slip.typed;
}

absl::Status Secrets::Guess(std::string_view name, std::string_view what,
                            const std::function<absl::StatusOr<bool>()>& is_right) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(CheckWait(name));
  RETURN_IF_ERROR(Try(name, what, is_right));
  Save().IgnoreError();  // the failures that it forgets would only make the next one wait
  return absl::OkStatus();
}

void Secrets::ForgetCode(std::string_view account) {
  auto* codes = file_.mutable_local_codes();
  codes->erase(std::remove_if(codes->begin(), codes->end(),
                              [&](const v1::LocalCode& code) { return code.account_id() == account; }),
               codes->end());
}

absl::Status Secrets::CheckForm(std::string_view secret) const {
  const std::string_view name = NameOf(options_.kind);
  const std::string typed = TypedSecret(options_.kind, secret);
  if (options_.kind == Kind::kPin) {
    if (!IsPin(typed)) return WrongField(name, "要六位数字");
    if (IsRow(typed)) return WrongField(name, "太容易猜到，不要全部相同，也不要顺着数");
    return absl::OkStatus();
  }
  if (CountChars(typed) < kPasswordChars) return WrongField(name, Cat("至少", kPasswordChars, "个字符"));
  if (typed.size() > kMostSecretBytes) return WrongField(name, "太长");
  return absl::OkStatus();
}

absl::StatusOr<std::string> Secrets::Hash(std::string_view secret) {
  const uint32_t memory_kib = options_.kind == Kind::kPin ? kLeastMemoryKib : kMostMemoryKib;
  if (!cost_) cost_ = CalibratePasses(memory_kib, kHashMs, options_.steady_ms);
  return HashPassword(TypedSecret(options_.kind, secret), *cost_, options_.random);
}

std::string Secrets::HashOf(std::string_view account) const {
  for (const v1::StoredSecret& secret : file_.secrets())
    if (secret.account_id() == account) return secret.hash();
  return "";
}

v1::StoredSecret* Secrets::Of(std::string_view account) {
  for (v1::StoredSecret& secret : *file_.mutable_secrets())
    if (secret.account_id() == account) return &secret;
  v1::StoredSecret* added = file_.add_secrets();
  added->set_account_id(std::string(account));
  return added;
}

int64_t Secrets::LeftMs(std::string_view account) const {
  const int64_t now_ms = options_.steady_ms();
  int64_t left_ms = 0;
  for (std::string_view whose : {account, kMachine})
    if (const auto found = until_ms_.find(whose); found != until_ms_.end())
      left_ms = std::max(left_ms, found->second - now_ms);
  return left_ms;
}

absl::Status Secrets::CheckWait(std::string_view account) const {
  const int64_t left_ms = LeftMs(account);
  if (left_ms <= 0) return absl::OkStatus();
  return absl::FailedPreconditionError(Cat("输错次数太多，请过", (left_ms + 59'999) / 60'000, "分钟再试"));
}

// One guess. It counts as a failure until it turns out to be right: whoever ends the process in between has guessed.
absl::Status Secrets::Try(std::string_view account, std::string_view what,
                          const std::function<absl::StatusOr<bool>()>& is_right) {
  const v1::SecretsFile before = file_;
  const auto until_before_ms = until_ms_;
  const absl::Status noted = NoteFailure(account);
  const absl::StatusOr<bool> right = is_right();
  if (!right.ok()) {
    file_ = before;
    until_ms_ = until_before_ms;
    Save().IgnoreError();
    return right.status();
  }
  if (*right) {
    ForgetFailures(account);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(noted);
  return absl::UnauthenticatedError(Cat(what, "不对，请再试"));
}

absl::Status Secrets::NoteFailure(std::string_view account) {
  v1::StoredSecret* secret = Of(account);
  secret->set_failures(secret->failures() + 1);
  file_.set_failures(file_.failures() + 1);
  BeginWait(account, secret->failures());
  BeginWait(kMachine, file_.failures());
  return Save();
}

void Secrets::ForgetFailures(std::string_view account) {
  Of(account)->clear_failures();
  file_.clear_failures();
  until_ms_.erase(std::string(account));
  until_ms_.erase(std::string(kMachine));
}

void Secrets::BeginWait(std::string_view account, uint32_t failures) {
  if (const int64_t wait_ms = WaitAfter(failures); wait_ms > 0)
    until_ms_[std::string(account)] = options_.steady_ms() + wait_ms;
}

absl::Status Secrets::Save() { return WriteConfig(path_, file_); }

}  // namespace liaison
