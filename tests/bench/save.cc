#include "tests/bench/save.h"

#include <time.h>

#include <algorithm>

#include "common/api/request.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/rest.h"
#include "station/reception/entry.h"
#include "tests/bench/entry_clerk.h"
#include "tests/testing/forwarding_kv.h"

namespace liaison::bench {
namespace {

// Store::Commit of one visit, built as the station's service builds it.
absl::Status CommitVisit(const ServiceContext& context, const Roster& roster, const v1::LogVisitRequest& request,
                         const std::string& action_id) {
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    RecordId id;
    if (!ParseRecordId(request.session_id(), &id)) return absl::InvalidArgumentError("session id");
    std::optional<Aggregate> session = view.Load(id);
    if (!session) return absl::NotFoundError("session");
    VisitInput input;
    input.session = Show<v1::ReceptionSession>(*session);
    input.entry = request.entry();
    input.entry.set_seq(static_cast<uint32_t>(ChildrenOf<v1::VisitEntry>(*session).size()) + 1);
    input.visitor = request.visitor();
    input.matters.assign(request.matters().begin(), request.matters().end());
    NumberGiver numbers = NumbersFor(context, roster, view);
    VisitIds ids;
    ids.session = id;
    Action action;
    action.user = request.user();
    absl::Status status = AppendVisit(context, action_id, 0, std::move(input), &numbers, &ids, &action);
    if (!status.ok()) return status;
    action.result = FullId(ids.session, ids.entry);
    return action;
  };
  return context.store->Commit(action_id, RequestHash(request), build).status();
}

// Synced puts of given sizes into a database of a station's profile.
class BarePuts {
 public:
  explicit BarePuts(const Setting& setting)
      : kv_(OrDie(OpenRocks(FreshDir(setting, "bare-puts"), RocksOptions()))), random_(setting.seed) {}
  double PutMs(size_t size) {
    KvChanges one;
    one[random_.Bytes(16)] = random_.Bytes(std::max<size_t>(size, 17) - 16);
    double begin = MonotonicMs();
    OrDie(kv_->Write(one, true));
    return MonotonicMs() - begin;
  }

 private:
  std::unique_ptr<Kv> kv_;
  SeededRandom random_;
};

}  // namespace

std::unique_ptr<StationNode> OpenCounted(const std::string& dir, std::vector<size_t>* sizes) {
  return OpenOffline(dir, std::make_unique<CountingKv>(OrDie(OpenDatabase(dir, RocksOptions())), sizes));
}

void MeasureCommits(const Setting& setting, StationNode* node, std::vector<size_t>* sizes, JsonLine* line) {
  int n = setting.number_or(5000);
  std::vector<Record> records = MakeRecords(ReadDeputies(setting.roster()), "HK-D001", setting.seed, n);
  EntryClerk clerk(node, setting.seed);
  RosterCache roster_cache(node->store());
  ServiceContext context;
  context.store = node->store();
  context.roster = &roster_cache;
  context.station_id = node->config().station_id();
  context.node_id = node->config().node_id();
  context.block = node->config().block();
  std::shared_ptr<const Roster> roster = roster_cache.Get();
  BarePuts bare_puts(setting);
  std::vector<double> ms, bare;  // in turns, so that both meet the same disk
  double cpu = 0, total = 0, bytes = 0;
  for (const Record& record : records) {
    std::string session = OrDie(clerk.SessionFor(record));
    std::string action_id = SystemRandom()->Bytes(kActionIdBytes);
    v1::LogVisitRequest request = VisitOf(record, session, Hex(action_id));
    double begin = MonotonicMs(), cpu_begin = OwnCpuSeconds();
    absl::Status status = CommitVisit(context, *roster, request, action_id);
    ms.push_back(MonotonicMs() - begin);
    cpu += OwnCpuSeconds() - cpu_begin;
    if (!status.ok()) Die(status.ToString());
    total += ms.back();
    bytes += static_cast<double>(sizes->back());
    bare.push_back(bare_puts.PutMs(sizes->back()));
  }
  line->Add("records", n).Add("us_mean", total / n * 1e3).Add("cpu_us", cpu / n * 1e6);
  line->Add("p50_ms", Percentile(ms, 50)).Add("p99_ms", Percentile(ms, 99)).Add("batch_bytes", bytes / n);
  line->Add("bare_put_p50_ms", Percentile(bare, 50)).Add("bare_put_p99_ms", Percentile(bare, 99));
  line->Add("p99_ratio", Percentile(ms, 99) / Percentile(bare, 99));
}

}  // namespace liaison::bench
