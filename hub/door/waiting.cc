#include "hub/door/waiting.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "common/record/feeds.h"
#include "common/record/schema.h"
#include "hub/door/interests.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

constexpr char kWaitingMeta[] = "waiting-devices";
constexpr int64_t kForgetMs = int64_t{30} * 24 * 3'600'000;
constexpr int kMostWaiting = 100;
constexpr size_t kNodeIdBytes = 8;

}  // namespace

std::string WhyWait(const Roster& roster, const StoreReader& reader, const std::string& station_id) {
  for (const auto& [id, node] : roster.nodes)
    if (node.station_id() == station_id && !node.revoked()) return "该站点已有在用的设备";
  // The centre gets the keys of all visitors, an area station those of its own only.
  const v1::Station* center = roster.Center();
  const bool all = center != nullptr && center->station_id() == station_id;
  bool found = false;
  reader.ForEach(TypeOf<v1::Visitor>().type(), [&](const Aggregate& visitor) {
    for (const std::string& interest : InterestsOf(visitor, reader))
      found |= all || interest == PointFeed(station_id) || interest == StationFeed(station_id);
    return !found;
  });
  return found ? "该站点已有选民的信息" : "";
}

v1::WaitingList WaitingDevices::Load() const {
  v1::WaitingList list;
  if (std::optional<std::string> bytes = store_->GetMeta(kWaitingMeta)) list.ParseFromString(*bytes);
  return list;
}

absl::Status WaitingDevices::Save(v1::WaitingList list) {
  auto* all = list.mutable_devices();
  const int64_t now = store_->options().clock->NowMs();
  all->erase(std::remove_if(all->begin(), all->end(),
                            [&](const v1::WaitingDevice& one) { return one.asked_ms() + kForgetMs < now; }),
             all->end());
  return store_->PutMeta(kWaitingMeta, list.SerializeAsString());
}

absl::StatusOr<v1::WaitingDevice> WaitingDevices::Note(const v1::WaitingDevice& asked) {
  absl::MutexLock lock(&mutex_);
  v1::WaitingList list = Load();
  auto* all = list.mutable_devices();
  for (const v1::WaitingDevice& one : *all) {
    if (one.public_key() != asked.public_key() || one.invitation_id() != asked.invitation_id()) continue;
    if (one.refused()) return absl::PermissionDeniedError("镇里没有同意这台设备入网，请与镇里联系");
    return one;
  }
  all->erase(std::remove_if(all->begin(), all->end(),
                            [&](const v1::WaitingDevice& one) { return one.public_key() == asked.public_key(); }),
             all->end());
  const auto open =
      std::count_if(all->begin(), all->end(), [](const v1::WaitingDevice& one) { return !one.refused(); });
  if (open >= kMostWaiting)
    return absl::ResourceExhaustedError(Cat("等待核对的设备已有", open, "台，请镇里先处理这些设备"));
  v1::WaitingDevice fresh = asked;
  fresh.set_node_id(Cat("N-", Hex(store_->options().random->Bytes(kNodeIdBytes))));
  fresh.set_nonce(store_->options().random->Bytes(kEnrolNonceBytes));
  fresh.set_asked_ms(store_->options().clock->NowMs());
  fresh.set_refused(false);
  *list.add_devices() = fresh;
  RETURN_IF_ERROR(Save(std::move(list)));
  return fresh;
}

std::vector<v1::WaitingDevice> WaitingDevices::List() const {
  absl::MutexLock lock(&mutex_);
  const v1::WaitingList list = Load();
  return {list.devices().begin(), list.devices().end()};
}

std::optional<v1::WaitingDevice> WaitingDevices::Find(const std::string& node_id) const {
  for (v1::WaitingDevice& one : List())
    if (one.node_id() == node_id) return std::move(one);
  return std::nullopt;
}

absl::Status WaitingDevices::Remove(const std::string& node_id) {
  absl::MutexLock lock(&mutex_);
  v1::WaitingList list = Load();
  auto* all = list.mutable_devices();
  all->erase(
      std::remove_if(all->begin(), all->end(), [&](const v1::WaitingDevice& one) { return one.node_id() == node_id; }),
      all->end());
  return Save(std::move(list));
}

absl::Status WaitingDevices::Refuse(const std::string& node_id) {
  absl::MutexLock lock(&mutex_);
  v1::WaitingList list = Load();
  for (v1::WaitingDevice& one : *list.mutable_devices())
    if (one.node_id() == node_id) one.set_refused(true);
  return Save(std::move(list));
}

}  // namespace liaison
