#include "common/doctor/dump.h"

#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "common/daemon/bundle_spool.h"
#include "common/doctor/mask_values.h"
#include "common/record/schema.h"
#include "common/rows/tables.h"
#include "common/store/keys.h"
#include "common/store/kept.h"

namespace liaison {
namespace {

constexpr char kFolded[] = "已并入";

bool ReadHex(std::string_view digits, uint64_t* value) {
  return digits.size() == 16 && absl::SimpleHexAtoi(AbslView(digits), value);
}

// "HK-D057/0123456789abcdef", as ToText(Actor) makes it.
std::optional<Actor> ActorNamed(std::string_view text) {
  const size_t slash = text.rfind('/');
  Actor actor;
  if (slash == text.npos || slash == 0 || !ReadHex(text.substr(slash + 1), &actor.random)) return std::nullopt;
  actor.station = std::string(text.substr(0, slash));
  return actor;
}

struct OpPlace {
  Actor actor;
  uint64_t seq = 0;
  std::optional<Tag> tag;
};
std::optional<OpPlace> PlaceNamed(std::string_view text) {
  OpPlace place;
  const size_t tilde = text.find('~');
  if (Tag tag = 0; tilde != text.npos) {
    if (!ReadHex(text.substr(tilde + 1), &tag)) return std::nullopt;
    place.tag = tag;
    text = text.substr(0, tilde);
  }
  const size_t number = text.rfind('#');
  if (number == text.npos || !absl::SimpleAtoi(AbslView(text.substr(number + 1)), &place.seq)) return std::nullopt;
  std::optional<Actor> actor = ActorNamed(text.substr(0, number));
  if (!actor) return std::nullopt;
  place.actor = *std::move(actor);
  return place;
}

int LimitOf(const v1::DumpRequest& request) {
  return request.limit() <= 0 ? kUsualDumped : std::min(request.limit(), kMostDumped);
}

template <typename Texts>
void AddDots(const VersionVector& vector, Texts* texts) {
  for (const Dot& dot : vector.dots()) *texts->Add() = ToText(dot);
}

const char* ClockText(uint8_t quality) {
  return quality == kClockTrusted ? "可信" : quality == kClockSuspect ? "可疑" : "不知道";
}

// What became of an op here.
std::string PlaceOf(const StoreReader& reader, const Op& op, std::string* reason) {
  if (std::optional<std::string> mark = reader.kv().Get(key::Kept(op.actor, op.seq, op.tag()))) {
    *reason = DecodeKeptMark(*mark).reason;
    return "没有采用";
  }
  const std::optional<Aggregate> aggregate = reader.Load(op.aggregate);
  if (!aggregate || !aggregate->lineage().Contains(op.dot())) return "等待前项";
  return aggregate->Refused(op.name()) ? "已退回" : kFolded;
}

void AddWrites(const Op& op, v1::DumpedOp* shown) {
  for (const bool sealed : {false, true}) {
    for (const Write& write : sealed ? op.sealed : op.writes) {
      if (shown->writes_size() >= kMostDumpedWrites) {
        shown->set_more_writes(shown->more_writes() + 1);
        continue;
      }
      v1::DumpedWrite& row = *shown->add_writes();
      row = MaskedField(op.aggregate, write.child, write.tag, write.element, sealed);
      row.set_value(MaskedValue(op.aggregate, write.child, write.tag, write.value, sealed));
    }
  }
}

v1::DumpedOp ShowOp(const StoreReader& reader, const std::string& bytes) {
  v1::DumpedOp shown;
  shown.set_bytes(static_cast<int32_t>(bytes.size()));
  absl::StatusOr<Op> whole = DecodeOp(bytes);
  if (!whole.ok()) shown.set_unreadable(std::string(whole.status().message()));
  absl::StatusOr<Op> read = whole.ok() ? std::move(whole) : DecodeFrame(bytes);
  if (!read.ok()) return shown;
  const Op& op = *read;
  const TypeInfo* type = FindType(op.aggregate.type);
  std::string reason;
  shown.set_name(ToText(op.name()));
  shown.set_hash(Hex(op.hash));
  shown.set_place(PlaceOf(reader, op, &reason));
  shown.set_reason(reason);
  shown.set_branch(reader.kv().Get(key::Branch(op.actor, op.seq, op.tag())).has_value());
  shown.set_aggregate(ToText(op.aggregate));
  if (type != nullptr) shown.set_record_label(type->rules.label());
  shown.set_kind(op.kind);
  shown.set_schema_version(op.schema_version);
  shown.set_n(op.n);
  if (op.previous != 0) shown.set_previous(ToText(Dot{op.actor, op.n - 1, op.previous}));
  AddDots(op.context, shown.mutable_context());
  AddDots(op.grants, shown.mutable_grants());
  if (op.parent) shown.set_parent(Cat(ToText(op.parent->actor), "#", op.parent->seq, " ", Hex(op.parent->head)));
  shown.set_action_id(Hex(op.action_id));
  shown.set_index(op.index);
  shown.set_count(op.count);
  shown.set_logical_time(op.logical_time);
  shown.set_wall_time_ms(op.wall_ms);
  shown.set_clock(ClockText(op.clock_quality));
  shown.set_user(op.user);
  AddWrites(op, &shown);
  for (const std::string& blob : op.blobs) shown.add_blobs(Hex(blob));
  return shown;
}

absl::Status DumpOps(const StoreReader& reader, const v1::DumpRequest& request, v1::DumpResponse* response) {
  std::optional<OpPlace> place = PlaceNamed(request.op());
  if (!place)
    return absl::InvalidArgumentError(
        Cat("操作“", request.op(), "”：应写成 HK-D057/0123456789abcdef#12 或再加 ~89abcdef01234567"));
  const int limit = LimitOf(request);
  const std::string prefix = place->tag ? key::Op(place->actor, place->seq, *place->tag)
                                        : key::OpAt(place->actor, place->seq);
  reader.kv().ScanPrefix(prefix, [&](std::string_view, std::string_view bytes) {
    *response->add_ops() = ShowOp(reader, std::string(bytes));
    return response->ops_size() < limit;
  });
  if (response->ops_size() == 0) return absl::NotFoundError(Cat("这里没有操作“", request.op(), "”"));
  return absl::OkStatus();
}

v1::DumpedField ShowField(const RecordId& root, const RecordId& child, const FieldKey& key, const Register& field,
                          bool sealed) {
  v1::DumpedField shown;
  *shown.mutable_field() = MaskedField(root, child, key.first, key.second, sealed);
  std::map<std::string, int> groups;
  for (const Sibling& sibling : field.siblings()) {
    v1::DumpedSibling& row = *shown.add_siblings();
    row.set_dot(ToText(sibling.dot));
    row.set_value(MaskedValue(root, child, key.first, sibling.value, sealed));
    row.set_group(groups.try_emplace(sibling.value, static_cast<int>(groups.size()) + 1).first->second);
  }
  AddDots(field.covered(), shown.mutable_covered());
  return shown;
}

void AddFields(const Aggregate& aggregate, v1::DumpedRecord* shown) {
  for (const auto& [id, child] : aggregate.children()) {
    for (const bool sealed : {false, true}) {
      for (const auto& [key, field] : sealed ? child.sealed : child.fields) {
        if (shown->fields_size() < kMostDumpedWrites) {
          *shown->add_fields() = ShowField(aggregate.id(), id, key, field, sealed);
        } else {
          shown->set_more_fields(shown->more_fields() + 1);
        }
      }
    }
    const VoidState state = aggregate.VoidOf(id);
    if (state != VoidState::kLive)
      shown->add_voids(Cat(id.IsRoot() ? ToText(aggregate.id()) : ToText(id),
                           state == VoidState::kVoid ? "：已作废" : "：作废不算数，有人改了作废的人没有看到的"));
  }
}

absl::Status DumpRecord(const StoreReader& reader, const v1::DumpRequest& request, v1::DumpedRecord* shown) {
  RecordId root, child;
  if (!ParseFullId(request.record(), &root, &child))
    return absl::InvalidArgumentError(Cat("记录编号“", request.record(), "”无效"));
  const std::optional<Aggregate> aggregate = reader.Load(root);
  if (!aggregate) return absl::NotFoundError(Cat("没有编号为 ", request.record(), " 的记录"));
  const TypeInfo* type = FindType(root.type);
  shown->set_id(ToText(root));
  if (type != nullptr) shown->set_label(type->rules.label());
  shown->set_upgrade_needed(aggregate->upgrade_needed());
  AddDots(aggregate->lineage().Heads(), shown->mutable_vector());
  AddDots(aggregate->lineage().Visible(), shown->mutable_visible());
  for (const auto& [actor, steps] : aggregate->lineage().steps()) {
    for (const Lineage::Step& step : steps) {
      if (shown->ops_size() >= kMostDumpedWrites) {
        shown->set_more_ops(shown->more_ops() + 1);
        continue;
      }
      std::string tag;
      ByteWriter(&tag).Fixed64(step.tag);
      shown->add_ops(Cat(ToText(actor), "#", step.seq, "~", Hex(tag), step.projected ? "" : "（没有用）"));
    }
  }
  for (const Aggregate::HeldOp& held : aggregate->held()) shown->add_held(ToText(held.dot));
  shown->set_refused(static_cast<int32_t>(aggregate->refused_count()));
  shown->set_state_hash(Hex(Sha256(aggregate->Canonical())));
  const std::string members = key::Members(root);
  reader.kv().ScanPrefix(members, [&](std::string_view key, std::string_view) {
    shown->add_feeds(std::string(key.substr(members.size())));
    return true;
  });
  AddFields(*aggregate, shown);
  return absl::OkStatus();
}

const char* KindText(sync::ItemKind kind) {
  switch (kind) {
    case sync::ItemKind::kOp:
      return "op";
    case sync::ItemKind::kEnter:
      return "enter";
    case sync::ItemKind::kLeave:
      return "leave";
    case sync::ItemKind::kKey:
      return "key";
    case sync::ItemKind::kGone:
      return "gone";
  }
  return "unknown";
}

void ShowItem(std::string_view bytes, v1::DumpedItem* shown) {
  shown->set_prefix(Hex(bytes.substr(0, kHashBytes)));
  absl::StatusOr<sync::FeedItem> item =
      bytes.size() < kHashBytes ? absl::DataLossError("short") : DecodeFeedItem(bytes.substr(kHashBytes));
  if (!item.ok()) return shown->set_kind("unreadable");
  RecordId aggregate;
  shown->set_kind(KindText(item->kind));
  if (RecordIdFromBytes(item->aggregate, &aggregate)) shown->set_aggregate(ToText(aggregate));
  if (!item->name.hash.empty()) shown->set_op(ToText(item->name));
  shown->set_key_id(Hex(item->key_id));
  shown->set_count(item->count);
}

absl::Status DumpFeed(const Store& store, const StoreReader& reader, const v1::DumpRequest& request,
                      v1::DumpedFeed* shown) {
  const std::optional<sync::Cursor> head = store.FeedHead(request.feed());
  if (!head) return absl::NotFoundError(Cat("这里没有名为“", request.feed(), "”的下行（如 all、point:HK-D057）"));
  shown->set_interest(request.feed());
  shown->set_label(FeedLabel(request.feed()));
  shown->set_epoch(Hex(head->epoch));
  shown->set_position(head->position);
  shown->set_prefix(Hex(head->prefix));
  const int limit = LimitOf(request);
  // An item is shown under the position that it leads to; its key has the one before.
  const std::string from = key::FeedItem(request.feed(), std::max<uint64_t>(request.from(), 1) - 1);
  const std::string prefix = from.substr(0, from.size() - sizeof(uint64_t));
  reader.kv().Scan(from, PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(prefix.size()));
    const uint64_t position = in.Fixed64() + 1;
    if (shown->items_size() == limit) {
      shown->set_next(position);
      return false;
    }
    v1::DumpedItem& item = *shown->add_items();
    item.set_position(position);
    ShowItem(value, &item);
    return true;
  });
  return absl::OkStatus();
}

// The chain is computed again from the bytes, from its first op on.
class ChainWalk {
 public:
  // `tip`: as noted of the whole chain; none: nobody promises that it is whole here.
  ChainWalk(const StoreReader& reader, const v1::DumpRequest& request, const std::optional<sync::Tip>& tip,
            v1::DumpedChain* shown)
      : reader_(reader), from_(request.from()), limit_(LimitOf(request)), tip_(tip), shown_(shown) {}

  bool See(const std::string& bytes) {
    absl::StatusOr<Op> op = DecodeFrame(bytes);
    if (!op.ok()) {
      Trouble(Cat("有一条读不懂，在第 ", seq_, " 条之后"));
      return true;
    }
    const std::optional<std::string> branch = reader_.kv().Get(key::Branch(op->actor, op->seq, op->tag()));
    if (!branch) Follow(*op);
    if (op->seq < from_) return true;
    if (shown_->links_size() >= limit_) {
      shown_->set_next(op->seq);
      return false;
    }
    std::string tag, reason;
    ByteWriter(&tag).Fixed64(op->tag());
    v1::DumpedLink& link = *shown_->add_links();
    link.set_seq(op->seq);
    link.set_tag(Hex(tag));
    link.set_aggregate(ToText(op->aggregate));
    link.set_branch(branch.has_value());
    link.set_prefix(Hex(branch ? *branch : head_));
    if (const std::string place = PlaceOf(reader_, *op, &reason); place != kFolded) link.set_place(place);
    return true;
  }
  // After a walk to the end.
  void End() {
    if (tip_ && seq_ < tip_->seq) Trouble(Cat("只到第 ", seq_, " 条，应到第 ", tip_->seq, " 条"));
  }

 private:
  void Trouble(const std::string& what) {
    if (tip_ && shown_->trouble().empty()) shown_->set_trouble(what);
  }
  void Follow(const Op& op) {
    if (op.seq == 1) {
      head_ = ChainStart(op.parent);
      if (op.parent) shown_->set_parent(Cat(ToText(op.parent->actor), "#", op.parent->seq));
    }
    if (op.seq != seq_ + 1) {
      Trouble(Cat("第 ", seq_ + 1, " 条不在"));
      head_.clear();
    }
    seq_ = op.seq;
    if (!head_.empty()) head_ = ChainNext(head_, op.hash);
    if (tip_ && seq_ == tip_->seq && head_ != tip_->head) Trouble("算出来的末尾与记下的不一样");
  }

  const StoreReader& reader_;
  const uint64_t from_;
  const int limit_;
  const std::optional<sync::Tip>& tip_;
  v1::DumpedChain* const shown_;
  uint64_t seq_ = 0;
  std::string head_;  // empty: an op before it is not here
};

absl::Status DumpChain(const Store& store, const v1::DumpRequest& request, v1::DumpedChain* shown) {
  const std::optional<Actor> actor = ActorNamed(request.chain());
  if (!actor) return absl::InvalidArgumentError(Cat("写入者“", request.chain(), "”：应写成 HK-D057/0123456789abcdef"));
  shown->set_actor(ToText(*actor));
  const std::optional<sync::Tip> have = store.Have(*actor);
  if (have) {
    shown->set_last(have->seq);
    shown->set_head(Hex(have->head));
  }
  const std::vector<Store::OwnLog> own = store.OwnLogs();
  for (const Store::OwnLog& log : own) {
    if (log.actor != *actor) continue;
    shown->set_own(true);
    shown->set_acked(log.acked_seq);
    shown->set_archived(log.archived_seq);
  }
  const StoreReader reader = store.Read();  // after the tip, so that it holds all that the tip promises
  ChainWalk walk(reader, request, have, shown);
  bool any = false;
  reader.kv().ScanPrefix(key::OpPrefix(*actor), [&](std::string_view, std::string_view bytes) {
    any = true;
    return walk.See(std::string(bytes));
  });
  if (!any) return absl::NotFoundError(Cat("这里没有写入者“", request.chain(), "”的操作"));
  if (shown->next() == 0) walk.End();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::DumpResponse> Dump(const Store& store, const v1::DumpRequest& request) {
  const int named = !request.op().empty() + !request.record().empty() + !request.feed().empty() +
                    !request.chain().empty();
  if (named != 1) return absl::InvalidArgumentError("请写明一样：操作、记录、下行或写入者");
  const StoreReader reader = store.Read();
  v1::DumpResponse response;
  absl::Status status;
  if (!request.op().empty()) status = DumpOps(reader, request, &response);
  if (!request.record().empty()) status = DumpRecord(reader, request, response.mutable_record());
  if (!request.feed().empty()) status = DumpFeed(store, reader, request, response.mutable_feed());
  if (!request.chain().empty()) status = DumpChain(store, request, response.mutable_chain());
  RETURN_IF_ERROR(status);
  return response;
}

}  // namespace liaison
