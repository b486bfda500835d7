// The index says how far it is while it is made.
#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/base/progress.h"
#include "common/find/find.h"
#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

constexpr int kMatters = 250;

// A database whose snapshots stop at their n-th scan until they are let go.
struct Gate {
  int stops_at = 0;
  std::atomic<int> scans = 0;
  absl::Notification reached, open;
};

class GatedKv : public ForwardingKv {
 public:
  GatedKv(std::shared_ptr<Kv> kv, Gate* gate) : ForwardingKv(std::move(kv)), gate_(gate) {}
  std::unique_ptr<KvReader> Snapshot() const override {
    return std::make_unique<Reader>(ForwardingKv::Snapshot(), gate_);
  }

 private:
  class Reader : public KvReader {
   public:
    Reader(std::unique_ptr<KvReader> kv, Gate* gate) : kv_(std::move(kv)), gate_(gate) {}
    std::optional<std::string> Get(std::string_view key) const override { return kv_->Get(key); }
    void Scan(std::string_view from, std::string_view to, const Visit& visit) const override {
      if (++gate_->scans == gate_->stops_at) {
        gate_->reached.Notify();
        gate_->open.WaitForNotificationWithTimeout(absl::Seconds(30));
      }
      kv_->Scan(from, to, visit);
    }
    std::optional<std::pair<std::string, std::string>> Last(std::string_view from, std::string_view to) const override {
      return kv_->Last(from, to);
    }

   private:
    std::unique_ptr<KvReader> kv_;
    Gate* gate_;
  };
  Gate* gate_;
};

TEST(ProgressTest, AnIndexThatIsMadeSaysHowFarItIs) {
  testing_store::Node node("HK-D057", 1);
  for (int i = 0; i < kMatters; ++i) node.NewMatter("HK-D057", "水渠");
  node.store.reset();
  Gate gate;
  std::unique_ptr<Store> store = Must(Store::Open(std::make_unique<GatedKv>(node.db, &gate), node.Options()));
  gate.scans = 0;
  gate.stops_at = 5;  // three count the states of each type, one reads the first hundred
  {
    FindIndex index(store.get(), {absl::ZeroDuration(), absl::Seconds(30)});
    ASSERT_TRUE(gate.reached.WaitForNotificationWithTimeout(absl::Seconds(30)));
    const std::vector<RunningWork> all = AllRunningWork();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(ProgressText(all[0]), "建立索引 100/250 条");
    gate.open.Notify();
    EXPECT_FALSE(index.Search("水渠", {}, 1).building);  // waits for the rest
    EXPECT_EQ(index.size(), static_cast<size_t>(kMatters));
    EXPECT_TRUE(AllRunningWork().empty());
  }
}

}  // namespace
}  // namespace liaison
