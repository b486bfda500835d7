#include "station/link/known_door.h"

#include "common/base/status.h"
#include "common/crypto/certificate.h"
#include "common/daemon/daemon.h"

namespace liaison {

// Only these two: the rest of the file may have been changed since it was read.
absl::Status KnownDoor::Save() {
  const std::string path = dir_ + "/station.json";
  v1::StationConfig stored;
  RETURN_IF_ERROR(ReadConfig(path, &stored));
  stored.set_door_usage_seen(config_.door_usage_seen());
  stored.set_door_key(config_.door_key());
  return WriteConfig(path, stored);
}

absl::Status KnownDoor::Judge(const std::string& der, bool for_proof) {
  absl::StatusOr<Certificate> door = ParseCertificate(der);
  if (!door.ok()) return door.status();
  if (VerifyIssued(*door, config_.authority(), Purpose::kDoor).ok()) {
    wants_proof_ = false;
    if (config_.door_usage_seen()) return absl::OkStatus();
    config_.set_door_usage_seen(true);
    config_.clear_door_key();
    // It is the right door, whether or not this disk takes the note: then it is noted the next time.
    if (!Save().ok()) config_.set_door_usage_seen(false);
    return absl::OkStatus();
  }
  if (absl::Status older = VerifyIssued(*door, config_.authority(), Purpose::kOldDoor); !older.ok()) return older;
  if (config_.door_usage_seen()) return absl::UnauthenticatedError("a door without its usage, after one with it");
  if (!config_.door_key().empty() && door->key_hash == config_.door_key()) {
    wants_proof_ = false;
    return absl::OkStatus();
  }
  wants_proof_ = true;
  if (!for_proof) return absl::UnauthenticatedError("a door of an older program with a key that is not known");
  if (!shown_.empty() && shown_ != door->key_hash) return absl::UnauthenticatedError("another door in one proof");
  shown_ = door->key_hash;
  return absl::OkStatus();
}

absl::Status KnownDoor::Accept(const std::string& der) {
  absl::MutexLock lock(&mutex_);
  absl::Status status = Judge(der, false);
  complaint_.clear();
  if (!status.ok())
    complaint_ =
        wants_proof_ ? "镇中心的程序较旧，正在核对它的签名，请稍候" : "对方不是本镇的镇中心（证书不对），没有连接";
  return status;
}

void KnownDoor::BeginProof() {
  absl::MutexLock lock(&mutex_);
  shown_.clear();
}

absl::Status KnownDoor::AcceptForProof(const std::string& der) {
  absl::MutexLock lock(&mutex_);
  absl::Status status = Judge(der, true);
  complaint_ = status.ok() ? "" : "对方不是本镇的镇中心（证书不对），没有连接";
  return status;
}

bool KnownDoor::wants_proof() const {
  absl::MutexLock lock(&mutex_);
  return wants_proof_;
}

absl::Status KnownDoor::Proved() {
  absl::MutexLock lock(&mutex_);
  if (!wants_proof_ || shown_.empty()) return absl::OkStatus();
  config_.set_door_key(shown_);
  wants_proof_ = false;
  return Save();
}

std::string KnownDoor::complaint() const {
  absl::MutexLock lock(&mutex_);
  return complaint_;
}

}  // namespace liaison
