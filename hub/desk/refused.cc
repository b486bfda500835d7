#include "hub/desk/refused.h"

#include "absl/strings/numbers.h"
#include "common/api/author_names.h"
#include "common/api/methods.h"
#include "common/api/views.h"
#include "common/base/minute.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/base/utf8.h"
#include "common/crypto/sign.h"
#include "common/record/schema.h"
#include "common/rules/roster/roster.h"
#include "common/codec/op_codec.h"
#include "common/store/judging.h"
#include "common/store/kept.h"
#include "common/store/maker.h"
#include "common/store/store.h"
#include "common/store/verdict_rows.h"
#include "hub/door/hub_port.h"

namespace liaison {
namespace {

constexpr int64_t kUsualRows = 200;
constexpr size_t kMostWords = 300;  // characters
constexpr size_t kFewestLegible = 2;
constexpr size_t kMostReason = 100;  // characters

struct NameParts {
  Actor actor;
  uint64_t seq = 0;
  Tag tag = 0;
};

// What ToText(OpName) makes.
std::optional<NameParts> ParseName(std::string_view text) {
  size_t tilde = text.rfind('~'), number = text.rfind('#', tilde), slash = text.rfind('/', number);
  if (tilde == text.npos || number == text.npos || slash == text.npos) return std::nullopt;
  NameParts parts;
  parts.actor.station = std::string(text.substr(0, slash));
  auto hex = [](std::string_view digits, uint64_t* value) {
    return digits.size() == 16 && absl::SimpleHexAtoi(absl::string_view(digits.data(), digits.size()), value);
  };
  std::string_view seq = text.substr(number + 1, tilde - number - 1);
  bool read = hex(text.substr(slash + 1, number - slash - 1), &parts.actor.random) &&
              absl::SimpleAtoi(absl::string_view(seq.data(), seq.size()), &parts.seq) &&
              hex(text.substr(tilde + 1), &parts.tag);
  return read ? std::optional(parts) : std::nullopt;
}

// A Chinese character or a mark between such: U+3000 on, of three bytes in UTF-8.
bool IsHan(char32_t code) { return code >= 0x3000 && code <= 0xffff; }

std::string WordsOf(const Views& views, const Op& op) {
  std::string words;
  for (const v1::HistoryEvent& event : views.EventsOf(op))
    words += Cat(words.empty() ? "" : "；", event.field_label(), event.text().empty() ? "" : "：", event.text());
  return Truncate(words, kMostWords);
}

// What counts now of all that the op wrote: every value that is visible.
std::string CountsNow(const Views& views, const Aggregate& record, const Op& op) {
  std::string words;
  for (const auto* writes : {&op.writes, &op.sealed}) {
    for (const Write& write : *writes) {
      const Child* child = record.Find(write.child);
      if (child == nullptr) continue;
      const auto& fields = writes == &op.sealed ? child->sealed : child->fields;
      const auto field = fields.find({write.tag, write.element});
      if (field == fields.end() || write.tag == kVoidTag) continue;
      for (const Sibling& sibling : field->second.siblings()) {
        Op shown = op;
        shown.writes.clear();
        shown.sealed.clear();
        (writes == &op.sealed ? shown.sealed : shown.writes)
            .push_back({write.child, write.tag, write.element, sibling.value});
        const std::string now = WordsOf(views, shown);
        if (!now.empty()) words += Cat(words.empty() ? "" : "；", now);
      }
    }
  }
  return Truncate(words, kMostWords);
}

// One answer under construction.
class Listing {
 public:
  Listing(const ServiceContext& context, const Roster& roster, const v1::ListRefusedRequest& request,
          const Caller& caller, v1::ListRefusedResponse* response)
      : context_(context),
        roster_(roster),
        request_(request),
        response_(response),
        views_(MakeViews(context, &roster, caller)),
        limit_(request.limit() > 0 ? request.limit() : kUsualRows) {}

  const KvReader& kv() const { return views_.reader().kv(); }
  bool Wants(const std::string& station, const v1::Node* node) const {
    if (!views_.viewer().SeesStation(station)) return false;
    if (!request_.station_id().empty() && station != request_.station_id()) return false;
    return request_.node_id().empty() || (node != nullptr && node->node_id() == request_.node_id());
  }
  void AddKept(const KeptOp& kept) {
    v1::RefusedOp* row = Row(kept.op, kept.mark.key_id, v1::REFUSED_KEPT);
    if (row == nullptr) return;
    row->set_reason(kept.mark.reason);
    row->set_readable(kept.readable);
    row->set_words(kept.readable ? WordsOf(views_, kept.op) : Truncate(LegibleText(kept.bytes), kMostWords));
  }
  void AddJudged(const JudgedOp& judged, v1::RefusedKind kind) {
    const std::optional<std::string> bytes =
        views_.reader().OpBytes(judged.name.actor, judged.name.seq, TagOf(judged.name.hash));
    const absl::StatusOr<Op> op = bytes ? DecodeOp(*bytes) : absl::NotFoundError("");
    if (!op.ok()) return;  // its verdict has come before it
    v1::RefusedOp* row = Row(*op, SignerOf(kv(), judged.name).value_or(""), kind);
    if (row == nullptr) return;
    row->set_reason(judged.verdict.words);
    row->set_code(judged.verdict.code);
    row->set_readable(true);
    row->set_words(WordsOf(views_, *op));
    if (kind != v1::REFUSED_HELD) return;
    if (const std::optional<Aggregate> record = views_.reader().Load(judged.record))
      row->set_counts_now(CountsNow(views_, *record, *op));
  }
  // Makings of a record that two stations have made.
  void AddDisputed(const RecordId& id) {
    const std::optional<Aggregate> record = views_.reader().Load(id);
    if (!record || MakersOf(views_.reader(), *record).standing.size() < 2) return;
    for (const Op& op : views_.reader().OpsOf(*record)) {
      if (op.n > 1 || !ClaimsToMake(op) || record->Refused(op.name())) continue;
      v1::RefusedOp* row = Row(op, SignerOf(kv(), op.name()).value_or(""), v1::REFUSED_DISPUTED);
      if (row == nullptr) continue;
      row->set_reason("两处都说这条记录是自己建立的，请退回其中一处");
      row->set_readable(true);
      row->set_words(WordsOf(views_, op));
    }
  }

 private:
  // Null: it is not asked for, or the list is full.
  v1::RefusedOp* Row(const Op& op, const std::string& key_id, v1::RefusedKind kind) {
    const v1::Node* node = DeviceOfKey(roster_, op.actor.station, key_id);
    if (!Wants(op.actor.station, node)) return nullptr;
    response_->set_total(response_->total() + 1);
    if (kind == v1::REFUSED_HELD) response_->set_held(response_->held() + 1);
    if (response_->ops_size() >= limit_) return nullptr;
    const TypeInfo* type = FindType(op.aggregate.type);
    v1::RefusedOp& row = *response_->add_ops();
    row.set_kind(kind);
    row.set_held(kind == v1::REFUSED_HELD);
    row.set_op(ToText(op.name()));
    row.set_station_id(op.actor.station);
    row.set_station_name(roster_.StationName(op.actor.station));
    if (node != nullptr) row.set_node_id(node->node_id());
    row.set_user(AuthorName(context_, op));
    row.set_wall_time_ms(op.wall_ms);
    row.set_clock_suspect(op.clock_quality == kClockSuspect);
    row.set_record_label(type == nullptr ? "" : type->rules.label());
    row.set_record_id(ToText(op.aggregate));
    return &row;
  }

  const ServiceContext& context_;
  const Roster& roster_;
  const v1::ListRefusedRequest& request_;
  v1::ListRefusedResponse* response_;
  const Views views_;
  const int64_t limit_;
};

void AddKeyNotes(const Store& store, const Roster& roster, const Listing& listing, v1::ListRefusedResponse* response) {
  for (const Store::IgnoredKeys& ignored : store.ignored_keys()) {
    const v1::Node* node = DeviceOfKey(roster, ignored.station, ignored.key_id);
    if (!listing.Wants(ignored.station, node)) continue;
    response->add_notes(Cat("站点 ", ignored.station, node == nullptr ? "" : Cat(" 的设备 ", node->node_id()),
                            "：送来的选民信息钥匙有 ", ignored.count,
                            " 把没有采用（空的、不是该站建立的、打不开镇里的信息，或与镇里的不同），最近一次 ",
                            MinuteText(ignored.last_ms)));
  }
}

}  // namespace

std::string LegibleText(std::string_view bytes) {
  std::string text, piece;
  size_t characters = 0;
  auto end = [&] {
    if (characters >= kFewestLegible) text += Cat(text.empty() ? "" : " ", piece);
    piece.clear();
    characters = 0;
  };
  while (!bytes.empty()) {
    const Char c = NextChar(&bytes);
    if (!IsHan(c.code)) {
      end();
      continue;
    }
    piece += c.bytes;
    ++characters;
  }
  end();
  return text;
}

absl::StatusOr<v1::ListRefusedResponse> RefusedDesk::List(const v1::ListRefusedRequest& request,
                                                          const Caller& caller) const {
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  v1::ListRefusedResponse response;
  Listing listing(context_, *roster, request, caller, &response);
  if (request.marked()) {
    ForEachMarked(listing.kv(), [&](const JudgedOp& judged) {
      listing.AddJudged(judged, v1::REFUSED_MARKED);
      return true;
    });
    return response;
  }
  if (!request.held()) {
    ForEachKept(listing.kv(), [&](const KeptOp& kept) {
      listing.AddKept(kept);
      return true;
    });
  }
  ForEachHidden(listing.kv(), "", [&](std::string_view, const JudgedOp& judged) {
    if (judged.verdict.held || !request.held())
      listing.AddJudged(judged, judged.verdict.held ? v1::REFUSED_HELD : v1::REFUSED_DECLINED);
    return true;
  });
  ForEachDisputed(listing.kv(), [&](const RecordId& record) {
    listing.AddDisputed(record);
    return true;
  });
  AddKeyNotes(*context_.store, *roster, listing, &response);
  return response;
}

absl::StatusOr<OpName> RefusedDesk::NameOf(const std::string& text) const {
  const std::optional<NameParts> parts = ParseName(text);
  if (!parts) return absl::InvalidArgumentError(Cat("“", text, "”不是记录的名字，见 liaison refused"));
  std::optional<OpName> name = FindOpName(*context_.store->Snapshot(), parts->actor, parts->seq, parts->tag);
  if (!name) return absl::NotFoundError(Cat("镇里没有记录“", text, "”"));
  return *std::move(name);
}

absl::StatusOr<v1::AcceptRefusedResponse> RefusedDesk::Accept(const v1::AcceptRefusedRequest& request,
                                                              const std::string& user) {
  if (request.op().empty() == request.node_id().empty())
    return absl::InvalidArgumentError("请写明采用哪一条记录，或哪一台设备的全部记录");
  if (!request.node_id().empty()) return AcceptDevice(request.node_id(), user);
  ASSIGN_OR_RETURN(const OpName name, NameOf(request.op()));
  v1::AcceptRefusedResponse response;
  if (IsKept(*context_.store->Snapshot(), name)) {
    ASSIGN_OR_RETURN(const size_t accepted, context_.store->AcceptKept({&name, 1}, user));
    response.set_accepted(static_cast<int64_t>(accepted));
  } else {
    ASSIGN_OR_RETURN(const size_t taken, Store::Judging(context_.store).Take({&name, 1}, user));
    response.set_accepted(static_cast<int64_t>(taken));
  }
  return response;
}

// What would be refused of any device, the revoked one's edits of the roster above all, is left for a person to read.
absl::StatusOr<v1::AcceptRefusedResponse> RefusedDesk::AcceptDevice(const std::string& node_id,
                                                                    const std::string& user) {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  auto node = roster->nodes.find(node_id);
  if (node == roster->nodes.end()) return absl::NotFoundError(Cat("没有设备“", node_id, "”"));
  std::string key_id = KeyId(node->second.public_key());
  std::vector<OpName> names;
  size_t left = 0;
  ForEachKept(*context_.store->Snapshot(), [&](const KeptOp& kept) {
    if (kept.op.actor.station == node->second.station_id() && kept.mark.key_id == key_id)
      names.push_back(kept.op.name());
    return true;
  });
  ASSIGN_OR_RETURN(size_t accepted, context_.store->AcceptKept(names, user, &left));
  v1::AcceptRefusedResponse response;
  response.set_accepted(static_cast<int64_t>(accepted));
  response.set_left(static_cast<int64_t>(left));
  return response;
}

absl::StatusOr<std::vector<OpName>> RefusedDesk::HeldOf(const std::string& node_id) const {
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  const auto node = roster->nodes.find(node_id);
  if (node == roster->nodes.end()) return absl::NotFoundError(Cat("没有设备“", node_id, "”"));
  const std::string key_id = KeyId(node->second.public_key());
  const std::unique_ptr<KvReader> kv = context_.store->Snapshot();
  std::vector<OpName> names;
  ForEachHidden(*kv, "", [&](std::string_view, const JudgedOp& judged) {
    const OpName& name = judged.name;
    if (judged.verdict.held && name.actor.station == node->second.station_id() && SignerOf(*kv, name) == key_id &&
        FindOpName(*kv, name.actor, name.seq, TagOf(name.hash)) == name)
      names.push_back(name);
    return true;
  });
  return names;
}

absl::StatusOr<v1::DeclineHeldResponse> RefusedDesk::Decline(const v1::DeclineHeldRequest& request,
                                                             const std::string& user) {
  if (request.op().empty() == request.node_id().empty())
    return absl::InvalidArgumentError("请写明退回哪一条记录，或哪一台设备的全部待确认记录");
  if (CountChars(request.reason()) > kMostReason)
    return WrongField("理由", Cat("最多", kMostReason, "字，现有", CountChars(request.reason()), "字"));
  std::vector<OpName> names;
  if (request.node_id().empty()) {
    ASSIGN_OR_RETURN(OpName name, NameOf(request.op()));
    names.push_back(std::move(name));
  } else {
    ASSIGN_OR_RETURN(names, HeldOf(request.node_id()));
  }
  const std::string reason = request.reason().empty() ? "镇里不采用" : request.reason();
  ASSIGN_OR_RETURN(const size_t declined, Store::Judging(context_.store).Decline(names, user, reason));
  v1::DeclineHeldResponse response;
  response.set_declined(static_cast<int64_t>(declined));
  return response;
}

void RefusedDesk::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "HubService", this, &context_);
  methods.Bind("ListRefused", &RefusedDesk::List);
  methods.Bind("AcceptRefused", &RefusedDesk::Accept);
  methods.Bind("DeclineHeld", &RefusedDesk::Decline);
}

}  // namespace liaison
