// Ranges that follow nothing at the hub: their stick may be the only copy.
#include <gmock/gmock.h>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/store/keys.h"
#include "tests/bundle/stick.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class FragmentTest : public StickTest {
 protected:
  // The hub holds 一, had 二 and lost it, and has not seen 三; the station thinks that 二 is delivered.
  void LoseTheMiddle() {
    station_ = Enrol("D057", "HK-D057");
    Visit(station_.get(), "一");
    PushByLink(station_.get());
    hub_.reset();
    CopyFolder("hub", "hub-old");
    OpenHub();
    lost_ = Visit(station_.get(), "二");
    PushByLink(station_.get());
    hub_.reset();
    std::filesystem::remove_all(Dir("hub"));
    CopyFolder("hub-old", "hub");
    OpenHub();
    last_ = Visit(station_.get(), "三");
  }
  Store::OwnLog Log() const { return station_->store()->OwnLogs().front(); }
  sync::Range Behind() const { return *station_->store()->ReadRange(Log().actor, Log().acked_seq + 1, 1 << 20); }
  int Branches() const {
    int count = 0;
    hub_->store()->Snapshot()->ScanPrefix(key::kBranch,
                                          [&](std::string_view, std::string_view) { return ++count > 0; });
    return count;
  }

  std::unique_ptr<StationNode> station_;
  std::string lost_, last_;
};

TEST_F(FragmentTest, IsKeptAndGetsNoReceipt) {
  LoseTheMiddle();
  std::string up = Export(station_.get(), "D057");
  sync::Range range = Behind();
  uint64_t held = hub_->store()->Have(range.actor)->seq;
  ASSERT_LT(held + 1, range.first);
  station_.reset();  // this disk and all its receipts are gone: the stick is the only copy
  std::filesystem::remove_all(Dir("D057"));
  absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(up);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->ops_new(), static_cast<int64_t>(range.ops.size()));
  ASSERT_EQ(taken->problems_size(), 1);
  EXPECT_THAT(taken->problems(0), HasSubstr("已收存，还不算送达"));
  EXPECT_THAT(taken->problems(0), HasSubstr(Cat("还缺第 ", held + 1, " 至 ", range.first - 1, " 条")));
  EXPECT_EQ(Title(hub_.get(), last_), "三");
  EXPECT_EQ(hub_->store()->Have(range.actor)->seq, held);
  EXPECT_FALSE(hub_->store()->HoldsAt({range.actor, range.last, range.head_after}));
  EXPECT_TRUE(hub_->store()->Verify().ok());
  int keys = 0;
  for (const auto& [key, value] : Dump(*hub_->store())) keys += key.starts_with("\x01K") ? 1 : 0;
  EXPECT_EQ(keys, 2) << "the visitors of 一 and 三";

  Rows before = Dump(*hub_->store());
  taken = ToHub(up);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->ops_new(), 0);
  EXPECT_EQ(taken->problems_size(), 1) << "it is still missing";
  EXPECT_EQ(Dump(*hub_->store()), before);
}

TEST_F(FragmentTest, JoinsWhenItsLogReachesIt) {
  LoseTheMiddle();
  ASSERT_TRUE(ToHub(Export(station_.get(), "D057")).ok());
  EXPECT_GT(Branches(), 0);
  ASSERT_TRUE(Import(station_.get(), "D057", ExportFor("HK-D057")).ok());
  ASSERT_GT(Pending(station_.get()), Behind().ops.size() - 1) << "what the hub has lost is to be delivered again";
  sync::Range range = Behind();
  absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(Export(station_.get(), "D057"));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->problems_size(), 0);
  EXPECT_GT(taken->ops_new(), 0);
  EXPECT_LT(taken->ops_new(), taken->ops()) << "the fragment is here already";
  EXPECT_EQ(Branches(), 0);
  EXPECT_EQ(hub_->store()->Have(range.actor)->head, range.head_after);
  EXPECT_EQ(Title(hub_.get(), lost_), "二");
  EXPECT_EQ(Title(hub_.get(), last_), "三");
  EXPECT_TRUE(hub_->store()->Verify().ok());
  ASSERT_TRUE(Import(station_.get(), "D057", ExportFor("HK-D057")).ok());
  EXPECT_EQ(Pending(station_.get()), 0u);
  ExpectInStep(station_.get());
}

// A live link can ask for what is missing, so nothing is kept there; and what nobody signed is kept nowhere.
TEST_F(FragmentTest, OnlyWhatItsAuthorChainedAndSigned) {
  LoseTheMiddle();
  sync::Range good = Behind();
  Rows before = Dump(*hub_->store());
  auto apply = [&](const sync::Range& range, bool keep) {
    auto acks = hub_->store()->ApplyRanges({&range, 1}, keep);
    ASSERT_TRUE(acks.ok()) << acks.status();
    EXPECT_TRUE((*acks)[0].gap.has_value());
    EXPECT_LT((*acks)[0].tip.seq, range.first);
  };
  apply(good, false);
  sync::Range bad = good;
  bad.head_before[0] ^= 1;
  apply(bad, true);
  bad = good;
  bad.head_after[0] ^= 1;
  apply(bad, true);
  bad = good;
  bad.seal.signature[0] ^= 1;
  apply(bad, true);
  EXPECT_EQ(Dump(*hub_->store()), before);
  apply(good, true);
  EXPECT_NE(Dump(*hub_->store()), before);
}

// What may not stand is kept in a fragment as in a range: not folded, and its author is told once.
TEST_F(FragmentTest, WhatMayNotStandIsNotFolded) {
  LoseTheMiddle();
  v1::Deputy deputy;
  deputy.set_name("自封的代表");
  auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
    return Action{"d057", {MasterOp(deputy, "HK-R999")}, {}, ""};
  };
  ASSERT_TRUE(station_->store()->Commit(random_.Bytes(kActionIdBytes), "deputy", build).ok());
  RecordId id = MasterOp(deputy, "HK-R999").aggregate;
  ASSERT_TRUE(ToHub(Export(station_.get(), "D057")).ok());
  EXPECT_EQ(Title(hub_.get(), last_), "三");
  EXPECT_FALSE(hub_->store()->Read().Load(id).has_value());
  EXPECT_EQ(hub_->store()->Verify().kept, 1u);
  ASSERT_TRUE(Import(station_.get(), "D057", ExportFor("HK-D057")).ok());
  uint64_t own = hub_->store()->tip()->seq;
  ASSERT_TRUE(ToHub(Export(station_.get(), "D057")).ok());
  EXPECT_EQ(hub_->store()->tip()->seq, own) << "told twice";
  EXPECT_TRUE(hub_->store()->HoldsAt(*station_->store()->tip()));
  EXPECT_FALSE(hub_->store()->Read().Load(id).has_value());
  EXPECT_TRUE(hub_->store()->Verify().ok());
}

}  // namespace
}  // namespace liaison
