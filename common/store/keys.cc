#include "common/store/keys.h"

namespace liaison::key {
namespace {

template <typename... F>
std::string Make(const char* table, F... parts) {
  std::string bytes = table;
  ByteWriter out(&bytes);
  (parts(&out), ...);
  return bytes;
}

auto OfActor(const Actor& actor) {
  return [&actor](ByteWriter* out) { EncodeActor(actor, out); };
}
auto OfNumber(uint64_t number) {
  return [number](ByteWriter* out) { out->Fixed64(number); };
}
auto OfString(std::string_view s) {
  return [s](ByteWriter* out) { out->String(s); };
}
auto OfRaw(std::string_view s) {
  return [s](ByteWriter* out) { out->Raw(s); };
}
// A record id in the middle of a key: its length in front, so that no id is a prefix of another.
auto OfId(const RecordId& id) {
  return [&id](ByteWriter* out) { out->String(ToBytes(id)); };
}

}  // namespace

std::string Meta(std::string_view name) { return Make(kMeta, OfRaw(name)); }
std::string OpPrefix(const Actor& actor) { return Make(kOp, OfActor(actor)); }
std::string OpAt(const Actor& actor, uint64_t seq) { return Make(kOp, OfActor(actor), OfNumber(seq)); }
std::string Op(const Actor& actor, uint64_t seq, Tag tag) {
  return Make(kOp, OfActor(actor), OfNumber(seq), OfNumber(tag));
}
std::string Chain(const Actor& actor) { return Make(kChain, OfActor(actor)); }
std::string RangeAt(const Actor& actor, uint64_t last) { return Make(kRange, OfActor(actor), OfNumber(last)); }
std::string Range(const Actor& actor, uint64_t last, Tag tag) {
  return Make(kRange, OfActor(actor), OfNumber(last), OfNumber(tag));
}
std::string ArrivalAt(const Actor& actor, uint64_t last) { return Make(kArrival, OfActor(actor), OfNumber(last)); }
std::string Arrival(const Actor& actor, uint64_t last, Tag tag) {
  return Make(kArrival, OfActor(actor), OfNumber(last), OfNumber(tag));
}
std::string BranchAt(const Actor& actor, uint64_t seq) { return Make(kBranch, OfActor(actor), OfNumber(seq)); }
std::string Branch(const Actor& actor, uint64_t seq, Tag tag) {
  return Make(kBranch, OfActor(actor), OfNumber(seq), OfNumber(tag));
}
std::string Kept(const Actor& actor, uint64_t seq, Tag tag) {
  return Make(kKept, OfActor(actor), OfNumber(seq), OfNumber(tag));
}
std::string Aggregate(const RecordId& id) { return Make(kAggregate, OfRaw(ToBytes(id))); }
std::string Action(std::string_view action_id) { return Make(kAction, OfRaw(action_id)); }
std::string VisitorKey(const RecordId& id, std::string_view key_id) { return Make(kKey, OfId(id), OfRaw(key_id)); }
std::string VisitorKeys(const RecordId& id) { return Make(kKey, OfId(id)); }
std::string FeedItem(std::string_view interest, uint64_t position) {
  return Make(kFeedItem, OfString(interest), OfNumber(position));
}
std::string FeedHead(std::string_view interest) { return Make(kFeedHead, OfRaw(interest)); }
std::string Batch(std::string_view interest, uint64_t last) { return Make(kBatch, OfString(interest), OfNumber(last)); }
std::string Abandoned(std::string_view interest, std::string_view prefix, uint64_t position) {
  return Make(kAbandoned, OfString(interest), OfRaw(prefix), OfNumber(position));
}
std::string AbandonedBatch(std::string_view interest, std::string_view prefix, uint64_t last) {
  return Make(kAbandonedBatch, OfString(interest), OfRaw(prefix), OfNumber(last));
}
std::string Members(const RecordId& id) { return Make(kMember, OfId(id)); }
std::string Member(const RecordId& id, std::string_view interest) { return Make(kMember, OfId(id), OfRaw(interest)); }
std::string Archive(std::string_view archive_id) { return Make(kArchive, OfRaw(archive_id)); }
std::string Remaking() { return std::string(kProjection) + '\0'; }

}  // namespace liaison::key
