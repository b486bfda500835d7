#include "hub/desk.h"

#include <algorithm>

#include "common/base/minute.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/crypto/sign.h"
#include "common/record/feeds.h"
#include "common/record/validate.h"
#include "common/service/tables.h"
#include "common/service/text_forms.h"
#include "hub/facts.h"

namespace liaison {
namespace {

constexpr size_t kEnrolBatchBytes = 1 << 20;
constexpr int kMostDevices = 26;
constexpr Day kLastDay = (1 << 24) - 1;  // that a fact row can have
constexpr Day kLookBackDays = 730;       // a station without a session for longer is shown as one that never had any

// The block letter of a station's next device: none for the first, then b, c, …
std::string NextBlock(const Roster& roster, const std::string& station_id) {
  int devices = 0;
  for (const auto& [id, node] : roster.nodes) devices += node.station_id() == station_id ? 1 : 0;
  return devices == 0 ? "" : std::string(1, static_cast<char>('a' + devices));
}

}  // namespace

absl::StatusOr<v1::EnrolResponse> Desk::Enrol(const v1::EnrolRequest& request) {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  auto station = roster->stations.find(request.station_id());
  if (station == roster->stations.end())
    return absl::InvalidArgumentError(Cat("站点：名册里没有“", request.station_id(), "”"));
  if (request.public_key().size() != kPublicKeySize || request.signature_algorithm() != kEd25519)
    return absl::InvalidArgumentError("设备公钥：长度或算法不对");
  v1::EnrolResponse response;
  // The same device asking again (its answer was lost) is given the same node.
  for (const auto& [id, node] : roster->nodes) {
    if (node.public_key() != request.public_key()) continue;
    if (node.station_id() != request.station_id()) return absl::AlreadyExistsError("设备公钥：已登记在别的站点");
    response.set_node_id(id);
    response.set_block(node.block());
  }
  if (response.node_id().empty()) {
    v1::Node node;
    node.set_block(NextBlock(*roster, request.station_id()));
    if (node.block() > "z") return absl::ResourceExhaustedError(Cat("设备：一个站点最多", kMostDevices, "台"));
    node.set_node_id(Cat("N-", Hex(context_.random()->Bytes(8))));
    node.set_station_id(request.station_id());
    node.set_device_name(request.device_name());
    node.set_public_key(request.public_key());
    node.set_signature_algorithm(request.signature_algorithm());
    RETURN_IF_ERROR(Validate(node));
    auto build = [&](const StoreReader&) {
      Action action;
      action.user = "入网";
      action.ops.push_back(MasterOp(node, node.node_id()));
      return absl::StatusOr<Action>(std::move(action));
    };
    RETURN_IF_ERROR(
        context_.store->Commit(context_.random()->Bytes(kActionIdBytes), RequestHash(request), build).status());
    response.set_node_id(node.node_id());
    response.set_block(node.block());
  }
  response.set_hub_public_key(context_.store->GetMeta(kHubKeyMeta).value_or(""));
  if (const v1::Station* center = roster->Center()) response.set_township(roster->StationName(center->station_id()));
  uint64_t position = 0;
  while (auto batch = context_.store->ReadFeed(kFeedOfAll, position, request.station_id(), kEnrolBatchBytes)) {
    position = batch->last;
    response.add_messages(EncodeMessage(*batch));
  }
  return response;
}

absl::StatusOr<v1::ListStationsResponse> Desk::ListStations(const v1::ListStationsRequest& request) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  std::string today = context_.Today();
  std::string from_text = request.from().empty() ? today.substr(0, 4) + "-01-01" : request.from();
  std::string to_text = request.to().empty() ? today : request.to();
  std::optional<Day> from = ParseDay(from_text), to = ParseDay(to_text), now = ParseDay(today);
  if (!from || !to) return absl::InvalidArgumentError("日期：不是有效日期");
  std::unique_ptr<KvReader> snapshot = context_.store->Snapshot();
  ASSIGN_OR_RETURN(auto counters, CountersByStation(*snapshot, *from, *to));
  ASSIGN_OR_RETURN(auto last_days, LastSessionDays(*snapshot, *now - kLookBackDays, *now));
  std::set<std::string> enrolled;
  for (const auto& [id, node] : roster->nodes)
    if (!node.revoked()) enrolled.insert(node.station_id());
  v1::ListStationsResponse response;
  for (const auto& [id, station] : roster->stations) {
    v1::StationRow& row = *response.add_stations();
    row.set_station_id(id);
    row.set_name(roster->StationName(id));
    row.set_tier(station.tier());
    row.set_area_id(station.parent_id());
    row.set_grade(station.grade());
    row.set_last_sync_ms(board_->LastSyncMs(id));
    row.set_connected(board_->Connected(id));
    row.set_enrolled(enrolled.contains(id));
    if (auto counts = counters.find(id); counts != counters.end()) {
      row.set_sessions(static_cast<int32_t>(counts->second[counter::kSessions]));
      row.set_visits(static_cast<int32_t>(counts->second[counter::kVisits]));
      row.set_headcount(static_cast<int32_t>(counts->second[counter::kHeadcount]));
      row.set_opinions(static_cast<int32_t>(counts->second[counter::kOpinions]));
    }
    auto last = last_days.find(id);
    row.set_silent_days(last == last_days.end() ? -1 : *now - last->second);
    if (last != last_days.end()) row.set_last_session_date(DayText(last->second));
  }
  response.set_cut_off(MinuteText(context_.clock()->NowMs()));
  return response;
}

namespace {

// The matters that a request asks for, oldest first, but for its query: told by their fact rows, so that a page of a
// year of a million matters need not open all of them.
absl::StatusOr<std::vector<RecordId>> MattersAskedFor(const KvReader& kv, const Roster& roster,
                                                      const v1::ListMattersRequest& request) {
  auto here = [&](const std::string& station) {
    if (!request.station_id().empty() && station != request.station_id()) return false;
    if (request.area_id().empty() || station == request.area_id()) return true;
    auto found = roster.stations.find(station);
    return found != roster.stations.end() && found->second.parent_id() == request.area_id();
  };
  std::vector<RecordId> ids;
  FactVisitor visitor;
  visitor.matter = [&](const MatterFact& fact) {
    if (request.state() != v1::STATE_UNSPECIFIED && fact.state != request.state()) return;
    if (!request.category().empty() && fact.category != request.category()) return;
    if (here(fact.station)) ids.push_back({TypeOf<v1::Matter>().type(), fact.matter});
  };
  // Days before 1970 are before all.
  const Day from = request.from().empty() ? kUndated : ParseDay(request.from()).value_or(kUndated + 1);
  const Day to = request.to().empty() ? kLastDay : ParseDay(request.to()).value_or(kUndated);
  RETURN_IF_ERROR(ScanFacts(kv, from, to, visitor));
  return ids;
}

bool Says(const v1::Matter& matter, const std::string& query) {
  return Fold(Cat(matter.number(), matter.title(), matter.content())).find(query) != std::string::npos;
}

}  // namespace

absl::StatusOr<v1::ListMattersResponse> Desk::ListMatters(const v1::ListMattersRequest& request) const {
  for (const std::string* date : {&request.from(), &request.to()})
    if (!date->empty() && !IsDate(*date)) return absl::InvalidArgumentError(Cat("日期：“", *date, "”不是有效日期"));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = context_.MakeViews(roster.get());
  const std::string query = Fold(request.query());
  ASSIGN_OR_RETURN(const std::vector<RecordId> ids, MattersAskedFor(views.reader().kv(), *roster, request));
  int limit = std::clamp(request.limit() > 0 ? request.limit() : 100, 1, 1000), total = 0;
  v1::ListMattersResponse response;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {  // the newest first
    const bool on_page = total >= request.offset() && response.matters_size() < limit;
    if (on_page || !query.empty()) {
      std::optional<Aggregate> matter = views.reader().Load(*id);
      if (!matter || (!query.empty() && !Says(Show<v1::Matter>(*matter), query))) continue;
      if (on_page) *response.add_matters() = views.Matter(*matter);
    }
    ++total;
  }
  response.set_total(total);
  return response;
}

void Desk::Register(Dispatcher* dispatcher) {
  auto read = [&]<typename Request, typename Response>(
                  std::string_view method, absl::StatusOr<Response> (Desk::*handler)(const Request&) const) {
    dispatcher->Add<Request, Response>(
        "HubService", method, [this, handler](const Request& r, const Caller&) { return (this->*handler)(r); });
  };
  read("ListStations", &Desk::ListStations);
  read("ListMatters", &Desk::ListMatters);
}

}  // namespace liaison
