#include "hub/door/devices.h"

#include "common/api/record_service.h"
#include "common/api/request.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/crypto/sign.h"
#include "common/record/feeds.h"
#include "common/record/validate.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "hub/door/hub_port.h"

namespace liaison {
namespace {

constexpr size_t kEnrolBatchBytes = 1 << 20;
constexpr int kMostDevices = 26;

// The block letter of a station's next device: none for the first, then b, c, …
std::string NextBlock(const Roster& roster, const std::string& station_id) {
  int devices = 0;
  for (const auto& [id, node] : roster.nodes) devices += node.station_id() == station_id ? 1 : 0;
  return devices == 0 ? "" : std::string(1, static_cast<char>('a' + devices));
}

}  // namespace

absl::StatusOr<v1::Node> RegisterDevice(const ServiceContext& context, const v1::EnrolRequest& request,
                                        const std::string& node_id, const std::string& user) {
  std::shared_ptr<const Roster> roster = context.roster->Get();
  auto station = roster->stations.find(request.station_id());
  if (station == roster->stations.end())
    return absl::InvalidArgumentError(Cat("站点：名册里没有“", request.station_id(), "”"));
  if (request.public_key().size() != kPublicKeySize || request.signature_algorithm() != kEd25519)
    return absl::InvalidArgumentError("设备公钥：长度或算法不对");
  // The same device asking again (its answer was lost) is given the same node.
  for (const auto& [id, node] : roster->nodes) {
    if (node.public_key() != request.public_key()) continue;
    if (node.station_id() != request.station_id()) return absl::AlreadyExistsError("设备公钥：已登记在别的站点");
    return node;
  }
  v1::Node node;
  node.set_block(NextBlock(*roster, request.station_id()));
  if (node.block() > "z") return absl::ResourceExhaustedError(Cat("设备：一个站点最多", kMostDevices, "台"));
  node.set_node_id(node_id.empty() ? Cat("N-", Hex(context.random()->Bytes(8))) : node_id);
  node.set_station_id(request.station_id());
  node.set_device_name(request.device_name());
  node.set_public_key(request.public_key());
  node.set_signature_algorithm(request.signature_algorithm());
  RETURN_IF_ERROR(Validate(node));
  auto build = [&](const StoreReader&) {
    Action action;
    action.user = user;
    action.ops.push_back(MasterOp(node, node.node_id()));
    return absl::StatusOr<Action>(std::move(action));
  };
  RETURN_IF_ERROR(
      context.store->Commit(context.random()->Bytes(kActionIdBytes), RequestHash(request), build).status());
  return node;
}

absl::StatusOr<v1::EnrolResponse> EnrolDevice(const ServiceContext& context, const v1::EnrolRequest& request) {
  ASSIGN_OR_RETURN(const v1::Node node, RegisterDevice(context, request, "", "入网"));
  std::shared_ptr<const Roster> roster = context.roster->Get();
  v1::EnrolResponse response;
  response.set_node_id(node.node_id());
  response.set_block(node.block());
  response.set_hub_public_key(context.store->GetMeta(kHubKeyMeta).value_or(""));
  if (const v1::Station* center = roster->Center()) response.set_township(roster->StationName(center->station_id()));
  uint64_t position = 0;
  while (auto batch = context.store->ReadFeed(kFeedOfAll, position, request.station_id(), kEnrolBatchBytes)) {
    position = batch->last;
    response.add_messages(EncodeMessage(*batch));
  }
  return response;
}

}  // namespace liaison
