#include "hub/desk/refused.h"

#include "absl/strings/numbers.h"
#include "common/api/methods.h"
#include "common/api/views.h"
#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/base/utf8.h"
#include "common/crypto/sign.h"
#include "common/record/schema.h"
#include "common/rules/roster/roster.h"
#include "common/store/kept.h"
#include "common/store/store.h"
#include "hub/door/hub_port.h"

namespace liaison {
namespace {

constexpr int64_t kUsualRows = 200;
constexpr size_t kMostWords = 300;  // characters
constexpr size_t kFewestLegible = 2;

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

std::string WordsOf(const Views& views, const KeptOp& kept) {
  if (!kept.readable) return Truncate(LegibleText(kept.bytes), kMostWords);
  std::string words;
  for (const v1::HistoryEvent& event : views.EventsOf(kept.op))
    words += Cat(words.empty() ? "" : "；", event.field_label(), event.text().empty() ? "" : "：", event.text());
  return Truncate(words, kMostWords);
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

absl::StatusOr<v1::ListRefusedResponse> RefusedDesk::List(const v1::ListRefusedRequest& request) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views(context_.store, roster.get(), false);
  int64_t limit = request.limit() > 0 ? request.limit() : kUsualRows;
  v1::ListRefusedResponse response;
  ForEachKept(*context_.store->Snapshot(), [&](const KeptOp& kept) {
    const Op& op = kept.op;
    const v1::Node* node = DeviceOfKey(*roster, op.actor.station, kept.mark.key_id);
    if (!request.station_id().empty() && op.actor.station != request.station_id()) return true;
    if (!request.node_id().empty() && (node == nullptr || node->node_id() != request.node_id())) return true;
    response.set_total(response.total() + 1);
    if (response.ops_size() >= limit) return true;
    const TypeInfo* type = FindType(op.aggregate.type);
    v1::RefusedOp& row = *response.add_ops();
    row.set_op(ToText(op.name()));
    row.set_station_id(op.actor.station);
    row.set_station_name(roster->StationName(op.actor.station));
    if (node != nullptr) row.set_node_id(node->node_id());
    row.set_user(op.user);
    row.set_wall_time_ms(op.wall_ms);
    row.set_clock_suspect(op.clock_quality == kClockSuspect);
    row.set_record_label(type == nullptr ? "" : type->rules.label());
    row.set_record_id(ToText(op.aggregate));
    row.set_reason(kept.mark.reason);
    row.set_readable(kept.readable);
    row.set_words(WordsOf(views, kept));
    return true;
  });
  for (const Store::IgnoredKeys& ignored : context_.store->ignored_keys()) {
    const v1::Node* node = DeviceOfKey(*roster, ignored.station, ignored.key_id);
    if (!request.station_id().empty() && ignored.station != request.station_id()) continue;
    if (!request.node_id().empty() && (node == nullptr || node->node_id() != request.node_id())) continue;
    response.add_notes(Cat("站点 ", ignored.station, node == nullptr ? "" : Cat(" 的设备 ", node->node_id()),
                           "：送来的选民信息钥匙有 ", ignored.count,
                           " 把没有采用（空的、不是该站建立的、打不开镇里的信息，或与镇里的不同），最近一次 ",
                           MinuteText(ignored.last_ms)));
  }
  return response;
}

absl::StatusOr<v1::AcceptRefusedResponse> RefusedDesk::Accept(const v1::AcceptRefusedRequest& request,
                                                              const std::string& user) {
  if (request.op().empty() == request.node_id().empty())
    return absl::InvalidArgumentError("请写明采用哪一条记录，或哪一台设备的全部记录");
  if (!request.node_id().empty()) return AcceptDevice(request.node_id(), user);
  std::optional<NameParts> parts = ParseName(request.op());
  if (!parts) return absl::InvalidArgumentError(Cat("“", request.op(), "”不是记录的名字，见 liaison refused"));
  std::optional<OpName> name = FindOpName(*context_.store->Snapshot(), parts->actor, parts->seq, parts->tag);
  if (!name) return absl::NotFoundError(Cat("镇里没有记录“", request.op(), "”"));
  ASSIGN_OR_RETURN(size_t accepted, context_.store->AcceptKept({&*name, 1}, user));
  v1::AcceptRefusedResponse response;
  response.set_accepted(static_cast<int64_t>(accepted));
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
  v1::AcceptRefusedResponse response;
  ForEachKept(*context_.store->Snapshot(), [&](const KeptOp& kept) {
    if (kept.op.actor.station != node->second.station_id() || kept.mark.key_id != key_id) return true;
    if (kept.readable && !JudgesOps(kept.op) && ObjectionTo(kept.op).empty()) {
      names.push_back(kept.op.name());
    } else {
      response.set_left(response.left() + 1);
    }
    return true;
  });
  ASSIGN_OR_RETURN(size_t accepted, context_.store->AcceptKept(names, user));
  response.set_accepted(static_cast<int64_t>(accepted));
  return response;
}

void RefusedDesk::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "HubService", this, &context_);
  methods.Bind("ListRefused", &RefusedDesk::List);
  methods.Bind("AcceptRefused", &RefusedDesk::Accept);
}

}  // namespace liaison
