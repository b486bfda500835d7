#include "common/daemon/sessions.h"

#include <algorithm>
#include <utility>

#include "common/base/bytes.h"
#include "common/crypto/hmac.h"

namespace liaison {
namespace {

constexpr size_t kSecretBytes = 32;

absl::Status NotLoggedIn() { return absl::UnauthenticatedError("请先登录"); }

}  // namespace

Sessions::Sessions(Random* random, std::function<int64_t()> steady_ms)
    : random_(random), steady_ms_(std::move(steady_ms)) {}

Sessions::Key Sessions::Open(std::string_view account) {
  Key key{Base64Url(random_->Bytes(kSecretBytes)), Base64Url(random_->Bytes(kSecretBytes))};
  absl::MutexLock lock(&mutex_);
  if (by_cookie_.size() >= kMost)
    by_cookie_.erase(std::min_element(by_cookie_.begin(), by_cookie_.end(), [](const auto& a, const auto& b) {
      return a.second.active_ms < b.second.active_ms;
    }));
  by_cookie_[key.cookie] = {key.token, std::string(account), steady_ms_(), false};
  return key;
}

const Sessions::Session* Sessions::Find(const Key& key) const {
  const auto found = by_cookie_.find(key.cookie);
  return found == by_cookie_.end() || !SameSecret(found->second.token, key.token) ? nullptr : &found->second;
}

Sessions::Session* Sessions::Find(const Key& key) { return const_cast<Session*>(std::as_const(*this).Find(key)); }

absl::StatusOr<std::string> Sessions::Use(const Key& key, bool by_person) {
  absl::MutexLock lock(&mutex_);
  Session* session = Find(key);
  if (session == nullptr) return NotLoggedIn();
  const int64_t now_ms = steady_ms_();
  if (now_ms - session->active_ms >= kIdleMs) session->locked = true;
  if (session->locked) return absl::FailedPreconditionError("已锁定，请再输入一次密码");
  if (by_person) session->active_ms = now_ms;
  return session->account;
}

absl::StatusOr<std::string> Sessions::AccountOf(const Key& key) const {
  absl::MutexLock lock(&mutex_);
  const Session* session = Find(key);
  if (session == nullptr) return NotLoggedIn();
  return session->account;
}

void Sessions::Lock(const Key& key) {
  absl::MutexLock lock(&mutex_);
  if (Session* session = Find(key)) session->locked = true;
}

absl::Status Sessions::Unlock(const Key& key) {
  absl::MutexLock lock(&mutex_);
  Session* session = Find(key);
  if (session == nullptr) return NotLoggedIn();
  session->locked = false;
  session->active_ms = steady_ms_();
  return absl::OkStatus();
}

void Sessions::End(const Key& key) {
  absl::MutexLock lock(&mutex_);
  if (Find(key) != nullptr) by_cookie_.erase(key.cookie);
}

void Sessions::EndOthers(const Key& key) {
  absl::MutexLock lock(&mutex_);
  const Session* session = Find(key);
  if (session == nullptr) return;
  const std::string account = session->account;
  std::erase_if(by_cookie_,
                [&](const auto& entry) { return entry.first != key.cookie && entry.second.account == account; });
}

void Sessions::EndUnless(const std::function<bool(const std::string& account)>& may_stay) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(by_cookie_, [&](const auto& entry) { return !may_stay(entry.second.account); });
}

size_t Sessions::size() const {
  absl::MutexLock lock(&mutex_);
  return by_cookie_.size();
}

}  // namespace liaison
