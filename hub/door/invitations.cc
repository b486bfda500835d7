#include "hub/door/invitations.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/daemon/invitation.h"

namespace liaison {
namespace {

constexpr char kMeta[] = "invitations";
constexpr int64_t kHourMs = 3'600'000, kWindowMs = 60'000, kKeepMs = 90 * 24 * kHourMs;
constexpr int kMostOpen = 200, kMostWrong = 10;
constexpr size_t kMostWindows = 1000, kIdBytes = 4;

std::string HashOf(std::string_view secret) { return Sha256(Cat("liaison-invitation-1", secret)); }

}  // namespace

v1::InvitationList Invitations::Load() const {
  v1::InvitationList list;
  if (std::optional<std::string> bytes = store_->GetMeta(kMeta)) list.ParseFromString(*bytes);
  return list;
}

absl::Status Invitations::Save(v1::InvitationList list) {
  auto* all = list.mutable_invitations();
  int64_t now = NowMs();
  all->erase(std::remove_if(all->begin(), all->end(),
                            [&](const v1::StoredInvitation& one) { return one.expires_ms() + kKeepMs < now; }),
             all->end());
  return store_->PutMeta(kMeta, list.SerializeAsString());
}

v1::InvitationState Invitations::StateOf(const v1::StoredInvitation& stored) const {
  if (!stored.used_by().empty()) return v1::INVITATION_USED;
  if (stored.withdrawn()) return v1::INVITATION_WITHDRAWN;
  return stored.expires_ms() <= NowMs() ? v1::INVITATION_EXPIRED : v1::INVITATION_OPEN;
}

v1::Invitation Invitations::ToView(const v1::StoredInvitation& stored) const {
  v1::Invitation view;
  view.set_id(stored.id());
  view.set_station_id(stored.station_id());
  view.set_device_name(stored.device_name());
  view.set_created_ms(stored.created_ms());
  view.set_expires_ms(stored.expires_ms());
  view.set_state(StateOf(stored));
  return view;
}

absl::StatusOr<Invitations::Made> Invitations::Make(const std::string& station_id, const std::string& device_name,
                                                    int hours) {
  if (hours == 0) hours = kInviteHours;
  if (hours < 1 || hours > kMostInviteHours)
    return absl::InvalidArgumentError(Cat("有效时间：应为 1 到 ", kMostInviteHours, " 小时"));
  absl::MutexLock lock(&mutex_);
  v1::InvitationList list = Load();
  int open = 0;
  for (const v1::StoredInvitation& one : list.invitations()) open += StateOf(one) == v1::INVITATION_OPEN ? 1 : 0;
  if (open >= kMostOpen) return absl::ResourceExhaustedError(Cat("未用的邀请码已有", open, "个，请先撤回不用的"));
  Made made;
  made.secret = store_->options().random->Bytes(kInviteSecretBytes);
  v1::StoredInvitation& stored = *list.add_invitations();
  stored.set_id(Hex(store_->options().random->Bytes(kIdBytes)));
  stored.set_hash_algorithm(kSha256);
  stored.set_secret_hash(HashOf(made.secret));
  stored.set_station_id(station_id);
  stored.set_device_name(device_name);
  stored.set_created_ms(NowMs());
  stored.set_expires_ms(NowMs() + hours * kHourMs);
  made.invitation = stored;
  RETURN_IF_ERROR(Save(std::move(list)));
  return made;
}

std::vector<v1::Invitation> Invitations::List() const {
  absl::MutexLock lock(&mutex_);
  v1::InvitationList list = Load();
  std::vector<v1::Invitation> views;
  for (const v1::StoredInvitation& one : list.invitations()) views.push_back(ToView(one));
  std::reverse(views.begin(), views.end());
  return views;
}

absl::StatusOr<v1::Invitation> Invitations::Withdraw(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  v1::InvitationList list = Load();
  for (v1::StoredInvitation& one : *list.mutable_invitations()) {
    if (one.id() != id) continue;
    if (StateOf(one) != v1::INVITATION_OPEN) return ToView(one);
    one.set_withdrawn(true);
    v1::Invitation view = ToView(one);
    RETURN_IF_ERROR(Save(std::move(list)));
    return view;
  }
  return absl::NotFoundError(Cat("没有编号为 ", id, " 的邀请码"));
}

absl::StatusOr<v1::StoredInvitation*> Invitations::Look(v1::InvitationList* list, std::string_view secret,
                                                        std::string_view public_key) const {
  std::string hash = HashOf(secret);
  for (v1::StoredInvitation& one : *list->mutable_invitations()) {
    if (one.hash_algorithm() != kSha256 || one.secret_hash() != hash) continue;
    switch (StateOf(one)) {
      case v1::INVITATION_USED:
        if (one.used_by() == public_key) return &one;
        return absl::PermissionDeniedError("邀请码已被别的设备用过，请镇里另发一个");
      case v1::INVITATION_WITHDRAWN:
        return absl::PermissionDeniedError("邀请码已撤回，请镇里另发一个");
      case v1::INVITATION_EXPIRED:
        return absl::PermissionDeniedError("邀请码已过期，请镇里另发一个");
      default:
        return &one;
    }
  }
  return absl::UnauthenticatedError("邀请码不对");
}

Invitations::Window* Invitations::WindowOf(std::string_view peer) {
  int64_t now = NowMs();
  if (windows_.size() > kMostWindows) windows_.clear();
  auto it = windows_.try_emplace(std::string(peer)).first;
  Window& window = it->second;
  if (now < window.since_ms || now - window.since_ms >= kWindowMs) window = {now, 0};
  return &window;
}

absl::StatusOr<v1::StoredInvitation> Invitations::Find(std::string_view secret, std::string_view public_key,
                                                       std::string_view peer) {
  absl::MutexLock lock(&mutex_);
  v1::InvitationList list = Load();
  absl::StatusOr<v1::StoredInvitation*> found = Look(&list, secret, public_key);
  if (found.ok()) return **found;  // 80 random bits are not hit by guessing: whoever has the code is let in
  Window* window = WindowOf(peer);
  if (window->wrong >= kMostWrong) return absl::ResourceExhaustedError("试错邀请码的次数太多，请一分钟后再试");
  ++window->wrong;
  return found.status();
}

absl::StatusOr<v1::StoredInvitation> Invitations::Use(std::string_view secret, std::string_view public_key) {
  absl::MutexLock lock(&mutex_);
  v1::InvitationList list = Load();
  ASSIGN_OR_RETURN(v1::StoredInvitation * found, Look(&list, secret, public_key));
  v1::StoredInvitation used = *found;
  if (!used.used_by().empty()) return used;
  found->set_used_by(std::string(public_key));
  found->set_used_ms(NowMs());
  used = *found;
  RETURN_IF_ERROR(Save(std::move(list)));
  return used;
}

}  // namespace liaison
