#include "common/codec/op_codec.h"

#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/causal/hybrid_clock.h"
#include "common/codec/op_frame.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr uint8_t kFormat = 1;
constexpr uint8_t kHasParent = 1, kHasWas = 2;

std::string EncodeWrites(const std::vector<Write>& writes, std::string_view action_id) {
  std::vector<const RecordId*> order;
  for (const Write& write : writes) {
    bool known = false;
    for (const RecordId* id : order) known |= *id == write.child;
    if (!known) order.push_back(&write.child);
  }
  std::string bytes;
  ByteWriter out(&bytes);
  out.Varint(order.size());
  for (const RecordId* child : order) {
    EncodeRecordId(*child, action_id, &out);
    size_t count = 0;
    for (const Write& write : writes) count += write.child == *child ? 1 : 0;
    out.Varint(count);
    for (const Write& write : writes) {
      if (write.child != *child) continue;
      out.Varint(uint64_t{write.tag} << 1 | (write.element.empty() ? 0 : 1));
      if (!write.element.empty()) out.String(write.element);
      out.String(write.value);
    }
  }
  return bytes;
}

void DecodeWrites(std::string_view action_id, ByteReader* in, std::vector<Write>* writes) {
  for (uint64_t groups = in->Count(2); groups > 0 && in->ok(); --groups) {
    RecordId child = DecodeRecordId(action_id, in);
    for (uint64_t count = in->Count(2); count > 0 && in->ok(); --count) {
      Write write;
      write.child = child;
      uint64_t tag = in->Varint();
      if (tag >> 1 > 0xffffffff) in->Fail("field tag above 32 bits");
      write.tag = static_cast<uint32_t>(tag >> 1);
      if (tag & 1) {
        write.element = std::string(in->String());
        if (write.element.empty()) in->Fail("empty element");
      }
      write.value = std::string(in->String());
      writes->push_back(std::move(write));
    }
  }
}

// A field stands once in an op: two values under one dot would have no order.
void RefuseRepeatedFields(const std::vector<Write>& writes, ByteReader* in) {
  std::set<std::tuple<const RecordId&, uint32_t, const std::string&>> seen;
  for (const Write& write : writes)
    if (!seen.emplace(write.child, write.tag, write.element).second) in->Fail("a field written twice");
}

std::vector<OpPart> PartsOf(const Op& op) {
  std::vector<OpPart> parts;
  auto add = [&](uint8_t kind, std::string bytes) {
    parts.push_back({kind, 0, bytes.size(), kBytesForm, std::move(bytes)});
  };
  if (!op.writes.empty()) add(kClearPart, EncodeWrites(op.writes, op.action_id));
  if (!op.sealed.empty()) add(kSealedPart, EncodeWrites(op.sealed, op.action_id));
  if (!op.blobs.empty()) {
    std::string bytes;
    ByteWriter out(&bytes);
    out.Varint(op.blobs.size());
    for (const std::string& blob : op.blobs) out.Raw(blob);
    add(kBlobPart, std::move(bytes));
  }
  return parts;
}

void EncodeParent(const ParentLink& parent, ByteWriter* out) {
  EncodeActor(parent.actor, out);
  out->Varint(parent.seq);
  out->Raw(parent.head);
}

ParentLink DecodeParent(ByteReader* in) {
  ParentLink parent;
  parent.actor = DecodeActor(in);
  parent.seq = in->Varint();
  parent.head = std::string(in->Raw(kHashBytes));
  return parent;
}

void EncodeHeader(const Op& op, const std::vector<OpPart>& parts, ByteWriter* out) {
  out->U8(kFormat);
  out->U8(op.hash_algorithm);
  out->U8((op.parent ? kHasParent : 0) | (op.was ? kHasWas : 0));
  EncodeActor(op.actor, out);
  out->Varint(op.seq);
  if (op.parent) EncodeParent(*op.parent, out);
  out->Raw(op.action_id);
  out->Varint(op.index);
  out->Varint(op.count);
  EncodeRecordId(op.aggregate, op.action_id, out);
  out->Varint(op.kind);
  out->Varint(op.schema_version);
  out->Varint(op.n);
  if (op.n > 1) out->Fixed64(op.previous);
  op.context.Encode(out);
  op.grants.Encode(out);
  out->Varint(op.logical_time);
  out->Zigzag(static_cast<int64_t>(static_cast<uint64_t>(op.wall_ms) -
                                   static_cast<uint64_t>(HybridClock::Milliseconds(op.logical_time))));
  out->U8(op.clock_quality);
  out->String(op.user);
  if (op.was) EncodeOpName(*op.was, out);
  out->Varint(parts.size());
  for (const OpPart& part : parts) {
    out->U8(part.kind);
    out->U8(part.algorithm);
    out->Varint(part.length);
  }
}

enum class Rules { kAll, kFrame };

// Leaves `in` behind the header. With kFrame only what is needed to find its end is checked.
std::vector<OpPart> DecodeHeader(ByteReader* in, Op* op, Rules rules) {
  auto demand = [&](bool holds, const char* otherwise) {
    if (!holds && rules == Rules::kAll) in->Fail(otherwise);
  };
  op->hash_algorithm = in->U8();
  if (op->hash_algorithm != static_cast<uint8_t>(HashAlgorithm::kSha256)) in->Fail("unknown hash algorithm");
  uint8_t flags = in->U8();
  if (flags & ~(kHasParent | kHasWas)) in->Fail("unknown flags");
  op->actor = DecodeActor(in);
  op->seq = in->Varint();
  if (op->seq == 0) in->Fail("seq counts from 1");
  if (flags & kHasParent) op->parent = DecodeParent(in);
  demand(!op->parent || op->seq == 1, "a parent on an op that is not an actor's first");
  op->action_id = std::string(in->Raw(kActionIdBytes));
  op->index = in->Varint32();
  op->count = in->Varint32();
  demand(op->index < op->count, "index outside the action");
  op->aggregate = DecodeRecordId(op->action_id, in);
  demand(!op->aggregate.IsRoot(), "no aggregate");
  op->kind = in->Varint32();
  op->schema_version = in->Varint32();
  op->n = in->Varint();
  demand(op->n > 0, "n counts from 1");
  if (op->n > 1) op->previous = in->Fixed64();
  op->context = VersionVector::Decode(in);
  op->grants = VersionVector::Decode(in);
  op->logical_time = in->Varint();
  op->wall_ms = static_cast<int64_t>(static_cast<uint64_t>(in->Zigzag()) +
                                     static_cast<uint64_t>(HybridClock::Milliseconds(op->logical_time)));
  op->clock_quality = in->U8();
  op->user = std::string(in->String());
  if (flags & kHasWas) op->was = DecodeOpName(in);
  std::vector<OpPart> parts;
  for (uint64_t count = in->Count(3); count > 0 && in->ok(); --count) {
    OpPart part;
    part.kind = in->U8();
    part.algorithm = in->U8();
    part.length = in->Varint();
    demand(parts.empty() || parts.back().kind < part.kind, "parts out of order");
    parts.push_back(part);
  }
  return parts;
}

void DecodePart(const OpPart& part, std::string_view bytes, Op* op, ByteReader* outer) {
  if (part.algorithm != 0) return;  // packed by a later version: kept in the bytes, as an unknown kind is
  ByteReader in(bytes);
  switch (part.kind) {
    case kClearPart:
      DecodeWrites(op->action_id, &in, &op->writes);
      RefuseRepeatedFields(op->writes, &in);
      break;
    case kSealedPart:
      DecodeWrites(op->action_id, &in, &op->sealed);
      RefuseRepeatedFields(op->sealed, &in);
      break;
    case kBlobPart:
      for (uint64_t count = in.Count(kHashBytes); count > 0 && in.ok(); --count)
        op->blobs.emplace_back(in.Raw(kHashBytes));
      break;
    default:
      return;  // of a later version: kept in the bytes
  }
  if (!in.Finish("part").ok()) {
    outer->Fail(part.kind == kClearPart    ? "malformed clear part, which ends"
                : part.kind == kSealedPart ? "malformed sealed part, which ends"
                                           : "malformed blob part, which ends");
  }
}

// Walks an op; `visit(part, form, body)` sees each part in order, its entry of the table without form and body.
template <typename Visit>
absl::StatusOr<Op> Walk(std::string_view bytes, Rules rules, Visit visit) {
  ByteReader in(bytes);
  Op op;
  if (uint8_t format = in.U8(); in.ok() && format != kFormat)
    return absl::UnimplementedError(Cat("op: format ", static_cast<int>(format), " is not known to this version"));
  std::vector<OpPart> parts = DecodeHeader(&in, &op, rules);
  if (in.ok()) {
    Sha256Stream hash;
    hash.Update(bytes.substr(0, in.position()));
    for (const OpPart& part : parts) {
      uint8_t form = in.U8();
      if (form > kHashForm) in.Fail("unknown form of part");
      std::string_view body = in.Raw(form == kBytesForm ? part.length : kHashBytes);
      if (!in.ok()) break;
      hash.Update(form == kBytesForm ? Sha256(body) : std::string(body));
      if (form == kBytesForm && rules == Rules::kAll) DecodePart(part, body, &op, &in);
      visit(part, form, body);
    }
    op.hash = hash.Finish();
  }
  RETURN_IF_ERROR(in.Finish("op"));
  return op;
}

}  // namespace

std::string EncodeOp(Op* op) {
  std::vector<OpPart> parts = PartsOf(*op);
  std::string bytes;
  ByteWriter out(&bytes);
  EncodeHeader(*op, parts, &out);
  Sha256Stream hash;
  hash.Update(bytes);
  for (const OpPart& part : parts) {
    hash.Update(Sha256(part.body));
    out.U8(kBytesForm);
    out.Raw(part.body);
  }
  op->hash = hash.Finish();
  return bytes;
}

absl::StatusOr<OpFrame> ReadFrame(std::string_view bytes) {
  OpFrame frame;
  auto keep = [&](const OpPart& part, uint8_t form, std::string_view body) {
    frame.parts.push_back({part.kind, part.algorithm, part.length, form, std::string(body)});
  };
  ASSIGN_OR_RETURN(frame.header, Walk(bytes, Rules::kFrame, keep));
  return frame;
}

std::string WriteFrame(const OpFrame& frame) {
  std::string bytes;
  ByteWriter out(&bytes);
  EncodeHeader(frame.header, frame.parts, &out);
  for (const OpPart& part : frame.parts) {
    out.U8(part.form);
    out.Raw(part.body);
  }
  return bytes;
}

absl::StatusOr<Op> DecodeOp(std::string_view bytes) {
  if (bytes.size() > kMaxOpBytes)
    return absl::InvalidArgumentError(Cat("op: ", bytes.size(), " bytes, at most ", kMaxOpBytes));
  return Walk(bytes, Rules::kAll, [](const OpPart&, uint8_t, std::string_view) {});
}

absl::StatusOr<Op> DecodeFrame(std::string_view bytes) {
  if (bytes.size() > kMaxOpBytes)
    return absl::InvalidArgumentError(Cat("op: ", bytes.size(), " bytes, at most ", kMaxOpBytes));
  return Walk(bytes, Rules::kFrame, [](const OpPart&, uint8_t, std::string_view) {});
}

absl::StatusOr<std::string> WithoutSealedPart(std::string_view bytes) {
  ByteReader in(bytes);
  in.U8();
  Op header;
  DecodeHeader(&in, &header, Rules::kAll);
  RETURN_IF_ERROR(in.Check("op"));
  std::string result(bytes.substr(0, in.position()));
  ByteWriter out(&result);
  auto copy = [&](const OpPart& part, uint8_t form, std::string_view body) {
    bool drop = part.kind == kSealedPart && form == kBytesForm;
    out.U8(drop ? kHashForm : form);
    out.Raw(drop ? Sha256(body) : std::string(body));
  };
  ASSIGN_OR_RETURN(Op op, Walk(bytes, Rules::kAll, copy));
  return result;
}

std::string ChainStart(const std::optional<ParentLink>& parent) {
  std::string bytes = "liaison-chain-1";
  ByteWriter out(&bytes);
  if (parent) EncodeParent(*parent, &out);
  return Sha256(bytes);
}

std::string ChainNext(std::string_view head, std::string_view op_hash) {
  std::string bytes(head);
  bytes.append(op_hash);
  return Sha256(bytes);
}

}  // namespace liaison
