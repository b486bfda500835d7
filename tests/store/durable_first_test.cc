// What others may ask for while a batch is on its way to the disk: only what is there already.
#include "tests/store/fixture.h"

namespace liaison {
namespace {

using testing_store::kStationTag;
using testing_store::kTitleTag;
using testing_store::Node;

// Calls `during` inside each write, before anything of it is durable.
class WatchedKv : public ForwardingKv {
 public:
  WatchedKv() : ForwardingKv(NewMemoryKv()) {}
  absl::Status Write(const KvChanges& changes, bool sync) override {
    if (during) during();
    return ForwardingKv::Write(changes, sync);
  }

  std::function<void()> during;
};

// A session that runs while somebody saves: told of an op that is not on the disk it could not read it, and it would
// name to the hub what a power cut takes away.
TEST(DurableFirst, OwnLogsNameOnlyWhatCanBeRead) {
  auto kv = std::make_shared<WatchedKv>();
  Node station("HK-D057", 1, kv);
  int writes = 0;
  std::optional<sync::Tip> durable;
  kv->during = [&] {
    ++writes;
    EXPECT_EQ(station.store->tip().has_value(), durable.has_value());
    if (durable && station.store->tip()) {
      EXPECT_EQ(station.store->tip()->seq, durable->seq);
    }
    uint64_t pending = 0;
    for (const Store::OwnLog& log : station.store->OwnLogs()) {
      absl::StatusOr<sync::Range> last = station.store->ReadRange(log.actor, log.last_seq, 1);
      EXPECT_TRUE(last.ok()) << "op " << log.last_seq << ": " << last.status();
      pending += log.last_seq;
    }
    EXPECT_EQ(station.store->pending_ops(), pending);
  };
  for (int i = 0; i < 3; ++i) {
    station.NewMatter("HK-D057", "水渠");
    durable = station.store->tip();
  }
  EXPECT_EQ(writes, 3);
  EXPECT_EQ(station.store->pending_ops(), 3u);
}

}  // namespace
}  // namespace liaison
