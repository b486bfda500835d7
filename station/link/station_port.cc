#include "station/link/station_port.h"

#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/sign.h"

namespace liaison {

sync::Hello StationPort::Identity() {
  sync::Hello hello = identity_;
  Store::Abandoned abandoned = store_->abandoned();
  hello.abandoned_count = abandoned.count;
  hello.abandoned_hash = std::move(abandoned.hash);
  hello.archive_id = store_->KnownArchive();
  return hello;
}

std::vector<sync::OwnLog> StationPort::OwnLogs() {
  std::vector<sync::OwnLog> logs;
  for (const Store::OwnLog& log : store_->OwnLogs())
    logs.push_back({log.actor, log.last_seq, log.acked_seq, log.parent});
  return logs;
}

bool StationPort::HasOp(const OpName& name) {
  std::optional<std::string> bytes = store_->Read().OpBytes(name.actor, name.seq, TagOf(name.hash));
  if (!bytes) return false;
  absl::StatusOr<Op> op = DecodeOp(*bytes);
  return op.ok() && op->hash == name.hash;
}

absl::Status CheckBatchSeal(std::string_view hub_public_key, const sync::FeedBatch& batch) {
  if (batch.seal.key_id != KeyId(hub_public_key))
    return absl::UnauthenticatedError("下行数据不是本镇中心签的：换了中心，或连错了地址");
  return Verify(batch.seal.algorithm, hub_public_key, FeedSigningBytes(batch), batch.seal.signature);
}

}  // namespace liaison
