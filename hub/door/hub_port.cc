#include "hub/door/hub_port.h"

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/sign.h"
#include "common/record/view.h"
#include "hub/door/interests.h"

namespace liaison {

absl::StatusOr<sync::Admission> HubPort::Admit(const sync::Hello& hello) {
  std::shared_ptr<const Roster> roster = roster_->Get();
  auto node = roster->nodes.find(hello.node);
  if (node == roster->nodes.end())
    return absl::PermissionDeniedError(Cat("镇里没有登记设备“", hello.node, "”，请先办理入网"));
  if (node->second.revoked()) return absl::PermissionDeniedError(Cat("设备“", hello.node, "”已被吊销"));
  if (node->second.station_id() != hello.station)
    return absl::PermissionDeniedError(Cat("设备“", hello.node, "”不属于站点 ", hello.station));
  sync::Admission admission;
  admission.subscriptions = SubscriptionsOf(*roster, hello.station);
  if (!hello.tip || HoldsAt(*hello.tip)) on_in_step_(hello.station);
  return admission;
}

sync::FeedAnswer HubPort::CheckCursor(const sync::Cursor& cursor) {
  std::optional<std::string> prefix = store_->FeedPrefix(cursor.interest, cursor.position);
  if (prefix && sync::SameHash(*prefix, cursor.prefix)) return {sync::FeedVerdict::kOk, cursor};
  if (std::optional<sync::Cursor> head = store_->FeedHead(cursor.interest)) return {sync::FeedVerdict::kProbe, *head};
  return {sync::FeedVerdict::kRewind, {cursor.interest, store_->epoch(), 0, FeedStart(cursor.interest)}};
}

absl::StatusOr<sync::Want> HubPort::CheckOffer(const sync::FeedBatch& batch) {
  std::optional<std::string> key = store_->GetMeta(kHubKeyMeta);
  if (!key || batch.seal.key_id != KeyId(*key)) return absl::UnauthenticatedError("a batch of another hub");
  RETURN_IF_ERROR(Verify(batch.seal.algorithm, *key, FeedSigningBytes(batch), batch.seal.signature));
  return store_->LackingOf(batch);
}

std::vector<sync::Cursor> HubPort::Heads(const std::vector<std::string>& interests) {
  std::vector<sync::Cursor> heads;
  for (const std::string& interest : interests)
    if (std::optional<sync::Cursor> head = store_->FeedHead(interest)) heads.push_back(*std::move(head));
  return heads;
}

sync::Seal HubPort::SignHeads(const sync::Welcome& welcome) {
  return store_->options().sign ? store_->options().sign(HeadsSigningBytes(welcome)) : sync::Seal();
}

std::optional<sync::FeedBatch> HubPort::ReadFeed(std::string_view station, std::string_view interest, uint64_t position,
                                                 size_t max_bytes, bool whole) {
  return store_->ReadFeed(interest, position, station, max_bytes, whole);
}

absl::StatusOr<std::string> HubPort::ReadOp(const OpName& name) {
  std::optional<std::string> bytes = store_->Read().OpBytes(name.actor, name.seq, TagOf(name.hash));
  if (!bytes) return absl::NotFoundError("no such op");
  return *std::move(bytes);
}

std::string ObjectionTo(const Op& op) {
  const TypeInfo* type = FindType(op.aggregate.type);
  bool master = type != nullptr && type->rules.master();
  return master && op.actor.station != kHubStation ? Cat("“", type->rules.label(), "”只有镇中心可以改") : "";
}

NewOp RefusalOf(const OpName& name, std::string_view reason) {
  v1::Refusal refusal;
  refusal.set_station_id(name.actor.station);
  refusal.set_actor(ToText(name.actor));
  refusal.set_seq(static_cast<int64_t>(name.seq));
  refusal.set_op_hash(name.hash);
  refusal.set_reason(Truncate(std::string(reason), 200));
  NewOp op;
  op.aggregate = RecordId::Random(TypeOf<v1::Refusal>().type(), name.hash.substr(0, kActionIdBytes), 0);
  WritesOf(refusal, {}, &op.writes, &op.sealed);
  return op;
}

absl::Status CheckRangeSeal(const Roster& roster, const sync::Range& range) {
  for (const auto& [id, node] : roster.nodes) {
    if (node.station_id() != range.actor.station || KeyId(node.public_key()) != range.seal.key_id) continue;
    absl::Status status =
        Verify(range.seal.algorithm, node.public_key(), RangeSigningBytes(range), range.seal.signature);
    if (status.ok()) return status;
  }
  return absl::UnauthenticatedError(Cat("这段记录不是站点 ", range.actor.station, " 的设备签的"));
}

const v1::Node* DeviceOfKey(const Roster& roster, std::string_view station, std::string_view key_id) {
  const v1::Node* found = nullptr;
  for (const auto& [id, node] : roster.nodes)
    if (node.station_id() == station && KeyId(node.public_key()) == key_id && (found == nullptr || !node.revoked()))
      found = &node;
  return found;
}

std::string RangeObjectionTo(const Roster& roster, const sync::Range& range) {
  const v1::Node* node = DeviceOfKey(roster, range.actor.station, range.seal.key_id);
  if (node == nullptr || !node->revoked()) return "";
  return Cat("设备 ", node->node_id(), " 已被吊销，它的记录要由镇里采用才算数");
}

}  // namespace liaison
